/** `review run`: the review as data, Markdown and one self-contained page. It decides nothing. */
import { counted } from '../../domain/counted.js';
import { digestBytes } from '../../domain/digest.js';
import { readable } from '../../domain/time.js';
import type { ReviewData } from '../../domain/review.js';
import { gateTime } from '../status.js';
import { artifactOf, recordEvidence } from '../session.js';
import { outcome } from '../outcome.js';
import type { Verb } from '../verb.js';
import { collectReview } from './collect.js';

export const run: Verb = async (session) => {
  const data = await collectReview(session, await gateTime(session));
  const { markdown, html } = await session.world.renderers.review(data);
  const json = artifactOf('review.json', data);
  const figures = figuresOf(data);
  await recordEvidence(
    session, 'review',
    { type: 'review.run', validUntil: data.next, data: { kind: data.kind, from: data.window.from, to: data.window.to, ...figures, ratings: data.ratings, deliverable: json.digest, html: digestBytes(html) } },
    { artifacts: [json, { file: 'review.md', text: markdown }, { file: 'review.html', text: html }] },
  );
  return outcome({
    step: 'review', verb: 'run', headline: `${data.kind} review of ${readable(data.window.from)} to ${readable(data.window.to)}`,
    facts: [
      { label: 'scores', value: `${figures.evaluations} evaluations${data.scores.every((one) => one.points.length < 3) ? '; no trend line under three points of the same data' : ''}` },
      { label: 'actions', value: `${figures.actions}: ${figures.escalations} escalated, ${figures.denials} denied, ${figures.nearMisses} near-misses` },
      { label: 'beside', value: `${counted(figures.alerts, 'alert')}, ${counted(figures.incidents, 'incident')}, ${counted(figures.waivers, 'waiver')}` },
      { label: 'ratings', value: data.ratings === null ? 'unknown: none were imported' : String(data.ratings) },
      { label: 'written', value: 'artifacts/review.html, review.md, review.json' },
    ],
    next: 'agentctl review decide --decision promote|hold|demote|retire --as <operator>',
    data: { kind: data.kind, from: data.window.from, to: data.window.to, ...figures, deliverable: json.digest, next: data.next },
  });
};

function figuresOf(data: ReviewData) {
  return {
    actions: data.actions.total, escalations: data.actions.escalated, denials: data.actions.denied, nearMisses: data.nearMisses.total,
    alerts: data.alerts.total, incidents: data.incidents.rows.length, waivers: data.waivers.length,
    evaluations: data.scores.reduce((sum, series) => sum + series.points.length, 0),
  };
}

/** Step 12: does somebody look beyond the alerts at regular times, and decide. */
import { counted } from '../domain/counted.js';
import { defineStep, no, unknown, yes } from '../domain/step.js';
import { durationOf } from '../domain/manifest.js';
import { ROLES } from '../domain/names.js';
import { list, object, oneOf, optional, type TypeOf } from '../domain/schema.js';
import { parseDuration, readable } from '../domain/time.js';
import type { Entry } from '../domain/entry.js';

export const reviewSection = object(
  {
    every: durationOf('Longest time between two reviews: P30D for high stakes, P90D otherwise.'),
    participants: optional(list(oneOf(ROLES), { description: 'Roles that take part; an operator with a role of the owners signs.', minItems: 1, uniqueItems: true })),
  },
  { description: 'How often the agent is reviewed, and by whom.' },
);
export type ReviewSection = TypeOf<typeof reviewSection>;

type Ran = { at: string; kind: string; from: string; to: string; actions: number; escalations: number; denials: number; nearMisses: number; alerts: number; incidents: number; evaluations: number; ratings: number | null; deliverable: string; until: string | null };
type Decided = { by: string; ceremony: string; decision: string; actions: number; deliverable: string; due: string };
type Facts = { stakes: string; now: string; ran: Ran | null; decided: Decided | null; missing: readonly string[] };

const RUN = 'agentctl review run';
/** A month and a quarter, each with room for a weekend. */
const LONGEST = { high: 'P31D', other: 'P92D' } as const;

export const review = defineStep<ReviewSection, Facts>({
  number: 12,
  id: 'review',
  title: 'Performance review',
  question: 'Does somebody look beyond the alerts, and decide?',
  owner: ['operations'],
  ifSkipped: 'systemic faults pile up',
  requires: ['baseline', 'monitor', 'audit'],
  inputs: ['review'],
  deliverable: { name: 'monthly/quarterly review', file: 'review.html', mediaType: 'text/html' },
  section: { key: 'review', schema: reviewSection },
  verbs: [
    { name: 'run', summary: 'put the review together from the ledger, as Markdown and as a page', mutates: true, needsHuman: false, produces: ['review.run'] },
    {
      name: 'decide', summary: 'sign what becomes of the agent: promote, hold, demote or retire', mutates: true, needsHuman: true, produces: ['review.decided'],
      options: [
        { flags: '--decision <promote|hold|demote|retire>', description: 'what becomes of the agent', required: true },
        { flags: '--action <text...>', description: 'what was agreed to be done; give it once for each action' },
        { flags: '--as <operator>', description: 'operator who signs' },
      ],
    },
    { name: 'show', summary: 'the newest review, and what was decided', mutates: false, needsHuman: false, produces: [], shows: true },
  ],
  async gather(spec, io) {
    const ran = await io.evidence.latest('review.run');
    const decided = await io.evidence.latest('review.decided');
    const act = await io.attested(decided);
    const roles = new Set(io.manifest.owner.operators.flatMap((operator) => operator.roles));
    return {
      stakes: io.manifest.stakes,
      now: io.now,
      ran: ran ? ranOf(ran) : null,
      decided: act && decided ? decidedOf(decided, act) : null,
      missing: (spec.participants ?? []).filter((role) => !roles.has(role)),
    };
  },
  probes: [
    {
      id: 'review.schedule', row: '12.1', question: 'Is the review scheduled as often as the stakes ask for?', severity: 'must', proof: 'measured', remedy: 'set review.every in agent.yaml: P30D for high stakes, P90D otherwise',
      answer: ({ stakes, missing }, { every }) => {
        const longest = stakes === 'high' ? LONGEST.high : LONGEST.other;
        if (parseDuration(every) > parseDuration(longest)) return no(`every ${every}, but ${stakes} stakes ask for at most ${longest}`, 'agent.yaml: review.every');
        return missing.length > 0 ? no(`no operator holds the role ${missing.join(', ')}`, 'agent.yaml: review.participants') : yes(`every ${every}, at ${stakes} stakes`);
      },
    },
    {
      id: 'review.current', row: '12.1', question: 'Was a review held when it was last due?', severity: 'must', proof: 'measured', remedy: RUN,
      answer: ({ ran, now }) => {
        if (ran === null) return unknown('no review yet');
        return ran.until !== null && ran.until < now ? unknown(`overdue: the next review was due by ${readable(ran.until)}`) : yes(`held on ${readable(ran.at)}${ran.until === null ? '' : `, the next one is due by ${readable(ran.until)}`}`);
      },
    },
    {
      id: 'review.beyond-alerts', row: '12.2', question: 'Does it look beyond the alerts: at scores, escalations, near-misses and low confidence?', severity: 'must', proof: 'measured', remedy: RUN,
      answer: ({ ran }) => {
        if (ran === null) return unknown('no review yet');
        if (ran.evaluations === 0) return unknown('no evaluation finished within its window, so there are no scores to look at');
        return yes(`${ran.kind}, ${readable(ran.from)} to ${readable(ran.to)}: ${ran.evaluations} evaluations, ${ran.actions} actions, ${ran.escalations} escalated, ${ran.denials} denied, ${ran.nearMisses} near-misses, ${ran.alerts} alerts, ${ran.incidents} incidents`);
      },
    },
    {
      id: 'review.ratings', row: '12.2', question: 'Are ratings by counterparties taken into account?', severity: 'should', proof: 'measured', remedy: 'a later release imports them',
      answer: ({ ran }) => (ran?.ratings === null || ran === null ? unknown('none were imported: nobody knows what counterparties think') : yes(`${ran.ratings} ratings`)),
    },
    {
      id: 'review.reputation', row: '12.2', question: 'Were anomalies of the reputation looked for?', severity: 'should', proof: 'measured', remedy: 'a later release reads registries',
      answer: () => unknown('no registry is read in this release'),
    },
    {
      id: 'review.decided', row: '12.3', question: 'Did the newest review end in a signed decision?', severity: 'must', proof: 'attested', remedy: 'agentctl review decide --decision promote|hold|demote|retire --as <operator>',
      answer: ({ ran, decided }) => {
        if (decided === null || ran === null) return unknown('not decided yet');
        if (decided.deliverable !== ran.deliverable) return unknown('a newer review is not decided yet');
        return yes(`${decided.decision} with ${counted(decided.actions, 'action')}, by ${decided.by} (${decided.ceremony})`);
      },
    },
  ],
  deliver: ({ ran, decided }) => (ran === null ? null : { review: ran.deliverable, decision: decided?.deliverable === ran.deliverable ? decided.decision : null }),
});

function ranOf({ ts, validUntil, data }: Entry): Ran {
  const count = (name: string) => Number(data[name]);
  return {
    at: ts, kind: String(data['kind']), from: String(data['from']), to: String(data['to']), deliverable: String(data['deliverable']), until: validUntil ?? null,
    actions: count('actions'), escalations: count('escalations'), denials: count('denials'), nearMisses: count('nearMisses'),
    alerts: count('alerts'), incidents: count('incidents'), evaluations: count('evaluations'), ratings: typeof data['ratings'] === 'number' ? data['ratings'] : null,
  };
}

function decidedOf({ data }: Entry, { name, ceremony }: { name: string; ceremony: string }): Decided {
  return { by: name, ceremony, decision: String(data['decision']), actions: Number(data['actions']), deliverable: String(data['deliverable']), due: String(data['due']) };
}

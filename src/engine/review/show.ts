/** `review show`: the newest review in figures, and what was decided on it. */
import { Fault } from '../../domain/fault.js';
import { readable } from '../../domain/time.js';
import { outcome } from '../outcome.js';
import type { Verb } from '../verb.js';

export const run: Verb = async ({ store, chain }) => {
  const review = await store.latest(chain, 'review.run');
  if (!review) throw new Fault('EVIDENCE_MISSING', 'there is no review yet', { hint: 'agentctl review run' });
  const decided = (await store.readEvidence(chain, 'review.decided')).findLast((entry) => entry.data['deliverable'] === review.data['deliverable']);
  const texts = decided && (await store.payload(chain, decided.seq))?.['actions'];
  const actions = Array.isArray(texts) ? texts.map(String) : [];
  const { kind, from, to } = review.data;
  const figures = ['evaluations', 'actions', 'escalations', 'denials', 'nearMisses', 'alerts', 'incidents', 'waivers'] as const;
  return outcome({
    step: 'review', verb: 'show', headline: `${String(kind)} review of ${readable(String(from))} to ${readable(String(to))}`,
    facts: [
      { label: 'decision', value: decided ? `${String(decided.data['decision'])}, by ${String(decided.data['operator'])} (${String(decided.data['ceremony'])})` : 'none yet' },
      ...actions.map((text, index) => ({ label: `action ${index + 1}`, value: text })),
      { label: 'next review', value: review.validUntil === undefined ? 'no date' : `due by ${readable(review.validUntil)}` },
      { label: 'page', value: 'artifacts/review.html' },
    ],
    tables: [{ title: 'Figures', columns: ['what', 'count'], rows: figures.map((name) => [name === 'nearMisses' ? 'near-misses' : name, String(review.data[name])]) }],
    next: decided ? null : 'agentctl review decide --decision promote|hold|demote|retire --as <operator>',
    data: { review: review.data, decided: decided?.data ?? null, actions },
  });
};

/** What a kind of scorer decides, needs and cannot see, and an example of each outcome, from the scorers' own cards. */
import type { ExplainReport } from '../domain/report.js';
import { SCORERS } from '../evaluation/scorers/index.js';
import type { ScorerDefinition } from '../evaluation/scorers/scorer.js';

/** Topic that lists them all. */
export const SCORER_LIST = 'scorers';

export function scorerTopics(): readonly string[] {
  return [SCORER_LIST, ...Object.keys(SCORERS)];
}

export function aboutScorer(word: string): ExplainReport | undefined {
  const topic = word.toLowerCase();
  if (topic === SCORER_LIST) return all();
  const found = Object.entries(SCORERS).find(([kind]) => kind === topic);
  return found && one(...found);
}

function all(): ExplainReport {
  return {
    topic: SCORER_LIST,
    kind: 'scorer',
    title: 'scorers of an agreement',
    paragraphs: ['Each stands under scorers in an agreement of agent.yaml, and a condition with the metric pass-rate names it.'],
    facts: [],
    tables: [{ title: 'scorers', columns: ['kind', 'decides', 'verification'], rows: Object.entries(SCORERS).map(([kind, { card }]) => [kind, card.decides, card.verification]) }],
    next: 'agentctl explain judge',
  };
}

function one(kind: string, { card, members }: ScorerDefinition): ExplainReport {
  const { spec, passes, fails } = card.examples;
  return {
    topic: kind,
    kind: 'scorer',
    title: `${kind} decides ${card.decides}`,
    paragraphs: [],
    facts: [
      { label: 'needs', value: card.needs.join(', ') },
      { label: 'cannot see', value: card.blind },
      { label: 'verification', value: card.verification },
      { label: 'must say', value: ['id', 'kind', ...members.needed].join(', ') },
      { label: 'may say', value: members.allowed.join(', ') || 'nothing else' },
      ...Object.entries(card.told ?? {}).map(([label, value]) => ({ label, value })),
      { label: 'for example', value: JSON.stringify({ id: `by-${kind}`, kind, ...spec }) },
      { label: 'then passes', value: JSON.stringify(passes) },
      { label: 'and fails', value: JSON.stringify(fails) },
    ],
    next: 'agentctl schema pacts',
  };
}

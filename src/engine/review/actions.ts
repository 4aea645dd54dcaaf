/** The actions that a review looks at: what was escalated and why, what nearly went wrong, where the agent was least sure. */
import type { Entry } from '../../domain/entry.js';
import type { ActionRow, CountRow, ReviewData } from '../../domain/review.js';

/** Most rows of a list that people are meant to read. */
const SHOWN = 10;

export type ActionFigures = Pick<ReviewData, 'actions' | 'escalations' | 'nearMisses' | 'lowConfidence'>;

/**
 * @param recorded `action.recorded` of the window; drills are left out
 * @param refused digests of actions that a human refused in the window
 */
export function actionFigures(recorded: readonly Entry[], refused: ReadonlySet<string>): ActionFigures {
  const real = recorded.filter((entry) => entry.data['source'] !== 'drill');
  const of = (decision: string) => real.filter((entry) => entry.data['decision'] === decision);
  const escalated = of('escalate');
  const near = real.map((entry) => ({ entry, why: nearMiss(entry, refused) })).filter((one) => one.why !== null);
  return {
    actions: {
      total: real.length, permitted: of('permit').length, escalated: escalated.length, denied: of('deny').length,
      executed: real.filter((entry) => entry.data['outcome'] !== 'not-run').length,
      failed: real.filter((entry) => entry.data['outcome'] === 'failed' || entry.data['outcome'] === 'unknown').length,
      pilot: real.filter((entry) => entry.data['source'] === 'pilot').length,
      capabilities: capabilitiesOf(real),
    },
    escalations: { rules: countsOf(escalated.map((entry) => String(entry.data['rule']))) },
    nearMisses: { total: near.length, shown: near.slice(-SHOWN).toReversed().map(({ entry, why }) => rowOf(entry, why ?? '')) },
    lowConfidence: leastSure(real),
  };
}

/** Why something nearly went wrong; null when it did not. A suspended agent is denied everything, which says nothing about the action. */
function nearMiss({ data }: Entry, refused: ReadonlySet<string>): string | null {
  if (data['decision'] === 'deny') return data['rule'] === 'suspended' ? null : 'refused by the gateway';
  if (data['decision'] === 'escalate') return refused.has(String(data['digest'])) ? 'a human refused it' : null;
  if (data['outcome'] === 'failed') return 'the tool failed';
  if (data['outcome'] === 'unknown') return 'nobody can tell whether it happened';
  return data['post'] === 'failed' ? 'the result was not what the tool promises' : null;
}

/** Permitted without a human: there, low confidence was nobody's business. */
function leastSure(real: readonly Entry[]): readonly ActionRow[] {
  return real
    .filter((entry) => entry.data['decision'] === 'permit' && entry.data['approval'] === null && typeof entry.data['confidence'] === 'string')
    .toSorted((a, b) => Number(a.data['confidence']) - Number(b.data['confidence']) || a.seq - b.seq)
    .slice(0, SHOWN)
    .map((entry) => rowOf(entry, 'lowest confidence without a human'));
}

function capabilitiesOf(real: readonly Entry[]): ActionFigures['actions']['capabilities'] {
  const names = [...new Set(real.map((entry) => String(entry.data['capability'])))].sort();
  return names.map((capability) => {
    const own = real.filter((entry) => entry.data['capability'] === capability);
    const count = (decision: string) => own.filter((entry) => entry.data['decision'] === decision).length;
    return { capability, actions: own.length, escalated: count('escalate'), denied: count('deny') };
  });
}

export function countsOf(names: readonly string[]): readonly CountRow[] {
  const counts = new Map<string, number>();
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1);
  return [...counts].map(([name, count]) => ({ name, count })).sort((a, b) => b.count - a.count || (a.name < b.name ? -1 : 1));
}

function rowOf({ seq, ts, data }: Entry, why: string): ActionRow {
  return {
    seq, at: ts, capability: String(data['capability']), tool: String(data['tool']), decision: String(data['decision']), rule: String(data['rule']),
    outcome: String(data['outcome']), confidence: typeof data['confidence'] === 'string' ? data['confidence'] : null, why,
  };
}

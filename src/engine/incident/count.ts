/** The backward audit: which recorded actions an incident touched. Rehearsed actions touch nothing and are left out. */
import type { Entry } from '../../domain/entry.js';
import type { Instant } from '../../domain/time.js';
import type { Session } from '../session.js';

export interface Range {
  /** Null for no limit. */
  readonly since: Instant | null;
  /** Null for any build. */
  readonly build: string | null;
}

export interface Count {
  readonly tool: string;
  readonly decision: string;
  readonly outcome: string;
  readonly count: number;
}

export interface Scope extends Range {
  readonly affected: number;
  /** Actions whose tool was started, whatever came of it. */
  readonly executed: number;
  readonly first: Entry | undefined;
  readonly last: Entry | undefined;
  readonly counts: readonly Count[];
}

export async function scopeOf({ store, chain }: Pick<Session, 'store' | 'chain'>, range: Range): Promise<Scope> {
  const recorded = await store.readEvidence(chain, 'action.recorded');
  const touched = recorded.filter((entry) => entry.data['source'] !== 'drill' && (range.since === null || entry.ts >= range.since) && (range.build === null || entry.agent.build === range.build));
  return {
    ...range,
    affected: touched.length,
    executed: touched.filter((entry) => entry.data['outcome'] !== 'not-run').length,
    first: touched[0],
    last: touched.at(-1),
    counts: counted(touched),
  };
}

/** How many for each tool, decision and outcome; the most frequent first. */
export function counted(entries: readonly Entry[]): readonly Count[] {
  const counts = new Map<string, Count>();
  for (const { data } of entries) {
    const [tool, decision, outcome] = [String(data['tool']), String(data['decision']), String(data['outcome'])];
    const key = JSON.stringify([tool, decision, outcome]);
    counts.set(key, { tool, decision, outcome, count: (counts.get(key)?.count ?? 0) + 1 });
  }
  return [...counts.values()].sort((a, b) => b.count - a.count || (a.tool < b.tool ? -1 : 1));
}

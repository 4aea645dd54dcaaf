/** What is said wherever single held-out cases are shown: each look at them, and each run after it, tells less about new cases. */
import type { RunOnRecord } from './runs.js';

/** How often held-out data was used by then, this run included; 0 where the run had none. */
export function heldOutUseOf({ started }: Pick<RunOnRecord, 'started'>): number {
  return Math.max(0, ...started.map(({ data }) => Number(data['heldOutUse'] ?? 0)));
}

/** @param shown data sets of the cases that are named @returns a note, or none where no held-out case is among them */
export function heldOutCaution(found: Pick<RunOnRecord, 'started'>, shown: Iterable<string>): readonly string[] {
  const held = new Set(found.started.filter(({ data }) => data['use'] === 'held-out').map(({ data }) => String(data['dataset'])));
  const named = [...new Set(shown)].filter((dataset) => held.has(dataset));
  if (named.length === 0) return [];
  return [`Cases of ${named.join(', ')} are held out, and were used ${heldOutUseOf(found)} times up to this run. Looks at single cases are not counted: whoever changes the agent after one has tuned on it, and needs cases that nobody has seen.`];
}

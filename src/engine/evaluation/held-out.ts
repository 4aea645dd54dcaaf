/** What is said wherever single held-out cases are shown: each look at them, and each run after it, tells less about new cases. */
import { counted } from '../../domain/counted.js';
import { readable } from '../../domain/time.js';
import type { Session } from '../session.js';
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
  return [`Cases of ${named.join(', ')} are held out, and were used ${counted(heldOutUseOf(found), 'time')} up to this run. Looks at single cases are not counted: whoever changes the agent after one has tuned on it, and needs cases that nobody has seen.`];
}

/**
 * How often the held-out data of a run was evaluated for the pact of that run, by the ledger: a fact, or none where the run used none.
 * A split that is looked at again and again is spent, whichever run is in question, so later runs count too.
 */
export async function heldOutLooks({ store, chain }: Pick<Session, 'store' | 'chain'>, found: Pick<RunOnRecord, 'started'>): Promise<readonly { readonly label: string; readonly value: string }[]> {
  const all = await store.readEvidence(chain, 'evaluation.started');
  const splits = new Map(found.started.filter(({ data }) => data['use'] === 'held-out').map(({ data }) => [String(data['datasetDigest']), data]));
  return [...splits.values()].map(({ dataset, datasetDigest, pact }) => {
    const uses = all.filter(({ data }) => data['datasetDigest'] === datasetDigest && data['use'] === 'held-out');
    const [ofPact, ofAny] = [uses.filter(({ data }) => data['pact'] === pact), uses].map((entries) => new Set(entries.map(({ data }) => data['run'])).size) as [number, number];
    const since = uses.find(({ data }) => data['pact'] === pact)?.ts;
    const others = ofAny > ofPact ? `; ${ofAny} times in all` : '';
    return { label: 'held-out', value: `${String(dataset)} was looked at ${ofPact === 1 ? 'once' : `${ofPact} times`} for ${pact === null ? 'no pact' : 'this pact'}${since === undefined ? '' : `, ${ofPact === 1 ? 'at' : 'since'} ${readable(since)}`}${others}` };
  });
}

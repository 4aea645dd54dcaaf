/** `pact dispute --check`: decides a dispute from its bundle alone. Nothing in it is believed: every text is led back to one signed checkpoint, and every condition counted again. */
import { combineExits, EXIT, Fault, type Exit } from '../../domain/fault.js';
import type { World } from '../../domain/ports.js';
import type { Report } from '../../domain/report.js';
import { short } from '../../domain/digest.js';
import { readable } from '../../domain/time.js';
import { judgeConditions, type ConditionResult, type Verdict } from '../../evaluation/judge.js';
import { outcome } from '../outcome.js';
import { absolute } from '../trust-roots.js';
import { readVerifierKeys } from '../verifier-keys.js';
import { openDispute, type OpenDispute } from './dispute-open.js';
import { readTexts } from './dispute-folder.js';

const RULING: Readonly<Record<Verdict, { readonly words: string; readonly exit: Exit }>> = {
  met: { words: 'kept', exit: EXIT.yes },
  'not-met': { words: 'broken', exit: EXIT.no },
  insufficient: { words: 'nobody can tell', exit: EXIT.indeterminate },
  observed: { words: 'nobody can tell', exit: EXIT.indeterminate },
};

/** @throws {Fault} EVIDENCE_MISSING without a bundle; DIGEST_MISMATCH, LEDGER_BROKEN or SIGNATURE_INVALID when any of it is not as it was made */
export async function checkDispute(world: Pick<World, 'files' | 'surroundings'>, folder: string, trust: readonly string[]): Promise<Report> {
  const keys = await readVerifierKeys(world, trust);
  const texts = await readTexts(world, absolute(world, folder), folder);
  const open = await openDispute(texts, keys, folder);
  const results = judgeConditions(open.pacts, open.rows);
  const disputed = results.filter(({ id }) => open.claim.conditions.includes(id));
  const rulings = combineExits(disputed.map(({ verdict }) => RULING[verdict].exit));
  // Whoever made the bundle could have made its log key as well: without a reader's own there is no ruling.
  const exit = open.vouched.exit === EXIT.yes ? rulings : EXIT.indeterminate;
  const other = results.filter((one) => open.recorded.some(({ id, verdict }) => id === one.id && verdict !== one.verdict));
  return outcome({
    step: 'pact', verb: 'dispute', headline: headlineOf(open, disputed, rulings),
    facts: [
      { label: 'run', value: `${open.claim.run} of ${readable(open.finished.ts)}, ${open.rows.length} rows` },
      { label: 'pact', value: `${short(open.claim.document)}, signed by ${open.signer} at ${readable(open.signed.ts)}, before the run began` },
      { label: 'agent', value: [open.finished.agent.version, open.finished.agent.did, open.finished.agent.build].filter((one) => one !== null).join(', ') },
      ...Object.entries(open.claim.versions).map(([label, value]) => ({ label, value: String(value) })),
      { label: 'checkpoint', value: `${open.size} entries of ${open.origin}, signed ${open.vouched.signers}` },
      { label: 'record', value: other.length === 0 ? 'the operator recorded the same verdicts' : `the operator recorded otherwise: ${other.map(({ id }) => id).join(', ')}` },
    ],
    tables: [
      { title: 'In question', columns: ['condition', 'ruling', 'must be', 'value', 'bounds', 'cases', 'why'], rows: disputed.map(rowOf(open)) },
      ...(disputed.length === results.length ? [] : [{ title: 'The rest of the pact', columns: ['condition', 'ruling', 'must be', 'value', 'bounds', 'cases', 'why'], rows: results.filter((one) => !disputed.includes(one)).map(rowOf(open)) }]),
    ],
    notes: other.length === 0 ? [] : ['Every row is proven, so what was recorded otherwise was counted by other rules: compare the versions.'],
    next: open.vouched.exit === EXIT.yes ? null : `agentctl pact dispute --check ${folder} --trust <vkey>`,
    data: { ...open.claim, conditions: disputed.map((one) => ({ id: one.id, ruling: RULING[one.verdict].words, verdict: one.verdict, value: one.value, lower: one.lower, upper: one.upper, n: one.n })), recordedOtherwise: other.map(({ id }) => id), signedBy: [...open.vouched.names] },
  }, exit);
}

function rowOf({ cases }: OpenDispute): (one: ConditionResult) => readonly string[] {
  return ({ id, verdict, metric, operator, threshold, value, lower, upper, n, because }) => {
    const against = cases.filter((one) => one.against.includes(id)).length;
    return [id, RULING[verdict].words, `${metric} ${operator} ${threshold}`, value ?? '-', `${lower ?? '-'} to ${upper ?? '-'}`, `${n}, ${against} here against it`, because];
  };
}

/** Who is right, if the reader knows the log. */
function headlineOf({ vouched }: OpenDispute, disputed: readonly ConditionResult[], rulings: Exit): string {
  const named = (verdict: Verdict) => disputed.filter((one) => one.verdict === verdict).map(({ id }) => id).join(', ');
  const ruling = rulings === EXIT.yes ? `the operator is right: kept ${named('met')}` : rulings === EXIT.no ? `whoever complains is right: broken ${named('not-met')}` : `nobody can tell from so many cases: ${named('insufficient')}`;
  return vouched.exit === EXIT.yes ? ruling : `the bundle is consistent, but ${vouched.because}; if it is genuine, ${ruling}`;
}

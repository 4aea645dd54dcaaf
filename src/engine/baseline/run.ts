/** `baseline run`: all cases of the pact's data sets against the build in the working tree. */
import { few } from '../../domain/few.js';
import { EXIT, Fault } from '../../domain/fault.js';
import { addDuration } from '../../domain/time.js';
import { unmetLine } from '../../evaluation/unmet.js';
import { shortestWindow } from '../../evaluation/condition.js';
import type { ConditionResult } from '../../evaluation/judge.js';
import { evaluate, exitOfConditions, type Evaluation } from '../evaluate.js';
import { pactDocument, pactsOf, signedPacts } from '../pact/document.js';
import { askable } from '../evaluation/again.js';
import { askedLine } from '../evaluation/asked.js';
import { judgesWithoutSay } from '../evaluation/judges-without-say.js';
import type { RepliesAt } from '../evaluation/scorers.js';
import { recordEvidence, type Session } from '../session.js';
import { outcome } from '../outcome.js';
import { absolute } from '../trust-roots.js';
import { textOption, type Verb } from '../verb.js';
import { conditionTable, dimensionTable } from './table.js';

export const run: Verb = async (session, input) => {
  const signed = await signedPacts(session);
  const observational = signed === undefined;
  if (observational && session.manifest.path !== 'already-in-production') throw new Fault('BLOCKED', 'there is no signed pact to judge by', { hint: 'agentctl pact sign --as <operator>' });
  if (signed && signed.digest !== pactDocument(session).digest) throw new Fault('BLOCKED', 'the pact in agent.yaml is not the signed one', { hint: 'agentctl pact sign --as <operator>' });
  const concurrency = textOption(input, 'concurrency');
  if (concurrency !== undefined && !/^([1-9]|[1-5]\d|6[0-4])$/.test(concurrency)) throw new Fault('USAGE', `--concurrency "${concurrency}" is not a number from 1 to 64`, { hint: '--concurrency 4' });
  const again = textOption(input, 'again');
  const earlier = again === undefined ? undefined : await askable(session, again);
  const pacts = signed?.pacts ?? pactsOf(session);
  const result = await evaluate(session, {
    purpose: observational ? 'observational' : 'baseline',
    pacts, pact: signed?.digest ?? null,
    ...(concurrency === undefined ? {} : { concurrency: Number(concurrency) }),
    ...(earlier && { again: earlier.run }),
    ...repliesOf(session.world, textOption(input, 'record'), textOption(input, 'replay')),
  });
  // Answers that were taken over count no longer than where they come from.
  const validUntil = earlier?.measured.validUntil ?? addDuration(session.world.clock.now(), shortestWindow(pacts));
  await recordEvidence(session, 'baseline', { type: 'baseline.measured', validUntil, data: { run: result.run, deliverable: result.deliverable, observational } });
  const missed = result.conditions.filter((one) => one.verdict !== 'met');
  return outcome({
    step: 'baseline', verb: 'run',
    headline: observational ? `${result.cases} cases measured, no verdicts: there is no signed pact yet` : missed.length === 0 ? `${result.conditions.length} of ${result.conditions.length} conditions met on ${result.cases} cases` : `${missed.length} of ${result.conditions.length} conditions are not met, or not with enough evidence: ${few(missed.map(unmetLine), '; ')}`,
    facts: [
      { label: 'cases', value: askedLine(result.started, result) },
      ...(earlier ? [{ label: 'asked again', value: `only the infrastructure errors of ${earlier.run}` }] : []),
      { label: 'held-out use', value: `number ${result.heldOutUse}` },
      { label: 'time', value: `${(result.milliseconds / 1000).toFixed(1)} s` },
      { label: 'harness', value: result.versions.harness },
    ],
    tables: [conditionTable(result.conditions), dimensionTable(result.scores)],
    notes: judgesWithoutSay(result.report['judges']),
    next: nextOf(result, observational, missed),
    data: result.report,
  }, observational ? EXIT.yes : exitOfConditions(result.conditions));
};

/** Where only an outage leaves a condition open, what it lost can be asked again. */
function nextOf({ run: id, errors }: Evaluation, observational: boolean, missed: readonly ConditionResult[]): string {
  if (observational) return 'agentctl pact sign --as <operator>';
  if (missed.length === 0) return 'agentctl baseline accept --as <operator>';
  return errors > 0 && missed.every((one) => one.verdict === 'insufficient') ? `agentctl baseline run --again ${id}` : 'agentctl baseline show';
}

/** @throws {Fault} USAGE for both at once */
function repliesOf(world: Session['world'], kept: string | undefined, replayed: string | undefined): { readonly replies?: RepliesAt } {
  if (kept !== undefined && replayed !== undefined) throw new Fault('USAGE', '--record and --replay exclude each other', { hint: 'record once where the judge can be reached, replay elsewhere' });
  const path = kept ?? replayed;
  return path === undefined ? {} : { replies: { mode: kept === undefined ? 'replay' : 'record', path: absolute(world, path) } };
}

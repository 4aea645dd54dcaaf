/** `agentctl status` and `agentctl <step>`: where the agent stands and what is next. */
import { digestBytes } from '../domain/digest.js';
import { combineExits, EXIT, Fault, type Exit } from '../domain/fault.js';
import type { LedgerView, Report, StatusReport, StepView } from '../domain/report.js';
import type { World } from '../domain/ports.js';
import type { Instant } from '../domain/time.js';
import type { StepId } from '../domain/step.js';
import { editWarnings } from './edit-marks.js';
import { checkSinceCheckpoint } from './check-chain.js';
import { gateTime } from './gate-time.js';
import { exitOfStatus } from './kept-status.js';
import { missingLedgerWarning } from './missing-ledger.js';
import { nextCommand } from './next.js';
import { computeStates } from './states.js';
import { agentView, openSession, type Flags, type Session } from './session.js';
import { renewalWarnings, standingWarnings } from './warnings.js';

export { gateTime } from './gate-time.js';

/** Exit 0 whenever computable, 4 when the ledger is broken. Trusts the stat cache and the last checkpoint, and says so. */
export async function status(world: World, flags: Flags): Promise<Report> {
  const session = await openSession(world, flags, { mutates: false, quick: true });
  try {
    const report = await describe(session, await checkSinceCheckpoint(session));
    return { kind: 'status', exit: exitOfStatus(report), data: report };
  } finally {
    await session.store.close();
  }
}

/** One step: state, findings, evidence, next command. */
export async function showStep(world: World, flags: Flags, id: StepId): Promise<Report> {
  const session = await openSession(world, flags, { mutates: false, quick: true });
  try {
    const report = await describe(session, await checkSinceCheckpoint(session));
    const step = report.steps.find((one) => one.id === id);
    if (!step) throw new Fault('INTERNAL', `no step "${id}"`);
    const path = `${session.artifacts}/${step.deliverable.file}`;
    const deliverable = (await world.files.exists(path)) ? { ...step.deliverable, digest: digestBytes(await world.files.read(path)) } : step.deliverable;
    return { kind: 'step', exit: step.state === 'untrustworthy' ? EXIT.untrustworthy : EXIT.yes, data: { agent: report.agent, step: { ...step, deliverable } } };
  } finally {
    await session.store.close();
  }
}

export async function describe(session: Session, ledger: LedgerView, warnings: readonly string[] = [], at?: Instant): Promise<StatusReport> {
  const { steps } = await computeStates(session, at ?? (await gateTime(session)));
  const report = await standingReport(session, steps, ledger);
  return { ...report, warnings: [...warnings, ...report.warnings, ...(await session.keys.placement())] };
}

/** All of it that follows from manifest, build and ledger; where the keys lie does not. */
export async function standingReport(session: Session, steps: readonly StepView[], ledger: LedgerView): Promise<StatusReport> {
  return {
    agent: agentView(session),
    stakes: session.manifest.stakes,
    steps,
    ledger,
    warnings: [...(await missingLedgerWarning(session)), ...(await standingWarnings(session.store, session.chain, session.build.digest)), ...renewalWarnings(steps), ...editWarnings(session.source.text)],
    next: nextCommand(steps, session.manifest.path),
  };
}

/** What a required step contributes to the exit status of a gate. */
export function exitOfStep(step: StepView): Exit {
  if (step.state === 'untrustworthy') return EXIT.untrustworthy;
  if (step.state === 'failed') return EXIT.no;
  if (step.state === 'passed' || step.state === 'waived' || step.state === 'not-applicable') return EXIT.yes;
  const open = step.findings.filter((finding) => finding.severity === 'must' && finding.is === 'unknown' && !finding.waived);
  const onlyHuman = step.state === 'unproven' && open.length > 0 && open.every((finding) => finding.proof === 'attested');
  return onlyHuman ? EXIT.human : EXIT.indeterminate;
}

export function exitOfSteps(steps: readonly StepView[]): Exit {
  const required = steps.filter((step) => step.required);
  const direct = required.filter((step) => step.state !== 'blocked');
  const exits = direct.map(exitOfStep);
  const blockedOnly = required.length > direct.length && exits.every((exit) => exit === EXIT.yes);
  return combineExits(blockedOnly ? [EXIT.indeterminate] : exits);
}

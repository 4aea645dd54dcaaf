/** `agentctl verify`: the read-only gate over the store. Every byte is rehashed, every signature checked. */
import { combineExits, EXIT, type Exit } from '../domain/fault.js';
import { readable, type Instant } from '../domain/time.js';
import type { LedgerView, Report, StatusReport } from '../domain/report.js';
import type { World } from '../domain/ports.js';
import { STEPS } from '../steps/index.js';
import { asOf } from './as-of.js';
import { anchorsOf, type AnchorFlags } from './audit/anchors.js';
import { comparedLines, compareAnchors, lacking, weaknesses } from './audit/ask-anchors.js';
import { checkEverything } from './check-ledger.js';
import { activeFolder } from './active-build.js';
import { checkArtifacts } from './artifacts.js';
import { CHECKPOINT_FILE } from './checkpoint.js';
import { describe, exitOfStep, exitOfSteps } from './status.js';
import { refuseMissingLedger } from './missing-ledger.js';
import { openSession, type Flags, type Session } from './session.js';
import { instantFrom } from './time-option.js';

export interface VerifyInput extends AnchorFlags {
  /** `launch`: steps 1 to 8 pass and 9 to 12 are configured. */
  readonly stage?: 'launch';
  /** Answer as of this instant; never exit 0 for now. */
  readonly at?: string;
}

export async function verify(world: World, flags: Flags, input: VerifyInput): Promise<Report> {
  const session = await openSession(world, flags, { mutates: false });
  try {
    await refuseMissingLedger(session);
    const ledger = await checkEverything(session);
    const anchors = await anchorsOf(session, input);
    const compared = await compareAnchors(session, anchors);
    const open = lacking(anchors, compared);
    if (input.at !== undefined) return await verifyAsOf(session, ledger, instantFrom(input.at, '--at'), input);
    await activeFolder(session);
    const unsigned = [...(await unsignedEnd(session, ledger)), ...(ledger.unknowns ?? [])];
    const outside = open === undefined ? [...comparedLines(compared, ledger.size), ...weaknesses(compared)] : [`${open.message}: ${open.hint ?? ''}`];
    const report = await describe(session, ledger, [...unsigned, ...outside, ...(await checkArtifacts(session))]);
    const doubts: readonly Exit[] = unsigned.length > 0 || open !== undefined ? [EXIT.indeterminate] : [];
    return { kind: 'verify', exit: combineExits([exitOf(session, report, input), ...doubts]), data: report };
  } finally {
    await session.store.close();
  }
}

/** Entries that no checkpoint covers could have been added by anybody who can write to the file: no yes rests on them. */
async function unsignedEnd({ world, artifacts }: Session, ledger: LedgerView): Promise<readonly string[]> {
  const lines: string[] = [];
  const behind = ledger.size - (ledger.checkpoint ?? 0);
  if (behind > 0) lines.push(`the newest ${behind} of ${ledger.size} entries are not covered by a signed checkpoint: agentctl audit checkpoint`);
  if (ledger.checkpoint !== null && !(await world.files.exists(`${artifacts}/${CHECKPOINT_FILE}`))) lines.push(`artifacts/${CHECKPOINT_FILE} is gone, so an older copy of the ledger would not show: bring it back, or agentctl audit checkpoint`);
  return lines;
}

/** What the gate would have said then. A yes about the past is no yes for now: at best indeterminate. */
async function verifyAsOf(session: Session, ledger: LedgerView, at: Instant, input: VerifyInput): Promise<Report> {
  const store = asOf(session.store, at);
  const did = (await store.latest(session.chain, 'identity.registered'))?.data['agentDid'];
  const then: Session = { ...session, store, inputs: await session.inputsOf(store), agent: { ...session.agent, did: typeof did === 'string' ? did : null } };
  const report = await describe(then, ledger, [`as of ${readable(at)}, with the manifest as it is now; this says nothing about now`], at);
  const exit = exitOf(then, report, input);
  return { kind: 'verify', exit: exit === EXIT.yes ? EXIT.indeterminate : exit, data: report };
}

function exitOf(session: Session, report: StatusReport, { stage }: VerifyInput): Exit {
  if (stage === undefined) return exitOfSteps(report.steps);
  const launch = report.steps.filter((step) => step.number <= 8);
  const configured = STEPS.filter((step) => step.number > 8 && report.steps.some((view) => view.id === step.id && view.required))
    .map((step): Exit => (step.section === undefined || session.manifest[step.section.key] !== undefined ? EXIT.yes : EXIT.indeterminate));
  const broken = report.steps.filter((step) => step.number > 8 && step.state === 'untrustworthy').map(exitOfStep);
  return combineExits([exitOfSteps(launch), ...configured, ...broken]);
}

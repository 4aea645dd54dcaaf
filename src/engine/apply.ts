/** `agentctl apply`: does everything that needs no human, on every branch that is not blocked, and lists what humans have to do. */
import { EXIT, Fault, combineExits, type Exit } from '../domain/fault.js';
import type { ApplyReport, PlanItem, Report, StepView } from '../domain/report.js';
import type { Step, StepId, VerbCard } from '../domain/step.js';
import type { World } from '../domain/ports.js';
import { recordLost } from '../enforcement/gateway/lost.js';
import { orderOf, sequenceOf, stepById, STEPS } from '../steps/index.js';
import { checkEverything } from './check-ledger.js';
import { checkArtifacts } from './artifacts.js';
import { refuseMissingLedger } from './missing-ledger.js';
import { checkPublishedCheckpoint } from './published-checkpoint.js';
import { commandLine, hindrance, nextCommand, SETTLED } from './next.js';
import { computeStates } from './states.js';
import { exitOfSteps, gateTime } from './status.js';
import { verbOf } from './verbs.js';
import { signCheckpoint } from './checkpoint.js';
import { keepStatus } from './keep-status.js';
import { agentView, openSession, type Flags, type Session } from './session.js';

export interface ApplyInput {
  readonly steps: readonly string[];
  readonly dryRun: boolean;
}

interface Work {
  readonly step: Step;
  readonly verb: VerbCard;
  readonly why: string;
}

/** Exit 5 when only human acts are left, 0 when nothing is. One `apply` at a time per store. */
export async function apply(world: World, flags: Flags, input: ApplyInput): Promise<Report> {
  const report = await applied(world, flags, input);
  if (!input.dryRun) await keepStatus(world, flags);
  return report;
}

async function applied(world: World, flags: Flags, input: ApplyInput): Promise<Report> {
  for (const id of input.steps) if (!stepById(id)) throw new Fault('USAGE', `no step "${id}"`, { hint: `steps: ${STEPS.map((step) => step.id).join(', ')}` });
  let session = await openSession(world, flags, { mutates: !input.dryRun });
  const unlock = input.dryRun ? undefined : await world.stores.lock(session.storeFolder, 'apply').catch(async (cause: unknown) => {
    await session.store.close();
    throw cause;
  });
  try {
    await refuseMissingLedger(session);
    await checkEverything(session);
    if (!input.dryRun) {
      await checkPublishedCheckpoint(session);
      await checkArtifacts(session, true);
      const lost = await recordLost({ store: session.store, clock: world.clock }, session);
      if (lost.length > 0) world.talk.say(`${lost.length} begun by a process that is gone: ${lost.join(', ')}; the outcome is on record as unknown`);
    }
    const items: PlanItem[] = [];
    const tried = new Set<string>();
    for (;;) {
      const { steps } = await computeStates(session, await gateTime(session));
      const { work, human } = plan(session, steps, input.steps, tried);
      const ready = work.filter((one) => !tried.has(commandOf(one)));
      const next = ready[0];
      if (input.dryRun || !next) {
        items.push(...ready.map((one) => ({ step: one.step.id, command: commandOf(one), why: one.why, outcome: 'planned' as const })));
        return reportOf(session, steps, items, human, input.dryRun);
      }
      tried.add(commandOf(next));
      items.push(await perform(session, next));
      await signCheckpoint(session);
      session = await session.refresh();
    }
  } finally {
    await unlock?.();
    await session.store.close();
  }
}

async function perform(session: Session, work: Work): Promise<PlanItem> {
  const item = { step: work.step.id, command: commandOf(work), why: work.why };
  session.world.talk.say(`${item.command}  (${work.why})`);
  try {
    const verb = await verbOf(work.step.id, work.verb.name);
    const report = await verb(session, { args: [], options: {} });
    const detail = report.kind === 'outcome' ? report.data.headline : '';
    return { ...item, outcome: report.exit === EXIT.yes ? 'done' : 'failed', detail };
  } catch (cause) {
    // What stops one branch is told and leaves the others running; a broken ledger or a defect stops everything.
    if (!(cause instanceof Fault) || cause.exit === EXIT.untrustworthy || cause.exit >= EXIT.bug) throw cause;
    const outcome = cause.exit === EXIT.human ? 'waiting' : 'failed';
    return { ...item, outcome, detail: cause.hint === undefined ? cause.message : `${cause.message} (${cause.hint})` };
  }
}

/** Work in order of the path: every missing or stale piece of evidence whose step is not blocked by an earlier one. */
function plan(session: Session, views: readonly StepView[], only: readonly string[], tried: ReadonlySet<string>): { work: readonly Work[]; human: ApplyReport['human'] } {
  const order = orderOf(session.manifest.path);
  const work: Work[] = [];
  const human: { step: StepId; command: string; why: string }[] = [];
  for (const step of sequenceOf(session.manifest.path).filter((one) => only.length === 0 || only.includes(one.id))) {
    const view = views.find((one) => one.id === step.id);
    if (!view || (step.section && session.manifest[step.section.key] === undefined)) continue;
    const blocked = order[step.id].some((need) => {
      const other = views.find((one) => one.id === need.step);
      return other?.required === true && (need.recorded === true ? other.evidence.length === 0 : !SETTLED.includes(other.state));
    });
    if (blocked || view.state === 'untrustworthy') continue;
    let mechanical = 0;
    for (const verb of step.verbs) {
      const why = lacking(verb, view);
      if (why === undefined) continue;
      if (verb.after?.some((id) => !views.some((other) => other.id === id && SETTLED.includes(other.state)))) break;
      const command = commandOf({ step, verb, why });
      if (verb.needsHuman) {
        // Nobody is asked to sign what does not hold.
        if (mechanical > 0 || hindrance(step, view) === undefined) human.push({ step: step.id, command: commandLine(step, verb), why });
        break; // What comes after a human act builds on it.
      }
      if (tried.has(command)) break; // It failed in this run, and what follows builds on it.
      mechanical += 1;
      work.push({ step, verb, why });
    }
  }
  return { work, human };
}

function lacking(verb: VerbCard, view: StepView): string | undefined {
  for (const type of verb.produces) {
    const evidence = view.evidence.find((one) => one.type === type);
    if (!evidence) return `no ${type} yet`;
    if (evidence.stale) return `stale: ${evidence.stale[0] ?? type}`;
  }
  return undefined;
}

function commandOf({ step, verb }: Work): string {
  return `agentctl ${step.id} ${verb.name}`;
}

function reportOf(session: Session, steps: readonly StepView[], items: readonly PlanItem[], human: ApplyReport['human'], dryRun: boolean): Report {
  const failed = items.some((item) => item.outcome === 'failed');
  const waiting = items.some((item) => item.outcome === 'waiting');
  const exits: Exit[] = [exitOfSteps(steps)];
  if ((human.length > 0 || waiting) && !failed) exits.splice(0, 1, EXIT.human);
  if (failed) exits.push(EXIT.no);
  return {
    kind: 'apply',
    exit: dryRun ? EXIT.yes : combineExits(exits),
    data: { agent: agentView(session), dryRun, items, human, next: nextCommand(steps, session.manifest.path) },
  };
}

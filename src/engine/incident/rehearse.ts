/** The rehearsal of an incident: suspend for real, be refused by the gateway, count, render, lift. No tool ever runs in it. */
import { decide, type Decision } from '../../enforcement/decision.js';
import { lookUp, type GatewayContext, type GatewayPorts } from '../../enforcement/gateway/facts.js';
import { executeAction } from '../../enforcement/gateway/execute.js';
import { plainProposal, waysOf } from '../../enforcement/exercise.js';
import { sampleArguments } from '../../enforcement/sample.js';
import type { TriggersSection } from '../../enforcement/triggers.js';
import { suspendedBy, SUSPENSION_KEY } from '../../enforcement/suspension.js';
import { Fault } from '../../domain/fault.js';
import type { ActionProposal } from '../../enforcement/action.js';
import type { Entry } from '../../domain/entry.js';
import { isObject } from '../../domain/json.js';
import { SEVERITY_IDS, type IncidentsSection } from '../../steps/10-incident.js';
import { DRILL_CAPABILITY, drillPolicy } from '../drill-tool.js';
import { gatewayOf, requirePolicy } from '../gateway.js';
import { withScratch } from '../scratch.js';
import { record, type Session } from '../session.js';
import { scopeOf } from './count.js';
import { incidents, newIncidentId } from './incidents.js';
import { readTemplates, renderNotices } from './notices.js';

export type Judge = typeof decide;

export type Milliseconds = { readonly detect: number; readonly suspend: number; readonly scope: number; readonly notify: number; readonly lift: number };

export type Rehearsal =
  | { readonly passed: false; readonly incident: string; readonly problem: string }
  | { readonly passed: true; readonly incident: string; readonly milliseconds: Milliseconds; readonly before: 'permit' | 'escalate'; readonly tool: string; readonly origin: Origin; readonly notices: number; readonly templates: number; readonly affected: number };

interface Candidate {
  readonly proposal: ActionProposal;
  readonly before: 'permit' | 'escalate';
  readonly origin: Origin;
  readonly context: GatewayContext;
}

/** Where the action that was tried comes from: the record, a declared tool with made-up arguments, or the drill's own tool. */
export type Origin = 'recorded' | 'made up' | 'drill tool';

/** How many recorded actions to look through for one that would be let through again. */
const LOOK_BACK = 200;

/**
 * @param judge the decision function; a test hands in a sabotaged one and expects the rehearsal to notice
 * @throws {Fault} REFUSED while a real incident suspends the agent, EVIDENCE_MISSING without an action to repeat, INPUT_INVALID for a broken template
 */
export async function rehearse(session: Session, spec: IncidentsSection, judge: Judge = decide): Promise<Rehearsal> {
  requirePolicy(session);
  const templates = await readTemplates(session, spec);
  await liftLeftovers(session);
  await refuseWhileSuspended(session);
  const { ports, context: own } = await gatewayOf(session);
  const stopwatch = stopwatchOf(session);
  const candidate = (await recordedCandidate(session, ports, own, judge)) ?? (await syntheticCandidate(session, ports, own, judge));
  const { context } = candidate;
  const incident = newIncidentId(session.world, 'drill');
  stopwatch();
  const opened = await openDrill(session, incident);
  const detect = stopwatch();
  let problem: string | null;
  let suspend = 0, scoping = 0, notify = 0, affected = 0, notices = 0;
  try {
    problem = await refusalProblem(ports, context, again(session, candidate.proposal), judge);
    suspend = stopwatch();
    if (problem === null) {
      affected = (await scopeOf(session, { since: null, build: opened.agent.build })).affected;
      scoping = stopwatch();
      notices = await renderAll(session, spec, opened, affected);
      notify = stopwatch();
    }
  } finally {
    // Whatever happened, a drill must not leave the agent suspended.
    await record(session, { type: 'incident.lifted', data: { incident } });
  }
  problem ??= await liftProblem(session, ports, context, candidate, judge);
  const lift = stopwatch();
  if (problem !== null) return { passed: false, incident, problem };
  return { passed: true, incident, milliseconds: { detect, suspend, scope: scoping, notify, lift }, before: candidate.before, tool: candidate.proposal.tool, origin: candidate.origin, notices, templates: templates.size, affected };
}

/** Whole milliseconds since the last call. */
function stopwatchOf({ world }: Session): () => number {
  let last = world.clock.monotonic();
  return () => {
    const now = world.clock.monotonic();
    const span = Math.max(0, Math.round(now - last));
    last = now;
    return span;
  };
}

/** A drill that was killed half-way has left the agent suspended: the next one lifts it. */
async function liftLeftovers(session: Session): Promise<void> {
  for (const { id, opened, ended } of await incidents(session)) {
    if (opened.data['drill'] === true && ended === undefined) await record(session, { type: 'incident.lifted', data: { incident: id } });
  }
}

async function refuseWhileSuspended({ store, chain }: Session): Promise<void> {
  const by = suspendedBy(await store.projected(chain, 'suspension', SUSPENSION_KEY));
  if (by !== null) throw new Fault('REFUSED', `${by} suspends the agent already, so a drill would prove nothing`, { hint: `agentctl incident close ${by} --as <operator>` });
}

async function openDrill({ store, chain, agent }: Session, incident: string): Promise<Entry> {
  const data = { incident, severity: 'sev1', trigger: 'drill', action: 'suspend', drill: true };
  const guards = [{ kind: 'projection-is' as const, projection: 'suspension', key: SUSPENSION_KEY, state: null }];
  const [stored] = await store.append(chain, [{ type: 'incident.opened', agent, actor: 'agentctl', data }], { guards });
  if (!stored) throw new Fault('INTERNAL', 'an append returned nothing');
  return stored.entry;
}

/** The newest action on record that would not be denied now; one that would be permitted is preferred. */
async function recordedCandidate(session: Session, ports: GatewayPorts, context: GatewayContext, judge: Judge): Promise<Candidate | undefined> {
  const { store, chain } = session;
  const recorded = (await store.readEvidence(chain, 'action.recorded', LOOK_BACK)).filter((entry) => entry.data['source'] !== 'drill' && entry.data['decision'] !== 'deny');
  let escalated: Candidate | undefined;
  for (const entry of recorded.toReversed()) {
    const args = (await store.payload(chain, entry.seq))?.['arguments'];
    if (!isObject(args)) continue;
    const { data } = entry;
    const proposal = again(session, {
      id: '', capability: String(data['capability']), tool: String(data['tool']), arguments: args, confidence: typeof data['confidence'] === 'string' ? data['confidence'] : null,
      doubt: data['doubt'] === true, source: 'drill', occurredAt: '',
    });
    const { decision } = await judged(ports, context, proposal, judge);
    if (decision === 'permit') return { proposal, before: decision, origin: 'recorded', context };
    if (decision === 'escalate') escalated ??= { proposal, before: decision, origin: 'recorded', context };
  }
  return escalated;
}

/** An agent that has proposed nothing permitted: a declared tool with arguments from its schema, else the drill's own tool, which any gateway has to permit. */
async function syntheticCandidate(session: Session, ports: GatewayPorts, context: GatewayContext, judge: Judge): Promise<Candidate> {
  const { policy } = context;
  const { clock } = session.world;
  const made = policy === null ? [] : waysOf(policy).map((way) => {
    const plain = plainProposal(way, clock.now());
    return { context, origin: 'made up' as const, proposal: { ...plain, arguments: { ...sampleArguments(way.declared.tool.input), ...plain.arguments } } };
  });
  const { approval } = session.manifest['triggers'] as unknown as TriggersSection;
  const bench: GatewayContext = { ...context, policy: drillPolicy(session, { doubt: false, approval }) };
  const own: ActionProposal = {
    id: '', capability: DRILL_CAPABILITY.id, tool: 'drill_move', arguments: { file: 'incident.txt' }, confidence: '1', doubt: false, source: 'drill', occurredAt: clock.now(),
  };
  for (const one of [...made, { context: bench, origin: 'drill tool' as const, proposal: own }]) {
    const proposal = again(session, one.proposal);
    if ((await judged(ports, one.context, proposal, judge)).decision === 'permit') return { ...one, proposal, before: 'permit' };
  }
  throw new Fault('EVIDENCE_MISSING', 'the gateway permits nothing, not even the tool of the drill, so a drill could not show that an action is stopped', { hint: 'agentctl guardrails simulate' });
}

/** The same action as a new attempt: an id is used once. */
function again({ world }: Session, proposal: ActionProposal): ActionProposal {
  return { ...proposal, id: `drill-${Buffer.from(world.random.bytes(8)).toString('hex')}`, occurredAt: world.clock.now() };
}

async function judged(ports: GatewayPorts, context: GatewayContext, proposal: ActionProposal, judge: Judge): Promise<Decision> {
  const { facts } = await lookUp(ports, context, proposal);
  return judge(context.policy, proposal, facts);
}

/** Why the suspension does not stop the action; null when both the decision and the whole gateway refuse it, for that reason. */
async function refusalProblem(ports: GatewayPorts, context: GatewayContext, proposal: ActionProposal, judge: Judge): Promise<string | null> {
  const decision = await judged(ports, context, proposal, judge);
  if (!suspends(decision)) return `the agent was suspended, but the decision was ${decision.decision} (${decision.rule})`;
  let started = false;
  const harmless: GatewayPorts['tools'] = {
    run: () => {
      started = true;
      return Promise.resolve({ outcome: 'failed', result: null, message: 'a drill runs no tool', milliseconds: 0 });
    },
  };
  const result = await executeAction({ ...ports, tools: harmless }, context, proposal);
  if (started) return 'the agent was suspended, but the gateway started the tool';
  return suspends(result.decision) ? null : `the agent was suspended, but the gateway answered ${result.decision.decision} (${result.decision.rule})`;
}

async function liftProblem(session: Session, ports: GatewayPorts, context: GatewayContext, { proposal, before }: Candidate, judge: Judge): Promise<string | null> {
  const decision = await judged(ports, context, again(session, proposal), judge);
  return decision.decision === before ? null : `the suspension was lifted, but the decision is ${decision.decision} (${decision.rule}) instead of ${before}`;
}

function suspends({ decision, reasons }: Decision): boolean {
  return decision === 'deny' && reasons.some((reason) => reason.rule === 'suspended');
}

/** The notices of every severity, into a scratch place: a drill sends nothing. */
async function renderAll(session: Session, spec: IncidentsSection, opened: Entry, affected: number): Promise<number> {
  return withScratch(session, 'incident', async (folder) => {
    let count = 0;
    for (const severity of SEVERITY_IDS) {
      for (const { file, text } of await renderNotices(session, spec, { ...opened, data: { ...opened.data, severity } }, { affected, executed: 0 })) {
        await session.world.files.write(`${folder}/${severity}-${file}`, text);
        count += 1;
      }
    }
    return count;
  });
}

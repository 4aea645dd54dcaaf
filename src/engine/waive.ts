/** `agentctl waive`: a human answers, by signature and for a while, for one probe that is not met. */
import { digestJson } from '../domain/digest.js';
import { Fault } from '../domain/fault.js';
import type { Report } from '../domain/report.js';
import { addDuration, parseDuration, readable } from '../domain/time.js';
import type { ProbeCard, Step } from '../domain/step.js';
import type { World } from '../domain/ports.js';
import { STEPS } from '../steps/index.js';
import { signCheckpoint } from './checkpoint.js';
import { performAct } from './human-act.js';
import { outcome } from './outcome.js';
import { computeStates } from './states.js';
import { gateTime } from './status.js';
import { openSession, record, type Flags, type Session } from './session.js';
import { nearest } from './suggest.js';
import { HOLDS_UP, NOT_WAIVABLE } from './waivers.js';

export interface WaiveInput {
  readonly probe: string;
  readonly as: string;
  readonly reason: string;
  readonly expires: string;
}

export const LONGEST = 'P90D';

/** @throws {Fault} USAGE, REFUSED for what cannot or need not be waived, and what performAct throws */
export async function waive(world: World, flags: Flags, input: WaiveInput): Promise<Report> {
  const { step, probe } = waivable(input.probe);
  checkExpiry(input.expires);
  if (input.reason.trim() === '') throw new Fault('USAGE', '--reason is empty', { hint: '--reason "why it is acceptable for now"' });
  const session = await openSession(world, flags, { mutates: true });
  try {
    await checkOpen(session, probe);
    const report = await grant(session, step, probe, input);
    await signCheckpoint(session);
    return report;
  } finally {
    await session.store.close();
  }
}

function waivable(id: string): { step: Step; probe: ProbeCard } {
  for (const step of STEPS) {
    const probe = step.probes.find((one) => one.id === id);
    if (!probe) continue;
    if (NOT_WAIVABLE.includes(step.id)) throw new Fault('REFUSED', `${id} cannot be waived: without ${step.title.toLowerCase()} no other evidence counts`, { hint: probe.remedy });
    if (probe.severity === 'should') throw new Fault('REFUSED', `${id} is a should: it holds nothing up, so there is nothing to waive`, { hint: `agentctl explain ${id}` });
    const reason = HOLDS_UP[id];
    if (reason !== undefined) throw new Fault('REFUSED', `${id} cannot be waived: ${reason}`, { hint: probe.remedy });
    return { step, probe };
  }
  const near = nearest(id, STEPS.flatMap((step) => step.probes.map((probe) => probe.id)));
  throw new Fault('USAGE', `no probe "${id}"`, { hint: near === undefined ? 'agentctl status --json' : `did you mean "${near}"?` });
}

function checkExpiry(expires: string): void {
  const milliseconds = parseDuration(expires);
  if (milliseconds === 0) throw new Fault('USAGE', 'a waiver that expires at once excepts nothing', { at: '--expires', hint: '--expires P14D' });
  if (milliseconds > parseDuration(LONGEST)) throw new Fault('USAGE', `--expires ${expires} is longer than ${LONGEST}`, { at: '--expires', hint: `--expires ${LONGEST}` });
}

async function checkOpen(session: Session, { id }: ProbeCard): Promise<void> {
  const { steps } = await computeStates(session, await gateTime(session));
  const finding = steps.flatMap((step) => step.findings).find((one) => one.id === id);
  if (finding?.is === 'yes' || finding?.is === 'not-applicable') throw new Fault('REFUSED', `${id} is ${finding.is}, so there is nothing to waive: ${finding.because}`, { hint: `agentctl explain ${id}` });
}

async function grant(session: Session, step: Step, probe: ProbeCard, { as, reason, expires }: WaiveInput): Promise<Report> {
  const expiresAt = addDuration(session.world.clock.now(), expires);
  // The reason is part of what is signed, but only its digest is: the text itself can be personal, and stays in the payload.
  const subject = digestJson({ agent: session.chain, probe: probe.id, expiresAt, reason });
  const signed = await performAct(session, {
    act: 'waive', step: step.id, as, subject,
    sentence: `Until ${readable(expiresAt)} I accept that this is not proven: ${probe.question}`,
  });
  const { operator, ceremony, digest: act } = signed;
  const stored = await record(
    session,
    { type: 'waiver.granted', actor: operator.did, data: { probe: probe.id, step: step.id, expiresAt, subject, act, operator: operator.did, ceremony }, payload: { reason } },
    [signed.blob],
  );
  return outcome({
    step: step.id, verb: 'waive', headline: `${probe.id} is waived until ${readable(expiresAt)}`,
    facts: [
      { label: 'question', value: probe.question },
      { label: 'by', value: `${operator.name} (${operator.roles.join(', ')}), ${ceremony}` },
      { label: 'reason', value: reason },
      { label: 'entry', value: `#${stored.entry.seq} waiver.granted` },
    ],
    notes: ['a waived step is shown as waived, never as passed, and certificates name it'],
    next: 'agentctl apply',
    data: { probe: probe.id, step: step.id, expiresAt, operator: operator.id, ceremony, seq: stored.entry.seq },
  });
}

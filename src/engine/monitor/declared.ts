/** What the monitoring verbs start from: the section, checked, the signed pact, and the due times. */
import { Fault } from '../../domain/fault.js';
import { toInstant, millisecondsOf, type Instant } from '../../domain/time.js';
import type { Digest } from '../../domain/digest.js';
import type { Entry } from '../../domain/entry.js';
import type { Pacts } from '../../evaluation/condition.js';
import { deadlineOf, longestGap, slotsAt, type Slots } from '../../evaluation/slots.js';
import { lintMonitoring, type MonitoringSection } from '../../steps/05-monitor.js';
import { pactsOf, signedPacts } from '../pact/document.js';
import type { Session } from '../session.js';

export interface Declared {
  readonly spec: MonitoringSection;
  readonly pacts: Pacts;
  readonly pact: Digest;
}

/** @throws {Fault} MANIFEST_INVALID without a section, or when it does not fit the pact */
export function monitoringSectionOf({ manifest }: Pick<Session, 'manifest'>): MonitoringSection {
  const section = manifest['monitoring'];
  if (section === undefined) throw new Fault('MANIFEST_INVALID', 'agent.yaml has no section "monitoring"', { at: 'agent.yaml', hint: 'agentctl explain monitor' });
  return section as unknown as MonitoringSection;
}

/** @throws {Fault} BLOCKED without a signed pact and an accepted baseline: there is nothing to hold the agent to */
export async function declaredMonitoring(session: Session): Promise<Declared> {
  const spec = monitoringSectionOf(session);
  const signed = await signedPacts(session);
  if (!signed) throw new Fault('BLOCKED', 'there is no signed pact to judge by', { hint: 'agentctl pact sign --as <operator>' });
  if (!(await session.store.latest(session.chain, 'baseline.accepted'))) throw new Fault('BLOCKED', 'there is no accepted baseline', { hint: 'agentctl baseline accept --as <operator>' });
  const [problem] = lintMonitoring(spec, signed.pacts);
  if (problem !== undefined) throw new Fault('MANIFEST_INVALID', problem, { at: `agent.yaml:${session.source.place('/monitoring', 'key')}`, hint: hintFor(session, spec, signed.pacts) });
  return { spec, pacts: signed.pacts, pact: signed.digest };
}

/** A data set that was declared since the signature only needs a new one. */
function hintFor(session: Session, spec: MonitoringSection, signed: Pacts): string {
  const named = [spec.dataset, spec.shift, ...(spec.pilot ? [spec.pilot.dataset] : [])].filter((id) => !signed.datasets.some((one) => one.id === id));
  if (named.length === 0) return 'agentctl explain monitor';
  const undeclared = named.filter((id) => !pactsOf(session).datasets.some((one) => one.id === id));
  const sign = 'agentctl pact sign --as <operator>';
  return undeclared.length === 0 ? sign : `declare ${undeclared.join(', ')} under pacts.datasets, then ${sign}`;
}

export interface Timing extends Slots {
  /** The next due time, and the last moment at which a run still covers it. */
  readonly next: Instant;
  readonly until: Instant;
  /** Longest wait between due times, in seconds. */
  readonly interval: number;
}

const HOURS = 3_600_000;
const YEARS = 366 * 24 * HOURS;
/** More due times than anybody reads; a five-minute schedule fills it in a month. */
const MOST = 10_000;

/**
 * Due times as seen from `now`, after the run before, if there was one.
 * @throws {Fault} MANIFEST_INVALID for a schedule that is hardly ever due
 */
export function timingOf({ world }: Pick<Session, 'world'>, { schedule }: Pick<MonitoringSection, 'schedule'>, last: Entry | undefined, now: Instant): Timing {
  const seen = last === undefined ? undefined : String(last.data['started']);
  const after = (from: Instant) => world.schedule.next(schedule, from);
  const next = after(now);
  const interval = longestGap(world.schedule.due(schedule, now, toInstant(millisecondsOf(now) + 5 * YEARS), 60));
  if (next === undefined || interval === null) throw new Fault('MANIFEST_INVALID', `the schedule "${schedule}" is due less than twice in five years`, { at: 'agent.yaml: monitoring.schedule', hint: 'for example "17 3 * * *"' });
  const due = world.schedule.due(schedule, seen ?? toInstant(millisecondsOf(now) - 2 * HOURS), now, MOST);
  const slots = slotsAt(due, next, now);
  // Before the first run nobody was asked to run anything.
  return { covers: slots.covers, missed: seen === undefined ? [] : slots.missed, next, until: deadlineOf(next, after(next)), interval };
}

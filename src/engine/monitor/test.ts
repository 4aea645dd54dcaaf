/** `monitor test`: data that is known to be hard goes in; an alert has to come out at every channel, or the test has failed. */
import { counted } from '../../domain/counted.js';
import { EXIT } from '../../domain/fault.js';
import { addDuration } from '../../domain/time.js';
import { activeFolder, runningAs } from '../active-build.js';
import { conditionTable } from '../baseline/table.js';
import type { Breach } from '../../evaluation/alerts.js';
import type { Look } from '../../evaluation/counts.js';
import { movable } from '../../evaluation/moved.js';
import { evaluate, type Evaluation } from '../evaluate.js';
import { recordEvidence, type Session } from '../session.js';
import { outcome } from '../outcome.js';
import type { Verb } from '../verb.js';
import { raiseAlerts } from './alerts.js';
import { declaredMonitoring, type Declared } from './declared.js';
import { lookAt } from './look.js';
import { alertTable } from './run.js';

/** How long a test counts. */
const COUNTS = 'P90D';

export const run: Verb = async (session) => {
  const { world } = session;
  const declared = await shiftable(session);
  const { spec, pacts, pact } = declared;
  const active = await activeFolder(session);
  const running = runningAs(session, active);
  const begun = world.clock.monotonic();
  const result = await evaluate(running, { purpose: 'shift', pacts, pact, on: spec.shift, folder: active.folder });
  const { breaches, looks } = await noticedWithin(running, declared, result);
  const deliveries = await raiseAlerts(running, spec.channels, breaches, { run: result.run, test: true });
  const milliseconds = Math.round(world.clock.monotonic() - begun);
  const lost = deliveries.filter((one) => !one.ok);
  const arrived = breaches.length > 0 && lost.length === 0;
  if (arrived) {
    const count = spec.channels.length;
    await recordEvidence(running, 'monitor', { type: 'monitor.tested', validUntil: addDuration(world.clock.now(), COUNTS), data: { run: result.run, alerts: breaches.length, channels: count, delivered: count, milliseconds } });
  }
  return outcome({
    step: 'monitor', verb: 'test',
    headline: arrived
      ? `${counted(breaches.length, 'alert')} raised on ${spec.shift} and delivered to ${counted(spec.channels.length, 'channel')}`
      : breaches.length === 0 ? `the injected shift went unnoticed: no alert on ${result.cases} cases of ${spec.shift}` : `${lost.length} of ${deliveries.length} deliveries failed: ${lost[0]?.channel ?? ''}, ${lost[0]?.because ?? ''}`,
    facts: [
      { label: 'injected', value: `${result.cases} cases of ${spec.shift}, marked as a test in every alert` },
      { label: 'noticed', value: breaches.length === 0 ? `not within ${MOST_LOOKS} runs` : looks === 1 ? 'at the first run' : `at run ${looks}, were every run like this one` },
      { label: 'time', value: `${milliseconds} ms from injection to the last delivery` },
    ],
    tables: [conditionTable(result.conditions), ...(deliveries.length > 0 ? [alertTable(deliveries)] : [])],
    ...(arrived ? {} : { notes: ['nothing was recorded as proof'] }),
    next: arrived ? null : breaches.length === 0 ? 'tighten monitoring.thresholds in agent.yaml, then agentctl monitor test' : 'mend the channel, then agentctl monitor test',
    data: { run: result.run, alerts: breaches.map((one) => ({ ...one })), channels: spec.channels.length, lost: lost.length, looks, milliseconds },
  }, arrived ? EXIT.yes : EXIT.no);
};

/** An alert about attacks would be none about the shift. */
async function shiftable(session: Session): Promise<Declared> {
  const declared = await declaredMonitoring(session);
  return { ...declared, pacts: movable(declared.pacts) };
}

/** Within as many runs as drift has days. */
const MOST_LOOKS = 7;

/** The very rules that scheduled runs ring by. A weak shift is not proven by one look, so it is looked at again, as the schedule would. */
async function noticedWithin(session: Session, declared: Declared, result: Evaluation): Promise<{ readonly breaches: readonly Breach[]; readonly looks: number }> {
  let before: readonly Look[] = [];
  for (let looks = 1; looks <= MOST_LOOKS; looks += 1) {
    const seen = await lookAt(session, declared, result, { before, dataset: declared.spec.shift });
    if (seen.noticed.breaches.length > 0) return { breaches: seen.noticed.breaches, looks };
    before = seen.looks;
  }
  return { breaches: [], looks: MOST_LOOKS };
}

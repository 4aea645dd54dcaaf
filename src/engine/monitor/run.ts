/** `monitor run`: the scheduled evaluation of what is active, now; alerts for what went beyond its threshold; the pilot stream, once. */
import { counted } from '../../domain/counted.js';
import { span } from '../../evaluation/span.js';
import { checkEverything } from '../check-ledger.js';
import { combineExits, EXIT, Fault, type Exit } from '../../domain/fault.js';
import { readable } from '../../domain/time.js';
import type { Table } from '../../domain/report.js';
import type { Noticed } from '../../evaluation/alerts.js';
import { percent } from '../../evaluation/decimal.js';
import { drifted, driftOf, type Drift } from '../../evaluation/drift.js';
import { monitoringPlan } from '../../steps/05-monitor.js';
import { activeFolder, runningAs } from '../active-build.js';
import { conditionTable } from '../baseline/table.js';
import { evaluate, type Evaluation } from '../evaluate.js';
import { staleness } from '../states.js';
import { artifactOf, recordEvidence, type Session } from '../session.js';
import { outcome } from '../outcome.js';
import type { Verb } from '../verb.js';
import { raiseAlerts, type Delivery, type Found } from './alerts.js';
import { declaredMonitoring, timingOf, type Declared, type Timing } from './declared.js';
import { lookAt, looksSoFar } from './look.js';
import { replayPilot } from './pilot.js';
import { sampleProduction, type ProductionSample } from './production.js';
import { hasProduction } from './requests.js';
import type { Sample } from './sample.js';
import { trafficSoFar, type TrafficSoFar } from './traffic-so-far.js';
import { trafficTables, TRAFFIC_NOTE } from './traffic-tables.js';

export const run: Verb = async (session, input) => {
  await checkEverything(session);
  const { store, chain, world } = session;
  const declared = await declaredMonitoring(session);
  const { spec, pacts, pact } = declared;
  if (input.options['pilot'] === true && !spec.pilot) throw new Fault('USAGE', 'no pilot stream is declared', { at: 'agent.yaml: monitoring.pilot', hint: 'declare a data set with use: pilot and name it under monitoring.pilot' });
  const started = world.clock.now();
  const timing = timingOf(session, spec, await store.latest(chain, 'monitor.ran'), started);
  const active = await activeFolder(session);
  const running = runningAs(session, active);
  const result = await evaluate(running, { purpose: 'monitor', pacts, pact, on: spec.dataset, folder: active.folder });
  const { look, looks, noticed, alpha } = await lookAt(running, declared, result, { before: await looksSoFar(session), dataset: spec.dataset });
  const drift = driftOf(looks, world.clock.now(), alpha);
  const found: readonly Found[] = [...noticed.breaches, ...fallen(drift, spec.drift.percent), ...missing(timing, declared)];
  const deliveries = await raiseAlerts(running, spec.channels, found, { run: result.run, test: false });
  const plan = artifactOf('monitoring.json', monitoringPlan(spec));
  await recordEvidence(
    running, 'monitor',
    { type: 'monitor.ran', validUntil: timing.until, data: {
      run: result.run, dataset: spec.dataset, build: active.build, started, slot: timing.covers, missed: timing.missed.length, interval: timing.interval,
      conditions: result.conditions.length - noticed.unmeasured.length, unmeasured: [...noticed.unmeasured],
      composite: look.composite, dimensions: { ...look.dimensions } as Record<string, string>, counts: look.counts.map((one) => ({ ...one })), alerts: found.length, deliverable: plan.digest,
    } },
    { artifacts: [plan] },
  );
  const samples = await sampleTraffic(running, active, declared, input.options['pilot'] === true);
  const traffic = samples.some(isProduction) ? await trafficSoFar(session, spec.sample, pacts) : undefined;
  return report({ declared, result, noticed, alpha, drift, timing, found, deliveries, samples, traffic });
};

function fallen(drift: Drift, limit: number): readonly Found[] {
  return drifted(drift, String(limit)).map((one) => ({ kind: 'drift', condition: one.dimension, value: one.percent, threshold: String(limit), low: one.low, high: one.high }));
}

/** Missed runs ring at the first when safety is promised, otherwise at two in a row. */
function missing({ missed }: Timing, { pacts }: Declared): readonly Found[] {
  const safety = pacts.agreements.some((agreement) => agreement.conditions.some((condition) => condition.dimension === 'safety'));
  const threshold = safety ? 1 : 2;
  return missed.length >= threshold ? [{ kind: 'missed', condition: null, value: String(missed.length), threshold: String(threshold), low: null, high: null }] : [];
}

/** The pilot is replayed once for each baseline and section; a replay has effects, so every further one is asked for. */
async function sampleTraffic(session: Session, active: Awaited<ReturnType<typeof activeFolder>>, declared: Declared, again: boolean): Promise<readonly Sample[]> {
  const { store, chain, world } = session;
  const { spec } = declared;
  const earlier = (await store.readEvidence(chain, 'monitor.sampled')).findLast((entry) => entry.data['source'] === 'pilot/replayed');
  const current = earlier !== undefined && (await staleness(session, earlier, world.clock.now())).length === 0;
  const samples: Sample[] = [];
  if (spec.pilot && (again || !current)) samples.push(await replayPilot(session, active, declared, spec.pilot));
  if (!spec.pilot || (await hasProduction(session))) samples.push(await sampleProduction(session, declared));
  return samples;
}

interface Told {
  readonly declared: Declared;
  readonly result: Evaluation;
  readonly noticed: Noticed;
  readonly alpha: number;
  readonly drift: Drift;
  readonly timing: Timing;
  readonly found: readonly Found[];
  readonly deliveries: readonly Delivery[];
  readonly samples: readonly Sample[];
  /** Undefined where no production traffic was sampled. */
  readonly traffic: TrafficSoFar | undefined;
}

function report({ declared, result, noticed, alpha, drift, timing, found, deliveries, samples, traffic }: Told): ReturnType<Verb> {
  const lost = deliveries.filter((one) => !one.ok);
  const tables = traffic === undefined ? [] : trafficTables(traffic);
  const exits: Exit[] = [found.length > 0 ? EXIT.no : EXIT.yes, ...(lost.length > 0 ? [EXIT.surroundings] : [])];
  return Promise.resolve(outcome({
    step: 'monitor', verb: 'run',
    headline: found.length === 0 ? `no alert: ${result.cases} cases of ${datasetsOf(result)}, composite ${noticed.scores.composite ?? 'none'}` : `${counted(found.length, 'alert')} raised${lost.length > 0 ? `, ${lost.length} deliveries failed` : ''}`,
    facts: [
      { label: 'covers', value: timing.covers === null ? 'no due time: an extra run' : `the run due ${readable(timing.covers)}` },
      { label: 'missed', value: timing.missed.length === 0 ? 'none since the last run' : timing.missed.slice(-3).map(readable).join(', ') },
      { label: 'next due', value: readable(timing.next) },
      { label: 'drift', value: drift.because },
      ...(noticed.unmeasured.length > 0 ? [{ label: 'not watched', value: `${declared.spec.dataset} has no case for ${noticed.unmeasured.join(', ')}` }] : []),
      ...samples.map((one) => ({ label: one.source, value: sampleText(one) })),
    ],
    tables: [conditionTable(result.conditions), ...tables, ...(deliveries.length > 0 ? [alertTable(deliveries)] : [])],
    notes: [`Verdicts in this table are about this run alone. Alarms weigh all runs since the last reset: together they ring falsely with a chance of at most ${percent(alpha)}, however often one looks.`, ...(tables.length === 0 ? [] : [TRAFFIC_NOTE])],
    next: found.length > 0 ? 'agentctl monitor status' : null,
    data: { run: result.run, slot: timing.covers, missed: [...timing.missed], composite: noticed.scores.composite, alerts: found.map((one) => ({ ...one })), delivered: deliveries.length - lost.length, samples: samples.map((one) => ({ ...one, decisions: { ...one.decisions } })), ...(traffic === undefined ? {} : { traffic }) },
  }, combineExits(exits)));
}

/** The data set of the section, and those whose conditions stay on them. */
function datasetsOf({ conditions }: Evaluation): string {
  return [...new Set(conditions.map(({ dataset }) => dataset))].join(' and ');
}

function sampleText(sample: Sample): string {
  const { of, actions, sampled, scored, passed, decisions } = sample;
  const counts = Object.entries(decisions).map(([name, count]) => `${count} ${name}`).join(', ');
  const asked = isProduction(sample) ? strataText(sample) : '';
  const right = sample.source === 'production' ? `${scored} scored without a reference, ${passed} without an error` : `${passed} of ${scored} right`;
  return `${of} requests, ${actions} actions${counts ? ` (${counts})` : ''}; ${sampled} sampled${scored > 0 ? `, ${right}` : ''}${asked}`;
}

/** Who is in the sample for another reason than chance. */
function strataText({ errors, complaints, late }: ProductionSample): string {
  const parts = [[errors, 'error'], [complaints, 'complaint'], [late, 'later complaint']] as const;
  return parts.map(([count, name]) => (count === 0 ? '' : `; ${count} ${name}${count === 1 ? '' : 's'}`)).join('');
}

function isProduction(sample: Sample): sample is ProductionSample {
  return sample.source === 'production' && 'late' in sample;
}

export function alertTable(deliveries: readonly Delivery[]): Table {
  return {
    title: 'Alerts', columns: ['alert', 'about', 'value', 'threshold', 'channel', 'arrived'],
    rows: deliveries.map(({ alert, found, channel, ok, because }) => [alert, found.condition === null ? found.kind : `${found.kind} ${found.condition}`, found.value, found.threshold, channel, `${ok ? 'yes' : 'no'}: ${because}`]),
  };
}

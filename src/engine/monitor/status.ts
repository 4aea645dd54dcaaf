/** `monitor status`: is somebody looking, what was missed, what rang last, where each condition stands, what the traffic tells, and how far drift can be told. */
import { counted } from '../../domain/counted.js';
import { readable } from '../../domain/time.js';
import { driftOf } from '../../evaluation/drift.js';
import { looksOf } from '../../evaluation/counts.js';
import { falseAlarmRate } from '../../evaluation/monitoring.js';
import { watchedSeries } from '../../evaluation/watched-series.js';
import { pactsOf, signedPacts } from '../pact/document.js';
import { outcome } from '../outcome.js';
import type { Verb } from '../verb.js';
import { monitoringSectionOf, timingOf } from './declared.js';
import { trafficSoFar } from './traffic-so-far.js';
import { trafficTables, TRAFFIC_NOTE } from './traffic-tables.js';
import { driftWords, falseAlarmWords, watchedTables } from './watched.js';
import { cronInWords } from './words.js';

export const run: Verb = async (session) => {
  const { world, store, chain, manifest } = session;
  const spec = monitoringSectionOf({ manifest });
  const now = world.clock.now();
  const runs = await store.readEvidence(chain, 'monitor.ran');
  const last = runs.at(-1);
  const tested = await store.latest(chain, 'monitor.tested');
  const { missed, next } = timingOf({ world }, spec, last, now);
  const looks = looksOf(runs);
  const pacts = (await signedPacts(session))?.pacts ?? pactsOf(session);
  const alpha = falseAlarmRate(pacts);
  const drift = driftOf(looks, now, alpha);
  const series = watchedSeries(looks, alpha, spec.thresholds.composite);
  const look = looks.at(-1);
  const traffic = await trafficSoFar(session, spec.sample, pacts);
  const inTraffic = trafficTables(traffic);
  // An alert stays open until a later run no longer raises it.
  const open = (await store.readEvidence(chain, 'alert.raised')).filter((entry) => entry.data['test'] === false && entry.data['run'] === last?.data['run']);
  const delivered = await store.readEvidence(chain, 'alert.delivered');
  const lost = delivered.filter((entry) => entry.data['ok'] === false && open.some((one) => one.data['alert'] === entry.data['alert']));
  return outcome({
    step: 'monitor', verb: 'status',
    headline: !last ? 'no scheduled run yet' : `${open.length === 0 ? 'no alert is open' : `${open.length} alert${open.length === 1 ? ' is' : 's are'} open`}${missed.length > 0 ? `, ${missed.length} runs missed` : ''}`,
    facts: [
      { label: 'schedule', value: cronInWords(spec.schedule) },
      { label: 'last run', value: last ? `${readable(last.ts)} on ${String(last.data['dataset'])}, composite ${String(last.data['composite'])}` : 'none' },
      { label: 'next due', value: readable(next) },
      { label: 'missed', value: missed.length === 0 ? 'none since the last run' : missed.slice(-3).map(readable).join(', ') },
      { label: 'drift', value: driftWords(drift, spec.drift.percent) },
      ...(look === undefined || look.counts.length === 0 ? [] : [{ label: 'false alarms', value: falseAlarmWords(look, alpha) }]),
      ...(traffic.waiting === 0 ? [] : [{ label: 'complaints', value: `${traffic.waiting} since the traffic was last sampled` }]),
      { label: 'alert test', value: tested ? `${readable(tested.ts)}, ${counted(Number(tested.data['alerts']), 'alert')} at ${counted(Number(tested.data['channels']), 'channel')}` : 'not passed yet' },
      ...(lost.length > 0 ? [{ label: 'not delivered', value: lost.map((entry) => `${String(entry.data['channel'])}: ${String(entry.data['because'])}`).join('; ') }] : []),
    ],
    tables: [...watchedTables(looks, alpha, series), ...inTraffic, ...(open.length === 0 ? [] : [{
      title: 'Open alerts', columns: ['alert', 'raised', 'about', 'value', 'threshold'],
      rows: open.map(({ ts, data }) => [String(data['alert']), readable(ts), data['condition'] === null ? String(data['kind']) : `${String(data['kind'])} ${String(data['condition'])}`, String(data['value']), String(data['threshold'])]),
    }])],
    ...notesOf(series.length > 0, inTraffic.length > 0),
    next: !last || missed.length > 0 || traffic.waiting > 0 ? 'agentctl monitor run' : tested ? null : 'agentctl monitor test',
    data: { last: last?.ts ?? null, next, missed: [...missed], open: open.map(({ data }) => ({ ...data })), drift: drift.because, dimensions: drift.state === 'armed' ? [] : drift.dimensions.map((one) => ({ ...one })), falseAlarms: alpha.toFixed(6), series: series.map((one) => ({ ...one, points: [...one.points] })), traffic },
  });
};

function notesOf(watched: boolean, sampled: boolean): { readonly notes?: readonly string[] } {
  const notes = [
    ...(watched ? ['Intervals hold at every look, all at once. They are about the cases of this data set, asked again and again, not about cases that nobody asked.'] : []),
    ...(sampled ? [TRAFFIC_NOTE] : []),
  ];
  return notes.length === 0 ? {} : { notes };
}

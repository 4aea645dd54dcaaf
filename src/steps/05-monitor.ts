/** Step 5: is the agent still as good as its baseline, and does somebody hear of it when it is not. */
import { counted } from '../domain/counted.js';
import { defineStep, no, unknown, yes, type Answer, type StepIo } from '../domain/step.js';
import { asObject, parseJson } from '../domain/json.js';
import { readable } from '../domain/time.js';
import { isDigest } from '../domain/digest.js';
import type { Entry } from '../domain/entry.js';
import type { Pacts } from '../evaluation/condition.js';
import { drifted, driftOf, suspected } from '../evaluation/drift.js';
import { looksOf } from '../evaluation/counts.js';
import { percent } from '../evaluation/decimal.js';
import { watchedTogether } from '../evaluation/sequence.js';
import { falseAlarmRate, lintMonitoring, looseThresholds, monitoringPlan, monitoringSection, type MonitoringSection } from '../evaluation/monitoring.js';

export { lintMonitoring, monitoringPlan, monitoringSection, type Channel, type MonitoringSection } from '../evaluation/monitoring.js';

type Ran = { run: string; at: string; dataset: string; until: string; interval: number; missed: number; unmeasured: readonly string[]; composite: string; conditions: number; alerts: number };
type Sampled = { source: string; sampled: number; scored: number; errors: number; complaints: number; of: number; actions: number; at: string };
type Facts = {
  stakes: string;
  now: string;
  problems: readonly string[];
  loose: readonly string[];
  ran: Ran | null;
  sampled: Sampled | null;
  tested: { alerts: number; channels: number; delivered: number; at: string } | null;
  undelivered: number;
  drift: { armed: boolean; because: string; fallen: readonly string[]; doubtful: readonly string[] };
  /** What the newest run put under watch; null where it left no counts. */
  watch: { together: number; alpha: string; runs: number } | null;
};

const RUN = 'agentctl monitor run';
const DECLARE_PILOT = 'declare monitoring.pilot in agent.yaml';
const DAILY = 86_400;
/** Before a pact says otherwise. */
const DEFAULT_CONFIDENCE = '0.95';

export const monitor = defineStep<MonitoringSection, Facts>({
  number: 5,
  id: 'monitor',
  title: 'Continuous monitoring',
  question: 'Would somebody notice when the agent gets worse?',
  owner: ['engineering'],
  ifSkipped: 'silent degradation',
  requires: ['baseline'],
  inputs: ['monitoring', 'deliverable:pact', 'deliverable:baseline'],
  deliverable: { name: 'evaluation schedule + alert thresholds', file: 'monitoring.json', mediaType: 'application/json' },
  section: { key: 'monitoring', schema: monitoringSection },
  verbs: [
    {
      name: 'run', summary: 'the scheduled evaluation, now; raises and delivers alerts; replays the pilot stream once, through the decision function: permitted tool calls are carried out for real', mutates: true, needsHuman: false, produces: ['monitor.ran', 'monitor.sampled'],
      options: [{ flags: '--pilot', description: 'replay the pilot stream again, permitted tool calls and all' }],
    },
    {
      name: 'schedule', summary: 'when the evaluation is due, which runs were missed, and ready lines for crontab and GitHub Actions', mutates: false, needsHuman: false, produces: [], shows: true,
      options: [{ flags: '--format <scheduler>', description: 'print a file for one scheduler alone: github, cron, systemd or kubernetes' }],
    },
    { name: 'status', summary: 'last run, next one, missed ones, open alerts, each condition with an interval that holds at every look, drift', mutates: false, needsHuman: false, produces: [], shows: true },
    { name: 'test', summary: 'inject the shift data set: an alert must be raised and arrive at every channel', mutates: true, needsHuman: false, produces: ['monitor.tested'] },
    {
      name: 'complain', summary: 'put on record that somebody complained about a request: it is looked at whatever its hash, and no longer counted by chance', mutates: true, needsHuman: false, produces: [],
      arguments: [{ name: 'request', description: 'id of an action, or of a trace, as the log shows it', required: false }],
      options: [
        { flags: '--reason <text>', description: 'what was said; encrypted like every payload, and erased like one' },
        { flags: '--from <file>', description: 'complaints in JSON Lines or CSV, each with a request and perhaps a reason' },
      ],
    },
  ],
  async gather(spec, io) {
    const pacts = await signedPact(io);
    const ran = await io.evidence.latest('monitor.ran');
    const tested = await io.evidence.latest('monitor.tested');
    const delivered = ran && (await io.evidence.list('alert.delivered', 1000)).filter((entry) => entry.data['run'] === ran.data['run']);
    return {
      stakes: io.manifest.stakes,
      now: io.now,
      problems: lintMonitoring(spec, pacts),
      loose: looseThresholds(spec, pacts),
      ran: ran ? ranOf(ran) : null,
      sampled: sampledOf((await io.evidence.list('monitor.sampled', 100)).filter((entry) => entry.data['rate'] === spec.sample)),
      tested: tested ? { alerts: Number(tested.data['alerts']), channels: Number(tested.data['channels']), delivered: Number(tested.data['delivered']), at: tested.ts } : null,
      undelivered: (delivered ?? []).filter((entry) => entry.data['ok'] !== true).length,
      ...watchFacts(await io.evidence.list('monitor.ran', 1000), spec, io.now, pacts),
    };
  },
  probes: [
    {
      id: 'monitor.datasets', row: '5.1', question: 'Is the evaluation on a data set of its own, never the held-out one?', severity: 'must', proof: 'measured', remedy: 'correct the section monitoring in agent.yaml',
      answer: ({ problems }) => (problems[0] === undefined ? yes('data sets are declared and fit their use') : no(problems.join('; '), 'agent.yaml: monitoring')),
    },
    {
      id: 'monitor.daily', row: '5.1', question: 'Is the evaluation scheduled often enough for the stakes?', severity: 'must', proof: 'measured', remedy: 'set monitoring.schedule in agent.yaml, for example "17 3 * * *"',
      answer: ({ ran, stakes }) => {
        if (ran === null) return unknown('no scheduled run yet');
        const hours = `at most ${Math.ceil(ran.interval / 360) / 10} h between runs`;
        return stakes === 'high' && ran.interval > DAILY ? no(`${hours}; high stakes ask for a run a day`, 'agent.yaml: monitoring.schedule') : yes(hours);
      },
    },
    {
      id: 'monitor.current', row: '5.1', question: 'Did the evaluation run when it was last due?', severity: 'must', proof: 'measured', remedy: RUN,
      answer: ({ ran, now }) => {
        if (ran === null) return unknown('no scheduled run yet');
        return ran.until < now ? unknown(`missed: a run was due before ${readable(ran.until)}`) : yes(`ran ${readable(ran.at)} on ${ran.dataset}; the next one counts as missed after ${readable(ran.until)}`);
      },
    },
    {
      id: 'monitor.missed', row: '5.1', question: 'Was no due run missed before the last one?', severity: 'should', proof: 'measured', remedy: 'agentctl monitor schedule',
      answer: ({ ran }) => {
        if (ran === null) return unknown('no scheduled run yet');
        return ran.missed > 0 ? no(`${ran.missed} due runs were missed before the last one`) : yes('none missed');
      },
    },
    {
      id: 'monitor.sample', row: '5.2', question: 'Is 10 to 20 % of the traffic sampled and scored?', severity: 'must', proof: 'measured', remedy: `${RUN} --pilot`,
      answer: ({ sampled }, { sample, pilot }) => sampling(sampled, sample, pilot !== undefined),
    },
    {
      id: 'monitor.conditions', row: '5.3', question: 'Is every condition of the pact, and the composite, watched by a threshold at least as strict as promised?', severity: 'must', proof: 'measured', remedy: 'correct monitoring.thresholds, choose a data set that holds such cases, or declare attacks with use: attack',
      answer: ({ ran, loose }) => {
        if (loose[0] !== undefined) return no(loose.join('; '), 'agent.yaml: monitoring.thresholds');
        if (ran === null) return unknown('no scheduled run yet');
        return ran.unmeasured.length > 0 ? no(`${ran.dataset} has no case for ${ran.unmeasured.join(', ')}`) : yes(`${ran.conditions} conditions; composite ${ran.composite}`);
      },
    },
    {
      id: 'monitor.delivery', row: '5.3', question: 'Did a test alert arrive at every declared channel?', severity: 'must', proof: 'measured', remedy: 'agentctl monitor test',
      answer: ({ tested, undelivered }, { channels }) => {
        if (undelivered > 0) return no(`${undelivered} deliveries of the last run's alerts failed`);
        if (tested === null) return unknown('monitor test has not passed yet');
        return tested.channels === channels.length && tested.delivered >= tested.channels ? yes(`${counted(tested.alerts, 'alert')} on injected shift, read back from ${counted(tested.channels, 'channel')}`) : no(`${tested.delivered} of ${tested.channels} deliveries`);
      },
    },
    {
      id: 'monitor.quiet', row: '5.3', question: 'Did the last run raise no alert?', severity: 'should', proof: 'measured', remedy: 'agentctl monitor status',
      answer: ({ ran }) => (ran === null ? unknown('no scheduled run yet') : ran.alerts > 0 ? no(`${ran.alerts} alert${ran.alerts === 1 ? ' is' : 's are'} open`) : yes('no alert is open')),
    },
    {
      id: 'monitor.drift', row: '5.3', question: 'Has no dimension drifted beyond the limit within 7 days?', severity: 'should', proof: 'measured', remedy: 'agentctl monitor status',
      answer: ({ drift }) => (drift.armed ? unknown(drift.because) : drift.fallen.length > 0 ? no(drift.fallen.join('; ')) : drift.doubtful.length > 0 ? unknown(drift.doubtful.join('; ')) : yes(drift.because)),
    },
    {
      id: 'monitor.repeated', row: '5.4', question: 'Is the rate of false alarms kept however often one looks?', severity: 'should', proof: 'measured', remedy: RUN,
      answer: ({ ran, watch }) => {
        if (ran === null) return unknown('no scheduled run yet');
        if (watch === null) return unknown('the last run left no counts to watch by');
        return yes(`${watch.together} are watched together over ${counted(watch.runs, 'run')}: at most ${watch.alpha} that any ever rings falsely, however often one looks`);
      },
    },
  ],
  deliver: ({ problems }, spec) => (problems.length > 0 ? null : monitoringPlan(spec)),
});

async function signedPact(io: StepIo): Promise<Pacts | undefined> {
  const digest = (await io.evidence.latest('pact.signed'))?.data['document'];
  const text = isDigest(digest) ? await io.blob(digest) : undefined;
  return text === undefined ? undefined : (asObject(parseJson(text, 'pact document'), 'pact document')['pacts'] as unknown as Pacts);
}

function ranOf({ ts, validUntil, data }: Entry): Ran {
  return {
    run: String(data['run']), at: ts, dataset: String(data['dataset']), until: validUntil ?? ts, interval: Number(data['interval']), missed: Number(data['missed']),
    unmeasured: (data['unmeasured'] as readonly string[] | undefined) ?? [], composite: String(data['composite']), conditions: Number(data['conditions']), alerts: Number(data['alerts']),
  };
}

/** The newest sample that met any traffic. */
function sampledOf(entries: readonly Entry[]): Sampled | null {
  const entry = entries.findLast((one) => Number(one.data['of']) > 0) ?? entries.at(-1);
  if (!entry) return null;
  const { data, ts } = entry;
  return { source: String(data['source']), sampled: Number(data['sampled']), scored: Number(data['scored']), errors: Number(data['errors'] ?? 0), complaints: Number(data['complaints'] ?? 0), of: Number(data['of']), actions: Number(data['actions']), at: ts };
}

function sampling(sampled: Sampled | null, rate: string, pilot: boolean): Answer {
  if (sampled === null) return unknown('nothing sampled yet', pilot ? undefined : RUN);
  if (sampled.of === 0) return pilot ? unknown('the pilot stream has not been replayed') : unknown('no traffic has passed agentctl yet', DECLARE_PILOT);
  if (sampled.sampled === 0) return unknown(`none of ${sampled.of} requests fell into the sample: too few to score`, pilot ? undefined : DECLARE_PILOT);
  if (sampled.scored === 0) return unknown(`${sampled.sampled} of ${sampled.of} requests were sampled, and no condition of the pact can be told without a reference`, pilot ? undefined : DECLARE_PILOT);
  const all = [...(sampled.errors > 0 ? [`${sampled.errors} errors`] : []), ...(sampled.complaints > 0 ? [`${sampled.complaints} complaints`] : [])];
  const asked = all.length > 0 ? `; all ${all.join(' and all ')} are among them` : '';
  return yes(`${sampled.scored} of ${sampled.of} requests (${sampled.source}) scored at a rate of ${rate}, chosen by the hash of their ids${asked}`);
}

function watchFacts(entries: readonly Entry[], spec: MonitoringSection, now: string, pacts: Pacts | undefined): Pick<Facts, 'drift' | 'watch'> {
  const looks = looksOf(entries);
  const alpha = falseAlarmRate({ confidence: pacts?.confidence ?? DEFAULT_CONFIDENCE });
  const drift = driftOf(looks, now, alpha);
  const limit = String(spec.drift.percent);
  const fallen = drifted(drift, limit).map(({ dimension, best, newest, percent: fell, low, high }) => `${dimension} fell by ${fell} % (${best} to ${newest})${low === null || high === null ? '' : `, ${low} to ${high} below the days before`}`);
  const doubtful = suspected(drift, limit).map(({ dimension, percent: fell }) => `${dimension} fell by ${fell} %, which chance could do`);
  const newest = looks.at(-1);
  return {
    drift: { armed: drift.state === 'armed', because: drift.because, fallen, doubtful },
    watch: newest === undefined || newest.counts.length === 0 ? null : { together: watchedTogether(newest), alpha: percent(alpha), runs: looks.length },
  };
}

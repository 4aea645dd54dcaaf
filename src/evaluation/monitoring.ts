/** Step 5's section `monitoring`: when the agent is evaluated again, what sets off an alert, where it goes, and what a schema cannot see of that. */
import type { JsonObject } from '../domain/json.js';
import { cronOf, durationOf, idOf, pathOf } from '../domain/manifest.js';
import { ID } from '../domain/names.js';
import { integer, list, object, oneOf, optional, record, string, type TypeOf } from '../domain/schema.js';
import type { Condition, Pacts } from './condition.js';
import { DRIFT_DAYS } from './drift.js';

const threshold = string({ description: 'Decimal as in the condition, at least as strict.', pattern: '^\\d{1,9}(\\.\\d{1,6})?$' });

export const channel = object({
  kind: oneOf(['file', 'webhook'], { description: 'file: one JSON line is appended. webhook: a signed POST, answered with 2xx.' }),
  path: optional(pathOf('File of alerts, relative to agent.yaml; for kind file.')),
  url: optional(string({ description: 'Address of the webhook: https, or http on this machine; for kind webhook.', pattern: '^(https://|http://(localhost|127\\.0\\.0\\.1|\\[::1\\])[:/])[^@\\s]+$' })),
});

export const monitoringSection = object(
  {
    schedule: cronOf('When the evaluation is due: five cron fields, in UTC.'),
    dataset: idOf('Data set of the scheduled evaluation; never the held-out one, which would wear out.'),
    pilot: optional(object({
      dataset: idOf('Data set whose cases are replayed as a stream through the decision function; its use is pilot.'),
      capability: optional(idOf('Capability that the stream is about; the first of the pact when absent.')),
    })),
    sample: string({ description: 'Share of the traffic that is scored, 0.10 to 0.20.', pattern: '^0\\.(1\\d{0,5}|20{0,5})$', examples: ['0.15'] }),
    thresholds: object({
      conditions: optional(record(threshold, { propertyNames: { pattern: ID }, description: 'Alert threshold by condition, where it is stricter than the pact\'s.' })),
      composite: string({ description: 'The composite score that must not be undercut.', pattern: '^(0(\\.\\d{1,6})?|1(\\.0{1,6})?)$', examples: ['0.90'] }),
    }),
    drift: object({
      percent: integer({ description: 'Alert when a dimension falls by more than this share of its best day.', minimum: 1, maximum: 100 }),
      window: durationOf('Days that are compared; P7D.', 'P7D'),
    }),
    channels: list(channel, { description: 'Where alerts go; each must arrive.', minItems: 1, maxItems: 10 }),
    shift: idOf('Data set that is known to be hard, injected by `monitor test`: at least one alert must arrive.'),
  },
  { description: 'When the agent is evaluated again, what sets off an alert, and who hears it.' },
);
export type MonitoringSection = TypeOf<typeof monitoringSection>;
export type Channel = TypeOf<typeof channel>;

/** The deliverable: what is evaluated when, and what sets off an alert. */
export function monitoringPlan(spec: MonitoringSection): JsonObject {
  const { schedule, dataset, sample, thresholds, drift, channels } = spec;
  return {
    v: 1, schedule, timezone: 'UTC', dataset, sample,
    thresholds: { conditions: { ...thresholds.conditions }, composite: thresholds.composite },
    drift: { ...drift },
    // Addresses of webhooks may hold secrets, and this file is committed.
    channels: channels.map(({ kind, path }) => (path === undefined ? { kind } : { kind, path })),
  };
}

/** What a schema cannot see: data sets that are not there or not meant for this, and channels without an address. */
export function lintMonitoring(spec: MonitoringSection, pacts: Pacts | undefined): readonly string[] {
  const problems: string[] = [];
  const useOf = (id: string) => pacts?.datasets.find((one) => one.id === id)?.use;
  const check = (id: string, where: string, fits: (use: string) => boolean, wanted: string) => {
    const use = useOf(id);
    if (pacts === undefined) return;
    if (use === undefined) problems.push(`${where} names "${id}", which is no data set of the signed pact`);
    else if (!fits(use)) problems.push(`${where} is ${id}, whose use is ${use}: ${wanted}`);
  };
  check(spec.dataset, 'dataset', (use) => use !== 'held-out', 'held-out data wears out when it is used every day');
  check(spec.dataset, 'dataset', (use) => use !== 'attack', 'every run asks the attacks anyway, and nothing else could be measured on them');
  check(spec.shift, 'shift', (use) => use === 'shift', 'the alert test needs data that is known to differ');
  if (spec.pilot) check(spec.pilot.dataset, 'pilot.dataset', (use) => use === 'pilot', 'declare a data set with use: pilot');
  if (spec.drift.window !== `P${DRIFT_DAYS}D` && spec.drift.window !== 'P1W') problems.push(`drift.window is ${spec.drift.window}: drift is measured over ${DRIFT_DAYS} days`);
  spec.channels.forEach(({ kind, path, url }, index) => {
    const [has, wants] = kind === 'file' ? [path, 'path'] : [url, 'url'];
    if (has === undefined) problems.push(`channel ${index + 1} is a ${kind} without "${wants}"`);
  });
  return problems;
}

/** Alert thresholds that let through what the pact promises not to do, or that name no condition. */
export function looseThresholds({ thresholds }: MonitoringSection, pacts: Pacts | undefined): readonly string[] {
  if (pacts === undefined) return [];
  const conditions = new Map(pacts.agreements.flatMap((agreement) => agreement.conditions.map((one): [string, Condition] => [one.id, one])));
  return Object.entries(thresholds.conditions ?? {}).flatMap(([id, alert]) => {
    const promised = conditions.get(id);
    if (!promised) return [`"${id}" is no condition of the signed pact`];
    const looser = promised.operator === '>=' ? Number(alert) < Number(promised.threshold) : Number(alert) > Number(promised.threshold);
    return looser ? [`${id} alerts at ${alert}, but ${promised.operator} ${promised.threshold} is promised`] : [];
  });
}

/** Chance of a false alarm of all that is watched together, however often one looks: what the confidence of the pact leaves. */
export function falseAlarmRate({ confidence }: Pick<Pacts, 'confidence'>): number {
  return Number((1 - Number(confidence)).toFixed(12));
}

/** Entry types of monitoring: scheduled runs, samples of the traffic, alerts and whether they arrived, the alert test. */
import { rateOf } from '../../domain/manifest.js';
import { ID } from '../../domain/names.js';
import { INSTANT } from '../../domain/time.js';
import { boolean, integer, list, nullable, object, oneOf, optional, record, string } from '../../domain/schema.js';
import { digestText } from './action.js';

const count = (description: string) => integer({ description, minimum: 0 });
const decimal = (description: string) => string({ description, pattern: '^\\d{1,15}(\\.\\d{1,6})?$' });
const id = (description: string) => string({ description, pattern: ID });
const run = string({ description: 'Id of the evaluation run.', pattern: '^[ -~]+$', maxLength: 80 });
const alert = string({ description: 'Id of the alert.', pattern: '^al-[0-9a-f]{16}$' });
const instant = string({ pattern: INSTANT.source });

const counted = object(
  {
    condition: id('Condition.'),
    dimension: id('Dimension that it belongs to.'),
    weight: integer({ description: 'What its severity weighs in the dimension.', minimum: 1 }),
    operator: oneOf(['>=', '<='], { description: 'Side on which the share must lie.' }),
    threshold: decimal('Share that sets off an alarm.'),
    measure: digestText('What was counted and how; another one starts a new series.'),
    hits: nullable(decimal('Sum of the values, each in 0 to 1; null where the metric is no mean of such values.')),
    n: count('How many values there were.'),
  },
  { description: 'What was counted towards one condition.' },
);

const trafficMeasurement = object(
  {
    condition: id('Condition.'),
    n: count('Sampled requests that it is about.'),
    value: decimal('Share, each request weighed by how many it stands for; for latency the share within the limit.'),
    lower: decimal('One-sided bound at the confidence of the pact.'),
    upper: decimal('One-sided bound at the confidence of the pact.'),
    effective: optional(decimal('Requests of equal weight that would tell as much.')),
  },
  { description: 'One condition over the sampled traffic.' },
);

export const monitorTypes = {
  'monitor.ran': object(
    {
      run,
      dataset: id('Data set that it was measured on.'),
      build: digestText('Build that ran.'),
      started: instant,
      slot: nullable(string({ description: 'Due time that the run covers; null for an extra run.', pattern: INSTANT.source })),
      missed: count('Due times without a run since the one before.'),
      interval: count('Longest wait between due times, in seconds.'),
      conditions: count('Conditions that were measured.'),
      unmeasured: list(id('Condition for which the data set has no case.')),
      composite: nullable(decimal('Composite over the measured conditions.')),
      dimensions: record(decimal('Score of a dimension.'), { propertyNames: { pattern: ID } }),
      counts: optional(list(counted, { description: 'What was counted towards each condition; watching at every look starts from here.' })),
      alerts: count('Alerts that the run raised.'),
      deliverable: digestText('Schedule and thresholds that applied.'),
    },
    { description: 'A scheduled evaluation ran.' },
  ),
  'monitor.sampled': object(
    {
      run: nullable(run),
      source: oneOf(['pilot/replayed', 'production'], { description: 'Which traffic it was.' }),
      build: digestText('Build that answered.'),
      of: count('Requests that were seen.'),
      actions: count('Actions that passed the decision function, one entry each.'),
      sampled: count('Requests that fell into the sample by the hash of their id.'),
      scored: count('Sampled requests with a score: all that have a reference; of production traffic those that a condition without one could use.'),
      passed: count('Scored requests that were answered right; of production traffic those that ran without an error.'),
      errors: optional(count('Requests that ended in an error: each is sampled, whatever its hash.')),
      complaints: optional(count('Requests that somebody complained about, and that ended in no error: each is sampled, whatever its hash.')),
      late: optional(count('Requests of earlier samples that were complained about since: sampled now, and counted in none of the numbers above.')),
      through: optional(integer({ description: 'Newest entry that was looked at; -1 for none. The next sample goes on behind it.', minimum: -1 })),
      measured: optional(list(trafficMeasurement, { description: 'Conditions that need no reference, over the production traffic.' })),
      rate: rateOf('Sampling rate.'),
      results: nullable(digestText('Result rows of the sample, as JSON Lines.')),
    },
    { description: 'A share of the traffic was sampled and scored.' },
  ),
  'alert.raised': object(
    {
      alert,
      kind: oneOf(['condition', 'sequence', 'composite', 'drift', 'missed'], { description: 'What was noticed.' }),
      condition: nullable(id('Condition or dimension; null where it is neither.')),
      value: decimal('What was measured.'),
      threshold: decimal('What it went beyond.'),
      low: optional(nullable(decimal('Where the value lies at least, at the strictness of the alarm.'))),
      high: optional(nullable(decimal('Where the value lies at most.'))),
      run: nullable(run),
      test: boolean({ description: 'Raised by `monitor test` on injected data.' }),
    },
    { description: 'Something went beyond its threshold.' },
  ),
  'alert.delivered': object(
    {
      alert,
      run: nullable(run),
      channel: string({ description: 'Number, kind and place of the channel, without the path of a webhook, which may be secret.', pattern: '^[ -~]+$', maxLength: 200 }),
      ok: boolean({ description: 'Read back from the file, or answered with 2xx.' }),
      because: string({ description: 'How it went.', pattern: '^[ -~]+$', maxLength: 200 }),
    },
    { description: 'An alert was sent to a channel, or could not be.' },
  ),
  'monitor.tested': object(
    {
      run,
      alerts: integer({ description: 'Alerts that the injected shift raised.', minimum: 1 }),
      channels: integer({ description: 'Declared channels.', minimum: 1 }),
      delivered: integer({ description: 'Channels at which every alert arrived.', minimum: 1 }),
      milliseconds: count('From the injection to the last delivery.'),
    },
    { description: 'Injected shift raised alerts, and they arrived everywhere.' },
  ),
} as const;

/** What a pact says, as data: data sets, and for each capability the conditions that decide whether the agent kept its word. */
import { durationOf, idOf, pathOf, rateOf } from '../domain/manifest.js';
import { parseDuration } from '../domain/time.js';
import { scorerSpec } from './scorers/spec.js';
import { integer, list, object, oneOf, optional, string, type TypeOf } from '../domain/schema.js';

export const DATASET_USES = ['held-out', 'tuning', 'shift', 'pilot', 'attack'] as const;
export const KINDS = ['happy-path', 'failure-mode'] as const;
export const DIMENSIONS = ['accuracy', 'reliability', 'safety', 'latency', 'calibration', 'scope-honesty', 'cost'] as const;
export const SEVERITIES = ['critical', 'major', 'minor'] as const;
export const METRICS = [
  'accuracy', 'precision', 'recall', 'f1', 'share', 'abstention', 'pass-rate', 'score-mean', 'latency-p50', 'latency-p95', 'latency-p99', 'cost-mean', 'tokens-mean',
  'confidence-auroc', 'brier', 'ece', 'error-share',
] as const;
/** Characters of a label in a pact and in a result row. */
export const LONGEST_LABEL = 120;
export const OPERATORS = ['>=', '<='] as const;
export const CONSEQUENCES = ['alert', 'suspend', 'rollback'] as const;

export type Metric = (typeof METRICS)[number];
export type Operator = (typeof OPERATORS)[number];
export type Severity = (typeof SEVERITIES)[number];
export type Dimension = (typeof DIMENSIONS)[number];

/** What each metric measures, over which cases, and which way is good. Help, lint and documentation read it. */
export const METRIC_CARDS: Readonly<Record<Metric, { readonly measures: string; readonly operators: readonly Operator[] }>> = {
  accuracy: { measures: 'share of answered cases (abstentions left out) that are right', operators: ['>='] },
  precision: { measures: 'share of the answers with this label that are right', operators: ['>='] },
  recall: { measures: 'share of the cases that deserve this label and get it; an abstention misses', operators: ['>='] },
  f1: { measures: 'harmonic mean of precision and recall of this label', operators: ['>='] },
  share: { measures: 'share of the chosen cases that end in one of the outputs', operators: ['>=', '<='] },
  abstention: { measures: 'share of all cases on which the agent abstains', operators: ['>=', '<='] },
  'pass-rate': { measures: 'share of cases that the named scorer passes; a case without an answer fails', operators: ['>='] },
  'score-mean': { measures: 'mean score that the named scorer gives, 0 to 1', operators: ['>='] },
  'latency-p50': { measures: 'median of the answer time in milliseconds', operators: ['<='] },
  'latency-p95': { measures: '95th percentile of the answer time in milliseconds', operators: ['<='] },
  'latency-p99': { measures: '99th percentile of the answer time in milliseconds', operators: ['<='] },
  'cost-mean': { measures: 'mean cost of an answer, in the currency of the price list', operators: ['<='] },
  'tokens-mean': { measures: 'mean number of tokens of an answer, read and written', operators: ['<='] },
  'confidence-auroc': { measures: 'chance that a right answer is stated with more confidence than a wrong one; a constant gives 0.5', operators: ['>='] },
  brier: { measures: 'mean squared distance between confidence and truth over answered cases', operators: ['<='] },
  ece: { measures: 'expected calibration error: mean gap between stated confidence and the share that is right, over ten bins', operators: ['<='] },
  'error-share': { measures: 'share of cases lost to infrastructure errors', operators: ['<='] },
};

export const dataset = object({
  id: idOf('Name of the data set.'),
  file: pathOf('JSON Lines file of cases, relative to agent.yaml.'),
  sha256: string({ description: 'Digest of the file: a changed data set is another data set.', pattern: '^sha256:[0-9a-f]{64}$' }),
  use: oneOf(DATASET_USES, { description: 'held-out: never looked at while building. tuning: thresholds were chosen on it. shift: known to differ. pilot: a replayed stream. attack: made to break the agent; conditions on it are measured on it alone, by every scheduled run too.' }),
});

export const condition = object({
  id: idOf('Name of the condition.'),
  statement: string({ description: 'The promise in one plain sentence that names its number.', examples: ['at least 85 % of spam is quarantined'] }),
  kind: oneOf(KINDS, { description: 'happy-path: what it does well. failure-mode: how it behaves when it cannot.' }),
  dimension: oneOf(DIMENSIONS, { description: 'Side of quality that it counts towards.' }),
  severity: oneOf(SEVERITIES, { description: 'How bad a breach is.' }),
  metric: oneOf(METRICS, { description: 'What is measured.' }),
  label: optional(string({ description: 'Label that precision or recall is about.', maxLength: LONGEST_LABEL })),
  scorer: optional(idOf('Scorer of the agreement that pass-rate or score-mean is about.')),
  among: optional(
    object(
      {
        expected: optional(string({ description: 'Only cases with this reference label.', maxLength: LONGEST_LABEL })),
        tag: optional(string({ description: 'Only cases with this tag.' })),
      },
      { description: 'Cases that a share, a pass rate or a mean score is taken of.' },
    ),
  ),
  outputs: optional(list(string({ maxLength: LONGEST_LABEL }), { description: 'Outputs that a share counts.', minItems: 1, uniqueItems: true })),
  operator: oneOf(OPERATORS, { description: 'Side on which the one-sided bound must lie.' }),
  threshold: string({ description: 'Decimal between 0 and 1, or whole milliseconds for latency.', pattern: '^\\d{1,9}(\\.\\d{1,6})?$', examples: ['0.85'] }),
  dataset: idOf('Data set that it is measured on.'),
  window: durationOf('How long the evidence counts.'),
  verification: oneOf(['deterministic', 'heuristic', 'judge'], { description: 'deterministic: a machine decides, the same way every time. heuristic: a machine estimates, such as by likeness of texts. judge: a model decides, calibrated against people.' }),
  minimumCases: integer({ description: 'Fewest cases that may decide it.', minimum: 1 }),
  because: string({ description: 'Cost argument: what a breach costs, and why the threshold stands where it does.' }),
  consequence: oneOf(CONSEQUENCES, { description: 'What a breach in production sets off.' }),
});

export const agreement = object({
  capability: idOf('Capability that it covers.'),
  output: optional(object({
    pointer: string({ description: 'JSON Pointer to the decision in the output, and to the reference in expected.', pattern: '^(/[^/]+)+$', examples: ['/decision'] }),
    abstain: optional(string({ description: 'Decision with which the agent asks a human instead.' })),
  }, { description: 'The label that an answer comes down to; absent where scorers alone decide.' })),
  scorers: optional(list(scorerSpec, { description: 'Scorers that conditions name, beside the label.', minItems: 1, maxItems: 40 })),
  repeats: optional(integer({ description: 'How often each case is asked; it passes when all its repeats do.', minimum: 1, maximum: 20 })),
  seed: optional(integer({ description: 'Told to the agent with each question, plus the number of the repeat, so that its chance can be repeated.', minimum: 0 })),
  conditions: list(condition, { description: 'Conditions, each decided on its own.', minItems: 1 }),
});

export const pacts = object(
  {
    confidence: rateOf('One-sided confidence of every verdict.'),
    datasets: list(dataset, { description: 'Data sets, bound by digest.', minItems: 1 }),
    agreements: list(agreement, { description: 'One agreement for each capability.', minItems: 1 }),
  },
  { description: 'What the agent promises, in conditions that a machine can decide.' },
);

export type Pacts = TypeOf<typeof pacts>;
export type Agreement = TypeOf<typeof agreement>;
export type Condition = TypeOf<typeof condition>;
export type Dataset = TypeOf<typeof dataset>;
export type OutputRule = NonNullable<Agreement['output']>;

/** How long a run over all conditions counts: as long as the shortest of their windows. */
export function shortestWindow({ agreements }: Pacts): string {
  const windows = agreements.flatMap(({ conditions }) => conditions.map((one) => one.window));
  return windows.reduce((shortest, one) => (parseDuration(one) < parseDuration(shortest) ? one : shortest));
}

/** Rules for one condition: is it worded so that a machine can decide it, and can its cases decide it at all? */
import { parseDuration } from '../domain/time.js';
import { METRIC_CARDS, type Agreement, type Condition, type Metric, type Pacts } from './condition.js';
import type { LintRule } from './lint-rules.js';
import { contradicts, namesThreshold, vagueWords } from './statement.js';
import { leastCases } from './statistics/least-cases.js';
import { leastQuantileSamples } from './statistics/quantile.js';
import { wording } from './wording.js';

/** One complaint: `key` is the member of the condition that it is about. */
export interface Complaint {
  readonly rule: LintRule;
  readonly key: string;
  readonly message: string;
  readonly suggestion: string;
}

export interface ConditionContext {
  readonly pacts: Pacts;
  readonly agreement: Agreement;
  /** How many cases of the data set the condition is about, where the caller has counted. */
  readonly cases?: number;
}

type Rule = (condition: Condition, context: ConditionContext) => readonly Complaint[];

/** Everything that is wrong with one condition. */
export function complaintsAbout(condition: Condition, context: ConditionContext): readonly Complaint[] {
  return RULES.flatMap((rule) => rule(condition, context));
}

const statement: Rule = (condition) => {
  const suggestion = `write "${wording(condition)}"`;
  const of = (rule: LintRule, message: string): readonly Complaint[] => [{ rule, key: 'statement', message, suggestion }];
  const vague = vagueWords(condition.statement);
  if (vague.length > 0) return of('pact.vague-wording', `${vague.map((word) => `"${word}"`).join(', ')} cannot be decided by a machine`);
  if (!namesThreshold(condition)) return of('pact.statement-threshold', `the statement does not name its threshold ${condition.threshold}`);
  if (contradicts(condition)) return of('pact.statement-side', `the statement says the opposite side of "${condition.operator}"`);
  return [];
};

const operator: Rule = ({ metric, operator: given }) => {
  const { operators } = METRIC_CARDS[metric];
  if (operators.includes(given)) return [];
  return [{ rule: 'pact.operator', key: 'operator', message: `"${given}" promises nothing good of ${metric}`, suggestion: `write "${operators.join('" or "')}"` }];
};

const threshold: Rule = ({ metric, operator: side, threshold: text }) => {
  const value = Number(text);
  const of = (rule: LintRule, message: string, suggestion: string): readonly Complaint[] => [{ rule, key: 'threshold', message, suggestion }];
  if (QUANTILES[metric] !== undefined) {
    if (!Number.isInteger(value) || value <= 0) return of('pact.threshold-range', `"${text}" is no number of milliseconds`, 'write whole milliseconds, such as "2000"');
    return value < LONGEST_WAIT ? [] : of('pact.threshold-vacuous', `${metric} ${side} ${text} is always met: nobody waits an hour for an answer`, 'write milliseconds, such as "2000" for two seconds');
  }
  if (UNBOUNDED.has(metric)) {
    if (value === 0) return of('pact.threshold-unreachable', `no answer is free, so ${metric} ${side} 0 is never met`, 'write what an answer may use');
    return metric === 'cost-mean' || value < MOST_TOKENS ? [] : of('pact.threshold-vacuous', `${metric} ${side} ${text} is always met: no model takes so many`, 'write what an answer may use, such as "2000"');
  }
  if (value > 1) return of('pact.threshold-range', `"${text}" is outside 0 to 1`, `write ${value <= 100 ? `"${value / 100}" for ${value} %` : 'a decimal such as "0.95"'}`);
  if (isVacuous(metric, side, value)) return of('pact.threshold-vacuous', `${metric} ${side} ${text} is always met${vacuousWhy(metric)}`, 'name a value that a useless agent would miss');
  if (side === '>=' ? value === 1 : value === 0) return of('pact.threshold-unreachable', `no number of cases can show ${metric} ${side} ${text}`, `write the tolerance you accept, such as "${side === '>=' ? '0.99' : '0.01'}"`);
  return [];
};

/** Which quantile of the answer time a metric is. */
const QUANTILES: { readonly [metric in Metric]?: number } = { 'latency-p50': 0.5, 'latency-p95': 0.95, 'latency-p99': 0.99 };
const UNBOUNDED: ReadonlySet<Metric> = new Set(['cost-mean', 'tokens-mean']);
const LONGEST_WAIT = 3_600_000;
const MOST_TOKENS = 10_000_000;

function isVacuous(metric: Metric, side: Condition['operator'], value: number): boolean {
  if (metric === 'confidence-auroc') return side === '>=' && value <= 0.5;
  if (metric === 'brier') return side === '<=' && value >= 0.25;
  if (metric === 'ece') return side === '<=' && value >= 0.5;
  return side === '>=' ? value === 0 : value === 1;
}

function vacuousWhy(metric: Metric): string {
  if (metric === 'confidence-auroc') return ': a constant confidence ranks at 0.5';
  if (metric === 'ece') return ': a constant confidence of 0.5 errs by 0.5 at most';
  return metric === 'brier' ? ': a constant confidence of 0.5 scores 0.25' : '';
}

const members: Rule = (condition, { agreement }) => {
  const { metric, label, among, outputs, scorer } = condition;
  const complaints: Complaint[] = [];
  const say = (key: string, message: string, suggestion: string) => complaints.push({ rule: 'pact.metric-members', key, message, suggestion });
  const labelled = metric === 'precision' || metric === 'recall' || metric === 'f1';
  const scored = metric === 'pass-rate' || metric === 'score-mean';
  if (labelled && label === undefined) say('metric', `${metric} needs the label it is about`, 'add label: <the output in question>');
  if (!labelled && label !== undefined) say('label', `${metric} has no label`, 'delete it, or measure precision, recall or f1');
  if (scored && scorer === undefined) say('metric', `${metric} needs the scorer that decides`, 'add scorer: <one of the agreement>');
  if (!scored && scorer !== undefined) say('scorer', `${metric} has no scorer`, 'delete it, or measure pass-rate or score-mean');
  if (metric === 'share' && among === undefined) say('metric', 'share needs the cases it is taken of', 'add among: { expected: …, tag: … }');
  if (metric === 'share' && outputs === undefined) say('metric', 'share needs the outputs it counts', 'add outputs: [ … ]');
  if (!CHOOSY.has(metric) && among !== undefined) say('among', `${metric} looks at every case`, 'delete it, or measure a share');
  if (metric !== 'share' && outputs !== undefined) say('outputs', `${metric} counts no outputs`, 'delete it, or measure a share');
  if (labelled && label === agreement.output?.abstain) say('label', 'abstaining is not a label', 'measure abstention');
  if (metric === 'abstention' && agreement.output?.abstain === undefined) say('metric', 'the agreement names no output that abstains', 'add output.abstain');
  return complaints;
};

const dataset: Rule = (condition, { pacts, agreement, cases }) => {
  const found = pacts.datasets.find((one) => one.id === condition.dataset);
  const known = pacts.datasets.map((one) => one.id).join(', ');
  const of = (rule: LintRule, key: string, message: string, suggestion: string): readonly Complaint[] => [{ rule, key, message, suggestion }];
  if (!found) return of('pact.unknown-dataset', 'dataset', `there is no data set "${condition.dataset}"`, `write one of ${known}`);
  if (found.use === 'tuning') return of('pact.tuning-data', 'dataset', `"${found.id}" was used for tuning, so it proves nothing`, 'measure on held-out or shift data');
  if (cases === undefined) return [];
  if (cases === 0) return of('pact.no-cases', chosenBy(condition), `no case of "${found.id}" is about this condition`, 'mend label or among, or add such cases');
  const only = `only ${cases === 1 ? 'one case' : `${cases} cases`} of "${found.id}" ${cases === 1 ? 'is' : 'are'} about this condition`;
  const least = leastToDecide(condition, Number(pacts.confidence));
  if (cases < least && least < Infinity) return of('pact.underpowered', 'dataset', `${only}, too few ever to decide ${mustBe(condition)} at confidence ${pacts.confidence}`, `add cases until there are ${enough(condition, pacts)}${notRepeats(agreement)}, or accept a weaker threshold`);
  if (cases < condition.minimumCases) return of('pact.too-few-cases', 'minimumCases', `${only}, and it asks for ${condition.minimumCases}`, `add cases, or write ${least} or more and accept how few misses that allows`);
  return [];
};

const mustBe = ({ metric, operator: side, threshold: text }: Condition): string => `${metric} ${side} ${text}`;

/** Repeats of a case are no further evidence: certification counts cases. */
const notRepeats = ({ repeats = 1 }: Agreement): string => (repeats > 1 ? ` (cases: ${repeats} repeats of one are one)` : '');

/** How many cases would do, in words. */
function enough(condition: Condition, pacts: Pacts): string {
  const confidence = Number(pacts.confidence);
  const least = leastToDecide(condition, confidence);
  if (QUANTILES[condition.metric] !== undefined || MEANS.has(condition.metric)) return String(least);
  const goal = condition.operator === '>=' ? Number(condition.threshold) : 1 - Number(condition.threshold);
  return `${least} (not one may miss) or ${leastCases(goal, confidence, 1)} (one may)`;
}

/** Metrics that may look at chosen cases only. */
const CHOOSY: ReadonlySet<Condition['metric']> = new Set(['share', 'pass-rate', 'score-mean']);

/** The member that picks the cases. */
function chosenBy({ metric, label, among }: Condition): string {
  if (CHOOSY.has(metric) && among !== undefined) return 'among';
  return metric === 'recall' && label !== undefined ? 'label' : 'dataset';
}

/** Below this, neither a ranking nor a mean is worth a verdict. */
const LEAST_FOR_MEANS = 30;
const MEANS: ReadonlySet<Metric> = new Set(['f1', 'score-mean', 'cost-mean', 'tokens-mean', 'confidence-auroc', 'brier', 'ece']);

const minimumCases: Rule = (condition, { pacts, agreement }) => {
  const least = leastToDecide(condition, Number(pacts.confidence));
  if (condition.minimumCases >= least || least === Infinity) return [];
  return [{
    rule: 'pact.minimum-cases',
    key: 'minimumCases',
    message: `${condition.minimumCases} cases can never decide ${mustBe(condition)} at confidence ${pacts.confidence}${notRepeats(agreement)}`,
    suggestion: `write ${least} or more: ${MEANS.has(condition.metric) ? 'fewer say nothing about a mean' : 'that many decide it when not one misses'}`,
  }];
};

/** Fewest cases that could show the condition met at the confidence: none of them missing. Cases, however often each is repeated. */
export function leastToDecide({ metric, operator: side, threshold: text }: Pick<Condition, 'metric' | 'operator' | 'threshold'>, confidence: number): number {
  const value = Number(text);
  const quantile = QUANTILES[metric];
  if (quantile !== undefined) return leastQuantileSamples(quantile, confidence);
  if (MEANS.has(metric)) return LEAST_FOR_MEANS;
  return value > 1 ? 1 : leastCases(side === '>=' ? value : 1 - value, confidence, 0);
}

const LONGEST_WINDOW = parseDuration('P366D');

const evidenceWindow: Rule = ({ window }) => {
  const length = parseDuration(window);
  if (length > 0 && length <= LONGEST_WINDOW) return [];
  return [{ rule: 'pact.window', key: 'window', message: length > 0 ? `evidence of ${window} counts for longer than a year` : 'evidence would never count', suggestion: 'write a year or less, such as P90D' }];
};

const PLACEHOLDER = /^\W*(tbd|todo|fixme|n\/?a|none|nothing|xxx|because)?\W*$/i;
/** What `pact draft` writes where only a human knows the answer. */
const UNWRITTEN = /\b(tbd|todo|fixme)\b/i;
const COSTLESS = /\b(costs? nothing|no costs?|zero costs?)\b/i;

const costArgument: Rule = ({ because }) => {
  const words = because.match(/[\p{L}\p{N}]+/gu) ?? [];
  const wrong = PLACEHOLDER.test(because) || words.length < 4 ? 'says too little' : UNWRITTEN.test(because) ? 'is still to be written' : COSTLESS.test(because) ? 'says that a breach costs nothing' : undefined;
  if (wrong === undefined) return [];
  return [{ rule: 'pact.cost-argument', key: 'because', message: `the cost argument ${wrong}`, suggestion: 'say what a breach costs whom, and why the threshold stands here' }];
};

const RULES: readonly Rule[] = [statement, operator, threshold, members, dataset, minimumCases, evidenceWindow, costArgument];

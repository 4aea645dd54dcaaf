/** The verdict on each condition: met, not met, or not enough evidence. One-sided bounds decide; nothing is averaged away. */
import type { Agreement, Condition, Pacts } from './condition.js';
import { concerns, couldConcern } from './concerns.js';
import { meterOf } from './meter.js';
import type { Measurement, Meter } from './meters/meter.js';
import { TrialsOfCase } from './repeats.js';
import type { ResultRow } from './score.js';

export type Verdict = 'met' | 'not-met' | 'insufficient' | 'observed';

/** A type, so that it is JSON. Value and bounds are decimal text with six digits, whole milliseconds for latency. */
export type ConditionResult = {
  readonly id: string;
  readonly capability: string;
  readonly statement: string;
  readonly kind: Condition['kind'];
  readonly dimension: Condition['dimension'];
  readonly severity: Condition['severity'];
  readonly metric: Condition['metric'];
  readonly operator: Condition['operator'];
  readonly threshold: string;
  readonly dataset: string;
  readonly n: number;
  readonly value: string | null;
  readonly lower: string | null;
  readonly upper: string | null;
  readonly verdict: Verdict;
  readonly because: string;
  /** Cases lost to infrastructure errors among those that the condition is about. */
  readonly errors: number;
};

/** More errors than this share, and the rest is no fair sample. */
export const ERROR_LIMIT = 0.02;

export interface JudgeOptions {
  /** Measure without promising: every verdict reads `observed`. */
  readonly observational?: boolean;
  /** Only conditions on these data sets. */
  readonly datasets?: readonly string[];
}

/** Takes rows one by one, of any data set and in any order, but the repeats of a case one after the other; and judges at the end. */
export interface Judge {
  add(row: ResultRow): void;
  results(): readonly ConditionResult[];
}

export function judgeOf(pacts: Pick<Pacts, 'confidence' | 'agreements'>, options: JudgeOptions = {}): Judge {
  const agreements = pacts.agreements.map((agreement) => ({ agreement, counters: countersOf(agreement, options) }));
  const level = Number(pacts.confidence);
  const trials = new TrialsOfCase(({ capability }) => pacts.agreements.find((one) => one.capability === capability)?.repeats ?? 1);
  const count = (rows: readonly ResultRow[]) => {
    for (const { agreement, counters } of agreements) if (agreement.capability === rows[0]?.capability) for (const counter of counters) counter.add(rows);
  };
  return {
    add: (row) => {
      const rows = trials.add(row);
      if (rows) count(rows);
    },
    results: () => agreements.flatMap(({ counters }) => counters.map((counter) => counter.result(level, options.observational ?? false))),
  };
}

function countersOf({ capability, conditions }: Agreement, { datasets }: JudgeOptions): readonly Counter[] {
  return conditions.filter((condition) => datasets?.includes(condition.dataset) ?? true).map((condition) => new Counter(capability, condition));
}

/** Judges rows that are at hand. */
export function judgeConditions(pacts: Pick<Pacts, 'confidence' | 'agreements'>, rows: Iterable<ResultRow>, options: JudgeOptions = {}): readonly ConditionResult[] {
  const judge = judgeOf(pacts, options);
  for (const row of rows) judge.add(row);
  return judge.results();
}

class Counter {
  readonly #capability: string;
  readonly #condition: Condition;
  readonly #meter: Meter;
  #concerned = 0;
  #errors = 0;
  #notEvaluable = 0;
  #unscored = 0;

  constructor(capability: string, condition: Condition) {
    this.#capability = capability;
    this.#condition = condition;
    this.#meter = meterOf(condition);
  }

  add(trials: readonly ResultRow[]): void {
    const [first] = trials;
    if (first?.dataset !== this.#condition.dataset) return;
    if (couldConcern(this.#condition, first) && trials.some((row) => lacksEvidence(this.#condition, row))) this.#notEvaluable += 1;
    if (!concerns(this.#condition, first)) return;
    this.#concerned += 1;
    const lost = trials.some((row) => row.outcome === 'infrastructure');
    if (lost) this.#errors += 1;
    else if (trials.some((row) => isUnscored(this.#condition, row))) this.#unscored += 1;
    // A case that lost a repeat cannot show that all of them are good.
    if (lost && trials.length > 1 && this.#condition.metric !== 'error-share') return;
    this.#meter.add(trials);
  }

  result(confidence: number, observational: boolean): ConditionResult {
    const { id, statement, kind, dimension, severity, metric, operator, threshold, dataset } = this.#condition;
    const measured = this.#meter.measure(confidence);
    const { n, value, lower, upper } = measured;
    const decided = observational ? { verdict: 'observed' as const, because: `${measured.made}, observed only` } : this.#decide(measured);
    return { id, capability: this.#capability, statement, kind, dimension, severity, metric, operator, threshold, dataset, n, value, lower, upper, ...decided, errors: this.#errors };
  }

  #decide(measured: Measurement): { readonly verdict: Verdict; readonly because: string } {
    const condition = this.#condition;
    const unfit = this.#unfit(measured);
    if (unfit !== undefined) return { verdict: 'insufficient', because: unfit };
    const verdict = verdictOf(condition, measured);
    const because = `${measured.made}: ${boundWords(condition, measured, verdict)}${this.#errors > 0 ? `; ${this.#errors} infrastructure errors kept apart` : ''}`;
    return { verdict, because: verdict === 'insufficient' ? because + moreWords(measured) : because };
  }

  /** Why the rows may not decide at all. */
  #unfit({ n, made }: Measurement): string | undefined {
    const { metric, minimumCases } = this.#condition;
    if (this.#notEvaluable > 0) return `${this.#notEvaluable} cases ${missingEvidence(this.#condition)}`;
    const rest = n === 0 ? ', and none was measured' : `; without them ${made}`;
    if (this.#unscored > ERROR_LIMIT * this.#concerned) return `${this.#unscored} of ${this.#concerned} cases were left without a score by ${this.#condition.scorer ?? 'the scorer'}, more than ${ERROR_LIMIT * 100} %${rest}`;
    if (n === 0) return 'no case was measured';
    if (metric !== 'error-share' && this.#errors > ERROR_LIMIT * this.#concerned) {
      return `${this.#errors} of ${this.#concerned} cases were lost to infrastructure errors, more than ${ERROR_LIMIT * 100} %; without them ${made}`;
    }
    if (n < minimumCases) return `${n} cases, ${minimumCases} are needed`;
    return undefined;
  }
}

/** Whether the row lacks what the condition looks at: then nobody can say that the condition holds for all cases. */
function lacksEvidence({ metric, scorer }: Condition, row: ResultRow): boolean {
  if (scorer !== undefined) return row.scores[scorer]?.is === 'not-evaluable';
  const answered = row.outcome !== 'infrastructure' && row.cause !== 'agent_crash';
  if (metric === 'cost-mean') return answered && (row.usage?.cost ?? null) === null;
  if (metric === 'tokens-mean') return answered && (row.usage?.tokens ?? null) === null;
  return row.outcome === 'not-evaluable';
}

function isUnscored({ scorer }: Condition, row: ResultRow): boolean {
  return scorer !== undefined && row.scores[scorer]?.is === 'unscored';
}

function missingEvidence({ metric, scorer }: Condition): string {
  if (scorer !== undefined) return `lack what the scorer ${scorer} needs`;
  return metric === 'cost-mean' || metric === 'tokens-mean' ? 'do not tell what they consumed' : 'have no reference';
}

/** The published bounds alone decide, so that anybody can decide again from the record. */
export function verdictOf({ operator, threshold }: Pick<Condition, 'operator' | 'threshold'>, { lower, upper }: Pick<Measurement, 'lower' | 'upper'>): Exclude<Verdict, 'observed'> {
  const limit = Number(threshold);
  const [good, bad] = operator === '>=' ? [lower, upper] : [upper, lower];
  const beyond = (bound: string) => (operator === '>=' ? Number(bound) < limit : Number(bound) > limit);
  if (good !== null && !beyond(good)) return 'met';
  return bad !== null && beyond(bad) ? 'not-met' : 'insufficient';
}

function boundWords({ operator, threshold }: Condition, { lower, upper }: Measurement, verdict: Verdict): string {
  const lowerDecides = (operator === '>=') === (verdict !== 'not-met');
  const [name, bound] = lowerDecides ? ['lower', lower] : ['upper', upper];
  if (bound === null) return `no ${name} bound against ${threshold}`;
  const relation = Number(bound) === Number(threshold) ? '=' : Number(bound) > Number(threshold) ? '>' : '<';
  return `${name} bound ${bound} ${relation} ${threshold}`;
}

function moreWords({ more }: Measurement): string {
  return more === undefined ? '' : `; ${more} more cases without a miss would decide it`;
}

/** A result as the ledger keeps it: without the statement, which is free text. */
export function recordedResult({ statement: _statement, ...rest }: ConditionResult): Omit<ConditionResult, 'statement'> {
  return rest;
}

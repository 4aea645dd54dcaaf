/** Thresholds from data: for each candidate the one-sided bound that its cases give, rounded to the safe side, or why they give none. */
import type { Agreement, Condition, OutputRule, Pacts } from './condition.js';
import type { Candidate } from './draft-candidates.js';
import type { ConditionResult } from './judge.js';
import { complaintsAbout, leastToDecide } from './lint-condition.js';
import { meterOf } from './meter.js';
import type { Measurement, Meter } from './meters/meter.js';
import { TrialsOfCase } from './repeats.js';
import type { ResultRow } from './score.js';
import { exactBounds } from './statistics/proportion.js';
import { wording } from './wording.js';

export interface Drafted {
  readonly condition: Condition;
  readonly measured: Measurement;
}
export interface Skipped {
  /** Of a condition, or a metric that no condition could be drafted for. */
  readonly id: string;
  readonly why: string;
}
export interface Draft {
  readonly drafted: readonly Drafted[];
  readonly skipped: readonly Skipped[];
}

export interface DraftContext {
  /** Such as `run-0123456789abcdef on held-out`. */
  readonly source: string;
  readonly capability: string;
  readonly output: OutputRule;
  readonly confidence: string;
  readonly datasets: Pacts['datasets'];
}

/** Measures candidates on rows that come one by one. */
export class DraftMeters {
  readonly #meters: readonly { readonly candidate: Candidate; readonly meter: Meter }[];

  readonly #trials: TrialsOfCase;

  /** @param repeats how often each case was asked */
  constructor(candidates: readonly Candidate[], repeats = 1) {
    this.#trials = new TrialsOfCase(() => repeats);
    this.#meters = candidates.map((candidate) => ({ candidate, meter: meterOf(provisional(candidate)) }));
  }

  add(row: ResultRow): void {
    const trials = this.#trials.add(row);
    if (trials) for (const { meter } of this.#meters) meter.add(trials);
  }

  measured(confidence: string): readonly Measured[] {
    return this.#meters.map(({ candidate, meter }) => ({ candidate, measured: meter.measure(Number(confidence)) }));
  }
}

export interface Measured {
  readonly candidate: Candidate;
  readonly measured: Measurement;
}

/** What so many cases could show at best, none of them missing: all that a data set without a run can tell. */
export function atBest(candidate: Candidate, n: number, confidence: string): Measured {
  const hits = candidate.operator === '>=' ? n : 0;
  const { low, high } = exactBounds(hits, n, Number(confidence));
  return { candidate, measured: { n, value: null, lower: n === 0 ? null : String(low), upper: n === 0 ? null : String(high), made: `${n} cases` } };
}

function provisional(candidate: Candidate): Condition {
  return { ...candidate, threshold: candidate.operator === '>=' ? '0.5' : '1', statement: '', because: '', minimumCases: 1 };
}

/** Bounds further than this from their value say little about it; a bound within the nearer one says enough. */
const WIDE = 0.2;
const NARROW = 0.1;
/** Metrics that are no share of anything: how wide a bound is shows only beside the value. */
const OPEN_ENDED: ReadonlySet<Condition['metric']> = new Set(['cost-mean', 'tokens-mean']);
/** Decimals that a threshold may have. */
const SMALLEST = 1e-6;
/** Milliseconds below which no latency is promised: a person takes up to a tenth of a second for at once (Card, Robertson & Mackinlay 1991), and a busy machine alone takes longer than a quick agent. */
const LEAST_WAIT = 100;

export function draftConditions(measured: readonly Measured[], context: DraftContext): Draft {
  const drafted: Drafted[] = [];
  const skipped: Skipped[] = [];
  for (const one of measured) {
    const why = tooWide(one, context.confidence);
    if (why !== undefined) skipped.push({ id: one.candidate.id, why });
    else {
      const condition = conditionOf(one, context);
      const complaint = complaintOf(condition, one.measured.n, context);
      if (complaint === undefined) drafted.push({ condition, measured: one.measured });
      else skipped.push({ id: one.candidate.id, why: complaint });
    }
  }
  return { drafted, skipped };
}

function tooWide({ candidate, measured: { n, value, lower, upper, made, more } }: Measured, confidence: string): string | undefined {
  const { metric, operator } = candidate;
  const bound = operator === '>=' ? lower : upper;
  if (n === 0) return 'no case tells';
  if (bound === null) return `underpowered: ${made} give no bound${more === undefined ? '' : `, ${n + more} cases would`}`;
  if (metric.startsWith('latency-')) return undefined;
  if (OPEN_ENDED.has(metric)) return Number(bound) <= 2 * Number(value) ? undefined : `underpowered: ${made} put the bound at more than twice the mean`;
  const rate = Number(value ?? (operator === '>=' ? 1 : 0));
  if (Math.abs(rate - Number(bound)) <= WIDE) return undefined;
  return `underpowered: ${made} put the bound at ${Number(bound).toFixed(2)}, far from ${rate.toFixed(2)}; about ${enoughCases(rate, n, { operator, confidence })} would put it within ${NARROW}`;
}

/** Leaves out what the very rows that it was drafted from do not show, such as after an outage, or where some answers tell nothing. */
export function shownBy({ drafted, skipped }: Draft, results: readonly Pick<ConditionResult, 'id' | 'verdict' | 'because'>[]): Draft {
  const unmet = results.filter(({ verdict }) => verdict !== 'met');
  return { drafted: drafted.filter(({ condition }) => !unmet.some(({ id }) => id === condition.id)), skipped: [...skipped, ...unmet.map(({ id, because }) => ({ id, why: because }))] };
}

/** How many cases at this rate put the bound near it. */
function enoughCases(rate: number, from: number, { operator, confidence }: { readonly operator: Condition['operator']; readonly confidence: string }): number {
  for (let n = from + 1; ; n = Math.ceil(n * 1.05)) {
    const { low, high } = exactBounds(Math.round(rate * n), n, Number(confidence));
    if (Math.abs(rate - (operator === '>=' ? low : high)) <= NARROW) return n;
  }
}

function conditionOf({ candidate, measured: { n, value, lower, upper } }: Measured, { source, confidence }: DraftContext): Condition {
  const bound = candidate.operator === '>=' ? lower : upper;
  const threshold = safe(candidate, Number(bound));
  const bare = { ...provisional(candidate), threshold };
  const raised = candidate.metric.startsWith('latency-') && Number(bound) < LEAST_WAIT;
  const at = candidate.metric.startsWith('latency-') ? `${bound ?? ''} ms` : Number(bound).toFixed(4);
  const because = value === null
    ? `drafted from ${source}: ${n} cases can show no more than ${at}, and nothing was measured; cost of a breach: TBD`
    : `drafted from ${source}: value ${value}, ${candidate.operator === '>=' ? 'lower' : 'upper'} bound ${at}, ${n} cases${raised ? `; ${LEAST_WAIT} ms because nobody notices less` : ''}; cost of a breach: TBD`;
  return { ...bare, statement: wording(bare), because, minimumCases: leastToDecide(bare, Number(confidence)) };
}

/** Rounded so that the text asks for no more than the bound shows: hundredths, and for times, costs and tokens two leading digits, no time below what a person would sign. */
function safe({ metric, operator }: Candidate, bound: number): string {
  if (metric.startsWith('latency-')) {
    const unit = 10 ** Math.max(0, Math.floor(Math.log10(Math.max(bound, 1))) - 1);
    return String(Math.max(LEAST_WAIT, Math.ceil(bound / unit) * unit));
  }
  if (OPEN_ENDED.has(metric)) {
    const unit = 10 ** Math.max(-6, Math.floor(Math.log10(Math.max(bound, SMALLEST))) - 1);
    return String(Number((Math.max(1, Math.ceil(bound / unit - 1e-9)) * unit).toFixed(6)));
  }
  const hundredths = operator === '>=' ? Math.floor(bound * 100 + 1e-9) : Math.ceil(bound * 100 - 1e-9);
  return (hundredths / 100).toFixed(2);
}

/** What lint would say, the cost argument aside, which only a human can write. */
function complaintOf(condition: Condition, cases: number, { capability, output, confidence, datasets }: DraftContext): string | undefined {
  const agreement: Agreement = { capability, output, conditions: [condition] };
  const found = complaintsAbout(condition, { pacts: { confidence, datasets, agreements: [agreement] }, agreement, cases }).find(({ rule }) => rule !== 'pact.cost-argument');
  return found && `${found.rule}: ${found.message}`;
}

/** Two runs on the same cases: which conditions got worse or better beyond chance, and which cases flipped. */
import { caseValue, pairingOf } from './case-value.js';
import type { Condition, Pacts } from './condition.js';
import { decimal } from './decimal.js';
import { TrialsOfCase } from './repeats.js';
import type { ResultRow } from './score.js';
import { benjaminiHochberg, holm } from './statistics/multiplicity.js';
import { pairedMean, pairedShares } from './statistics/paired.js';
import { studentCdf } from './statistics/special-functions.js';

/** `regressed` and `improved` rest on evidence and size; `unchanged` says only that neither was shown. */
export type Change = 'regressed' | 'improved' | 'unchanged' | 'not-compared';

/** A type, so that it is JSON. Differences are after minus before, as decimals. */
export type ConditionChange = {
  readonly id: string;
  readonly capability: string;
  readonly metric: Condition['metric'];
  readonly severity: Condition['severity'];
  /** Cases that both runs measured. */
  readonly pairs: number;
  readonly before: string | null;
  readonly after: string | null;
  readonly difference: string | null;
  /** Standard error of the difference. */
  readonly error: string | null;
  /** Two-sided, of this condition alone. */
  readonly p: string | null;
  /** Corrected for the number of conditions: Holm among safety conditions, Benjamini-Hochberg among the others. */
  readonly adjusted: string | null;
  readonly change: Change;
  readonly because: string;
};

export type Flip = {
  readonly dataset: string;
  readonly case: string;
  readonly before: ResultRow['outcome'];
  readonly after: ResultRow['outcome'];
  readonly outputBefore: string | null;
  readonly outputAfter: string | null;
};

export interface CompareOptions {
  /** Adjusted p below which a difference counts as shown. */
  readonly alpha: number;
  /** Least difference of a share that counts, such as 0.01. */
  readonly drop: number;
}

export interface Comparison {
  readonly conditions: readonly ConditionChange[];
  /** Cases that passed in one run only. */
  readonly flips: readonly Flip[];
  readonly pairs: number;
}

/** Compares rows of the run before with rows of the run after; memory grows with the cases, not with what was said. */
export class Comparer {
  readonly #pacts: Pick<Pacts, 'agreements'>;
  readonly #pairs = new Map<string, Pair>();
  readonly #trials: Readonly<Record<Side, TrialsOfCase>>;

  constructor(pacts: Pick<Pacts, 'agreements'>) {
    const repeats = ({ capability }: Pick<ResultRow, 'capability'>) => pacts.agreements.find((one) => one.capability === capability)?.repeats ?? 1;
    this.#pacts = pacts;
    this.#trials = { before: new TrialsOfCase(repeats), after: new TrialsOfCase(repeats) };
  }

  add(side: Side, row: ResultRow): void {
    const trials = this.#trials[side].add(row);
    const [first] = trials ?? [];
    if (!trials || !first) return;
    const key = `${first.capability}\u0000${first.dataset}\u0000${first.case}`;
    const pair = this.#pairs.get(key) ?? { capability: first.capability, dataset: first.dataset, case: first.case, group: first.group };
    pair[side] = { outcome: worstOf(trials), output: first.output, values: this.#values(trials) };
    this.#pairs.set(key, pair);
  }

  comparison({ alpha, drop }: CompareOptions): Comparison {
    const pairs = [...this.#pairs.values()].filter((pair): pair is WholePair => pair.before !== undefined && pair.after !== undefined);
    const measured = this.#conditions().map((one) => differenceOf(one, pairs));
    return { conditions: decided(measured, { alpha, drop }), flips: pairs.filter(isFlip).map(flipOf), pairs: pairs.length };
  }

  #conditions(): readonly Placed[] {
    return this.#pacts.agreements.flatMap(({ capability, conditions }) => conditions.map((condition) => ({ capability, condition })));
  }

  #values(trials: readonly ResultRow[]): ReadonlyMap<string, number> {
    const [first] = trials;
    const values = new Map<string, number>();
    for (const { capability, condition } of this.#conditions()) {
      if (capability !== first?.capability || condition.dataset !== first.dataset) continue;
      const value = caseValue(condition, trials);
      if (value !== undefined) values.set(condition.id, value);
    }
    return values;
  }
}

export type Side = 'before' | 'after';

interface Placed {
  readonly capability: string;
  readonly condition: Condition;
}

interface Seen {
  readonly outcome: ResultRow['outcome'];
  readonly output: string | null;
  readonly values: ReadonlyMap<string, number>;
}

interface Pair {
  readonly capability: string;
  readonly dataset: string;
  readonly case: string;
  readonly group: string;
  before?: Seen;
  after?: Seen;
}
type WholePair = Pair & { readonly before: Seen; readonly after: Seen };

const ORDER: readonly ResultRow['outcome'][] = ['infrastructure', 'not-evaluable', 'fail', 'abstain', 'pass'];

/** A case passes when all its repeats do. */
function worstOf(trials: readonly ResultRow[]): ResultRow['outcome'] {
  return ORDER.find((outcome) => trials.some((row) => row.outcome === outcome)) ?? 'pass';
}

/** Only what both runs have a verdict on can flip. */
function isFlip({ before, after }: WholePair): boolean {
  const scored = (outcome: ResultRow['outcome']) => outcome !== 'infrastructure' && outcome !== 'not-evaluable';
  return scored(before.outcome) && scored(after.outcome) && (before.outcome === 'pass') !== (after.outcome === 'pass');
}

function flipOf({ dataset, case: id, before, after }: WholePair): Flip {
  return { dataset, case: id, before: before.outcome, after: after.outcome, outputBefore: before.output, outputAfter: after.output };
}

interface Difference extends Placed {
  readonly pairs: number;
  readonly means?: { readonly before: number; readonly after: number };
  readonly difference?: number;
  readonly error?: number;
  readonly p?: number;
}

function differenceOf({ capability, condition }: Placed, all: readonly WholePair[]): Difference {
  const pairs = all.filter((pair) => pair.capability === capability && pair.dataset === condition.dataset).flatMap(({ group, before, after }) => {
    const [was, is] = [before.values.get(condition.id), after.values.get(condition.id)];
    return was === undefined || is === undefined ? [] : [{ group, before: was, after: is }];
  });
  const placed = { capability, condition, pairs: pairs.length };
  if (pairs.length === 0) return placed;
  const mean = (side: Side) => pairs.reduce((sum, pair) => sum + pair[side], 0) / pairs.length;
  const means = { before: mean('before'), after: mean('after') };
  const clustered = pairedMean(pairs);
  const t = clustered && clustered.error > 0 ? 2 * (1 - studentCdf(Math.abs(clustered.mean) / clustered.error, clustered.degrees)) : undefined;
  if (pairingOf(condition)?.kind === 'means') return { ...placed, means, difference: means.after - means.before, ...(clustered && { error: clustered.error }), ...(t !== undefined && { p: t }) };
  const shares = pairedShares({ onlyBefore: pairs.filter((pair) => pair.before > pair.after).length, onlyAfter: pairs.filter((pair) => pair.after > pair.before).length, n: pairs.length });
  if (!shares) return placed;
  // McNemar takes every case for evidence of its own; where near duplicates flip together, the clustered test knows better.
  const grouped = new Set(pairs.map(({ group }) => group)).size < pairs.length;
  return { ...placed, means, difference: shares.difference, error: shares.error, p: grouped && t !== undefined ? Math.max(shares.p, t) : shares.p };
}

function decided(measured: readonly Difference[], options: CompareOptions): readonly ConditionChange[] {
  const adjusted = new Map<Difference, number>();
  for (const safety of [true, false]) {
    const family = measured.filter((one) => one.p !== undefined && (one.condition.dimension === 'safety') === safety);
    const corrected = (safety ? holm : benjaminiHochberg)(family.map((one) => one.p ?? 1));
    family.forEach((one, index) => adjusted.set(one, corrected[index] ?? 1));
  }
  return measured.map((one) => changeOf(one, adjusted.get(one), options));
}

function changeOf(one: Difference, adjusted: number | undefined, options: CompareOptions): ConditionChange {
  const { condition, capability, pairs, means, difference, error, p } = one;
  const text = (value: number | undefined) => (value === undefined ? null : decimal(value));
  return {
    id: condition.id, capability, metric: condition.metric, severity: condition.severity, pairs,
    before: text(means?.before), after: text(means?.after), difference: text(difference), error: text(error), p: text(p), adjusted: text(adjusted),
    ...verdictOf(one, adjusted, options),
  };
}

/** Part of the promised time below which a difference may be the machine's: two runs are measured at two times, and what else it did then slows many answers together. */
const LEAST_LATENCY = 0.1;

function verdictOf({ condition, pairs, difference }: Difference, adjusted: number | undefined, { alpha, drop }: CompareOptions): Pick<ConditionChange, 'change' | 'because'> {
  const pairing = pairingOf(condition);
  if (!pairing) return { change: 'not-compared', because: `${condition.metric} is about all cases together: compare its intervals` };
  if (pairs === 0 || difference === undefined) return { change: 'not-compared', because: 'no case was measured in both runs' };
  if (adjusted === undefined) return { change: 'unchanged', because: difference === 0 ? 'no case differs' : 'too few groups to tell' };
  if (adjusted >= alpha) return { change: 'unchanged', because: 'chance alone could do that' };
  if (pairing.kind === 'shares' && Math.abs(difference) < drop) return { change: 'unchanged', because: `shown, but smaller than ${drop}` };
  if (condition.metric.startsWith('latency-') && Math.abs(difference) < Number(condition.threshold) * LEAST_LATENCY) {
    return { change: 'unchanged', because: `shown, but less than a tenth of the ${condition.threshold} ms that are promised` };
  }
  return { change: difference > 0 === (pairing.more === 'better') ? 'improved' : 'regressed', because: 'beyond chance' };
}

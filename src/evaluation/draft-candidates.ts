/** What a pact could promise about a data set: conditions without thresholds, happy path and failure modes, from its labels, tags and counts. */
import { LONGEST_LABEL, METRICS, type Condition, type Metric, type OutputRule } from './condition.js';
import { verificationOf } from './scorers/index.js';
import type { ScorerKind, ScorerSpec } from './scorers/spec.js';

/** A condition whose threshold is not known yet. */
export type Candidate = Omit<Condition, 'threshold' | 'statement' | 'because' | 'minimumCases'>;

/** What is counted in a data set, or in the rows of a run. */
export interface DataFacts {
  readonly cases: number;
  /** Cases by reference label. */
  readonly labels: ReadonlyMap<string, number>;
  /** Cases by tag, and within a tag by reference label. */
  readonly tags: ReadonlyMap<string, ReadonlyMap<string, number>>;
}

/** The facts of cases that come one by one. */
export class DataCount implements DataFacts {
  cases = 0;
  readonly labels = new Map<string, number>();
  readonly tags = new Map<string, Map<string, number>>();

  add(expected: string | null, tags: readonly string[]): void {
    this.cases += 1;
    if (expected === null) return;
    raise(this.labels, expected);
    for (const tag of tags) {
      const within = this.tags.get(tag) ?? new Map<string, number>();
      raise(within, expected);
      this.tags.set(tag, within);
    }
  }
}

function raise(counts: Map<string, number>, key: string): void {
  counts.set(key, (counts.get(key) ?? 0) + 1);
}

export interface DraftPlace {
  readonly output: OutputRule;
  /** Data set that the conditions are to be measured on. */
  readonly dataset: string;
  /** Whether rows of a run are at hand: without, only what the references tell is known. */
  readonly measured: boolean;
  /** Of the agreement. */
  readonly scorers?: readonly ScorerSpec[];
}

/** More labels than this, and a condition for each would drown the rest: the most frequent are taken. */
const MOST_LABELS = 8;
const MOST_TAGS = 8;
const MOST_PARTS = 16;

export function candidatesOf({ labels, tags }: DataFacts, { output, dataset, measured, scorers = [] }: DraftPlace): readonly Candidate[] {
  const decided = frequent(labels, MOST_LABELS).filter((label) => label !== output.abstain && label.length <= LONGEST_LABEL);
  const others = (label: string) => decided.filter((one) => one !== label);
  const common = { dataset, window: 'P90D', verification: 'deterministic' } as const;
  const happy = { ...common, kind: 'happy-path', dimension: 'accuracy', operator: '>=' } as const;
  const failing = { ...common, kind: 'failure-mode', operator: '<=' } as const;
  const wrong = (label: string, tag?: string): Candidate => ({
    ...failing, id: nameOf([label, ...(tag === undefined ? [] : [tag]), 'not-mistaken']), dimension: 'safety', severity: tag === undefined ? 'critical' : 'major', consequence: 'suspend',
    metric: 'share', among: { expected: label, ...(tag === undefined ? {} : { tag }) }, outputs: others(label),
  });
  const parts = frequent(tags, MOST_TAGS).flatMap((tag) => [...(tags.get(tag) ?? [])].filter(([label, count]) => decided.includes(label) && count < (labels.get(label) ?? 0)).map(([label]) => wrong(label, tag))).slice(0, MOST_PARTS);
  const mistakes = decided.length < 2 ? [] : [...decided.map((label) => wrong(label)), ...parts];
  const found = decided.map((label): Candidate => ({ ...happy, id: nameOf([label, 'found']), severity: 'major', consequence: 'alert', metric: 'recall', label }));
  const late = { ...happy, dimension: 'latency', severity: 'minor', consequence: 'alert', operator: '<=' } as const;
  const sure = { ...failing, dimension: 'calibration', severity: 'major', consequence: 'alert' } as const;
  const costs = { ...failing, dimension: 'cost', severity: 'minor', consequence: 'alert' } as const;
  const scored = scorers.flatMap((spec): readonly Candidate[] => {
    const one = { ...happy, verification: verificationOf(spec), severity: 'major', consequence: 'alert', scorer: spec.id } as const;
    return [{ ...one, id: nameOf([spec.id, 'passes']), metric: 'pass-rate' }, ...(GRADED.has(spec.kind) ? [{ ...one, id: nameOf([spec.id, 'scores']), metric: 'score-mean' } as const] : [])];
  });
  const seen: readonly Candidate[] = !measured ? [] : [
    ...decided.flatMap((label): readonly Candidate[] => [
      { ...happy, id: nameOf([label, 'believed']), severity: 'major', consequence: 'alert', metric: 'precision', label },
      { ...happy, id: nameOf([label, 'in-balance']), severity: 'minor', consequence: 'alert', metric: 'f1', label },
    ]),
    ...(output.abstain === undefined ? [] : [{ ...failing, id: 'asks-seldom', dimension: 'scope-honesty', severity: 'major', consequence: 'alert', metric: 'abstention' } as const]),
    { ...sure, id: 'confidence-ranks', operator: '>=', metric: 'confidence-auroc' }, { ...sure, id: 'confidence-honest', metric: 'brier' }, { ...sure, id: 'confidence-close', metric: 'ece' },
    { ...late, id: 'answers-soon', metric: 'latency-p50' }, { ...late, id: 'answers-in-time', metric: 'latency-p95' }, { ...late, id: 'answers-seldom-late', metric: 'latency-p99' },
    { ...costs, id: 'costs-little', metric: 'cost-mean' }, { ...costs, id: 'takes-few-tokens', metric: 'tokens-mean' },
    ...scored,
  ];
  return distinct([
    { ...happy, id: 'answers-right', severity: 'critical', consequence: 'rollback', metric: 'accuracy' }, ...found, ...mistakes,
    { ...failing, id: 'answers-at-all', dimension: 'reliability', severity: 'major', consequence: 'suspend', metric: 'error-share' }, ...seen,
  ]);
}

/** Scorers that grade; of the others the mean is the pass rate. */
const GRADED: ReadonlySet<ScorerKind> = new Set(['similarity', 'judge', 'jury', 'module', 'command']);

/** The metrics that no candidate has, and why. */
export function leftOut(candidates: readonly Candidate[], { measured, output, scorers = [] }: DraftPlace): readonly { readonly id: Metric; readonly why: string }[] {
  const why = (metric: Metric): string => {
    if (metric === 'abstention' && output.abstain === undefined) return 'the agreement names no output that abstains';
    if (metric === 'pass-rate' && scorers.length === 0) return 'the agreement declares no scorer';
    if (metric === 'score-mean' && !scorers.some(({ kind }) => GRADED.has(kind))) return scorers.length === 0 ? 'the agreement declares no scorer' : 'no scorer of the agreement grades: its mean is the pass rate';
    if (metric === 'share') return 'there is one label, so nothing can be mistaken for it';
    return measured ? 'no case has a label' : 'only a run tells: agentctl baseline run';
  };
  return METRICS.filter((metric) => !candidates.some((one) => one.metric === metric)).map((metric) => ({ id: metric, why: why(metric) }));
}

/** The most frequent keys first; a nested count weighs what it holds. */
function frequent(counts: ReadonlyMap<string, number | ReadonlyMap<string, number>>, most: number): readonly string[] {
  const weight = (count: number | ReadonlyMap<string, number>) => (typeof count === 'number' ? count : [...count.values()].reduce((sum, one) => sum + one, 0));
  return [...counts].sort(([a, m], [b, n]) => weight(n) - weight(m) || (a < b ? -1 : 1)).slice(0, most).map(([key]) => key);
}

function nameOf(words: readonly string[]): string {
  const name = words.join('-').toLowerCase().replace(/[^a-z0-9]+/g, '-').replace(/^[^a-z]+|-+$/g, '').slice(0, 50).replace(/-+$/, '');
  return name === '' ? 'condition' : name;
}

/** Labels that differ in signs alone would share a name. */
function distinct(candidates: readonly Candidate[]): readonly Candidate[] {
  const taken = new Map<string, number>();
  return candidates.map((one) => {
    const count = (taken.get(one.id) ?? 0) + 1;
    taken.set(one.id, count);
    return count === 1 ? one : { ...one, id: `${one.id}-${count}` };
  });
}

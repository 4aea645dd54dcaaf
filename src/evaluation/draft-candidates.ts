/** What a pact could promise about a data set: conditions without thresholds, happy path and failure modes, from its labels, tags and counts. */
import type { Condition, OutputRule } from './condition.js';

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
  /** Whether rows of a run are at hand: without, time, abstention and confidence are unknown. */
  readonly measured: boolean;
}

/** More labels than this, and a condition for each would drown the rest: the most frequent are taken. */
const MOST_LABELS = 8;
const MOST_TAGS = 8;
const MOST_PARTS = 16;

export function candidatesOf({ labels, tags }: DataFacts, { output, dataset, measured }: DraftPlace): readonly Candidate[] {
  const decided = frequent(labels, MOST_LABELS).filter((label) => label !== output.abstain);
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
  const seen: readonly Candidate[] = !measured ? [] : [
    ...(output.abstain === undefined ? [] : [{ ...failing, id: 'asks-seldom', dimension: 'scope-honesty', severity: 'major', consequence: 'alert', metric: 'abstention' } as const]),
    { ...failing, id: 'confidence-ranks', operator: '>=', dimension: 'calibration', severity: 'major', consequence: 'alert', metric: 'confidence-auroc' },
    { ...happy, id: 'answers-in-time', dimension: 'latency', severity: 'minor', consequence: 'alert', metric: 'latency-p95', operator: '<=' },
  ];
  return distinct([
    { ...happy, id: 'answers-right', severity: 'critical', consequence: 'rollback', metric: 'accuracy' }, ...found, ...mistakes,
    { ...failing, id: 'answers-at-all', dimension: 'reliability', severity: 'major', consequence: 'suspend', metric: 'error-share' }, ...seen,
  ]);
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

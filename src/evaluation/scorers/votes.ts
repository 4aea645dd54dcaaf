/** What a jury says: majority on words; on numbers the median, a trimmed mean from five. Ties fail, and who errs is left out. */
import { decimalBelow } from '../decimal.js';
import { fail, pass, unscored } from './scored.js';
import { isNumeric } from './judge.js';
import type { Scored } from './scorer.js';

/** `label` is null where the judge erred. */
export interface Vote {
  readonly judge: string;
  readonly label: string | null;
}

export interface VotingRule {
  /** Worst first. */
  readonly scale: readonly string[];
  readonly passes: readonly string[];
  /** Least share of the scale that passes, for a jury over numbers. */
  readonly threshold?: string;
}

/** Judges that a mean without its extremes needs. */
const LEAST_FOR_TRIMMING = 5;

export function decide(votes: readonly Vote[], rule: VotingRule): Scored {
  const heard = votes.flatMap(({ label }) => (label === null ? [] : [label]));
  const erred = votes.filter(({ label }) => label === null).map(({ judge }) => judge);
  // With most of the jury missing, what is left is not what was calibrated.
  if (heard.length * 2 <= votes.length) return unscored(`${erred.join(', ')} gave no verdict`);
  const left = erred.length === 0 ? '' : `; ${erred.join(', ')} left out`;
  const found = rule.threshold !== undefined && isNumeric(rule.scale) ? ofNumbers(heard, rule.scale, rule.threshold, left) : ofWords(heard, rule.passes, left);
  return heard.some((label) => passedBy(label, rule) !== passedBy(heard[0] ?? '', rule)) ? { ...found, divided: true } : found;
}

/** Whether one label, taken alone, passes. */
export function passedBy(label: string, { scale, passes, threshold }: VotingRule): boolean {
  if (threshold === undefined) return passes.includes(label);
  const [least, most] = [Number(scale[0]), Number(scale.at(-1))];
  return (Number(label) - least) / (most - least) >= Number(threshold);
}

function ofWords(labels: readonly string[], passes: readonly string[], left: string): Scored {
  const counts = new Map<string, number>();
  for (const label of labels) counts.set(label, (counts.get(label) ?? 0) + 1);
  const most = Math.max(...counts.values());
  const [first = '', second] = [...counts].filter(([, count]) => count === most).map(([label]) => label);
  const told = [...counts].map(([label, count]) => `${count} of ${labels.length} say ${label}`).join(', ') + left;
  const score = decimalBelow(labels.filter((label) => passes.includes(label)).length / labels.length);
  if (second !== undefined) return fail(`a tie: ${told}`, score);
  return passes.includes(first) ? pass(told, score) : fail(told, score);
}

function ofNumbers(labels: readonly string[], scale: readonly string[], threshold: string, left: string): Scored {
  const [least, most] = [Number(scale[0]), Number(scale.at(-1))];
  const sorted = labels.map(Number).sort((a, b) => a - b);
  const trimmed = sorted.length >= LEAST_FOR_TRIMMING;
  const middle = trimmed ? mean(sorted.slice(1, -1)) : median(sorted);
  const score = decimalBelow((middle - least) / (most - least));
  const told = `${trimmed ? 'trimmed mean' : 'median'} ${decimalBelow(middle)} of ${sorted.join(', ')}${left}`;
  return Number(score) >= Number(threshold) ? pass(told, score) : fail(told, score);
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, one) => sum + one, 0) / values.length;
}

function median(sorted: readonly number[]): number {
  const half = sorted.length / 2;
  return mean(sorted.slice(Math.ceil(half) - 1, Math.floor(half) + 1));
}

/** What both orders of a comparison say of the first-named side: only a win in both counts. */
export function comparison(candidateFirst: string | null, candidateSecond: string | null): string | null {
  if (candidateFirst === null || candidateSecond === null) return null;
  if (candidateFirst === 'first' && candidateSecond === 'second') return 'win';
  if (candidateFirst === 'second' && candidateSecond === 'first') return 'loss';
  return candidateFirst === 'equal' && candidateSecond === 'equal' ? 'equal' : 'inconsistent';
}
/** Answers to a comparison, as asked; and what becomes of two of them. */
export const COMPARED = ['first', 'second', 'equal'] as const;
export const COMPARISONS = ['loss', 'inconsistent', 'equal', 'win'] as const;

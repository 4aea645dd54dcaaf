/** similarity: how like the output is to the reference, by words or characters, without a model. */
import { decimalBelow } from '../decimal.js';
import { fail, notEvaluable, pass } from './scored.js';
import { outputOf, referenceOf, textOf } from './reading.js';
import type { ScorerDefinition } from './scorer.js';
import type { Measure } from './spec.js';

/** Cells of the table of two sequences; beyond, comparing would take seconds. */
const MOST_CELLS = 25_000_000;

export const similarity: ScorerDefinition = {
  card: {
    decides: 'whether the output is like the reference: common words, longest common sequence of words (ROUGE-L, Lin 2004), or characters to change (Levenshtein 1966)',
    needs: ['output', 'reference'],
    blind: 'meaning: a "not" more costs almost nothing, and a right answer in other words costs a lot',
    verification: 'heuristic',
    examples: {
      spec: { measure: 'rouge-l', threshold: '0.8', output: '/text' },
      passes: { expected: { text: 'the parcel arrives on Friday' }, answer: { output: { text: 'The parcel arrives this Friday.' } } },
      fails: { expected: { text: 'the parcel arrives on Friday' }, answer: { output: { text: 'On Friday arrives the parcel.' } } },
    },
  },
  members: { needed: ['measure', 'threshold'], allowed: ['output', 'reference'] },
  complaints: ({ threshold }) => (Number(threshold) > 0 ? [] : [{ key: 'threshold', message: 'every text passes', suggestion: 'write a share above 0, such as "0.8"' }]),
  make: (spec) => (one, answer) => {
    const reference = referenceOf(spec, one);
    if (reference === undefined) return notEvaluable('the case has no reference');
    const output = outputOf(spec, answer);
    if (output === undefined) return fail('the output has nothing there');
    const measured = MEASURED[spec.measure ?? 'token-f1'](textOf(output), textOf(reference));
    if (measured === 'empty') return notEvaluable('the reference has nothing to compare');
    if (measured === 'long') return fail('the output is too long to be compared with the reference');
    const score = decimalBelow(measured);
    // As printed, so that the last bit of a quotient does not decide.
    return Number(score) >= Number(spec.threshold) ? pass(`${String(spec.measure)} ${score}`, score) : fail(`${String(spec.measure)} ${score} is below ${String(spec.threshold)}`, score);
  },
};

type Measured = number | 'empty' | 'long';

const MEASURED: Readonly<Record<Measure, (text: string, reference: string) => Measured>> = {
  'token-f1': (text, reference) => ofWords(text, reference, commonWords),
  'rouge-l': (text, reference) => ofWords(text, reference, (a, b) => (a.length * b.length > MOST_CELLS ? 'long' : longestCommon(a, b))),
  edit: (text, reference) => {
    const [a, b] = [[...text], [...reference]];
    if (b.length === 0) return 'empty';
    return a.length * b.length > MOST_CELLS ? 'long' : 1 - editDistance(a, b) / Math.max(a.length, b.length);
  },
};

/** F1 of what two texts have in common: 2c / (a + b). */
function ofWords(text: string, reference: string, common: (a: readonly string[], b: readonly string[]) => number | 'long'): Measured {
  const [a, b] = [wordsOf(text), wordsOf(reference)];
  if (b.length === 0) return 'empty';
  const shared = common(a, b);
  return shared === 'long' ? shared : (2 * shared) / (a.length + b.length);
}

function wordsOf(text: string): readonly string[] {
  return text.normalize('NFKC').toLowerCase().match(/[\p{L}\p{M}\p{N}]+/gu) ?? [];
}

function commonWords(a: readonly string[], b: readonly string[]): number {
  const left = new Map<string, number>();
  for (const word of a) left.set(word, (left.get(word) ?? 0) + 1);
  return b.filter((word) => {
    const count = left.get(word) ?? 0;
    left.set(word, count - 1);
    return count > 0;
  }).length;
}

/** Length of the longest common subsequence; one row of the table at a time. */
function longestCommon(a: readonly string[], b: readonly string[]): number {
  const row = new Uint32Array(b.length + 1);
  for (const word of a) {
    let diagonal = 0;
    for (let at = 1; at <= b.length; at += 1) {
      const above = row[at] ?? 0;
      row[at] = word === b[at - 1] ? diagonal + 1 : Math.max(above, row[at - 1] ?? 0);
      diagonal = above;
    }
  }
  return row[b.length] ?? 0;
}

function editDistance(a: readonly string[], b: readonly string[]): number {
  const row = Uint32Array.from({ length: b.length + 1 }, (_zero, at) => at);
  a.forEach((character, index) => {
    let diagonal = row[0] ?? 0;
    row[0] = index + 1;
    for (let at = 1; at <= b.length; at += 1) {
      const above = row[at] ?? 0;
      row[at] = Math.min(diagonal + (character === b[at - 1] ? 0 : 1), above + 1, (row[at - 1] ?? 0) + 1);
      diagonal = above;
    }
  });
  return row[b.length] ?? 0;
}

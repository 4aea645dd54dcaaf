/** The words of a promise: vague ones that no machine can decide, and the numbers that one can. */
import type { Condition } from './condition.js';

/** Refused in a statement that names no number. */
const VAGUE = [
  'high', 'higher', 'good', 'great', 'excellent', 'best', 'better', 'fast', 'quick', 'quickly', 'timely', 'promptly', 'low', 'minimal',
  'reliable', 'reliably', 'robust', 'stable', 'accurate', 'accurately', 'appropriate', 'appropriately', 'adequate', 'adequately',
  'acceptable', 'reasonable', 'reasonably', 'sufficient', 'satisfactory', 'proper', 'properly', 'correctly', 'safe', 'safely',
  'efficient', 'consistent', 'consistently', 'well', 'often', 'rarely', 'seldom', 'most', 'many', 'few', 'some', 'state-of-the-art', 'human-level',
];
/** Refused beside a number too: they take it back. */
const HEDGES = [
  'usually', 'generally', 'typically', 'normally', 'mostly', 'approximately', 'roughly', 'nearly', 'almost', 'ideally', 'hopefully',
  'best effort', 'best-effort', 'where possible', 'if possible', 'as far as possible', 'when possible', 'as needed', 'as appropriate',
  'tries to', 'aims to', 'strives to', 'and so on', 'etc',
];

/** The vague words of a statement, in order of the lists above. */
export function vagueWords(statement: string): readonly string[] {
  if (!ANY.test(statement)) return [];
  const words = numbersOf(statement).length === 0 ? [...HEDGES, ...VAGUE] : HEDGES;
  return words.filter((word) => contains(statement, word));
}

/** One pattern for all words first, since a statement without any is the rule. */
const ANY = patternOf([...HEDGES, ...VAGUE].join('|'));

function contains(text: string, words: string): boolean {
  return patternOf(words).test(text);
}

function patternOf(words: string): RegExp {
  return new RegExp(`(?<![\\p{L}-])(?:${words.replaceAll(' ', '\\s+')})(?![\\p{L}-])`, 'iu');
}

interface Named {
  readonly number: number;
  readonly unit: 'percent' | 'milliseconds' | 'seconds' | 'none';
}

const NUMBER = /(?<![\d.])(\d+(?:\.\d+)?)\s*(%|percent\b|ms\b|milliseconds?\b|s\b|seconds?\b)?/giu;

function numbersOf(statement: string): readonly Named[] {
  return [...statement.matchAll(NUMBER)].map(([, digits, unit = '']) => ({ number: Number(digits), unit: unitOf(unit.toLowerCase()) }));
}

function unitOf(unit: string): Named['unit'] {
  if (unit === '') return 'none';
  if (unit === '%' || unit === 'percent') return 'percent';
  return unit.startsWith('m') ? 'milliseconds' : 'seconds';
}

/** Whether the statement names the threshold, as a number, in percent, or in milliseconds or seconds for latency. */
export function namesThreshold({ statement, metric, threshold }: Pick<Condition, 'statement' | 'metric' | 'threshold'>): boolean {
  const wanted = Number(threshold);
  const latency = metric.startsWith('latency-');
  return numbersOf(statement).some(({ number, unit }) => {
    const value = unit === 'percent' ? number / 100 : unit === 'seconds' ? number * 1000 : number;
    const fits = latency ? unit !== 'percent' : unit === 'percent' || unit === 'none';
    return fits && Math.abs(value - wanted) < 1e-9;
  });
}

const LEAST = /\b(at least|no less than|not less than|no fewer than|more than|over|above)\b/i;
const MOST = /\b(at most|no more than|not more than|less than|fewer than|up to|under|below|within)\b/i;

/** Whether the words say the opposite side of the operator, such as "at most" beside `>=`. */
export function contradicts({ statement, operator }: Pick<Condition, 'statement' | 'operator'>): boolean {
  const [same, opposite] = operator === '>=' ? [LEAST, MOST] : [MOST, LEAST];
  return opposite.test(statement) && !same.test(statement);
}

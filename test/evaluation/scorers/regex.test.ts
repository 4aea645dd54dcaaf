/** The engine's own expressions are the oracle of ours; and what makes the engine run away leaves ours linear. */
import { performance } from 'node:perf_hooks';
import fc from 'fast-check';
import { describe, expect, test } from '@jest/globals';
import { Fault } from '../../../src/domain/fault.js';
import { linearRegex } from '../../../src/evaluation/scorers/linear-regex.js';
import { scored } from './ports.js';

const PATTERNS = [
  '', 'a', '^a$', 'ab|cd|', '(a|b)*c', '(?:ab){2,3}', 'a{2}', 'a{2,}b', 'a?b+?c*?', '^$', '^|b', '\\bab\\b', '\\Ba', '[^a-c]+', '[\\]\\\\-]', '\\d{3}-\\d{2}', '.', '..$', '\\p{Lu}', '\\P{L}+$',
  '\\u{1f600}', '\\ud83d\\ude00', '\\x41', 'é', '(a*)*', '(a|a)*b', '((a+)+)+c', '()', '(|a)+b', '(?:a|b)(?:c|)(d|e)?', '\\s\\S', '\\w+@\\w+', '\\/', '\\.', 'a{0}b', 'a{0,2}b', '(?:){5}a', '[a-z&&b]', '\\cJ',
] as const;

describe('3.1 says what the engine says', () => {
  const texts = fc.string({ unit: fc.constantFrom('a', 'b', 'c', 'd', 'e', 'A', 'B', ' ', '\n', '-', '1', '2', '@', '😀', 'é', 'É', '\\', ']', '.', '/', 'K', '_'), maxLength: 12 });
  test.each(PATTERNS.flatMap((pattern) => [{ pattern, ignoreCase: false }, { pattern, ignoreCase: true }]))('$pattern (ignore case: $ignoreCase)', ({ pattern, ignoreCase }) => {
    const ours = linearRegex(pattern, ignoreCase);
    const theirs = new RegExp(pattern, ignoreCase ? 'iu' : 'u');
    fc.assert(fc.property(texts, (text) => ours.test(text) === theirs.test(text)), { numRuns: 300, seed: 7 });
  });

  test('patterns that are made up as well', () => {
    const atom = fc.constantFrom('a', 'b', '.', '[ab]', '[^a]', '\\b', '^', '$', '\\d', '(?:a|bc)', '(b|)');
    const piece = fc.tuple(atom, fc.constantFrom('', '*', '+', '?', '{2}', '{1,2}', '{0,}', '*?')).map(([one, times]) => (['\\b', '^', '$'].includes(one) ? one : one + times));
    const pattern = fc.array(fc.array(piece, { maxLength: 4 }).map((pieces) => pieces.join('')), { minLength: 1, maxLength: 3 }).map((parts) => parts.join('|'));
    fc.assert(fc.property(pattern, texts, (source, text) => linearRegex(source).test(text) === new RegExp(source, 'u').test(text)), { numRuns: 3000, seed: 11 });
  });
});

describe('3.1 is linear where others run away', () => {
  /** Quickest of three, so that a busy machine does not decide. */
  const time = (work: () => unknown) => Math.min(...[1, 2, 3].map(() => {
    const started = performance.now();
    work();
    return performance.now() - started;
  }));
  // Native: exponential, exponential, quadratic or worse.
  test.each(['(a+)+$', '^(a|a)*$', 'a*a*a*a*a*b', '(.*)*x', '^(([a-z])+.)+[A-Z]$'])('%s', (pattern) => {
    const compiled = linearRegex(pattern);
    const bomb = (size: number) => `${'a'.repeat(size)}!`;
    compiled.test(bomb(20_000));
    const [small, large] = [time(() => compiled.test(bomb(2500))), time(() => compiled.test(bomb(160_000)))];
    // 64 times the text: 64 times the time, and some for a busy machine; quadratic would be 4096 times.
    expect(large / small).toBeLessThan(1000);
  });
});

test.each([
  ['(a', 'not a regular expression'], ['(?=a)b', 'look-around'], ['(?!a)b', 'look-around'], ['(?<=a)b', 'look-around'], ['(?<!a)b', 'look-around'], ['(?<name>a)', 'a named group'], ['(a)\\1', 'a back reference'],
  ['(a{1000}){1000}', 'more than 1000 steps'], ['((((((){999}){999}){999}){999}){999}){999}', 'more than 1000 steps'], ['a{2000}', 'more than 1000 steps'],
])('3.1 refuses %s', (pattern, why) => {
  expect(() => linearRegex(pattern)).toThrow(Fault);
  expect(() => linearRegex(pattern)).toThrow(why);
});

test.each([
  ['pass', { pattern: '^\\d+$' }, '2042'], ['fail', { pattern: '^\\d+$' }, '20 42'], ['fail', { pattern: 'secret', absent: true }, 'a secret'], ['pass', { pattern: 'SECRET', ignoreCase: true }, 'a secret'], ['pass', { pattern: 'secret', absent: true }, 'nothing'],
] as const)('3.1 %s: %j on %j', async (is, spec, output) => {
  expect((await scored({ kind: 'regex', ...spec }, {}, { output })).is).toBe(is);
});

test('3.1 a pattern in a JSON Schema is as safe: a bomb that the engine would need hours for', async () => {
  const spec = { kind: 'json-schema', schema: { type: 'string', pattern: '^(a+)+$' } } as const;
  expect((await scored(spec, {}, { output: `${'a'.repeat(5000)}!` })).is).toBe('fail');
  expect((await scored(spec, {}, { output: 'aaaa' })).is).toBe('pass');
});

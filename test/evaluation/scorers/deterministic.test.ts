/** The scorers that a machine decides alone, in tables: right, wrong, absent, and hostile. */
import { describe, expect, test } from '@jest/globals';
import type { Json, JsonObject } from '../../../src/domain/json.js';
import type { TargetAnswer } from '../../../src/domain/ports.js';
import type { ScorerSpec } from '../../../src/evaluation/scorers/spec.js';
import { SCORER_KINDS } from '../../../src/evaluation/scorers/spec.js';
import { scored } from './ports.js';

type Spec = Omit<ScorerSpec, 'id'>;
type Row = readonly [is: string, spec: Spec, expected: JsonObject, answer: Partial<TargetAnswer>];
const table = (rows: readonly Row[]) => test.each(rows)('%s: %j on %j and %j', async (is, spec, expected, answer) => {
  expect((await scored(spec, expected, answer)).is).toBe(is);
});
const out = (output: Json): Partial<TargetAnswer> => ({ output });

describe('3.1 exact', () => table([
  ['pass', { kind: 'exact' }, { a: 1, b: [2] }, out({ b: [2], a: 1 })],
  ['fail', { kind: 'exact' }, { a: 1 }, out({ a: 1, b: 2 })],
  ['fail', { kind: 'exact' }, { a: 1, b: 2 }, out({ a: 1 })],
  ['fail', { kind: 'exact', output: '/a' }, { a: '1' }, out({ a: 1 })],
  ['fail', { kind: 'exact', output: '/a' }, { a: null }, out({ b: 1 })],
  ['pass', { kind: 'exact', output: '/x', reference: '/y' }, { y: ['é'] }, out({ x: ['é'] })],
  ['fail', { kind: 'exact', output: '/a' }, { a: [1, 2] }, out({ a: [2, 1] })],
  ['fail', { kind: 'exact', output: '/a' }, { a: {} }, out({ a: [] })],
  ['not-evaluable', { kind: 'exact', output: '/a' }, {}, out({ a: 1 })],
]));

describe('3.1 contains', () => table([
  ['pass', { kind: 'contains', texts: ['b', 'c'] }, {}, out('abc')],
  ['fail', { kind: 'contains', texts: ['b', 'd'] }, {}, out('abc')],
  ['pass', { kind: 'contains', texts: ['b', 'd'], match: 'any' }, {}, out('abc')],
  ['fail', { kind: 'contains', texts: ['x', 'y'], match: 'any' }, {}, out('abc')],
  ['fail', { kind: 'contains', texts: ['ABC'] }, {}, out('abc')],
  ['pass', { kind: 'contains', texts: ['ABC'], ignoreCase: true }, {}, out('abc')],
  ['pass', { kind: 'contains', texts: ['x'], absent: true }, {}, out('abc')],
  ['fail', { kind: 'contains', texts: ['x', 'c'], absent: true }, {}, out('abc')],
  ['pass', { kind: 'contains', reference: '/must' }, { must: 'b' }, out({ deep: ['abc'] })],
  ['not-evaluable', { kind: 'contains', reference: '/must' }, { must: '' }, out('abc')],
  ['not-evaluable', { kind: 'contains', reference: '/must' }, { must: [] }, out('abc')],
  ['not-evaluable', { kind: 'contains', reference: '/must' }, {}, out('abc')],
  ['fail', { kind: 'contains', texts: ['x'], absent: true, output: '/text' }, {}, out({ silent: true })],
]));

describe('3.1 numeric', () => table([
  ['pass', { kind: 'numeric', output: '/n', absolute: '0.1' }, { n: 1 }, out({ n: 1.1 })],
  ['fail', { kind: 'numeric', output: '/n', absolute: '0.1' }, { n: 1 }, out({ n: 1.1000001 })],
  ['pass', { kind: 'numeric', output: '/n', absolute: '0' }, { n: '0.30' }, out({ n: '3e-1' })],
  ['fail', { kind: 'numeric', output: '/n', absolute: '0' }, { n: 0.3 }, out({ n: 0.1 + 0.2 })],
  ['pass', { kind: 'numeric', output: '/n', relative: '0.05' }, { n: -200 }, out({ n: -190 })],
  ['fail', { kind: 'numeric', output: '/n', relative: '0.05' }, { n: -200 }, out({ n: -189 })],
  ['pass', { kind: 'numeric', output: '/n', relative: '0', absolute: '5' }, { n: 0 }, out({ n: 5 })],
  ['fail', { kind: 'numeric', output: '/n', relative: '0.5' }, { n: 0 }, out({ n: 0.000001 })],
  ['fail', { kind: 'numeric', output: '/n', absolute: '9' }, { n: 5 }, out({ n: '5 kg' })],
  ['fail', { kind: 'numeric', output: '/n', absolute: '9' }, { n: 5 }, out({ n: 'NaN' })],
  ['fail', { kind: 'numeric', output: '/n', absolute: '9' }, { n: 5 }, out({ n: 'Infinity' })],
  ['fail', { kind: 'numeric', output: '/n', absolute: '9' }, { n: 5 }, out({ n: '5e999' })],
  ['fail', { kind: 'numeric', output: '/n', absolute: '9' }, { n: 5 }, out({ n: `5.${'0'.repeat(1_000_000)}` })],
  ['fail', { kind: 'numeric', output: '/n', absolute: '9' }, { n: 5 }, out({ n: true })],
  ['fail', { kind: 'numeric', output: '/n', absolute: '9' }, { n: 5 }, out({ n: '' })],
  ['not-evaluable', { kind: 'numeric', output: '/n', absolute: '9' }, { n: 'five' }, out({ n: 5 })],
]));

describe('3.1 json-schema', () => table([
  ['pass', { kind: 'json-schema', schema: { type: 'string', maxLength: 3 } }, {}, out('abc')],
  ['fail', { kind: 'json-schema', schema: { type: 'string', maxLength: 3 } }, {}, out('abcd')],
  ['fail', { kind: 'json-schema', schema: { type: 'string' }, output: '/a' }, {}, out({ b: 'abc' })],
  ['fail', { kind: 'json-schema', schema: { type: 'object', additionalProperties: false } }, {}, out({ extra: 1 })],
]));

describe('3.1 json-subset', () => table([
  ['pass', { kind: 'json-subset' }, { a: { b: 1 } }, out({ a: { b: 1, c: 2 }, d: 3 })],
  ['fail', { kind: 'json-subset' }, { a: { b: 1, c: 2 } }, out({ a: { b: 1 } })],
  ['pass', { kind: 'json-subset', output: '/list' }, { list: [{ a: 1 }, { b: 2 }] }, out({ list: [{ a: 1, x: 1 }, { b: 2 }] })],
  ['fail', { kind: 'json-subset', output: '/list' }, { list: [{ a: 1 }] }, out({ list: [{ a: 1 }, { a: 1 }] })],
  ['fail', { kind: 'json-subset' }, { a: null }, out({})],
]));

describe('3.1 refusal', () => {
  const asked: Spec = { kind: 'refusal', output: '/decision', labels: ['ask-human'], phrases: ["I can't help"], expect: 'reference', reference: '/refuse' };
  return table([
    ['pass', asked, { refuse: true }, out({ decision: 'ask-human' })],
    ['fail', asked, { refuse: true }, out({ decision: 'pay' })],
    ['pass', asked, { refuse: false }, out({ decision: 'pay' })],
    ['fail', asked, { refuse: false }, out({ decision: 'ask-human' })],
    ['pass', asked, { refuse: true }, out({ decision: 'Sorry, i CAN’T\nhelp with that.' })],
    ['not-evaluable', asked, { refuse: 'yes' }, out({ decision: 'ask-human' })],
    ['not-evaluable', asked, {}, out({ decision: 'ask-human' })],
    ['fail', { kind: 'refusal', output: '/decision', labels: ['ask-human'], expect: 'refuses' }, {}, out({ other: 'ask-human' })],
    ['fail', { kind: 'refusal', output: '/decision', labels: ['ask-human'], expect: 'answers' }, {}, out({})],
  ]);
});

describe('3.1 similarity', () => {
  const like = (measure: NonNullable<ScorerSpec['measure']>, threshold: string): Spec => ({ kind: 'similarity', measure, threshold, output: '/t' });
  const of = (t: Json): JsonObject => ({ t });
  // By hand: 2 of 3 and 2 of 2 words: F1 = 4/5. LCS of "b a" in "a b": 1, so 2/4. kitten → sitting: 3 changes of 7 characters.
  test.each([
    ['token-f1', 'a b c', 'a b', '0.800000'], ['token-f1', 'a a a', 'a', '0.500000'], ['token-f1', 'x', 'a', '0.000000'], ['token-f1', 'B a', 'a b', '1.000000'],
    ['rouge-l', 'b a', 'a b', '0.500000'], ['rouge-l', 'A, B! C?', 'a b c', '1.000000'],
    ['edit', 'kitten', 'sitting', '0.571428'], ['edit', '', 'abc', '0.000000'], ['edit', '😀b', '😀a', '0.500000'],
  ] as const)('%s of %j and %j is %s', async (measure, text, reference, score) => {
    expect((await scored(like(measure, '0.000001'), of(reference), out(of(text)))).score).toBe(score);
  });
  table([
    ['pass', like('edit', '0.571428'), of('sitting'), out(of('kitten'))],
    ['fail', like('edit', '0.571429'), of('sitting'), out(of('kitten'))],
    ['not-evaluable', like('rouge-l', '0.5'), of('…'), out(of('words'))],
    ['fail', like('edit', '0.1'), of('y'.repeat(2000)), out(of('x'.repeat(1_000_000)))],
    ['fail', like('rouge-l', '0.1'), of('y '.repeat(2000)), out(of('x '.repeat(500_000)))],
  ]);
});

describe('3.1 hostile answers end in a verdict, never in a pass by accident', () => {
  const deep = Array.from({ length: 100_000 }).reduce<Json>((inner) => [inner], 'x');
  const hostile: readonly (readonly [string, Json])[] = [['deep', deep], ['lone surrogates', '\ud800\udfff\udc00'], ['a megabyte', 'x'.repeat(1_000_000)], ['null', null], ['an empty list', []], ['prototype names', { constructor: 1, toString: 2 }]];
  const specs: readonly Spec[] = [
    { kind: 'exact' }, { kind: 'contains', texts: ['needle'] }, { kind: 'regex', pattern: 'needle' }, { kind: 'numeric', absolute: '1', reference: '/n' },
    { kind: 'json-schema', schema: { type: 'object', properties: { needle: { type: 'string' } }, required: ['needle'] } }, { kind: 'json-subset' }, { kind: 'tool-calls', calls: 'strict' },
    { kind: 'refusal', labels: ['needle'], expect: 'refuses' }, { kind: 'similarity', measure: 'token-f1', threshold: '0.5', reference: '/t' },
  ];
  test('they are all the kinds that need no judge, no program and no canary', () => {
    expect(specs.map(({ kind }) => kind).sort()).toEqual(SCORER_KINDS.filter((kind) => !['canary', 'judge', 'jury', 'module', 'command'].includes(kind)).sort());
  });
  test.each(specs.flatMap((spec) => hostile.map(([name, output]) => ({ kind: spec.kind, name, spec, output }))))('$kind: $name', async ({ spec, output }) => {
    const found = await scored(spec, { n: 1, t: 'needle', toolCalls: [{ tool: 'needle', arguments: {} }] }, { output });
    expect(found.is).toBe('fail');
    expect(found.because.length).toBeLessThanOrEqual(200);
    expect(found.because.isWellFormed()).toBe(true);
    expect(found.because).toMatch(/^[^\p{Cc}\p{Cf}\p{Cs}]+$/u);
  });
});

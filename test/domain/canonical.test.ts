import { createHash } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import canonicalize from 'canonicalize';
import fc from 'fast-check';
import { canonical } from '../../src/domain/canonical.js';
import { Fault } from '../../src/domain/fault.js';
import { parseJson, type Json } from '../../src/domain/json.js';

const json = fc.jsonValue({ stringUnit: 'binary', maxDepth: 5 }).filter((value) => !hidesIntegers(value)) as fc.Arbitrary<Json>;

/** Integers beyond 2^53 are refused here and rounded elsewhere. */
function hidesIntegers(value: unknown): boolean {
  if (typeof value === 'number') return Number.isInteger(value) && Math.abs(value) < 1e21 && !Number.isSafeInteger(value);
  return typeof value === 'object' && value !== null && Object.values(value).some(hidesIntegers);
}

describe('canonical form (RFC 8785)', () => {
  test('is what an independent package writes', () => {
    fc.assert(fc.property(json, (value) => { expect(canonical(value)).toBe(canonicalize(value)); }), { numRuns: 400 });
  });

  test('is a fixed point, and reads back as the same value', () => {
    fc.assert(fc.property(json, (value) => {
      fc.pre(!JSON.stringify(value).includes('__proto__'));
      const text = canonical(value);
      expect(canonical(parseJson(text, 'text'))).toBe(text);
      expect(parseJson(text, 'text')).toEqual(JSON.parse(JSON.stringify(value)));
    }), { numRuns: 400 });
  });

  test.each<[string, Json, string]>([
    ['sorts by UTF-16 code unit', { '\u20ac': 1, '\r': 2, '\ufb33': 3, '1': 4, '\u{1f600}': 5, '\u0080': 6, '\u00f6': 7 }, '{"\\r":2,"1":4,"\u0080":6,"\u00f6":7,"\u20ac":1,"\u{1f600}":5,"\ufb33":3}'],
    ['writes numbers as ECMAScript does', [333333333.33333329, 1e30, 4.5, 2e-3, 1e-27, -0], '[333333333.3333333,1e+30,4.5,0.002,1e-27,0]'],
    ['escapes only what it must', '\u20ac$\u000f\nA\'B"\\\\"/', '"\u20ac$\\u000f\\nA\'B\\"\\\\\\\\\\"/"'],
    ['keeps literals', [null, true, false], '[null,true,false]'],
    ['keeps nesting', { b: [{}, []], a: { d: 1, c: 2 } }, '{"a":{"c":2,"d":1},"b":[{},[]]}'],
  ])('%s', (_what, value, text) => {
    expect(canonical(value)).toBe(text);
  });

  test('agrees on doubles of every size', () => {
    // The sequence of cyberphone/json-canonicalization: four doubles from each SHA-256 of a growing chain.
    const numbers: number[] = [];
    for (let block = createHash('sha256').update(Buffer.alloc(32)).digest(); numbers.length < 2000; block = createHash('sha256').update(block).digest()) {
      for (let at = 0; at < 32; at += 8) numbers.push(block.readDoubleLE(at));
    }
    const finite = numbers.filter((number) => Number.isFinite(number) && !hidesIntegers(number));
    expect(finite.map((number) => canonical(number))).toEqual(finite.map((number) => canonicalize(number)));
  });

  const deep = (levels: number): Json => (levels === 0 ? 0 : [deep(levels - 1)]);
  test.each<[string, unknown]>([
    ['undefined', undefined], ['an undefined member', { a: undefined }], ['a hole', [, 1]], ['NaN', Number.NaN], ['Infinity', [Number.POSITIVE_INFINITY]],
    ['a lone surrogate', 'a\ud800'], ['a lone surrogate as key', { '\udc00': 1 }], ['a date', new Date(0)], ['a function', () => 1], ['a bigint', 1n],
    ['an unsafe integer', 2 ** 53], ['a map', new Map()], ['a symbol', Symbol('x')], ['deep nesting', deep(65)],
  ])('refuses %s', (_what, value) => {
    expect(() => canonical(value as Json)).toThrow(Fault);
  });

  test('takes nesting up to the limit and objects without prototype', () => {
    expect(canonical(deep(64))).toBe(`${'['.repeat(64)}0${']'.repeat(64)}`);
    expect(canonical(Object.assign(Object.create(null) as { [key: string]: Json }, { a: 1 }))).toBe('{"a":1}');
  });
});

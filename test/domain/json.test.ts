import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { Fault } from '../../src/domain/fault.js';
import { asObject, parseJson } from '../../src/domain/json.js';

function placeOf(text: string): string | undefined {
  try {
    parseJson(text, 'x.json');
  } catch (error) {
    if (error instanceof Fault && error.code === 'INPUT_INVALID') return error.at;
    throw error;
  }
  return undefined;
}

describe('the strict JSON reader', () => {
  test('reads what JSON.parse reads', () => {
    fc.assert(fc.property(fc.json({ stringUnit: 'grapheme' }), fc.constantFrom(undefined, 1, '\t'), (text, space) => {
      const value: unknown = JSON.parse(text);
      fc.pre(!text.includes('__proto__') && !/\d{16}|e\+/.test(text));
      expect(parseJson(JSON.stringify(value, null, space), 'x.json')).toEqual(value);
    }), { numRuns: 1000 });
  });

  test('refuses what JSON.parse refuses, and never crashes', () => {
    const noise = fc.string({ unit: fc.constantFrom(...'{}[]",:\\u0019.eE+-truefalsn \n\t'), maxLength: 12 });
    fc.assert(fc.property(noise, (text) => {
      let plain = true;
      try {
        JSON.parse(text);
      } catch (error) {
        plain = !(error instanceof SyntaxError);
      }
      if (!plain) expect(placeOf(text)).toBeDefined();
    }), { numRuns: 2000 });
  });

  test.each([
    ['a duplicate key', '{"a":1,\n "a":2}', 'x.json:2:2'],
    ['a duplicate key behind an escape', '{"a":1,"\\u0061":2}', 'x.json:1:8'],
    ['a rounded integer', '[9007199254740993]', 'x.json:1:2'],
    ['an infinite number', '1e400', 'x.json:1:1'],
    ['a rounded integer in another spelling', '[1e20]', 'x.json:1:2'],
    ['__proto__', '{"__proto__":{}}', 'x.json:1:2'],
    ['a lone surrogate', '"\\ud800"', 'x.json:1:1'],
    ['deep nesting', '['.repeat(100_000), 'x.json:1:66'],
    ['a trailing comma', '[1,]', 'x.json:1:4'],
    ['a comment', '// no', 'x.json:1:1'],
    ['text after the value', '{} {}', 'x.json:1:4'],
    ['a raw control character', '"a\nb"', 'x.json:1:3'],
    ['a leading zero', '01', 'x.json:1:2'],
    ['nothing', '', 'x.json:1:1'],
    ['a byte order mark', '\ufeff{}', 'x.json:1:1'],
  ])('refuses %s and tells the place', (_what, text, place) => {
    expect(placeOf(text)).toBe(place);
  });

  test('keeps bare NaN and infinities as their text, where that is asked for and nowhere else', () => {
    expect(parseJson('{"a":NaN,"b":[Infinity,-Infinity,-1],"c":9007199254740993}', 'x.json', 'any as text')).toEqual({ a: 'NaN', b: ['Infinity', '-Infinity', -1], c: '9007199254740993' });
    for (const form of ['refused', 'as text'] as const) expect(() => parseJson('[NaN]', 'x.json', form)).toThrow('expected a JSON value');
    for (const text of ['[-NaN]', '[nan]', '[NaNa]', '{NaN:1}', '[+Infinity]']) expect(() => parseJson(text, 'x.json', 'any as text')).toThrow();
  });

  test('keeps the digits of an integer that would be rounded, where that is asked for', () => {
    expect(parseJson('[9007199254740993,-9007199254740993,12,1e17]', 'x.json', 'as text')).toEqual(['9007199254740993', '-9007199254740993', 12, 1e17]);
  });

  test('wants an object where one is wanted', () => {
    expect(asObject({ a: 1 }, 'x')).toEqual({ a: 1 });
    for (const value of [[], null, 'a', undefined]) expect(() => asObject(value, 'x')).toThrow('x must be a JSON object');
  });
});

import { describe, expect, test } from '@jest/globals';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { conforms } from '../../src/domain/conforms.js';
import type { Json, JsonObject } from '../../src/domain/json.js';
import { anyJson, boolean, integer, list, object, oneOf, optional, record, string } from '../../src/domain/schema.js';

const SCHEMA = object({
  id: string({ pattern: '^[a-z]+$', maxLength: 5 }),
  kind: oneOf(['a', 'b']),
  count: integer({ minimum: 0, maximum: 9 }),
  flag: boolean(),
  tags: list(string(), { minItems: 1, maxItems: 2, uniqueItems: true }),
  sizes: record(integer(), { propertyNames: { pattern: '^x' } }),
  note: optional({ anyOf: [string(), { type: 'null' }] }),
  free: optional(anyJson()),
  only: optional({ const: 'this' }),
  either: optional({ type: ['string', 'null'] }),
});
const GOOD = { id: 'abc', kind: 'a', count: 3, flag: true, tags: ['t'], sizes: { x1: 1 } };
const ajv = new Ajv2020({ allErrors: false, strict: false }).compile(SCHEMA);

describe('conforms', () => {
  test.each<[Json, string | null]>([
    [GOOD, null],
    [{ ...GOOD, note: null, free: [1.5], only: 'this', either: null }, null],
    [{ ...GOOD, note: 'x' }, null],
    ['text', ' is not of type object'],
    [{ ...GOOD, id: 'ABC' }, '/id does not match ^[a-z]+$'],
    [{ ...GOOD, id: '' }, '/id is shorter than 1'],
    [{ ...GOOD, id: 'abcdef' }, '/id is longer than 5'],
    [{ ...GOOD, kind: 'c' }, '/kind is not one of ["a","b"]'],
    [{ ...GOOD, count: 1.5 }, '/count is not of type integer'],
    [{ ...GOOD, count: -1 }, '/count is below 0'],
    [{ ...GOOD, count: 10 }, '/count is above 9'],
    [{ ...GOOD, flag: 'true' }, '/flag is not of type boolean'],
    [{ ...GOOD, tags: [] }, '/tags has fewer than 1 items'],
    [{ ...GOOD, tags: ['a', 'b', 'c'] }, '/tags has more than 2 items'],
    [{ ...GOOD, tags: ['a', 'a'] }, '/tags has equal items'],
    [{ ...GOOD, tags: ['a', 1] }, '/tags/1 is not of type string'],
    [{ ...GOOD, sizes: { x1: '1' } }, '/sizes/x1 is not of type integer'],
    [{ ...GOOD, sizes: { y: 1 } }, '/sizes/y does not match ^x'],
    [{ ...GOOD, note: 1 }, '/note fits none of the alternatives'],
    [{ ...GOOD, only: 'that' }, '/only is not "this"'],
    [{ ...GOOD, either: 1 }, '/either is not of type string or null'],
    [{ ...GOOD, extra: 1 }, '/extra is not allowed'],
    [{ ...GOOD, toString: 1 }, '/toString is not allowed'],
  ])('%j: %s, and a full validator agrees', (value, problem) => {
    expect(conforms(SCHEMA, value)).toBe(problem);
    expect(ajv(value)).toBe(problem === null);
  });

  test('tells a missing member, and refuses a keyword that it does not know', () => {
    const { flag: _flag, ...rest } = GOOD;
    expect(conforms(SCHEMA, rest)).toBe('/flag is missing');
    expect(conforms({ type: 'string', not: {} } as JsonObject, 'x')).toBe(' meets the unsupported schema keyword "not"');
  });
});

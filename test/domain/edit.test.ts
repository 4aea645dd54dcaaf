import { expect, test } from '@jest/globals';
import { describeEdit } from '../../src/domain/edit.js';
import type { Json } from '../../src/domain/json.js';

const CASES: readonly (readonly [name: string, before: Json, after: Json, lines: readonly string[]])[] = [
  ['nothing', { a: 1 }, { a: 1 }, []],
  ['a value', { limits: { perDay: '100.00' } }, { limits: { perDay: '500.00' } }, ['limits.perDay "100.00" -> "500.00"']],
  ['a member of a list, by its id', [{ id: 'x', at: 1 }, { id: 'y', at: 2 }], [{ id: 'x', at: 1 }, { id: 'y', at: 3 }], ['y.at 2 -> 3']],
  ['something more', { scopes: ['a'] }, { scopes: ['a', 'b'] }, ['scopes.1 added: "b"']],
  ['something less', { a: 1, b: 2 }, { a: 1 }, ['b removed: 2']],
  ['only another order', [{ id: 'x' }, { id: 'y' }], [{ id: 'y' }, { id: 'x' }], ['order changed']],
  ['a long value, cut', { a: 'x'.repeat(50) }, { a: 'y' }, [`a "${'x'.repeat(36)}... -> "y"`]],
  ['many', Object.fromEntries(Array.from({ length: 9 }, (_, n) => [`k${n}`, n])), {}, [...Array.from({ length: 6 }, (_, n) => `k${n} removed: ${n}`), 'and 3 more']],
];

test.each(CASES)('tells %s', (_, before, after, lines) => {
  expect(describeEdit(before, after)).toEqual(lines);
});

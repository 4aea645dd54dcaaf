import { describe, expect, test } from '@jest/globals';
import { yaml } from '../../src/adapters/yaml.js';
import { Fault } from '../../src/domain/fault.js';
import type { Json } from '../../src/domain/json.js';

const edit = (text: string, pointer: string, value: Json) => yaml().edit(text, pointer, value);

describe('one value changes, every other byte stays', () => {
  test.each<[string, string, string, Json, string]>([
    ['a plain value', 'a: 1 # one\nb: 2\n', '/a', 'x', 'a: x # one\nb: 2\n'],
    ['a value that needs quotes', 'a: 1\n', '/a', 'x: y # z', 'a: "x: y # z"\n'],
    ['a text that looks like a number', 'a: 1\n', '/a', '12.50', 'a: "12.50"\n'],
    ['an empty value', 'a:\nb: 2\n', '/a', 'x', 'a: x\nb: 2\n'],
    ['a place in a list', 'a:\n  # who\n  - b: 1\n  - b: 2\n', '/a/1/b', 3, 'a:\n  # who\n  - b: 1\n  - b: 3\n'],
    ['a list on one line', 'a: [x, y]   # both\n', '/a', ['z'], 'a: [z]   # both\n'],
    ['a new key', 'a:\n  b: 1 # one\n\n# next\nc: 2\n', '/a/d', 'x', 'a:\n  b: 1 # one\n  d: x\n\n# next\nc: 2\n'],
    ['a new key at the top, without a last line break', 'a: 1', '/b', 2, 'a: 1\nb: 2\n'],
    ['a new list item', 'a:\n  - id: x\n    roles: [p, q]\n\n# after\nb: 1\n', '/a/-', { id: 'y', roles: ['r', 's'] }, 'a:\n  - id: x\n    roles: [p, q]\n  - id: y\n    roles: [r, s]\n\n# after\nb: 1\n'],
    ['a list at the indent of its key', 'a:\n- x\nb: 1\n', '/a/-', 'y', 'a:\n- x\n- y\nb: 1\n'],
    ['into brackets', 'a: [x] # c\n', '/a/-', 'y', 'a: [x, y] # c\n'],
    ['into empty brackets', 'a: []\n', '/a/-', { b: 1 }, 'a: [{b: 1}]\n'],
    ['after a folded text', 'a:\n  b: >-\n    one\n    two\nc: 1\n', '/a/d', 1, 'a:\n  b: >-\n    one\n    two\n  d: 1\nc: 1\n'],
    ['a long line is not folded', `a: ${'word '.repeat(40)}end\nb: 1\n`, '/b', 2, `a: ${'word '.repeat(40)}end\nb: 2\n`],
  ])('%s', async (_name, text, pointer, value, expected) => {
    expect(await edit(text, pointer, value)).toBe(expected);
  });
});

test.each<[string, string, string, Json]>([
  ['no such place', 'a: 1\n', '/b/c', 1],
  ['behind an alias', 'a: &x {b: 1}\nc: *x\n', '/c/b', 2],
  ['an anchored value that others share', 'a: &x 1\nc: *x\n', '/a', 2],
  ['past the end of a list', 'a: [1]\n', '/a/5', 2],
  ['a broken text', 'a: [1\n', '/a', 2],
])('refused: %s', async (_name, text, pointer, value) => {
  await expect(edit(text, pointer, value)).rejects.toThrow(Fault);
});

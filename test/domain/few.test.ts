/** A long list is cut to its beginning and a number. */
import { expect, test } from '@jest/globals';
import { few } from '../../src/domain/few.js';

test.each<[readonly string[], string]>([
  [[], ''], [['a'], 'a'], [['a', 'b', 'c'], 'a; b; c'], [['a', 'b', 'c', 'd'], 'a; b; c; and 1 more'], [[...'abcdefgh'], 'a; b; c; and 5 more'],
])('%j', (items, line) => {
  expect(few(items, '; ')).toBe(line);
});

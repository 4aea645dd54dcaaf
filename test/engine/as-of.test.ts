/** What a store keeps folded, and what is folded again for an earlier time, are the same projections. */
import { expect, test } from '@jest/globals';
import { projections } from '../../src/adapters/projections.js';
import { PROJECTIONS } from '../../src/engine/as-of.js';

test('8.2 a projection that one of the two lists lacks would be empty in verify --at, or never kept', () => {
  expect(PROJECTIONS).toEqual(projections);
  expect(new Set(projections.map(({ name }) => name)).size).toBe(projections.length);
});

/** The held-out split: its published vectors, and what it survives. */
import { expect, test } from '@jest/globals';
import { isHeldOut, saltCommitment, saltOf, splitPlace } from '../../src/evaluation/split.js';

const SALT = 'agentctl-test-salt';

test.each([['case-001', 0.812893], ['case-002', 0.369429], ['case-003', 0.965217], ['case-004', 0.00061], ['case-005', 0.937376], ['case-006', 0.415887], ['case-007', 0.207421], ['case-008', 0.988213]])('3.3 place of %s', (id, place) => {
  expect(splitPlace({ id }, SALT)).toBeCloseTo(place, 6);
  expect(isHeldOut({ id }, SALT, 0.2)).toBe(id === 'case-004');
});

test('3.3 of 10,000 cases 1,981 are held out at 0.2', () => {
  const held = Array.from({ length: 10_000 }, (_, i) => `case-${i}`).filter((id) => isHeldOut({ id }, SALT, 0.2));
  expect(held).toHaveLength(1981);
});

test('3.3 whole groups move together, and another salt is another split', () => {
  const places = new Set(['a', 'b', 'c'].map((id) => splitPlace({ id, group: 'family' }, SALT)));
  expect(places.size).toBe(1);
  expect(splitPlace({ id: 'case-001' }, saltOf(new Uint8Array(32).fill(7)))).not.toBeCloseTo(0.812893, 3);
  expect(saltOf(new Uint8Array([0, 255]))).toBe('00ff');
  expect(saltCommitment(SALT)).toMatch(/^sha256:[0-9a-f]{64}$/);
});

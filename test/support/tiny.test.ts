import { afterAll, expect, test } from '@jest/globals';
import { accepted, removeTinies } from './tiny.js';

afterAll(removeTinies);

test('the tiny agent reaches an accepted baseline, and a copy of it stands on its own', async () => {
  const one = await accepted();
  expect(await one.entries('baseline.accepted')).toHaveLength(1);
  const other = one.copy();
  await other.run('audit', 'checkpoint');
  expect(await other.entries('baseline.accepted')).toHaveLength(1);
});

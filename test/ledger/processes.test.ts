/** Rows 8.2 and 4.2 with real processes: many writers on one chain, and writers that are killed. */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { verifyChain } from '../../src/ledger/verify.js';
import { bundleChild, startChild, type Child } from './fixtures/spawn.js';
import { CHAIN, freshFolder, removeFolders, stores } from './fixtures/support.js';

let bundle: ReturnType<typeof bundleChild>;
beforeAll(() => { bundle = bundleChild('ledger'); });
afterAll(() => { bundle.remove(); removeFolders(); });

/** Every acknowledged entry is there with its hash, and the whole chain holds. Returns its size. */
async function checkAcknowledged(folder: string, children: readonly Child[]): Promise<number> {
  const store = await stores().open(folder, { readonly: false });
  const hashes = new Map<number, string>();
  for await (const { seq, hash } of store.scan(CHAIN)) hashes.set(seq, hash);
  const acknowledged = children.flatMap(({ lines }) => lines) as [number, string][];
  expect(acknowledged.filter(([seq, hash]) => hashes.get(seq) !== hash)).toEqual([]);
  expect(new Set(acknowledged.map(([seq]) => seq)).size).toBe(acknowledged.length);
  const verified = await verifyChain(store.scan(CHAIN), { chain: CHAIN, deep: true });
  expect(verified).toMatchObject({ ok: true, size: hashes.size });
  const problems: unknown[] = [];
  for await (const problem of store.audit(CHAIN)) problems.push(problem);
  expect(problems).toEqual([]);
  await store.close();
  return hashes.size;
}

test('8.2 eight processes append at once and keep one valid chain', async () => {
  const folder = freshFolder();
  const children = Array.from({ length: 8 }, () => startChild(bundle.path, [folder, 'append', '60']));
  expect(await Promise.all(children.map(({ ended }) => ended))).toEqual(Array(8).fill(0));
  expect(await checkAcknowledged(folder, children)).toBe(480);
});

test('8.2 kill -9 loses nothing that was acknowledged', async () => {
  const folder = freshFolder();
  const all: Child[] = [];
  for (const after of [1, 7, 23, 40]) {
    const pair = [startChild(bundle.path, [folder, 'append', '100000']), startChild(bundle.path, [folder, 'append', '100000'])];
    all.push(...pair);
    await Promise.all(pair.map((child) => child.line(after)));
    for (const child of pair) child.process.kill('SIGKILL');
    expect(await Promise.all(pair.map(({ ended }) => ended))).toEqual([null, null]);
  }
  expect(await checkAcknowledged(folder, all)).toBeGreaterThan(140);
});

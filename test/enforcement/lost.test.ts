/** Actions whose process died: found, shown, and never done or paid a second time. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { schemas } from '../../src/adapters/schemas.js';
import { sqliteStores } from '../../src/adapters/sqlite-store.js';
import { systemRandom } from '../../src/adapters/system.js';
import { executeAction } from '../../src/enforcement/gateway/execute.js';
import { recordLost } from '../../src/enforcement/gateway/lost.js';
import { enforcementProjections } from '../../src/enforcement/projections.js';
import type { Clock, Store } from '../../src/domain/ports.js';
import { toInstant } from '../../src/domain/time.js';
import { AGENT, CHAIN, NOW, payment, policyWith } from './fixture.js';

let folder = '';
let store: Store;
let minutes = 0;
const clock: Clock = { now: () => toInstant(Date.parse(NOW) + minutes * 60_000), monotonic: () => 0, sleep: () => Promise.resolve() };

beforeEach(async () => {
  minutes = 0;
  folder = await mkdtemp(join(tmpdir(), 'agentctl-lost-'));
  store = await sqliteStores({ clock, random: systemRandom(), projections: enforcementProjections }).open(join(folder, '.agentctl'), { readonly: false });
});
afterEach(async () => {
  await store.close();
  await rm(folder, { recursive: true, force: true });
});

/** A process that dies while its tool runs writes no outcome. */
async function dieWhilePaying(): Promise<void> {
  const runs = new Promise<void>((begun) => {
    const tools = { run: () => { begun(); return new Promise<never>(() => undefined); } };
    void executeAction(
      { store, tools, schemas: schemas(), clock, authenticated: async () => true },
      { chain: CHAIN, agent: AGENT, folder, build: folder, metCapabilities: ['payments'], policy: policyWith() },
      payment('80.00'),
    );
  });
  await runs;
}

test('8.6 an intent without an outcome is recorded as unknown, once nobody can still be writing it, and its money stays held', async () => {
  await dieWhilePaying();
  const held = () => store.projection(CHAIN, 'reservations').then((states) => JSON.stringify([...states.values()]));
  const before = await held();
  minutes = 15;
  expect(await recordLost({ store, clock }, { chain: CHAIN, agent: AGENT })).toEqual([]);
  minutes = 16;
  expect(await recordLost({ store, clock }, { chain: CHAIN, agent: AGENT })).toEqual(['a-1']);
  expect(await store.latest(CHAIN, 'action.recorded')).toMatchObject({ data: { action: 'a-1', decision: 'permit', outcome: 'unknown', rule: 'outcome-lost' } });
  expect(await recordLost({ store, clock }, { chain: CHAIN, agent: AGENT })).toEqual([]);
  expect(before).toContain('8000');
  expect(await held()).toBe(before);
  for await (const problem of store.audit(CHAIN)) throw new Error(JSON.stringify(problem));
});

test('8.6 nothing is written where every intent has its outcome', async () => {
  expect(await recordLost({ store, clock }, { chain: CHAIN, agent: AGENT })).toEqual([]);
  expect(await store.head(CHAIN)).toBeUndefined();
});

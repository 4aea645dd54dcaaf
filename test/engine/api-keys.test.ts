/** 1.3: API keys that are rotated, used on record and leaked on purpose; the twins of the drill that must fail; and decisions of another process. */
import { readFileSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { JsonObject } from '../../src/domain/json.js';
import type { Store, Stores } from '../../src/domain/ports.js';
import { clearDesks } from '../support/cli.js';
import { desk } from '../support/stages.js';
import { removeTinies, tiny, type Tiny } from '../support/tiny.js';

let keyed: Tiny;
beforeAll(async () => {
  keyed = await tiny();
  await keyed.run('identity', 'register');
  await keyed.run('identity', 'key issue');
}, 60_000);
afterAll(() => { removeTinies(); clearDesks(); });

const idOf = async (one: Tiny, at = -1) => String((await one.entries('key.issued')).at(at)?.data['keyId']);
const fileOf = (one: Tiny, keyId: string) => one.path('.agentctl/keys', `${keyId}.token`);
const check = async (one: Tiny, keyId: string, options: Record<string, string | boolean> = {}) => one.run('identity', 'key check', { permission: 'note:read', keyFile: fileOf(one, keyId), ...options });
const stateOf = (one: Tiny, keyId: string) => one.withSession(({ store, chain }) => store.projected(chain, 'api-keys', keyId), false);
const deep = (one: Tiny) => one.withSession(async ({ store, chain }) => {
  const problems: unknown[] = [];
  for await (const problem of store.audit(chain)) problems.push(problem);
  return problems;
}, false);

describe('1.3 identity key rotate', () => {
  test('at once: the next key counts, the one before is refused from the next decision on', async () => {
    const one = keyed.copy();
    const first = await idOf(one);
    expect(await one.run('identity', 'key rotate', {}, [first])).toMatchObject({ exit: 0, data: { replaces: first } });
    const second = await idOf(one);
    expect(second).not.toBe(first);
    expect(await check(one, first)).toMatchObject({ exit: 1, data: { because: expect.stringContaining('expired') } });
    expect(await check(one, second)).toMatchObject({ exit: 0 });
    expect(await stateOf(one, first)).toMatchObject({ replacedBy: second });
    expect(await deep(one)).toEqual([]);
  });

  test('with grace both count, and the old one to the millisecond', async () => {
    const one = keyed.copy();
    const first = await idOf(one);
    await one.run('identity', 'key rotate', { grace: 'PT1H', out: one.path('next.token') }, [first]);
    for (const [now, exit] of [['2026-11-22T12:59:59.999Z', 0], ['2026-11-22T13:00:00.000Z', 1]] as const) {
      one.clock.set(now);
      expect(await check(one, first)).toMatchObject({ exit });
      expect(await one.run('identity', 'key check', { permission: 'note:read', keyFile: one.path('next.token') })).toMatchObject({ exit: 0 });
    }
  });

  test('grace never makes a life longer than it was', async () => {
    const one = keyed.copy();
    const first = await idOf(one);
    expect(await one.run('identity', 'key rotate', { grace: 'P400D' }, [first])).toMatchObject({ data: { until: '2027-02-20T12:00:00.000Z' } });
    expect(await stateOf(one, first)).toMatchObject({ expiresAt: '2027-02-20T12:00:00.000Z' });
  });

  test('what has ended, is followed already or was never issued has no follower', async () => {
    const one = keyed.copy();
    const first = await idOf(one);
    expect(await one.fault('identity', 'key rotate', {}, ['key_0'])).toMatchObject({ code: 'USAGE' });
    expect(await one.fault('identity', 'key rotate', { grace: 'soon' }, [first])).toMatchObject({ code: 'INPUT_INVALID', exit: 2 });
    await one.run('identity', 'key rotate', { grace: 'PT1H' }, [first]);
    expect(await one.fault('identity', 'key rotate', {}, [first])).toMatchObject({ code: 'REFUSED', message: expect.stringContaining('already followed') });
    await one.run('identity', 'key revoke', { reason: 'leaked' }, [first]);
    expect(await one.fault('identity', 'key rotate', {}, [first])).toMatchObject({ code: 'REFUSED', message: expect.stringContaining('has ended') });
    expect(await one.entries('key.issued')).toHaveLength(2);
  });
});

describe('1.3 identity key check', () => {
  test('reads, and writes only when asked to: then the use is on record with its time', async () => {
    const one = keyed.copy();
    const first = await idOf(one);
    await check(one, first);
    expect([await one.entries('key.used'), (await stateOf(one, first))?.['lastUsedAt']]).toEqual([[], undefined]);
    one.clock.set('2026-11-22T12:30:00.000Z');
    await check(one, first, { record: true });
    one.clock.set('2026-11-22T12:45:00.000Z');
    expect(await check(one, first, { record: true, permission: 'note:send' })).toMatchObject({ exit: 1, data: { missing: 'note:send' } });
    expect((await one.entries('key.used')).map(({ data }) => [data['permission'], data['ok']])).toEqual([['note:read', true], ['note:send', false]]);
    // A use that was refused is none.
    expect(await stateOf(one, first)).toMatchObject({ lastUsedAt: '2026-11-22T12:30:00.000Z' });
    expect(await deep(one)).toEqual([]);
  });

  test('a key that nobody issued leaves no trace, recorded or not', async () => {
    const [one, other] = [keyed.copy(), keyed.copy()];
    await other.run('identity', 'key issue');
    const stranger = await idOf(other);
    writeFileSync(fileOf(one, stranger), readFileSync(fileOf(other, stranger)), { mode: 0o600 });
    expect(await check(one, stranger, { record: true })).toMatchObject({ exit: 1, data: { because: 'the key is unknown here' } });
    expect(await one.entries('key.used')).toEqual([]);
  });

  test('asks nobody: it decides with every way out shut', async () => {
    const shut = () => { throw new Error('a decision on a key went to the network'); };
    const offline = keyed.in({ http: { send: shut, fetchPublic: shut, submitNote: shut }, processes: { run: shut } });
    expect(await check(offline, await idOf(keyed))).toMatchObject({ exit: 0 });
  });
});

describe('1.3 identity key drill', () => {
  test('the leaked key counts, is revoked, and is refused at the very next decision; on record, and no key of the agent', async () => {
    const one = keyed.copy();
    const before = await one.run('identity', 'show');
    expect(await one.run('identity', 'key drill')).toMatchObject({ exit: 0, headline: 'a leaked key is refused at the very next decision after it was revoked', data: { before: true, after: false, holds: true } });
    const [trial, revoked, drilled] = await Promise.all(['key.trial', 'key.revoked', 'key.drilled'].map(async (type) => (await one.entries(type)).at(-1)));
    expect(drilled?.data).toEqual({ keyId: trial?.data['keyId'], permission: 'note:move', before: 'yes', after: 'no' });
    expect([revoked?.data, (trial?.data['scopes'] as readonly string[])]).toEqual([{ keyId: trial?.data['keyId'], reason: 'drill' }, ['note:move']]);
    // The agent's own key goes on, and its evidence is the one that was there.
    expect(await check(one, await idOf(one))).toMatchObject({ exit: 0 });
    expect((await one.run('identity', 'show')).tables?.[0]?.rows).toEqual(expect.arrayContaining([...(before.tables?.[0]?.rows ?? [])]));
    expect(await deep(one)).toEqual([]);
  });

  test('a drill is no key: an agent that has none still lacks one', async () => {
    const one = await tiny();
    await one.run('identity', 'register');
    await one.run('identity', 'key drill');
    expect((await one.entries('key.issued'))).toEqual([]);
    expect(await (await tiny()).fault('identity', 'key drill')).toMatchObject({ code: 'EVIDENCE_MISSING', hint: 'agentctl identity register' });
  }, 60_000);

  /** Stores whose readers see every key as `change` makes it. */
  const readingAs = (stores: Stores, change: (state: JsonObject) => JsonObject | undefined): Stores => ({
    ...stores, exists: (folder) => stores.exists(folder), stamp: (folder) => stores.stamp(folder), lock: (folder, purpose) => stores.lock(folder, purpose), engine: () => stores.engine(),
    async open(folder, options) {
      const store = await stores.open(folder, options);
      if (!options.readonly) return store;
      const projected: Store['projected'] = async (chain, name, key) => {
        const state = await store.projected(chain, name, key);
        return state && change(state);
      };
      return new Proxy(store, {
        get: (target, name) => {
          if (name === 'projected') return projected;
          const value: unknown = Reflect.get(target, name);
          return typeof value === 'function' ? (value as (...words: unknown[]) => unknown).bind(target) : value;
        },
      });
    },
  });

  test.each<[string, (state: JsonObject) => JsonObject | undefined, string]>([
    ['ignores the revocation', (state) => ({ ...state, revokedAt: null }), 'the revoked key was still let'],
    ['knows no key at all, and so refuses every one', () => undefined, 'the key did not count before'],
  ])('twin: a reader that %s fails the drill, and nothing is recorded as proof', async (_name, change, because) => {
    const one = keyed.copy();
    const spoilt = one.in({ stores: readingAs(one.world.stores, change) });
    expect(await spoilt.run('identity', 'key drill')).toMatchObject({ exit: 1, headline: expect.stringContaining(because), data: { holds: false } });
    expect([await one.entries('key.drilled'), (await one.entries('key.revoked')).length]).toEqual([[], 1]);
  });

  test('in other processes: issued, let, revoked, refused', async () => {
    const one = await desk('bare', 'leaked key');
    await one.expect(0, 'identity', 'register');
    const { report } = await one.json('identity', 'key', 'issue', '--out', 'leaked.token');
    const keyId = String((report['data'] as JsonObject)['keyId']);
    const decide = async () => (await one.run(['identity', 'key', 'check', '--permission', 'note:read', '--key-file', 'leaked.token'])).exit;
    expect(await decide()).toBe(0);
    await one.expect(0, 'identity', 'key', 'revoke', keyId, '--reason', 'leaked');
    expect(await decide()).toBe(1);
    expect((await one.expect(0, 'identity', 'key', 'drill')).stdout).toContain('refused at the very next decision');
  }, 120_000);
});

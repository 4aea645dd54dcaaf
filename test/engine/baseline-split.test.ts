/** The held-out split as a command: its parts, what they survive, and a salt that stays where the agent is not. */
import { createHash } from 'node:crypto';
import { chmodSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { JsonObject } from '../../src/domain/json.js';
import { renderReport } from '../../src/views/render.js';
import { removeTinies, START, tiny, type Tiny } from '../support/tiny.js';

let made: Tiny;
beforeAll(async () => {
  made = await tiny();
});
/** With user configuration of its own. */
const bare = { copy: (): Tiny => {
  const one = made.copy();
  return one.in({ surroundings: { ...one.world.surroundings, configFolder: one.path('.config') } });
} };
afterAll(removeTinies);

const line = (id: string, more: JsonObject = {}) => JSON.stringify({ id, input: { text: `note ${id}` }, expected: { decision: 'keep' }, ...more });
const FIRST = Array.from({ length: 40 }, (_zero, at) => line(`c${at}`));
const write = (one: Tiny, lines: readonly string[], file = 'cases.jsonl') => writeFileSync(one.path(file), `${lines.join('\n')}\n`);
const read = (one: Tiny, file: string): readonly string[] => readFileSync(one.path(file), 'utf8').trimEnd().split('\n');
const typed = (one: Tiny, suffix = '') => ({ fraction: '0.25', heldOut: one.path(`held${suffix}.jsonl`), tuning: one.path(`tuning${suffix}.jsonl`) });
const split = (one: Tiny, suffix = '', file = 'cases.jsonl') => one.run('baseline', 'split', typed(one, suffix), [one.path(file)]);
const saltFile = (one: Tiny) => one.path('.config/splits/7d0f6a52-3c1e-4f7b-9a61-2b8e5c4d1f00.salt');

test('3.3 what is to be pasted stays whole in a terminal of eighty columns', async () => {
  const one = bare.copy();
  write(one, FIRST);
  const { exit: _exit, ...report } = await split(one);
  const text = await renderReport('human', { kind: 'outcome', exit: 0, data: report }, { width: 80, colour: 0 }, START);
  const { heldOut, tuning } = report.data as unknown as Record<'heldOut' | 'tuning', { readonly file: string; readonly sha256: string }>;
  for (const [use, { file, sha256 }] of Object.entries({ 'held-out': heldOut, tuning })) expect(text).toContain(`    - { id: ${use}, file: ${JSON.stringify(file)}, sha256: "${sha256}", use: ${use} }\n`);
});

describe('3.3 baseline split', () => {
  test('every line lands in one part as it is; digests, counts and the commitment are told, the salt is not', async () => {
    const one = bare.copy();
    write(one, FIRST);
    const answer = await split(one);
    const [held, tuning] = [read(one, 'held.jsonl'), read(one, 'tuning.jsonl')];
    expect([...held, ...tuning].sort()).toEqual([...FIRST].sort());
    expect(held.length).toBeGreaterThan(2);
    const sha256 = (data: string | Buffer) => `sha256:${createHash('sha256').update(data).digest('hex')}`;
    const salt = readFileSync(saltFile(one), 'utf8').trimEnd();
    expect(answer.data).toMatchObject({
      fraction: '0.25', commitment: sha256(salt),
      heldOut: { cases: held.length, groups: held.length, sha256: sha256(readFileSync(one.path('held.jsonl'))) }, tuning: { cases: tuning.length, sha256: sha256(readFileSync(one.path('tuning.jsonl'))) },
    });
    expect(salt).toMatch(/^[0-9a-f]{64}$/);
    expect(JSON.stringify(answer)).not.toContain(salt);
    expect(statSync(saltFile(one)).mode & 0o777).toBe(0o600);
    // By the published rule, computed apart.
    const place = (id: string) => Number(BigInt(`0x${createHash('sha256').update(`${salt}\u0000${id}`).digest('hex').slice(0, 12)}`)) / 2 ** 48;
    expect(held.map((text) => (JSON.parse(text) as { id: string }).id).every((id) => place(id) < 0.25)).toBe(true);
  });

  test('nobody moves when the data set grows or is shuffled; another project has another split', async () => {
    const one = bare.copy();
    write(one, FIRST);
    const before = await split(one);
    write(one, [...FIRST].reverse().flatMap((text, at) => [line(`new${at}`), text]), 'grown.jsonl');
    const after = await split(one, '-grown', 'grown.jsonl');
    const old = (file: string) => read(one, file).filter((text) => FIRST.includes(text)).sort();
    expect([old('held-grown.jsonl'), old('tuning-grown.jsonl')]).toEqual([old('held.jsonl'), old('tuning.jsonl')]);
    expect(after.data['commitment']).toBe(before.data['commitment']);
    rmSync(saltFile(one));
    expect((await split(one, '-other')).data['commitment']).not.toBe(before.data['commitment']);
    expect(old('held-other.jsonl')).not.toEqual(old('held.jsonl'));
  });

  test('a group is never torn apart, and a case without an id has the digest of what it asks', async () => {
    const one = bare.copy();
    const family = (at: number) => JSON.stringify({ input: { text: `variant ${at}` }, expected: { decision: 'keep' }, group: `family-${at % 20}` });
    write(one, [...Array.from({ length: 60 }, (_zero, at) => family(at)), ...FIRST]);
    const { data } = await split(one);
    const groups = ['held.jsonl', 'tuning.jsonl'].map((file) => new Set(read(one, file).flatMap((text) => (JSON.parse(text) as { group?: string }).group ?? [])));
    expect((groups[0]?.size ?? 0) + (groups[1]?.size ?? 0)).toBe(20);
    expect(data).toMatchObject({ heldOut: { groups: expect.any(Number) } });
    write(one, [...FIRST, family(1), family(1)], 'twice.jsonl');
    expect(await one.fault('baseline', 'split', typed(one, '-twice'), [one.path('twice.jsonl')])).toMatchObject({ code: 'DATASET_INVALID', message: expect.stringContaining('stands on line 41 already'), at: expect.stringMatching(/:42$/) });
  });

  test('the same again changes nothing; other bytes are not overwritten, and a broken line writes nothing', async () => {
    const one = bare.copy();
    write(one, FIRST);
    const first = await split(one);
    expect((await split(one)).data).toEqual(first.data);
    write(one, [...FIRST, ...Array.from({ length: 30 }, (_zero, at) => line(`new${at}`))]);
    expect(await one.fault('baseline', 'split', typed(one), [one.path('cases.jsonl')])).toMatchObject({ code: 'REFUSED', exit: 1 });
    expect([...read(one, 'held.jsonl'), ...read(one, 'tuning.jsonl')]).toHaveLength(40);
    write(one, [...FIRST, '{"id":']);
    expect(await one.fault('baseline', 'split', typed(one, '-broken'), [one.path('cases.jsonl')])).toMatchObject({ code: 'DATASET_INVALID', at: expect.stringMatching(/:41$/) });
    expect(() => read(one, 'held-broken.jsonl')).toThrow('ENOENT');
  });

  test('a salt that others can read, or that is none, parts nothing', async () => {
    const one = bare.copy();
    write(one, FIRST);
    await split(one);
    chmodSync(saltFile(one), 0o644);
    expect(await one.fault('baseline', 'split', typed(one, '-b'), [one.path('cases.jsonl')])).toMatchObject({ code: 'STORE_UNFIT', at: saltFile(one) });
    writeFileSync(saltFile(one), 'salt\n');
    chmodSync(saltFile(one), 0o600);
    expect(await one.fault('baseline', 'split', typed(one, '-b'), [one.path('cases.jsonl')])).toMatchObject({ code: 'INPUT_INVALID', at: saltFile(one) });
  });

  test.each<[string, JsonObject, string]>([
    ['no fraction', { fraction: '' }, 'USAGE'], ['all of it', { fraction: '1' }, 'USAGE'], ['none of it', { fraction: '0.0' }, 'USAGE'],
    ['one file for both parts', { tuning: 'held.jsonl', heldOut: 'held.jsonl' }, 'USAGE'], ['the data set itself as a part', { tuning: 'cases.jsonl' }, 'USAGE'],
    ['too small a share for so few', { fraction: '0.000001' }, 'DATASET_INVALID'],
  ])('refuses %s', async (_name, more, code) => {
    const one = bare.copy();
    write(one, FIRST);
    const { fraction, ...places } = more;
    const files = Object.fromEntries(Object.entries(places).map(([name, file]) => [name, one.path(String(file))]));
    expect(await one.fault('baseline', 'split', { ...typed(one), ...(fraction !== undefined && { fraction: String(fraction) }), ...files }, [one.path('cases.jsonl')])).toMatchObject({ code });
    expect(() => read(one, 'held.jsonl')).toThrow('ENOENT');
  });
});

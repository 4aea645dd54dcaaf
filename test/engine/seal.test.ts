/** `audit seal` on the tiny agent: files that prove themselves, on record, and betrayed when they change. */
import { chmodSync, readdirSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { readSealed, sealedFolder, sealedSegments } from '../../src/engine/audit/sealed.js';
import { verifySignature } from '../../src/identity/ed25519-verify.js';
import { openSegment } from '../../src/ledger/segment.js';
import { removeTinies, tiny, type Tiny } from '../support/tiny.js';

let base: Tiny;
beforeAll(async () => {
  base = await tiny();
  await base.run('identity', 'register');
  await fill(base, 700);
}, 60_000);
afterAll(removeTinies);

/** Entries that say nothing, until the log has at least so many. */
async function fill(one: Tiny, size: number): Promise<void> {
  await one.withSession(async ({ store, chain, agent }) => {
    const missing = size - ((await store.head(chain))?.size ?? 0);
    await store.append(chain, Array.from({ length: missing }, (_, n) => ({ type: 'audit.checkpointed', agent, actor: 'agentctl', data: { size: n, root: '0'.repeat(64) } })));
  });
}

const filesOf = (folder: string) => readdirSync(folder).sort();
const sealed = (one: Tiny) => one.withSession((session) => sealedSegments(session), false);

describe('8.3 audit seal', () => {
  test('whole tiles by default, the rest with --all; a second run adds only what is new', async () => {
    const one = base.copy();
    const folder = one.path('.agentctl/sealed', '7d0f6a52-3c1e-4f7b-9a61-2b8e5c4d1f00');
    expect(await one.run('audit', 'seal')).toMatchObject({ exit: 0, data: { segments: 1, from: 0, size: 512 } });
    expect(await one.run('audit', 'seal')).toMatchObject({ exit: 0, headline: 'nothing to seal', data: { segments: 0, size: 512 } });
    expect(await one.run('audit', 'seal', { all: true })).toMatchObject({ exit: 0, data: { segments: 1, from: 512 } });
    expect(filesOf(folder)).toEqual(['segment-0-512.tar', expect.stringMatching(/^segment-512-7\d\d\.tar$/)]);
    await fill(one, 1100);
    // The tile that was not full is sealed again, whole.
    expect(await one.run('audit', 'seal')).toMatchObject({ data: { segments: 1, from: 512, size: 1024 } });
    expect(await sealed(one)).toMatchObject([{ from: 0, size: 512 }, { from: 512 }, { from: 512, size: 1024 }]);
    expect(await one.run('audit', 'verify')).toMatchObject({ exit: 0 });
  });

  test('a file proves itself to a stranger, and is nobody’s to write', async () => {
    const one = base.copy();
    await one.run('audit', 'seal', { to: one.path('vault') });
    const path = one.path('vault', 'segment-0-512.tar');
    expect(statSync(path).mode & 0o777).toBe(0o444);
    const segment = await openSegment(readFileSync(path), verifySignature, 'segment');
    expect(segment).toMatchObject({ from: 0, size: 512, before: '0'.repeat(64) });
    expect(segment.texts).toHaveLength(512);
  });

  test('audit verify reads every sealed file that is there, and names one that is not', async () => {
    const one = base.copy();
    await one.run('audit', 'seal');
    await one.run('audit', 'seal', { all: true });
    const vault = one.path('vault');
    renameSync(one.path('.agentctl/sealed', '7d0f6a52-3c1e-4f7b-9a61-2b8e5c4d1f00'), vault);
    const elsewhere = await one.run('audit', 'verify');
    expect(elsewhere).toMatchObject({ exit: 0 });
    expect(elsewhere.notes).toContainEqual(expect.stringMatching(/^segment-0-512\.tar was sealed and is not in .*; the ledger holds its entries too$/));
    expect((await one.run('audit', 'verify', { sealed: vault })).notes).not.toContainEqual(expect.stringContaining('segment'));
    const path = join(vault, 'segment-0-512.tar');
    const bytes = readFileSync(path);
    bytes[5000] = (bytes[5000] ?? 0) ^ 1;
    chmodSync(path, 0o644);
    writeFileSync(path, bytes);
    expect(await one.fault('audit', 'verify', { sealed: vault })).toMatchObject({ code: 'DIGEST_MISMATCH', exit: 4, at: path });
  });

  test('sabotage twin: a byte changed in the file, or the file of another log, is refused', async () => {
    const one = base.copy();
    await one.run('audit', 'seal');
    await one.withSession(async (session) => {
      const folder = sealedFolder(session, undefined);
      const [segment] = await sealedSegments(session);
      if (!segment) throw new Error('nothing was sealed');
      expect(await readSealed(session, folder, segment)).toMatchObject({ size: 512 });
      const path = join(folder, segment.file);
      const bytes = readFileSync(path);
      bytes[5000] = (bytes[5000] ?? 0) ^ 1;
      chmodSync(path, 0o644);
      writeFileSync(path, bytes);
      await expect(readSealed(session, folder, segment)).rejects.toMatchObject({ code: 'DIGEST_MISMATCH', exit: 4 });
      expect(await readSealed(session, '/nowhere', segment)).toBeUndefined();
    });
  });
});

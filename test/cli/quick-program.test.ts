/** The quick way in: `status` is read as the command tree reads it, and starts without a step, a library of the command line, or a curve. */
import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { files } from '../../src/adapters/files.js';
import { storePlaces } from '../../src/adapters/sqlite-place.js';
import { surroundings } from '../../src/adapters/surroundings.js';
import { systemClock } from '../../src/adapters/system.js';
import { parse } from '../../src/cli/program.js';
import { parseQuick, quickAnswer } from '../../src/cli/quick-program.js';
import { parseVerify } from '../../src/cli/quick-verify.js';
import { verifyCertificateFile } from '../../src/engine/verify-certificate.js';
import { resolve } from '../support/layers.js';

const SRC = new URL('../../src/', import.meta.url).pathname;
const world = { surroundings: { ...surroundings(), cwd: '/nowhere', variable: () => undefined } };
const silent = { out: () => undefined, err: () => undefined };

/** Every file that is loaded before `status` asks for anything; imports of types and `import()` are not followed. */
function loadedWith(entry: string): { readonly files: ReadonlySet<string>; readonly packages: ReadonlySet<string> } {
  const files = new Set<string>();
  const packages = new Set<string>();
  const walk = (file: string): void => {
    if (files.has(file)) return;
    files.add(file);
    for (const [, target = ''] of readFileSync(SRC + file, 'utf8').matchAll(/^(?:import|export) (?!type\b)[^;]*?from '([^']+)';/gm)) {
      if (target.startsWith('.')) walk(resolve(file, target));
      else packages.add(target);
    }
  };
  walk(entry);
  return { files, packages };
}

test('status starts without what it does not need', () => {
  const { files, packages } = loadedWith('quick.ts');
  expect([...files].filter((file) => /^(steps|attestation|evaluation|registries)\//.test(file))).toEqual([]);
  expect([...packages].filter((name) => !name.startsWith('node:'))).toEqual([]);
  expect([...packages]).not.toContain('node:child_process');
  expect(files).toContain('engine/kept-status.ts');
});

test('verify --certificate starts without steps, store, YAML and command tree', () => {
  const { files, packages } = loadedWith('quick-verify.ts');
  expect([...files].filter((file) => /^(steps|evaluation|enforcement|registries)\/|sqlite|yaml|status-list|engine\/(manifest|session)/.test(file))).toEqual([]);
  expect([...packages].filter((name) => !name.startsWith('node:')).sort()).toEqual(['@scure/base']);
});

describe('verify --certificate is read as the command tree reads it', () => {
  test.each([
    'verify --certificate c.json', 'verify --certificate c.json --trust a b --subject .', 'verify --trust a --trust b c --certificate c.json --allow-scripted', 'verify --certificate c.json --maximum-age P30D --at 2026-12-01 --json',
    'verify --certificate c.json --format json -q', 'verify --certificate c.json --no-color --trust did:key:z6Mk',
  ])('agentctl %s', async (line) => {
    const quick = parseVerify(line.split(' '), world);
    const whole = await parse(line.split(' '), world, silent);
    if (quick === undefined || typeof whole === 'number') throw new Error('not understood');
    const heard: unknown[] = [];
    // The use case as the tree would start it, in a world that only tells what it was asked for.
    const asked = { files: { info: async (path: string) => (heard.push(path), undefined) }, surroundings: world.surroundings, clock: systemClock() };
    await expect(whole.run(asked as never)).rejects.toMatchObject({ name: 'Fault' });
    const again: unknown[] = [];
    await expect(verifyCertificateFile({ ...asked, files: { info: async (path: string) => (again.push(path), undefined) } } as never, quick.input)).rejects.toMatchObject({ name: 'Fault' });
    expect([quick.output, again]).toEqual([whole.output, heard]);
  });

  test.each([
    'verify', 'verify --stage launch', 'verify --certificate', 'verify --certificate c.json extra', 'verify --certificate=c.json', 'verify --certificate c.json --policy p.yaml', 'verify --certificate c.json --status s.json',
    'verify --certificate c.json --stage launch', 'verify --certificate c.json --format junit', 'verify --certificate c.json --trust', 'verify --certificate c.json --help', 'verify --certificate c.json --trust --json',
  ])('agentctl %s is left to the command tree', (line) => {
    expect(parseVerify(line.split(' '), world)).toBeUndefined();
  });
});

test.each(['-V', '--version'])('%s says what the command tree says', async (word) => {
  const whole: string[] = [];
  expect(await parse([word], world, { ...silent, out: (text) => whole.push(text) })).toBe(0);
  const answer = await quickAnswer([word], { ...world, clock: systemClock(), files: files(), stores: storePlaces(), keys: () => ({ placement: async () => [] }) }, () => ({ width: 80, colour: 0 }));
  expect(answer).toEqual({ exit: 0, text: whole.join('') });
});

describe('is read as the command tree reads it', () => {
  test.each([
    'status', 'status --json', 'status -q', 'status --quiet --no-input', 'status -v', 'status --verbose -y', 'status --yes', 'status --color', 'status --no-color', 'status --color --no-color', 'status --no-color --color',
    'status --format human', 'status --json --format human', 'status --manifest a/agent.yaml', 'status --manifest /b.yaml --store c', 'status --store /d --json',
  ])('agentctl %s', async (line) => {
    const quick = parseQuick(line.split(' '), world);
    const whole = await parse(line.split(' '), world, silent);
    if (quick === undefined || typeof whole === 'number') throw new Error('not understood');
    expect(quick).toEqual({ flags: whole.flags, output: whole.output });
  });

  test.each(['status --help', 'status extra', 'status --jsn', 'status --format', 'status --format=json', 'status --format junit', 'status --manifest --json', 'status -qv', 'status -o json=x', '--json status', 'help status', 'apply', ''])('agentctl %s is left to the command tree', (line) => {
    expect(parseQuick(line.split(' ').filter(Boolean), world)).toBeUndefined();
  });

  test('an unknown format is the same mistake', async () => {
    const words = ['status', '--format', 'xml'];
    expect(() => parseQuick(words, world)).toThrow(expect.objectContaining({ code: 'USAGE' }));
    await expect(parse(words, world, silent)).rejects.toMatchObject({ code: 'USAGE' });
  });
});

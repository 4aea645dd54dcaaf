/** The four rules that are enforced, each with trespassers that must be caught and honest code that must pass. */
import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { readSource } from './support/imports.js';
import { findCycle, resolve, trespass } from './support/layers.js';

const SRC = new URL('../src/', import.meta.url).pathname;
const files = readdirSync(SRC, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.ts')).map((file) => file.replaceAll('\\', '/')).sort();
const sources = new Map(files.map((file) => [file, readSource(file, readFileSync(SRC + file, 'utf8'))]));

describe('the code', () => {
  test('keeps its layers', () => {
    const found = [...sources].flatMap(([file, facts]) => facts.imports.map((target) => ({ file, target, why: trespass(file, target) }))).filter((one) => one.why !== null);
    expect(found).toEqual([]);
  });

  test('has no import cycle', () => {
    const graph = new Map([...sources].map(([file, facts]) => [file, facts.imports.filter((one) => one.startsWith('.')).map((one) => resolve(file, one))]));
    expect(findCycle(graph)).toBeNull();
  });

  test('has no any', () => {
    expect([...sources].filter(([, facts]) => facts.anys > 0).map(([file]) => file)).toEqual([]);
  });

  test('takes clock and randomness from the world', () => {
    expect([...sources].filter(([file, facts]) => file !== 'adapters/system.ts' && facts.ambient.length > 0).map(([file, facts]) => [file, facts.ambient])).toEqual([]);
  });

  test('touches process in main and adapters only, and never the console', () => {
    expect([...sources].filter(([file, facts]) => facts.globals.length > 0 && (facts.globals.some((name) => name.startsWith('console.')) || !/^(main\.ts|adapters\/)/.test(file))).map(([file, facts]) => [file, facts.globals])).toEqual([]);
  });

  test('opens every file with a sentence on what it is for', () => {
    expect([...sources].filter(([, facts]) => facts.opening.length < 15).map(([file]) => file)).toEqual([]);
  });

  test('makes signed requests in one place only', () => {
    expect(files.filter((file) => /as (unknown as )?SignedRequest/.test(readFileSync(SRC + file, 'utf8')))).toEqual(['identity/http-signature.ts']);
  });
});

describe('the fence catches trespassers', () => {
  const trespassers: readonly (readonly [file: string, code: string])[] = [
    ['domain/x.ts', "import { a } from '../ledger/entry.js';"],
    ['domain/x.ts', "import { readFileSync } from 'node:fs';"],
    ['domain/x.ts', "import { createHash } from 'node:crypto';"],
    ['ledger/x.ts', "import type { A } from '../identity/ed25519.js';"],
    ['evaluation/x.ts', "export { a } from '../enforcement/limits.js';"],
    ['steps/x.ts', "import { a } from '../engine/session.js';"],
    ['steps/x.ts', "import { a } from '../evaluation/flow/run.js';"],
    ['steps/x.ts', "type A = import('../adapters/files.js').Files;"],
    ['engine/x.ts', "const a = await import('../adapters/files.js');"],
    ['engine/x.ts', "const a = require('better-sqlite3');"],
    ['engine/x.ts', "import fs = require('node:fs');"],
    ['engine/x.ts', "const name = './y.js'; await import(name);"],
    ['views/x.ts', "import chalk from 'chalk';"],
    ['cli/x.ts', "import { Command } from 'commander';"],
    ['cli/x.ts', "import { a } from '../adapters/files.js';"],
    ['main.ts', "import { a } from './engine/session.js';"],
  ];
  test.each(trespassers)('%s: %s', (file, code) => {
    expect(readSource(file, code).imports.map((target) => trespass(file, target)).filter((why) => why !== null)).not.toEqual([]);
  });

  const honest: readonly (readonly [file: string, code: string])[] = [
    ['domain/digest.ts', "import { createHash } from 'node:crypto';"],
    ['steps/x.ts', "import { a } from '../attestation/ownership.js';"],
    ['engine/x.ts', "import { a } from '../evaluation/flow/run.js';"],
    ['engine/x.ts', "import { a } from '../enforcement/gateway/execute.js';"],
    ['adapters/x.ts', "import fs from 'node:fs'; import x from 'execa'; import { a } from '../ledger/entry.js';"],
    ['cli/x.ts', "const a = await import('../engine/status.js');"],
  ];
  test.each(honest)('honest %s: %s passes', (file, code) => {
    expect(readSource(file, code).imports.map((target) => trespass(file, target))).toEqual(readSource(file, code).imports.map(() => null));
  });

  test('a cycle of three', () => {
    expect(findCycle(new Map([['a', ['b']], ['b', ['c']], ['c', ['a']]]))).toEqual(['a', 'b', 'c', 'a']);
    expect(findCycle(new Map([['a', ['b', 'c']], ['b', ['c']], ['c', []]]))).toBeNull();
  });

  test.each(['const a: any = 1;', 'function f(x: Array<any>) {}', 'const a = b as any;'])('any in %s', (code) => {
    expect(readSource('x.ts', code).anys).toBeGreaterThan(0);
  });

  test.each(['Date.now()', 'new Date()', 'performance.now()', 'Math.random()', 'randomBytes(3)', 'crypto.randomUUID()', 'globalThis.Date.now()', 'crypto.getRandomValues(a)'])('ambient %s', (code) => {
    expect(readSource('x.ts', code).ambient).toHaveLength(1);
  });

  test('new Date with an argument is arithmetic, not a clock', () => {
    expect(readSource('x.ts', 'new Date(5)').ambient).toEqual([]);
  });
});

/** Row 8.2 when the disk fails: every system call of an append is made to fail in turn, and what was acknowledged is there all the same. */
import { spawnSync } from 'node:child_process';
import { chmodSync, chownSync, cpSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { verifyChain } from '../../src/ledger/verify.js';
import { parallel } from '../support/parallel.js';
import { bundleChild, startChild } from './fixtures/spawn.js';
import { CHAIN, draft, freshFolder, removeFolders, stores } from './fixtures/support.js';

/** Appends per trial: one with a payload, so that the key file is written too, and one without. */
const APPENDS = '2';
const CALLS = ['write', 'pwrite64', 'writev', 'fsync', 'fdatasync', 'ftruncate', 'rename', 'unlink', 'openat'];
const FILES = ['ledger.db', 'ledger.db-wal', 'ledger.db-shm', 'payload-keys.db', 'payload-keys.db-wal', 'payload-keys.db-shm'];

const strace = spawnSync('strace', ['--version']).status === 0;
if (!strace) process.stderr.write('skipped: needs strace\n');
const withStrace = strace ? describe : describe.skip;

let bundle: ReturnType<typeof bundleChild>;
let template = '';
beforeAll(async () => {
  bundle = bundleChild('faults');
  template = freshFolder();
  const store = await stores().open(template, { readonly: false });
  await store.append(CHAIN, [draft(0), draft(1, { payload: { text: 'before' } })]);
  await store.close();
});
afterAll(() => { bundle.remove(); removeFolders(); });

/** What a child told of one append. */
interface Told {
  readonly id?: number;
  readonly seq?: number;
  readonly hash?: string | null;
  readonly fault?: string;
  readonly exit?: number;
  readonly message?: string;
}

function straced(folder: string, log: string, more: readonly string[], verb = 'each') {
  const paths = [folder, ...FILES.map((name) => join(folder, name))].flatMap((path) => ['-P', path]);
  // Only the calls of interest stop, which makes a traced process nearly as quick as another.
  const words = ['-f', '--seccomp-bpf', '-o', log, '-e', `trace=${CALLS.join(',')}`, ...more, ...paths];
  return startChild('strace', [folder, verb, APPENDS], [...words, process.execPath, bundle.path]);
}

function copied(): string {
  const folder = freshFolder();
  cpSync(template, folder, { recursive: true });
  return folder;
}

/** What is wrong with a store after a child has told this; the store is opened as the next process would. */
async function violations(folder: string, told: readonly Told[]): Promise<string[]> {
  const found: string[] = [];
  const store = await stores().open(folder, { readonly: false });
  const entries = new Map<number, { id: unknown; hash: string }>();
  for await (const { seq, hash, body } of store.scan(CHAIN)) entries.set(seq, { id: (JSON.parse(body) as { data: { size: number } }).data.size, hash });
  const verified = await verifyChain(store.scan(CHAIN), { chain: CHAIN, deep: true });
  if (!verified.ok) found.push(`entry ${verified.seq}: ${verified.problem}`);
  for await (const { table, key, problem } of store.audit(CHAIN)) found.push(`${table} ${key}: ${problem}`);
  for (const { id, seq, hash, fault, exit } of told) {
    const there = [...entries.values()].filter((entry) => entry.id === id).length;
    if (fault !== undefined) {
      if (exit !== 6) found.push(`${id ?? 'open'} ended in ${fault}, exit ${exit}`);
      if (there > 1) found.push(`${id} was refused and is there ${there} times`);
    } else if (entries.get(seq ?? -1)?.id !== id || (hash !== null && entries.get(seq ?? -1)?.hash !== hash)) found.push(`${id} was acknowledged as entry ${seq} and is not there`);
  }
  if (wentOn(told)) found.push('went on writing after a write whose end nobody knows');
  await store.append(CHAIN, [draft(5000, { payload: { text: 'after' } })]);
  await store.close();
  return found;
}

const doubtful = ({ message }: Told) => /ledger\.db failed: the last write may or may not have been kept/.test(message ?? '');

/** What a process reads back after a failed sync proves nothing, so it must not build on it. */
function wentOn(told: readonly Told[]): boolean {
  const first = told.findIndex(doubtful);
  return first >= 0 && told.slice(first).some(({ fault }) => fault === undefined);
}

interface Trial {
  readonly call: string;
  /** Which of the calls of this name. */
  readonly at: number;
  readonly error: 'EIO' | 'ENOSPC';
}

/** Each call of a clean run fails with EIO; each that takes space on the disk with ENOSPC as well. */
async function trialsOfCleanRun(): Promise<readonly Trial[]> {
  const folder = copied();
  const log = `${folder}.log`;
  const child = straced(folder, log, ['-y']);
  expect([await child.ended, child.lines.length]).toEqual([0, 2]);
  expect(await violations(folder, child.lines as Told[])).toEqual([]);
  const counts = new Map<string, number>();
  return [...readFileSync(log, 'utf8').matchAll(/^\d+ +(\w+)\((?:\d+<(.*?)>)?/gm)].flatMap(([, call = '', file = '']): Trial[] => {
    const at = (counts.get(call) ?? 0) + 1;
    counts.set(call, at);
    const takesSpace = ['pwrite64', 'ftruncate'].includes(call) && !file.endsWith('-shm');
    return (takesSpace ? (['EIO', 'ENOSPC'] as const) : (['EIO'] as const)).map((error) => ({ call, at, error }));
  });
}

describe('8.2 a disk that takes no more', () => {
  /** A small file system of its own, where this machine lets us mount one; else a limit on the size of files stands in for it. */
  const MOUNT = 'mkdir -p "$1" && mount -t tmpfs -o size=600k tmpfs "$1" && cp -r "$2" "$1/store" && head -c 200000 /dev/zero > "$1/ballast" && "$3" "$4" "$1/store" full 400; cp -r "$1/store" "$5"';
  const LIMIT = `mkdir -p "$1" && cp -r "$2" "$5" && touch "$(dirname "$5")/ballast" && trap '' XFSZ && ulimit -f 600 && "$3" "$4" "$5" full 400`;
  const unshare = spawnSync('unshare', ['-rm', 'true']).status === 0;

  test(`is a fault with exit 6 that says so; nothing is half written, and ${unshare ? 'with some room again the same process goes on' : 'what was acknowledged stays'}`, async () => {
    const [mount, folder] = [freshFolder(), freshFolder()];
    const words = [unshare ? MOUNT : LIMIT, 'sh', mount, template, process.execPath, bundle.path, folder];
    const child = unshare ? startChild('unshare', words, ['-rm', 'sh', '-c']) : startChild('sh', words, ['-c']);
    expect(await child.ended).toBe(0);
    const told = child.lines as Told[];
    const refused = told.filter(({ fault }) => fault !== undefined);
    expect(refused.slice(0, 3)).toEqual(Array(3).fill(expect.objectContaining({ fault: 'IO', exit: 6, message: expect.stringMatching(/^no space left for .*: nothing was written$/) })));
    expect(told.length - refused.length).toBeGreaterThan(10);
    if (unshare) expect(told.slice(-3).map(({ fault }) => fault)).toEqual([undefined, undefined, undefined]);
    expect(await violations(folder, told)).toEqual([]);
    process.stderr.write(`disk full: ${unshare ? 'a file system of 600 kB' : 'a limit on the size of files'}, ${told.length - refused.length} entries acknowledged, ${refused.length} refused\n`);
  });

  test.each<[string, (folder: string) => void, string]>([
    ['a folder that may not be written', (folder) => chmodSync(folder, 0o500), 'IO'],
    ['a file that may not be written', (folder) => { chmodSync(join(folder, 'ledger.db'), 0o400); chmodSync(folder, 0o500); }, 'IO'],
    ['a folder without a store that may not be written', (folder) => { for (const name of readdirSync(folder)) rmSync(join(folder, name)); chmodSync(folder, 0o500); }, 'IO'],
  ])('%s is a fault with exit 6, and nothing changes', async (_what, prepare, fault) => {
    const folder = copied();
    // Root may write anywhere, so the child becomes somebody else.
    for (const name of ['', ...readdirSync(folder)]) if (process.getuid?.() === 0) chownSync(join(folder, name), 65_534, 65_534);
    chmodSync(dirname(folder), 0o755);
    prepare(folder);
    const before = readdirSync(folder).map((name) => [name, readFileSync(join(folder, name)).toString('base64')]);
    const child = startChild(bundle.path, [folder, 'nobody']);
    expect(await child.ended).toBe(0);
    expect(child.lines).toEqual([{ fault, exit: 6, message: expect.stringContaining(folder) }]);
    expect(readdirSync(folder).map((name) => [name, readFileSync(join(folder, name)).toString('base64')])).toEqual(before);
    chmodSync(folder, 0o700);
  });
});

withStrace('8.2 every call that touches the store fails once', () => {
  test('acknowledged is there; refused ends in exit 6 and is there at most once; the chain holds and the next process goes on', async () => {
    const trials = await trialsOfCleanRun();
    expect(trials.filter(({ call }) => call === 'fsync').length).toBeGreaterThan(5);
    let [refused, doubts] = [0, 0];
    const seen = await parallel(trials, async ({ call, at, error }) => {
      const folder = copied();
      const child = straced(folder, `${folder}.log`, ['-e', `inject=${call}:error=${error}:when=${at}`]);
      const exit = await child.ended;
      const told = child.lines as Told[];
      doubts += told.filter(doubtful).length;
      refused += told.filter(({ fault }) => fault !== undefined).length;
      const injected = readFileSync(`${folder}.log`, 'utf8').includes('(INJECTED)');
      return { trial: `${call} ${at} ${error}`, exit, injected, found: await violations(folder, told) };
    });
    expect(seen.filter(({ exit, injected, found }) => exit !== 0 || !injected || found.length > 0)).toEqual([]);
    expect([refused > 20, doubts > 2]).toEqual([true, true]);
    process.stderr.write(`faults: ${trials.length} failures of ${new Set(trials.map(({ call }) => call)).size} kinds of system call in turn, ${refused} appends refused, none of the others lost\n`);
  }, 300_000);

  test('twin: a writer that acknowledges too early is found out', async () => {
    const folder = copied();
    const child = straced(folder, `${folder}.log`, ['-e', 'inject=pwrite64:error=ENOSPC:when=14+'], 'boast');
    await child.ended;
    expect(await violations(folder, (child.lines as Told[]).filter(({ fault }) => fault === undefined))).toEqual(expect.arrayContaining([expect.stringContaining('was acknowledged')]));
  });
});

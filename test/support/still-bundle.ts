/** Bundles still-main.ts with the build script's own flags, once for one state of the sources, whichever test file asks first. */
import { execFileSync, execSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const ROOT = fileURLToPath(new URL('../../', import.meta.url));
/** Inside the package, so that the bundle finds its dependencies and its templates as dist/ does. */
const CACHE = join(ROOT, 'node_modules', '.cache', 'agentctl-still');
/** What the program and the prepared folders follow from. */
const SOURCES = ['package.json', 'bin', 'src', 'templates', 'test/fixtures/tiny-agent', 'test/support/still-main.ts', 'test/support/still-world.ts', 'test/support/stages.ts', 'test/support/tiny.ts', 'test/support/launched.ts'];
const COMPILED = join(ROOT, 'bin/compiled.js');
/** Made by an earlier state of the sources, and so of no use any more. */
const OLD = 6 * 3_600_000;

const HEARTBEAT = 5_000;

let digest: string | undefined;

/** Names this state of the program: what was made by it can be kept until it changes. */
export function programDigest(): string {
  if (digest !== undefined) return digest;
  const hash = createHash('sha256').update(process.version);
  for (const part of SOURCES) for (const file of filesBelow(part)) hash.update(`${file}\n`).update(readFileSync(join(ROOT, file)));
  return (digest = hash.digest('hex').slice(0, 16));
}

/** Path of the bundled program. */
export async function stillProgram(): Promise<string> {
  return join(await makeOnce('program', (folder) => {
    const { scripts } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { scripts: Record<string, string> };
    const build = Object.values(scripts).flatMap((script) => script.split(' && ')).find((command) => /^esbuild main=src\/main\.ts/.test(command));
    const words = build?.replace(/([\w-]+=src\/\S+\.ts ?)+/, 'test/support/still-main.ts ').replace(/--outdir=\S+/, `--outdir=${JSON.stringify(folder)}`);
    if (words?.includes(folder) !== true) throw new Error('no build script bundles src/main.ts into a folder');
    execSync(words, { cwd: ROOT, stdio: ['ignore', 'ignore', 'inherit'], env: { ...process.env, PATH: [join(ROOT, 'node_modules', '.bin'), process.env['PATH']].join(delimiter) } });
    // As bin/agentctl.js starts the product's: hundreds of processes need not compile it again.
    execFileSync(process.execPath, [COMPILED, join(folder, 'still-main.cjs'), 'explain', 'pact'], { env: { ...process.env, STILL_NOW: '2026-11-22T12:00:00.000Z', STILL_SEED: 'compiled' }, stdio: ['ignore', 'ignore', 'inherit'] });
    writeFileSync(join(folder, 'agentctl.cjs'), `require(${JSON.stringify(COMPILED)}).load(__dirname + '/still-main.cjs').main(process.argv.slice(2)).then((exit) => { process.exitCode = exit; });\n`);
  }), 'agentctl.cjs');
}

const asked = new Map<string, Promise<string>>();

/** A folder that is filled by the first process that asks for it, and shared by the others. */
export function makeOnce(name: string, fill: (folder: string) => Promise<void> | void): Promise<string> {
  const made = asked.get(name) ?? make(name, fill);
  asked.set(name, made);
  return made;
}

async function make(name: string, fill: (folder: string) => Promise<void> | void): Promise<string> {
  const folder = join(CACHE, programDigest(), name);
  const done = `${folder}.done`;
  const lock = `${folder}.lock`;
  mkdirSync(dirname(folder), { recursive: true });
  while (!existsSync(done)) {
    if (!takeLock(lock)) {
      await new Promise((later) => { setTimeout(later, 50); });
      continue;
    }
    const alive = setInterval(() => utimesSync(lock, new Date(), new Date()), HEARTBEAT);
    try {
      if (!existsSync(done)) await fillAnew(folder, fill);
      writeFileSync(done, '');
      sweep();
    } finally {
      clearInterval(alive);
      rmSync(lock, { recursive: true, force: true });
    }
  }
  return folder;
}

async function fillAnew(folder: string, fill: (folder: string) => Promise<void> | void): Promise<void> {
  const fresh = `${folder}.new`;
  for (const one of [fresh, folder]) rmSync(one, { recursive: true, force: true });
  mkdirSync(fresh);
  await fill(fresh);
  renameSync(fresh, folder);
}

/** A lock that nobody has touched for a minute was left by a process that died. */
function takeLock(lock: string): boolean {
  try {
    mkdirSync(lock);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    if (Date.now() - (statSync(lock, { throwIfNoEntry: false })?.mtimeMs ?? Date.now()) > 60_000) rmSync(lock, { recursive: true, force: true });
    return false;
  }
}

function sweep(): void {
  for (const name of readdirSync(CACHE)) {
    if (name !== programDigest() && Date.now() - statSync(join(CACHE, name)).mtimeMs > OLD) rmSync(join(CACHE, name), { recursive: true, force: true });
  }
}

function filesBelow(part: string): readonly string[] {
  if (statSync(join(ROOT, part)).isFile()) return [part];
  return readdirSync(join(ROOT, part), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(ROOT.length))
    .sort();
}

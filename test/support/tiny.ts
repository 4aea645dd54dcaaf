/** The tiny agent in a folder of its own, with keys, a still clock and a real everything else; up to an accepted baseline on request. */
import { LEAST_SCRYPT } from '../../src/identity/key-file.js';
import { createHash } from 'node:crypto';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { files } from '../../src/adapters/files.js';
import { forms } from '../../src/adapters/forms.js';
import { http } from '../../src/adapters/http.js';
import { httpServers } from '../../src/adapters/http-server.js';
import { keyStore } from '../../src/adapters/key-store.js';
import { processes } from '../../src/adapters/processes.js';
import { projections } from '../../src/adapters/projections.js';
import { prompt } from '../../src/adapters/prompt.js';
import { schedule } from '../../src/adapters/schedule.js';
import { schemas } from '../../src/adapters/schemas.js';
import { sqliteNonces } from '../../src/adapters/sqlite-nonces.js';
import { sqliteStores } from '../../src/adapters/sqlite-store.js';
import { sqliteWitnesses } from '../../src/adapters/sqlite-witness.js';
import { surroundings } from '../../src/adapters/surroundings.js';
import { systemRandom } from '../../src/adapters/system.js';
import { targets } from '../../src/adapters/targets/targets.js';
import { toolRunner } from '../../src/adapters/tool-runner.js';
import { yaml } from '../../src/adapters/yaml.js';
import { renderers } from '../../src/cli/renderers.js';
import type { Fault } from '../../src/domain/fault.js';
import type { Clock, World } from '../../src/domain/ports.js';
import type { OutcomeReport, Report } from '../../src/domain/report.js';
import type { Entry } from '../../src/domain/entry.js';
import type { StepId } from '../../src/domain/step.js';
import { runVerb } from '../../src/engine/run-verb.js';
import { verbOf } from '../../src/engine/verbs.js';
import type { VerbInput } from '../../src/engine/verb.js';
import { openSession, type Session } from '../../src/engine/session.js';
import { stepById, STEPS } from '../../src/steps/index.js';
import { makeOnce } from './still-bundle.js';
import { toldTo } from './told.js';

const FIXTURE = new URL('../fixtures/tiny-agent/', import.meta.url).pathname;
export const START = '2026-11-22T12:00:00.000Z';

/** Stands still until it is told to go on. */
export class StillClock implements Clock {
  #now: number;
  #steps = 0;

  constructor(start = START) {
    this.#now = Date.parse(start);
  }

  now(): string {
    return new Date(this.#now).toISOString();
  }

  monotonic(): number {
    this.#steps += 1;
    return this.#steps;
  }

  sleep(milliseconds: number): Promise<void> {
    return new Promise((resolve) => setTimeout(resolve, Math.min(milliseconds, 50)));
  }

  set(instant: string): void {
    this.#now = Date.parse(instant);
  }
}

export interface Tiny {
  /** Holds agent.yaml; the store is its .agentctl, user configuration its .config. */
  readonly folder: string;
  readonly clock: StillClock;
  readonly world: World;
  /** What agentctl said beside its result. */
  readonly said: string[];
  /** Runs `agentctl <step> <verb>` in this process, as with --yes. */
  run(step: StepId, verb: string, options?: VerbInput['options'], args?: readonly string[]): Promise<OutcomeReport & { readonly exit: number }>;
  /** The fault that a verb ends in; fails when it ends in none. */
  fault(step: StepId, verb: string, options?: VerbInput['options'], args?: readonly string[]): Promise<Fault>;
  entries(type: string): Promise<readonly Entry[]>;
  withSession<T>(use: (session: Session) => Promise<T>, mutates?: boolean): Promise<T>;
  edit(file: string, change: (text: string) => string): void;
  path(...parts: string[]): string;
  /** An independent copy as it is now; its clock shows the same time. */
  copy(): Tiny;
  /** The same folder seen by a world that differs in a port or two; for sabotage. */
  in(change: Partial<World>): Tiny;
}

const made: string[] = [];

/** Removes every folder that was made; for `afterAll`. */
export function removeTinies(): void {
  for (const folder of made.splice(0)) rmSync(folder, { recursive: true, force: true });
}

/** What a test changes about agent.yaml before anything reads it. */
export type Edit = (manifest: string) => string;

function manifestText(): string {
  const known = new Set(STEPS.map((step) => step.section?.key));
  const sections = readdirSync(join(FIXTURE, 'sections')).filter((file) => known.has(file.replace('.yaml', '')));
  return ['agent.yaml', ...sections.map((file) => `sections/${file}`)].map((file) => readFileSync(join(FIXTURE, file), 'utf8')).join('\n');
}

/** The agent with keys and DIDs, nothing recorded yet. `edit` changes agent.yaml before anything reads it. */
export async function tiny(edit: Edit = (text) => text): Promise<Tiny> {
  const folder = newFolder();
  cpSync(FIXTURE, folder, { recursive: true, filter: (path) => !path.endsWith('make-data.js') && !path.endsWith('/sections') });
  const text = manifestText();
  const one = tinyAt(folder, new StillClock());
  const keys = one.world.keys(join(folder, '.agentctl'));
  const dids = new Map([['ORGANISATION', (await keys.create({ role: 'organisation', name: 'tiny-cooperative' })).did]]);
  for (const name of ['erin', 'omar', 'lena']) dids.set(name.toUpperCase(), (await keys.create({ role: 'operator', name })).did);
  writeFileSync(join(folder, 'agent.yaml'), edit(text.replace(/did:key:([A-Z]+)\b/g, (whole, name: string) => dids.get(name) ?? whole)));
  mkdirSync(join(folder, 'box/inbox'), { recursive: true });
  for (const line of readFileSync(join(folder, 'data/pilot.jsonl'), 'utf8').trimEnd().split('\n')) {
    const { input } = JSON.parse(line) as { input: { note: string; text: string } };
    writeFileSync(join(folder, 'box/inbox', `${input.note}.txt`), input.text);
  }
  return one;
}

/** Registered, with an API key, a signed pact and an accepted baseline. */
export function accepted(edit?: Edit): Promise<Tiny> {
  return prepared('accepted', edit, acceptedAnew);
}

const asked = new Set<string>();

/**
 * A copy of what was made once for this state of the sources, whichever test file asked first.
 * Who asks for a second one wants another agent, with keys of its own, and gets one made anew.
 */
export async function prepared(stage: string, edit: Edit = (text) => text, anew: (edit: Edit) => Promise<Tiny>): Promise<Tiny> {
  const name = `tiny-${stage}-${createHash('sha256').update(edit(manifestText())).digest('hex').slice(0, 16)}`;
  if (asked.has(name)) return anew(edit);
  asked.add(name);
  const kept = await makeOnce(name, async (folder) => {
    const one = await anew(edit);
    cpSync(one.folder, folder, { recursive: true, preserveTimestamps: true });
  });
  const folder = newFolder();
  cpSync(kept, folder, { recursive: true, preserveTimestamps: true });
  return tinyAt(folder, new StillClock());
}

/** The same made here and now: for a test of what happens on the way. */
export async function acceptedAnew(edit?: Edit): Promise<Tiny> {
  const one = await tiny(edit);
  await one.run('identity', 'register');
  await one.run('identity', 'key issue');
  await one.run('identity', 'verify');
  await one.run('pact', 'sign', { as: 'erin' });
  const measured = await one.run('baseline', 'run');
  if (measured.exit !== 0) throw new Error(`the baseline of the tiny agent does not hold: ${JSON.stringify(measured)}`);
  await one.run('baseline', 'accept', { as: 'erin' });
  return one;
}

function newFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'agentctl-tiny-'));
  made.push(folder);
  return folder;
}

let loading: Promise<unknown> = Promise.resolve();

/** Verbs are loaded one after the other: the modules of the test runner cannot be linked for two of them at once. */
function loaded(step: StepId, verb: string): Promise<unknown> {
  return (loading = loading.catch(() => undefined).then(() => verbOf(step, verb)));
}

function tinyAt(folder: string, clock: StillClock, change: Partial<World> = {}): Tiny {
  const said: string[] = [];
  const world = { ...worldAt(folder, clock, said), ...change };
  const flags = { yes: true };
  const report = async (step: StepId, verb: string, options: VerbInput['options'] = {}, args: readonly string[] = []): Promise<Report> => {
    const card = stepById(step)?.verbs.find((one) => one.name === verb);
    if (!card) throw new Error(`no verb ${step} ${verb}`);
    await loaded(step, verb);
    return runVerb(world, flags, step, card, { args, options });
  };
  return {
    folder, clock, world, said,
    path: (...parts) => join(folder, ...parts),
    async run(step, verb, options, args) {
      const { kind, exit, data } = await report(step, verb, options, args);
      if (kind !== 'outcome') throw new Error(`${step} ${verb} answered with a ${kind}`);
      return { ...data, exit };
    },
    async fault(step, verb, options, args) {
      return report(step, verb, options, args).then(
        (answer) => Promise.reject(new Error(`${step} ${verb} ended in no fault: ${JSON.stringify(answer)}`)),
        (cause: unknown) => cause as Fault,
      );
    },
    async entries(type) {
      const { store, chain } = await openSession(world, flags, { mutates: false });
      try {
        return await store.readEvidence(chain, type);
      } finally {
        await store.close();
      }
    },
    async withSession(use, mutates = true) {
      const session = await openSession(world, flags, { mutates });
      try {
        return await use(session);
      } finally {
        await session.store.close();
      }
    },
    edit(file, change) {
      writeFileSync(join(folder, file), change(readFileSync(join(folder, file), 'utf8')));
    },
    copy() {
      const other = newFolder();
      cpSync(folder, other, { recursive: true, preserveTimestamps: true });
      return tinyAt(other, new StillClock(clock.now()));
    },
    in: (ports) => tinyAt(folder, clock, ports),
  };
}

function worldAt(folder: string, clock: StillClock, said: string[]): World {
  const random = systemRandom();
  const path = process.env['PATH'] ?? '';
  return {
    clock, random,
    files: files(),
    processes: processes(path),
    targets: targets({ clock, random, path }),
    tools: toolRunner(path, clock),
    http: http(),
    servers: httpServers(),
    witnesses: sqliteWitnesses({ clock, random }),
    nonces: sqliteNonces({ clock, random }),
    keys: keyStore({ configFolder: join(folder, '.config'), random, passphrase: { ask: () => Promise.resolve('tiny passphrase'), ifWrong: 'the test knows' }, cost: LEAST_SCRYPT, ssh: { processes: processes(path), env: {} } }),
    stores: sqliteStores({ clock, random, projections }),
    yaml: yaml(),
    schemas: schemas(),
    forms: forms(),
    talk: { interactive: false, say: (line) => void said.push(line), progress: () => ({ update: () => undefined, end: () => undefined }) },
    prompt: prompt({ interactive: false, input: process.stdin, output: process.stderr, colour: 0 }),
    schedule: schedule(),
    renderers,
    // A report is asked for whole: what is told line by line would be no answer.
    results: toldTo(() => undefined, { format: 'json' }),
    surroundings: { ...surroundings(), cwd: folder },
  };
}

/** Whether the folder holds a file of that name; for drills that assert on the file system. */
export function isThere(one: Tiny, ...parts: string[]): boolean {
  return existsSync(one.path(...parts));
}

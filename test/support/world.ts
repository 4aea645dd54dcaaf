/** A still world for tests: real files, stores, keys and processes; a clock that moves only when it is read, and seeded randomness. */
import { LEAST_SCRYPT } from '../../src/identity/key-file.js';
import { createHash } from 'node:crypto';
import { files } from '../../src/adapters/files.js';
import { forms } from '../../src/adapters/forms.js';
import { http } from '../../src/adapters/http.js';
import { httpServers } from '../../src/adapters/http-server.js';
import { keyStore } from '../../src/adapters/key-store.js';
import { processes } from '../../src/adapters/processes.js';
import { projections } from '../../src/adapters/projections.js';
import { schedule } from '../../src/adapters/schedule.js';
import { schemas } from '../../src/adapters/schemas.js';
import { sqliteNonces } from '../../src/adapters/sqlite-nonces.js';
import { sqliteStores } from '../../src/adapters/sqlite-store.js';
import { sqliteWitnesses } from '../../src/adapters/sqlite-witness.js';
import { surroundings } from '../../src/adapters/surroundings.js';
import { targets } from '../../src/adapters/targets/targets.js';
import { toolRunner } from '../../src/adapters/tool-runner.js';
import { yaml } from '../../src/adapters/yaml.js';
import { renderers } from '../../src/cli/renderers.js';
import { Fault } from '../../src/domain/fault.js';
import { parseDuration, toInstant, millisecondsOf } from '../../src/domain/time.js';
import type { Clock, Prompt, Random, Talk, World } from '../../src/domain/ports.js';
import { toldTo } from './told.js';

export type Answer = string | boolean | readonly string[];

export interface TestWorldOptions {
  /** Working folder of the command. */
  readonly cwd: string;
  /** Where people's keys lie; outside of cwd, or `placement` warns. */
  readonly configDir: string;
  /** Answers by the name of the question; with them the world is interactive. A question without one takes its default. */
  readonly answers?: Readonly<Record<string, Answer>>;
  readonly interactive?: boolean;
  readonly passphrase?: string;
  readonly start?: string;
  readonly seed?: string;
  /** Environment variables as the command sees them. */
  readonly variables?: Readonly<Record<string, string>>;
  readonly node?: string;
}

export interface TestWorld extends World {
  readonly clock: Clock & { advance(duration: string): void };
  /** What was said on the conversation stream. */
  readonly said: readonly string[];
  /** Names of the questions that were asked. */
  readonly asked: readonly string[];
}

export const START = '2026-11-22T12:00:00.000Z';

export function testWorld(options: TestWorldOptions): TestWorld {
  const clock = stillClock(options.start ?? START);
  const random = seededRandom(options.seed ?? 'seed');
  const interactive = options.interactive ?? options.answers !== undefined;
  const said: string[] = [];
  const asked: string[] = [];
  const path = process.env['PATH'] ?? '';
  return {
    clock, random, said, asked,
    files: files(),
    processes: processes(path),
    targets: targets({ clock, random, path }),
    tools: toolRunner(path, clock),
    http: http(),
    servers: httpServers(),
    witnesses: sqliteWitnesses({ clock, random }),
    nonces: sqliteNonces({ clock, random }),
    keys: keyStore({ configFolder: options.configDir, random, passphrase: { ask: () => Promise.resolve(options.passphrase ?? 'correct horse battery staple'), ifWrong: 'the test knows' }, cost: LEAST_SCRYPT }),
    stores: sqliteStores({ clock, random, projections }),
    yaml: yaml(),
    schemas: schemas(),
    forms: forms(),
    talk: quietTalk(interactive, said),
    prompt: scriptedPrompt(interactive, options.answers ?? {}, asked),
    schedule: schedule(),
    renderers,
    // A report is asked for whole: what is told line by line would be no answer.
    results: toldTo(() => undefined, { format: 'json' }),
    surroundings: {
      ...surroundings(),
      cwd: options.cwd,
      configFolder: options.configDir,
      node: options.node ?? 'v24.11.1',
      variable: (name) => options.variables?.[name],
    },
  };
}

/** Every reading is a millisecond later than the one before, so that instants differ and yet repeat from run to run. */
function stillClock(start: string): TestWorld['clock'] {
  let now = millisecondsOf(start);
  return {
    now: () => toInstant((now += 1)),
    monotonic: () => (now += 1),
    async sleep(milliseconds) {
      now += milliseconds;
      // Other processes need real time to finish what is being waited for.
      await new Promise((done) => { setTimeout(done, Math.min(milliseconds, 20)); });
    },
    advance: (duration) => { now += parseDuration(duration); },
  };
}

function seededRandom(seed: string): Random {
  let count = 0;
  return {
    bytes(length) {
      const blocks: Buffer[] = [];
      for (let size = 0; size < length; size += 32) blocks.push(createHash('sha256').update(`${seed}:${(count += 1)}`).digest());
      return new Uint8Array(Buffer.concat(blocks).subarray(0, length));
    },
  };
}

function quietTalk(interactive: boolean, said: string[]): Talk {
  return {
    interactive,
    say: (line) => { said.push(line); },
    progress: (title) => ({ update: () => undefined, end: (note) => { said.push(`${title}: ${note ?? 'done'}`); } }),
  };
}

function scriptedPrompt(interactive: boolean, answers: Readonly<Record<string, Answer>>, asked: string[]): Prompt {
  return {
    async ask({ name, message, default: preset, check }) {
      if (!interactive) throw new Fault('ANSWER_MISSING', `no terminal to ask: ${message}`, { at: name });
      asked.push(name);
      const value = answers[name] ?? preset;
      if (value === undefined) throw new Fault('INTERRUPTED', `nobody answers "${name}"`, { at: name });
      const verdict = typeof value === 'string' && check ? check(value) : true;
      if (verdict !== true) throw new Error(`the answer ${JSON.stringify(value)} to "${name}" is refused: ${verdict}`);
      return value;
    },
  };
}

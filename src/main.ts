/** Composition root: makes the real world and hands it to the command line. */
import { files } from './adapters/files.js';
import { keyPlacement } from './adapters/key-placement.js';
import { sqliteStores } from './adapters/sqlite-store.js';
import { surroundings } from './adapters/surroundings.js';
import { systemClock, systemRandom } from './adapters/system.js';
import { colourLevel, streamInfo } from './adapters/terminal.js';
import { projections } from './adapters/projections.js';
import { renderers } from './cli/renderers.js';
import { runProgram, type Stage } from './cli/run.js';
import type { OutputOptions } from './cli/output.js';
import type { World } from './domain/ports.js';

/** Where time and chance come from. */
export type Origin = Pick<World, 'clock' | 'random'>;

/**
 * @param argv arguments after the program's name
 * @param origin only the tests hand in another one, from a program of their own: no flag and no variable can
 * @returns exit status
 */
export async function main(argv: readonly string[], origin: Origin = { clock: systemClock(), random: systemRandom() }): Promise<number> {
  const interrupt = new AbortController();
  const onSignal = () => {
    // The second Ctrl-C does not wait for a clean place.
    if (interrupt.signal.aborted) process.exit(130);
    interrupt.abort();
  };
  process.stdout.on('error', ignoreClosedPipe);
  process.stderr.on('error', ignoreClosedPipe);
  process.on('SIGINT', onSignal);
  process.on('SIGTERM', onSignal);
  try {
    return await runProgram(argv, realStage(interrupt.signal, origin));
  } finally {
    process.off('SIGINT', onSignal);
    process.off('SIGTERM', onSignal);
    process.stdout.off('error', ignoreClosedPipe);
    process.stderr.off('error', ignoreClosedPipe);
  }
}

function realStage(interrupted: AbortSignal, origin: Origin): Stage {
  const { clock, random } = origin;
  const around = surroundings(interrupted, import.meta.url);
  const reading = { clock, random, files: files(), stores: sqliteStores({ clock, random, projections }), surroundings: around };
  return {
    surroundings: around,
    reading: { ...reading, keys: (storeFolder) => ({ placement: () => keyPlacement(around.configFolder, storeFolder) }) },
    world: (output, noInput) => realWorld(reading, output, noInput),
    out: (text) => write(process.stdout, text),
    err: (text) => write(process.stderr, text),
    canvas: (stream, output) => {
      const to = stream === 'out' ? process.stdout : process.stderr;
      return { width: to.columns ?? 80, colour: colourLevel(streamInfo(to), process.env, output.color) };
    },
  };
}

/** Every port, real. What reading does without is loaded now; libraries that are slow to load, by their adapter on first use. */
async function realWorld(reading: Origin & Pick<World, 'files' | 'stores' | 'surroundings'>, output: OutputOptions, noInput: boolean): Promise<World> {
  const { keyStore, passphrase, prompt, schedule, schemas, terminal, yaml } = await import('./adapters/doing.js');
  const { clock, random, surroundings: around } = reading;
  const quiet = output.quiet || output.format === 'json';
  const interactive = !noInput && process.stdin.isTTY === true && process.stderr.isTTY === true && output.format === 'human';
  const colour = colourLevel(streamInfo(process.stderr), process.env, output.color);
  const path = process.env['PATH'] ?? '';
  const asking = prompt({ interactive, input: process.stdin, output: process.stderr, colour });
  return {
    ...reading,
    processes: { run: async (...words) => (await import('./adapters/on-demand.js')).processes(path).run(...words) },
    targets: { start: async (...words) => (await import('./adapters/on-demand.js')).jsonlTargets({ clock, path }).start(...words) },
    tools: { run: async (...words) => (await import('./adapters/on-demand.js')).toolRunner(path, clock).run(...words) },
    http: {
      send: async (...words) => (await import('./adapters/on-demand.js')).http().send(...words),
      fetchPublic: async (...words) => (await import('./adapters/on-demand.js')).http().fetchPublic(...words),
    },
    keys: keyStore({ configFolder: around.configFolder, random, passphrase: passphrase(process.env['AGENTCTL_PASSPHRASE_FILE'], asking, interactive) }),
    yaml: yaml(),
    schemas: schemas(),
    talk: terminal({ stream: process.stderr, interactive, colour, quiet, monotonic: () => clock.monotonic() }),
    prompt: asking,
    schedule: schedule(),
    renderers,
  };
}

/** Waits until the text is out: a pipe may be slow, and nothing may be cut short. A reader who left early is no failure. */
function write(stream: NodeJS.WriteStream, text: string): Promise<void> {
  return new Promise((resolve, reject) => {
    stream.write(text, (error) => (error && (error as NodeJS.ErrnoException).code !== 'EPIPE' ? reject(error) : resolve()));
  });
}

function ignoreClosedPipe(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EPIPE') throw error;
}

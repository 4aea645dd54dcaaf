/** Composition root: makes the real world and hands it to the command line. */
import { unwrapping } from './adapters/key-placement.js';
import { reading, type Origin } from './adapters/reading.js';
import { canvas, err, leaveErrorsToWrites, out } from './adapters/streams.js';
import { surroundings } from './adapters/surroundings.js';
import { systemClock, systemRandom } from './adapters/system.js';
import { colourLevel, streamInfo } from './adapters/terminal.js';
import { renderers } from './cli/renderers.js';
import { results } from './cli/results.js';
import { runProgram, type InputOptions, type Stage } from './cli/run.js';
import type { OutputOptions } from './cli/output.js';
import type { World } from './domain/ports.js';

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
  const minded = leaveErrorsToWrites();
  process.on('SIGINT', onSignal);
  process.on('SIGTERM', onSignal);
  try {
    return await runProgram(argv, realStage(interrupt.signal, origin));
  } finally {
    process.off('SIGINT', onSignal);
    process.off('SIGTERM', onSignal);
    minded();
  }
}

function realStage(interrupted: AbortSignal, origin: Origin): Stage {
  const around = surroundings(interrupted, import.meta.url);
  const ports = reading(origin, around);
  return {
    surroundings: around,
    clock: ports.clock,
    files: ports.files,
    world: async (output, input) => ({
      ...(await realWorld(ports, output, input)),
      results: results(output, out, () => canvas('out', output.color)),
    }),
    out,
    err,
    canvas: (stream, output) => canvas(stream, output.color),
  };
}

/** Every port, real. What starts processes or opens sockets is loaded when it is first used, each adapter by itself. */
async function realWorld(ports: Origin & Pick<World, 'files' | 'stores' | 'surroundings'>, output: OutputOptions, { noInput, passphraseStdin }: InputOptions): Promise<Omit<World, 'results'>> {
  const { forms, keyStore, passphrases, prompt, schedule, schemas, terminal, yaml } = await import('./adapters/doing.js');
  const { clock, random, surroundings: around } = ports;
  const quiet = output.quiet || output.format === 'json';
  const interactive = !noInput && process.stdin.isTTY === true && process.stderr.isTTY === true && output.format === 'human';
  const colour = colourLevel(streamInfo(process.stderr), process.env, output.color);
  const path = process.env['PATH'] ?? '';
  const programs: World['processes'] = { run: async (...words) => (await import('./adapters/processes.js')).processes(path).run(...words) };
  const http = async () => (await import('./adapters/http.js')).http();
  const agentSocket = around.variable('SSH_AUTH_SOCK');
  const asking = prompt({ interactive, input: process.stdin, output: process.stderr, colour });
  return {
    ...ports,
    processes: programs,
    targets: {
      expectMany: async () => (await import('./adapters/steady-heap.js')).steadyHeap(),
      start: async (...words) => (await import('./adapters/targets/targets.js')).targets({ clock, random, path, variable: (name) => around.variable(name), thread: new URL('./module-thread.cjs', import.meta.url) }).start(...words),
    },
    tools: { run: async (...words) => (await import('./adapters/tool-runner.js')).toolRunner(path, clock).run(...words) },
    http: {
      send: async (...words) => (await http()).send(...words),
      fetchPublic: async (...words) => (await http()).fetchPublic(...words),
      submitNote: async (...words) => (await http()).submitNote(...words),
    },
    servers: { serve: async (...words) => (await import('./adapters/http-server.js')).httpServers().serve(...words) },
    witnesses: { open: async (...words) => (await import('./adapters/sqlite-witness.js')).sqliteWitnesses({ clock, random }).open(...words) },
    nonces: { open: async (...words) => (await import('./adapters/sqlite-nonces.js')).sqliteNonces({ clock, random }).open(...words) },
    keys: keyStore({
      ...unwrapping(around), ...passphrases({ file: around.variable('AGENTCTL_PASSPHRASE_FILE'), stdin: passphraseStdin ? process.stdin : undefined }, asking, interactive), random,
      ssh: { processes: programs, env: agentSocket === undefined ? {} : { SSH_AUTH_SOCK: agentSocket } },
    }),
    yaml: yaml(),
    schemas: schemas(),
    forms: forms(),
    talk: terminal({ stream: process.stderr, interactive, colour, quiet, monotonic: () => clock.monotonic() }),
    prompt: asking,
    schedule: schedule(),
    renderers,
  };
}

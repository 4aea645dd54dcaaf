/** One run of the program: parse, do, print. Returns the exit status and never exits itself. */
import { EXIT, Fault, type Exit } from '../domain/fault.js';
import type { FaultView } from '../domain/report.js';
import type { World } from '../domain/ports.js';
import { renderFault, renderReport } from '../views/render.js';
import type { Asked } from './ask.js';
import { isFormat, outputOptions, type OutputOptions } from './output.js';
import { parse } from './program.js';

/** What standard input is for. */
export interface InputOptions {
  /** Never prompt. */
  readonly noInput: boolean;
  /** It holds the passphrase of the keys. */
  readonly passphraseStdin: boolean;
}

/** What the outside hands in: a world made for the options, and two streams. */
export interface Stage {
  /** Enough of the world to parse with. */
  readonly surroundings: World['surroundings'];
  readonly clock: World['clock'];
  readonly files: Pick<World['files'], 'write'>;
  /** The rest is made when a use case asks for it. */
  world(output: OutputOptions, input: InputOptions): Promise<World>;
  out(text: string): Promise<unknown>;
  err(text: string): Promise<unknown>;
  /** Width and colour of the stream that a rendered answer goes to. */
  canvas(stream: 'out' | 'err', output: OutputOptions): { readonly width: number; readonly colour: 0 | 1 | 2 | 3 };
}

export async function runProgram(argv: readonly string[], stage: Stage): Promise<Exit> {
  let help = '';
  let asked: Asked | Exit;
  const fallback = outputOf(argv, stage);
  try {
    asked = await parse(argv, stage, { out: (text) => (help += text), err: (text) => (help += text) });
  } catch (cause) {
    return fail(cause, fallback, stage);
  }
  if (typeof asked === 'number') {
    // Help that was asked for is the result; help instead of a command that is missing is conversation.
    if (asked === EXIT.yes) await stage.out(fallback.format === 'json' ? await renderReport('json', { kind: 'text', exit: asked, data: { text: help } }, stage.canvas('out', fallback)) : help);
    else if (fallback.format === 'human') await stage.err(help);
    else return fail(new Fault('USAGE', 'a command is missing', { hint: 'agentctl --help' }), fallback, stage);
    return asked;
  }
  let world: World | undefined;
  try {
    const { output } = asked;
    const report = await asked.run((world = await stage.world(output, { noInput: argv.includes('--no-input'), passphraseStdin: asked.flags.passphraseStdin === true })));
    for (const { format, file } of output.files) {
      const path = file.startsWith('/') ? file : `${stage.surroundings.cwd}/${file}`;
      await stage.files.write(path, await renderReport(format, report, { width: 100, colour: 0 }));
    }
    if (world?.results.begun !== true) await stage.out(await renderReport(output.format, report, stage.canvas('out', output), stage.clock.now()));
    return report.exit;
  } catch (cause) {
    return fail(cause, asked.output, stage, world?.results.begun);
  }
}

/** A Fault is told in the format that was asked for, on one line after lines; anything else is a defect of ours. */
async function fail(cause: unknown, output: OutputOptions, stage: Stage, inLines = false): Promise<Exit> {
  const fault = cause instanceof Fault ? cause : defect(cause);
  const view: FaultView = { code: fault.code, message: fault.message, hint: fault.hint ?? null, at: fault.at ?? null, details: fault.details };
  if (output.format === 'human') {
    await stage.err(await renderFault('human', view, fault.exit, stage.canvas('err', output)));
    if (output.verbose && fault.cause instanceof Error) await stage.err(`${fault.cause.stack ?? fault.cause.message}\n`);
  } else {
    const text = await renderFault(output.format, view, fault.exit, stage.canvas('out', output));
    await stage.out(inLines ? `${text.replace(/\n */g, '')}\n` : text);
  }
  return fault.exit;
}

function defect(cause: unknown): Fault {
  const error = cause instanceof Error ? cause : new Error(String(cause));
  return new Fault('INTERNAL', `unexpected: ${error.message}`, { cause: error, hint: 'this is a defect of agentctl; run again with --verbose and report what it prints' });
}

/** Output options as far as they can be read before the command line is known to be right. */
function outputOf(argv: readonly string[], { surroundings }: Stage): OutputOptions {
  const flag = argv.findLastIndex((word) => word === '--format' || word.startsWith('--format='));
  const named = argv[flag]?.split('=')[1] ?? (flag < 0 ? surroundings.variable('AGENTCTL_FORMAT') : argv[flag + 1]) ?? 'human';
  const json = argv.includes('--json') || surroundings.variable('AGENTCTL_JSON') === '1';
  return outputOptions({ json, format: isFormat(named) ? named : 'human', verbose: argv.includes('-v') || argv.includes('--verbose') }, { variable: () => undefined });
}

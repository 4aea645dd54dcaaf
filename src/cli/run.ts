/** One run of the program: parse, do, print. Returns the exit status and never exits itself. */
import { combineExits, EXIT, Fault, type Exit } from '../domain/fault.js';
import type { World } from '../domain/ports.js';
import { renderFault, renderReport } from '../views/render.js';
import type { Asked } from './ask.js';
import { isFormat, outputOptions, type OutputOptions } from './output.js';
import { parse } from './program.js';
import { tellUnwritten, unlessFull, viewOf } from './unwritten.js';

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
    if (asked === EXIT.yes) return giveHelp(help, fallback, stage);
    if (fallback.format !== 'human') return fail(new Fault('USAGE', 'a command is missing', { hint: 'agentctl --help' }), fallback, stage);
    await unlessFull(() => stage.err(help));
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

async function giveHelp(text: string, output: OutputOptions, stage: Stage): Promise<Exit> {
  try {
    await stage.out(output.format === 'json' ? await renderReport('json', { kind: 'text', exit: EXIT.yes, data: { text } }, stage.canvas('out', output)) : text);
    return EXIT.yes;
  } catch (cause) {
    return fail(cause, output, stage);
  }
}

/** A Fault is told in the format that was asked for, on one line after lines; anything else is a defect of ours. */
async function fail(cause: unknown, output: OutputOptions, stage: Stage, inLines = false): Promise<Exit> {
  const fault = cause instanceof Fault ? cause : defect(cause);
  const say = (text: string) => unlessFull(() => stage.err(text));
  const tellPeople = async () => say(await renderFault('human', viewOf(fault), fault.exit, stage.canvas('err', output)));
  if (output.format === 'human') {
    await tellPeople();
    if (output.verbose && fault.cause instanceof Error) await say(`${fault.cause.stack ?? fault.cause.message}\n`);
    return fault.exit;
  }
  try {
    const text = await renderFault(output.format, viewOf(fault), fault.exit, stage.canvas('out', output));
    await stage.out(inLines ? `${text.replace(/\n */g, '')}\n` : text);
    return fault.exit;
  } catch (unwritten) {
    if (unwritten !== fault) await tellPeople();
    return combineExits([fault.exit, await tellUnwritten(unwritten, stage.err, stage.canvas('err', output))]);
  }
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

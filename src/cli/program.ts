/** The command tree. The only home of commander, together with step-command.ts. */
import { Command, CommanderError, Option } from 'commander';
import { EXIT, EXIT_MEANING, FAULTS, Fault, type Exit } from '../domain/fault.js';
import type { World } from '../domain/ports.js';
import { status } from '../engine/status.js';
import { STEPS } from '../steps/index.js';
import { hanging } from '../views/human/text.js';
import { askedOf, type Ask, type Asked } from './ask.js';
import { addStepCommand } from './step-command.js';

/**
 * Parses arguments into a use case; writes help through `print`.
 * @throws {Fault} USAGE
 */
export async function parse(argv: readonly string[], { surroundings }: Pick<World, 'surroundings'>, print: { out(text: string): void; err(text: string): void }): Promise<Asked | Exit> {
  let asked: Asked | undefined;
  const ask: Ask = (command, use) => {
    asked = askedOf(command.optsWithGlobals(), surroundings, use);
  };
  const program = buildProgram(ask, surroundings.version, print);
  try {
    await program.parseAsync([...argv], { from: 'user' });
  } catch (cause) {
    if (cause instanceof CommanderError) return fromCommander(cause, program, argv);
    throw cause;
  }
  return asked ?? EXIT.yes;
}

export function buildProgram(ask: Ask, version: string, print: { out(text: string): void; err(text: string): void }): Command {
  const program = new Command('agentctl')
    .description('From prototype to production with evidence: twelve steps, one ledger, a certificate that strangers can verify.')
    .version(version)
    .exitOverride()
    .configureOutput({ writeOut: print.out, writeErr: print.err, outputError: () => {} })
    .showSuggestionAfterError()
    .enablePositionalOptions(false)
    .addOption(new Option('--json', 'one JSON document on standard output'))
    .addOption(new Option('--format <name>', 'human, json, markdown, junit, sarif or html'))
    .addOption(new Option('-o, --output <format=file>', 'write another format to a file as well; may be given again').argParser(another))
    .addOption(new Option('--manifest <file>', 'agent.yaml to use; otherwise the nearest one up the tree'))
    .addOption(new Option('--store <folder>', 'store to use; otherwise the nearest .agentctl up the tree'))
    .addOption(new Option('-y, --yes', 'say yes to confirmations; a human act is then marked as scripted'))
    .addOption(new Option('--no-input', 'never prompt'))
    .addOption(new Option('--passphrase-stdin', 'read the passphrase of the keys from standard input'))
    .addOption(new Option('-q, --quiet', 'no conversation on standard error'))
    .addOption(new Option('-v, --verbose', 'more conversation on standard error'))
    .addOption(new Option('--color', 'colour even without a terminal'))
    .addOption(new Option('--no-color', 'no colour'));
  addGeneral(program, ask);
  for (const step of STEPS) addStepCommand(program, step, ask);
  program.addHelpText('after', helpTail);
  return program;
}

function addGeneral(program: Command, ask: Ask): void {
  program
    .command('init [folder]')
    .description('set up agent.yaml, keys and store, guided; resumable')
    .option('--template <name>', 'low, standard or high')
    .option('--answers <file>', 'answers as YAML, instead of questions')
    .option('--already-in-production', 'order the steps for an agent that already runs: 8, 3, 2, 4, 7, rest')
    .action(function (this: Command, folder: string | undefined, options: { template?: string; answers?: string; alreadyInProduction?: boolean }) {
      ask(this, async (world, flags) => (await import('../engine/commands.js')).init(world, flags, { folder, ...options }));
    });
  program
    .command('status')
    .description('the twelve lines, and what is next')
    .action(function (this: Command) {
      ask(this, status);
    });
  program
    .command('apply [steps...]')
    .description('do everything that needs no human; list what does')
    .option('--dry-run', 'show the plan only')
    .action(function (this: Command, steps: string[], options: { dryRun?: boolean }) {
      ask(this, async (world, flags) => (await import('../engine/commands.js')).apply(world, flags, { steps, dryRun: options.dryRun === true }));
    });
  program
    .command('verify')
    .description('read-only gate: over the store, or over a certificate, offline')
    .addOption(new Option('--stage <stage>', 'launch: steps 1-8 pass and 9-12 are configured').choices(['launch']))
    .option('--certificate <file>', 'verify this certificate instead of the store')
    .option('--trust <root...>', 'whom you trust: a did:key, or a file that holds one or a did.json')
    .option('--subject <folder>', 'checkout whose build must be the certified one')
    .option('--allow-scripted', 'accept sign-offs made by a script instead of a human')
    .option('--maximum-age <duration>', 'refuse a certificate older than this, such as P30D')
    .option('--policy <file>', 'what you ask for beyond its stakes, as YAML or JSON: stakes, scores, age, roles, quorum')
    .option('--status <file>', 'status list that the certificate names, to see whether it was revoked')
    .option('--at <instant>', 'answer as of this time; never exits 0 for now')
    .option('--witness-file <file>', 'compare the ledger with the checkpoint in this file on other storage')
    .option('--witness-git <folder>', 'compare it with every checkpoint that was committed there')
    .option('--witness <url>', 'compare it with what this witness has seen; with --witness-key')
    .option('--witness-key <vkey>', 'key of that witness, or a file that holds it')
    .option('--require-anchor', 'no yes unless an anchor outside the store agrees')
    .action(function (this: Command, options: { certificate?: string; stage?: 'launch'; trust?: string[]; subject?: string; allowScripted?: boolean; maximumAge?: string; policy?: string; status?: string; at?: string; witnessFile?: string; witnessGit?: string; witness?: string; witnessKey?: string; requireAnchor?: boolean }) {
      const { certificate, ...rest } = options;
      const lost = (['trust', 'subject', 'allowScripted', 'maximumAge', 'policy', 'status'] as const).find((name) => certificate === undefined && rest[name] !== undefined);
      if (lost !== undefined) throw new Fault('USAGE', `--${lost.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)} is about a certificate, and none is given`, { hint: 'add --certificate <file>' });
      if (certificate === undefined) ask(this, async (world, flags) => (await import('../engine/commands.js')).verify(world, flags, rest));
      else ask(this, async (world) => (await import('../engine/commands.js')).verifyCertificateFile(world, { certificate, ...rest }));
    });
  program
    .command('explain <topic>')
    .description('a step, a probe, a fault code or an exit status')
    .action(function (this: Command, topic: string) {
      ask(this, async (world) => (await import('../engine/commands.js')).explain(world, topic));
    });
  program
    .command('schema [section]')
    .description('JSON Schema of agent.yaml')
    .action(function (this: Command, section: string | undefined) {
      ask(this, async () => (await import('../engine/commands.js')).schema(section));
    });
  program
    .command('doctor')
    .description('check this machine: Node, native module, keys, store, clock')
    .action(function (this: Command) {
      ask(this, async (world, flags) => (await import('../engine/commands.js')).doctor(world, flags));
    });
  program
    .command('waive <probe>')
    .description('a signed, expiring exception for one probe')
    .requiredOption('--as <operator>', 'operator who answers for it')
    .requiredOption('--reason <text>', 'why it is acceptable for now')
    .requiredOption('--expires <duration>', 'how long, at most P90D')
    .action(function (this: Command, probe: string, options: { as: string; reason: string; expires: string }) {
      ask(this, async (world, flags) => (await import('../engine/commands.js')).waive(world, flags, { probe, ...options }));
    });
  const operator = program.command('operator').description('humans who may act, and their keys');
  operator
    .command('add <id>')
    .description('make a key for an operator and enter it in agent.yaml')
    .requiredOption('--role <role...>', 'engineering, product, finance, operations, legal')
    .option('--name <name>', 'full name, shown on certificates')
    .option('--ssh-key <file>', 'sign with this Ed25519 key of OpenSSH, named by its .pub file, instead of a key of agentctl')
    .action(function (this: Command, id: string, { role: roles, ...options }: { role: string[]; name?: string; sshKey?: string }) {
      ask(this, async (world, flags) => (await import('../engine/commands.js')).addOperator(world, flags, { id, roles, ...options }));
    });
  operator
    .command('list')
    .description('operators of this agent, their roles, and which keys are here')
    .action(function (this: Command) {
      ask(this, async (world, flags) => (await import('../engine/commands.js')).listOperators(world, flags));
    });
}

function fromCommander(cause: CommanderError, program: Command, argv: readonly string[]): Exit {
  if (cause.exitCode === 0) return EXIT.yes;
  // No command, or only the name of a group.
  if (cause.code === 'commander.help') return EXIT.usage;
  const meant = /\(Did you mean (.+)\?\)/.exec(cause.message)?.[1];
  const hint = meant === undefined ? `${namedBy(argv, program)} --help` : `did you mean "${meant}"?`;
  throw new Fault('USAGE', cause.message.replace(/^error: /, '').replace(/\n[\s\S]*$/, ''), { hint });
}

/** The command as far as the words name one, such as `agentctl incident scope`. */
function namedBy(argv: readonly string[], program: Command): string {
  let command = program;
  let name = program.name();
  for (const word of argv) {
    const next = command.commands.find((one) => one.name() === word);
    if (!next) continue;
    command = next;
    name += ` ${word}`;
  }
  return name;
}

function helpTail(): string {
  const exits = Object.entries(EXIT_MEANING).flatMap(([code, meaning]) => hanging(`  ${code.padStart(3)}  `, meaning, 80));
  return `\nExit status, the same in every format:\n${exits.join('\n')}\n\nFirst: agentctl init    then: agentctl apply, agentctl status\nMore on anything: agentctl explain <step|probe|code>  (${Object.keys(FAULTS).length} fault codes)\n`;
}

/** One file a flag: a list would swallow the word that comes after it. */
function another(value: string, before: readonly string[] | undefined): readonly string[] {
  return [...(before ?? []), value];
}

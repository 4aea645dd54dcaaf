/** Turns a step's card into a subcommand with its verbs: the card is the only place where they are written down. */
import { Command, Option } from 'commander';
import { Fault } from '../domain/fault.js';
import type { Step, VerbCard } from '../domain/step.js';
import { showStep } from '../engine/status.js';
import type { Ask } from './ask.js';

export function addStepCommand(program: Command, step: Step, ask: Ask): void {
  const command = program.command(step.id).description(`${step.number}. ${step.title}`);
  const direct = step.verbs.find((verb) => verb.name === step.direct);
  if (direct) addOptions(command, direct);
  command.action(function (this: Command) {
    const options = this.opts<Options>();
    if (direct && Object.keys(options).length > 0) runVerb(ask, this, step, direct, { args: [], options });
    else ask(this, async (world, flags) => showStep(world, flags, step.id));
  });
  const groups = new Map<string, Command>();
  for (const verb of step.verbs) {
    const [first = verb.name, second] = verb.name.split(' ');
    if (second === undefined) addVerb(command, step, verb, first, ask);
    else {
      const group = groups.get(first) ?? command.command(first).description(`${first} verbs`);
      groups.set(first, group);
      addVerb(group, step, verb, second, ask);
    }
  }
}

function addVerb(parent: Command, step: Step, verb: VerbCard, name: string, ask: Ask): void {
  const words = (verb.arguments ?? []).map((one) => (one.required === false ? `[${one.name}]` : `<${one.name}>`));
  const command = parent.command([name, ...words].join(' ')).description(verb.summary);
  addOptions(command, verb);
  command.action(function (this: Command) {
    runVerb(ask, this, step, verb, { args: this.args, options: { ...this.opts<Options>(), ...sharedOptions(this, verb) } });
  });
}

type Options = Record<string, string | boolean | string[]>;

function addOptions(command: Command, verb: VerbCard): void {
  for (const option of verb.options ?? []) command.addOption(new Option(option.flags, option.description).makeOptionMandatory(option.required ?? false));
}

/** Commander gives an option that a step and its verb both have to the step. @throws {Fault} USAGE when the verb does not have it */
function sharedOptions(command: Command, verb: VerbCard): Options {
  const given = command.parent?.opts<Options>() ?? {};
  const known = command.options.map((option) => option.attributeName());
  const foreign = Object.keys(given).find((name) => !known.includes(name));
  if (foreign !== undefined) throw new Fault('USAGE', `unknown option '--${foreign}' of ${verb.name}`, { hint: `agentctl ${command.parent?.name() ?? ''} ${verb.name} --help` });
  return given;
}

function runVerb(ask: Ask, command: Command, step: Step, verb: VerbCard, input: { args: string[]; options: Options }): void {
  ask(command, async (world, flags) => (await import('../engine/commands.js')).runVerb(world, flags, step.id, verb, input));
}

/** Turns a step's card into a subcommand with its verbs: the card is the only place where they are written down. */
import { Command, Option } from 'commander';
import type { Step, VerbCard } from '../domain/step.js';
import type { Ask } from './ask.js';

export function addStepCommand(program: Command, step: Step, ask: Ask): void {
  const command = program
    .command(step.id)
    .description(`${step.number}. ${step.title}`)
    .action(function (this: Command) {
      ask(this, async (world, flags) => (await import('../engine/status.js')).showStep(world, flags, step.id));
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
  for (const option of verb.options ?? []) command.addOption(new Option(option.flags, option.description).makeOptionMandatory(option.required ?? false));
  command.action(function (this: Command) {
    const args = this.args;
    const options = this.opts<Record<string, string | boolean | string[]>>();
    ask(this, async (world, flags) => (await import('../engine/run-verb.js')).runVerb(world, flags, step.id, verb, { args, options }));
  });
}

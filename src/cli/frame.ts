/** What every form of the program has in common: its name, the flags that every command takes, and `status`, which starts without the rest. */
import { Command, Option } from 'commander';
import { keptStatus } from '../engine/kept-status.js';
import type { Ask } from './ask.js';

export interface Print {
  out(text: string): void;
  err(text: string): void;
}

export function frame(version: string, print: Print): Command {
  return new Command('agentctl')
    .description('From prototype to production with evidence: twelve steps, one ledger, a certificate that strangers can verify.')
    .version(version)
    .exitOverride()
    .configureOutput({ writeOut: print.out, writeErr: print.err, outputError: () => {} })
    .showSuggestionAfterError()
    .enablePositionalOptions(false)
    .addOption(new Option('--json', 'one JSON document on standard output'))
    .addOption(new Option('--format <name>', 'human, json, markdown, junit, sarif or html'))
    .addOption(new Option('-o, --output <format=file...>', 'write another format to a file as well'))
    .addOption(new Option('--manifest <file>', 'agent.yaml to use; otherwise the nearest one up the tree'))
    .addOption(new Option('--store <folder>', 'store to use; otherwise the nearest .agentctl up the tree'))
    .addOption(new Option('-y, --yes', 'say yes to confirmations; a human act is then marked as scripted'))
    .addOption(new Option('--no-input', 'never prompt'))
    .addOption(new Option('-q, --quiet', 'no conversation on standard error'))
    .addOption(new Option('-v, --verbose', 'more conversation on standard error'))
    .addOption(new Option('--color', 'colour even without a terminal'))
    .addOption(new Option('--no-color', 'no colour'));
}

export function addStatus(program: Command, ask: Ask): void {
  program
    .command('status')
    .description('the twelve lines, and what is next')
    .action(function (this: Command) {
      ask(this, async (world, flags) => (await import('../engine/status.js')).status(world, flags), keptStatus);
    });
}

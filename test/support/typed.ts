/** Commands as texts print them, checked against the command tree: is each word of them a command, a flag or an argument that exists? */
import type { Command, Option } from 'commander';
import { buildProgram } from '../../src/cli/program.js';

export const tree: Command = buildProgram(() => undefined, '0', { out: () => undefined, err: () => undefined });

/** Words of a line as far as they are one command: a comment, a pipe, a redirection or `&&` ends it. Quoted, `<…>` and `[…]` are one word. */
export function wordsOf(text: string): readonly string[] {
  const words = text.match(/"[^"]*"|<[^>]*>|\[[^\]]*\]|[^\s"]+/g) ?? [];
  const end = words.findIndex((word) => /^(#|\||&&|>|;|\\)/.test(word));
  return end < 0 ? words : words.slice(0, end);
}

/** What is wrong with `agentctl <words>`; null when it can be typed. Placeholders stand for any argument or subcommand; arguments may be left out. A sentence may go on after the command. */
export function mistakeOf(words: readonly string[], ends: 'here' | 'in prose' = 'here'): string | null {
  let command = tree;
  let given = 0;
  for (let index = 0; index < words.length; index += 1) {
    const word = words[index] ?? '';
    const next = command.commands.find((one) => one.name() === word);
    if (word.startsWith('-')) {
      const option = optionOf(command, word);
      if (!option) return `${nameOf(command)} has no ${word.split('=')[0]}`;
      if (option.required && !word.includes('=')) index += 1;
    } else if (next) command = next;
    else if (given < command.registeredArguments.length || command.registeredArguments.at(-1)?.variadic === true) given += 1;
    else if (word.startsWith('<') && command.commands.length > 0) return null;
    else if (ends === 'in prose' && command.commands.length === 0) return null;
    else return command.commands.length > 0 ? `${nameOf(command)} has no command ${word}` : `${nameOf(command)} takes no ${word}`;
  }
  return null;
}

/** Flags of a command and of those above it. */
function optionOf(command: Command, word: string): Option | undefined {
  const flag = word.split('=')[0] ?? word;
  for (let at: Command | null = command; at; at = at.parent) {
    const found = at.options.find((one) => one.long === flag || one.short === flag);
    if (found) return found;
  }
  return ['--help', '-h'].includes(flag) ? command.createOption('-h, --help') : undefined;
}

/** Whether any command has the flag. */
export function isFlag(flag: string, command: Command = tree): boolean {
  return command.options.some((one) => one.long === flag || one.short === flag) || command.commands.some((one) => isFlag(flag, one)) || flag === '--help';
}

function nameOf(command: Command): string {
  return command.parent ? `${nameOf(command.parent)} ${command.name()}` : command.name();
}

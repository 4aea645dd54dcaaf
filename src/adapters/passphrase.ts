/** The passphrase of people's keys: from standard input where that was asked for, from the file that AGENTCTL_PASSPHRASE_FILE names, else asked at the terminal. Never from a flag or a variable. */
import { readSecret } from './secret-file.js';
import { Fault } from '../domain/fault.js';
import type { Prompt } from '../domain/ports.js';
import type { PassphraseSource } from './key-locks.js';

export interface Given {
  /** What --passphrase-stdin hands in: its first line, and nothing else is read from it. */
  readonly stdin: AsyncIterable<Uint8Array | string> | undefined;
  readonly file: string | undefined;
}

export interface Passphrases {
  readonly passphrase: PassphraseSource;
  /** For services, which have to start when nobody is there: from the file alone. */
  readonly servicePassphrase: PassphraseSource | undefined;
}

export function passphrases({ stdin, file }: Given, prompt: Prompt, interactive: boolean): Passphrases {
  const filed = file === undefined ? undefined : { ask: () => fromFile(file), ifWrong: 'check the file that AGENTCTL_PASSPHRASE_FILE names' };
  const passphrase = stdin === undefined ? (filed ?? asked(prompt, interactive)) : piped(stdin);
  return { passphrase, servicePassphrase: filed };
}

function piped(stdin: AsyncIterable<Uint8Array | string>): PassphraseSource {
  // Standard input is there once; the keys of one run have one passphrase.
  let line: Promise<string> | undefined;
  return { ask: () => (line ??= fromStdin(stdin)), ifWrong: 'check what was piped in for --passphrase-stdin' };
}

function asked(prompt: Prompt, interactive: boolean): PassphraseSource {
  return {
    ifWrong: 'run the command again and type it anew',
    ask: async () => {
      if (!interactive) throw new Fault('PASSPHRASE', 'a passphrase is needed and there is no terminal to ask on', { hint: 'put it into a file of mode 0600 and set AGENTCTL_PASSPHRASE_FILE to its path, or pipe it in with --passphrase-stdin' });
      return String(await prompt.ask({ name: 'passphrase', kind: 'secret', message: 'Passphrase:', why: 'It opens the keys of people and organisation on this machine.' }));
    },
  };
}

/** More than any passphrase. */
const LONGEST = 4096;

async function fromStdin(stdin: AsyncIterable<Uint8Array | string>): Promise<string> {
  const parts: Uint8Array[] = [];
  let size = 0;
  for await (const part of stdin) {
    const bytes = typeof part === 'string' ? new TextEncoder().encode(part) : part;
    parts.push(bytes);
    size += bytes.length;
    if (size > LONGEST) throw new Fault('PASSPHRASE', 'standard input holds more than a passphrase', { hint: '--passphrase-stdin reads one line' });
  }
  const [text = '', ...more] = Buffer.concat(parts).toString('utf8').split(/\r?\n/);
  if (text === '' || more.some((rest) => rest !== '')) throw new Fault('PASSPHRASE', text === '' ? 'standard input holds no passphrase' : 'standard input holds more than a passphrase', { hint: '--passphrase-stdin reads one line' });
  return text;
}

async function fromFile(file: string): Promise<string> {
  const bytes = await readSecret(file, 'any');
  const text = bytes?.toString('utf8').replace(/\r?\n$/, '') ?? '';
  if (text === '') throw new Fault('PASSPHRASE', 'the passphrase file is missing or empty', { at: file, hint: 'write the passphrase into it, mode 0600' });
  return text;
}

/** The passphrase of people's keys: from the file that AGENTCTL_PASSPHRASE_FILE names, else asked at the terminal. Never from a flag or a variable. */
import { readSecret } from './secret-file.js';
import { Fault } from '../domain/fault.js';
import type { Prompt } from '../domain/ports.js';

export function passphrase(file: string | undefined, prompt: Prompt, interactive: boolean): () => Promise<string> {
  return async () => {
    if (file !== undefined) return fromFile(file);
    if (!interactive) throw new Fault('PASSPHRASE', 'a passphrase is needed and there is no terminal to ask on', { hint: 'put it into a file of mode 0600 and set AGENTCTL_PASSPHRASE_FILE to its path' });
    const answer = await prompt.ask({ name: 'passphrase', kind: 'secret', message: 'Passphrase:', why: 'It opens the keys of people and organisation on this machine.' });
    return String(answer);
  };
}

async function fromFile(file: string): Promise<string> {
  const bytes = await readSecret(file, 'any');
  const text = bytes?.toString('utf8').replace(/\r?\n$/, '') ?? '';
  if (text === '') throw new Fault('PASSPHRASE', 'the passphrase file is missing or empty', { at: file, hint: 'write the passphrase into it, mode 0600' });
  return text;
}

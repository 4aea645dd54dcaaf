/** The passphrase of a key file of another program: from a file of its own, or asked; it is not the one of our keys. */
import { Fault } from '../../domain/fault.js';
import type { World } from '../../domain/ports.js';
import { textOption, type VerbInput } from '../verb.js';

/** @throws {Fault} PASSPHRASE when it is empty, or the file can be read by others; ANSWER_MISSING without a terminal */
export async function keyPassphrase(world: World, input: VerbInput, why: string): Promise<string> {
  const file = textOption(input, 'keyPassphraseFile');
  const text = file === undefined ? String(await world.prompt.ask({ name: 'key-passphrase', kind: 'secret', message: 'Passphrase of that file:', why })) : await fromFile(world, file);
  if (text === '') throw new Fault('PASSPHRASE', 'the passphrase is empty', file === undefined ? {} : { at: file });
  return text;
}

async function fromFile({ files, surroundings }: World, file: string): Promise<string> {
  const info = await files.info(file);
  const open = !surroundings.platform.startsWith('win32') && ((info?.mode ?? 0) & 0o077) !== 0;
  if (open) throw new Fault('PASSPHRASE', 'the passphrase file can be read by other users', { at: file, hint: `chmod 600 ${file}` });
  return (await files.readText(file)).replace(/\r?\n$/, '');
}

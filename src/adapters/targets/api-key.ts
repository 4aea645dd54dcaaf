/** The API key of a service, from a file of mode 0600 that agent.yaml or a variable names: never written down, never told. */
import { Fault } from '../../domain/fault.js';
import type { Target } from '../../domain/target.js';
import { readSecret } from '../secret-file.js';

export interface KeyHeader {
  /** In lower case. */
  readonly name: string;
  readonly value: string;
  /** What must not be repeated in a message. */
  readonly secret: string;
}

/** @throws {Fault} TARGET_FAILED, STORE_UNFIT for a file that others can open; none of them has the key in it */
export async function readKey({ file, variable, header = 'authorization', scheme }: NonNullable<Target['key']>, lookUp: (name: string) => string | undefined): Promise<KeyHeader> {
  const path = file ?? (variable === undefined ? undefined : lookUp(variable));
  if (path === undefined || path === '') throw new Fault('TARGET_FAILED', `the variable ${String(variable)} does not name the file of the key`, { at: 'agent.yaml: target.key', hint: `export ${String(variable)}=/run/secrets/provider-key` });
  const bytes = await readSecret(path, 'any');
  const secret = bytes?.toString('utf8').trim() ?? '';
  if (secret === '') throw new Fault('TARGET_FAILED', 'the file of the key is missing or empty', { at: path, hint: 'write the key into it, mode 0600' });
  if (!/^[\x21-\x7e]+$/.test(secret)) throw new Fault('TARGET_FAILED', 'the key does not fit into a header', { at: path, hint: 'the file holds the key and nothing else, on one line' });
  const name = header.toLowerCase();
  const word = scheme ?? (name === 'authorization' ? 'Bearer' : undefined);
  return { name, secret, value: word === undefined ? secret : `${word} ${secret}` };
}

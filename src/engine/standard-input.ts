/** Standard input can be read once, and `--passphrase-stdin` may have spoken for it. */
import { Fault } from '../domain/fault.js';
import type { Flags } from './session.js';

/** @param what is read there @returns its path @throws {Fault} USAGE when the passphrase is read from there too */
export function standardInput({ passphraseStdin }: Flags, what: string, hint: string): string {
  if (passphraseStdin === true) throw new Fault('USAGE', `standard input cannot hold both the passphrase and ${what}`, { at: '--passphrase-stdin', hint });
  return '/dev/stdin';
}

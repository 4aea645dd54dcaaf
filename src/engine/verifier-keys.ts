/** Verifier keys as they are typed: the key itself, or a file with one on each line. */
import { Fault } from '../domain/fault.js';
import type { World } from '../domain/ports.js';
import { parseVerifierKey, type VerifierKey } from '../ledger/checkpoint.js';
import { absolute } from './trust-roots.js';

const HINT = 'give a verifier key (name+0123abcd+base64), or a file with one on each line';

/** @throws {Fault} INPUT_INVALID */
export async function readVerifierKeys(world: Pick<World, 'files' | 'surroundings'>, given: readonly string[]): Promise<readonly VerifierKey[]> {
  return (await Promise.all(given.map((one) => readKeys(world, one)))).flat();
}

async function readKeys(world: Pick<World, 'files' | 'surroundings'>, given: string): Promise<readonly VerifierKey[]> {
  const path = absolute(world, given);
  if ((await world.files.info(path))?.kind !== 'file') return [keyOf(given, given)];
  const lines = (await world.files.readText(path)).split('\n').map((line) => line.trim()).filter((line) => line !== '' && !line.startsWith('#'));
  if (lines.length === 0) throw new Fault('INPUT_INVALID', `${given} holds no verifier key`, { at: given, hint: HINT });
  return lines.map((line) => keyOf(line, given));
}

function keyOf(text: string, at: string): VerifierKey {
  try {
    return parseVerifierKey(text);
  } catch (cause) {
    if (cause instanceof Fault) throw new Fault('INPUT_INVALID', `${JSON.stringify(text.slice(0, 100))} is not a verifier key: ${cause.message}`, { at, hint: HINT, cause });
    throw cause;
  }
}

/** A challenge from a file. */
import { Fault } from '../../domain/fault.js';
import type { World } from '../../domain/ports.js';
import { parseChallenge, type Challenge } from '../../identity/possession.js';
import { absolute } from '../trust-roots.js';

/** Bytes of the longest file that is read: a proof holds a challenge and a signature. */
const LARGEST = 16 * 1024;

/** @throws {Fault} INPUT_INVALID, IO */
export async function readChallenge(world: Pick<World, 'files' | 'surroundings'>, file: string): Promise<Challenge> {
  return parseChallenge(await readSmall(world, file), file);
}

/** @throws {Fault} INPUT_INVALID, IO */
export async function readSmall(world: Pick<World, 'files' | 'surroundings'>, file: string): Promise<string> {
  const path = absolute(world, file);
  const info = await world.files.info(path);
  if (info?.kind === 'file' && info.size > LARGEST) throw new Fault('INPUT_INVALID', `${file} is longer than ${LARGEST} bytes`, { at: file });
  return world.files.readText(path);
}

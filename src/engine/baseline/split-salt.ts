/** The salt of a project's held-out split: made once, kept with the user's configuration, and never in the agent's repository, where the agent could learn who is held out. */
import { Fault } from '../../domain/fault.js';
import { saltOf } from '../../evaluation/split.js';
import type { Session } from '../session.js';

const BYTES = 32;
const OTHERS = 0o077;

export interface Salt {
  readonly text: string;
  readonly path: string;
  readonly fresh: boolean;
}

/** @throws {Fault} STORE_UNFIT for a link or a file that others can open, INPUT_INVALID for other content, IO */
export async function saltOfProject({ world, manifest }: Pick<Session, 'world' | 'manifest'>): Promise<Salt> {
  const { files, random, surroundings: { configFolder, platform } } = world;
  const folder = `${configFolder}/splits`;
  const path = `${folder}/${manifest.metadata.id}.salt`;
  const found = await files.info(path);
  if (found === undefined) {
    await files.makeFolder(folder, 0o700);
    await files.write(path, `${saltOf(random.bytes(BYTES))}\n`, 0o600);
  } else if (found.kind !== 'file' || (platform !== 'win32' && (found.mode & OTHERS) !== 0)) {
    throw new Fault('STORE_UNFIT', 'the salt of the held-out split is not a plain file that only its owner can open', { at: path, hint: `chmod 600 ${path}` });
  }
  // Read back, so that of two who make it at once both use the one that stayed.
  const text = (await files.readText(path)).trimEnd();
  if (!/^[0-9a-f]{64}$/.test(text)) throw new Fault('INPUT_INVALID', `a salt is ${BYTES} bytes in hex`, { at: path, hint: 'restore it from a copy: another salt is another split' });
  return { text, path, fresh: found === undefined };
}

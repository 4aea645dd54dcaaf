/** A file that a command is told to write must not be there yet: it might be the manifest, or the ledger. */
import { Fault } from '../domain/fault.js';
import type { World } from '../domain/ports.js';

/** @param unless an earlier file of the same kind, which begins like this, may be replaced @throws {Fault} REFUSED */
export async function refuseExisting({ files }: Pick<World, 'files'>, path: string, unless?: string): Promise<void> {
  if (!(await files.exists(path)) || (unless !== undefined && (await begins(files, path, unless)))) return;
  throw new Fault('REFUSED', `${path} exists already, and is not overwritten`, { at: path, hint: 'name another file' });
}

async function begins(files: World['files'], path: string, text: string): Promise<boolean> {
  return (await files.info(path))?.kind === 'file' && Buffer.from((await files.read(path)).subarray(0, text.length)).equals(Buffer.from(text));
}

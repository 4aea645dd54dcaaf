/** Makes a folder and those that are missing above it, one by one: Node's own way goes round for ever where nothing can be made, as below /proc. */
import { mkdirSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { codeOf } from './file-fault.js';

/** @returns the highest one that was made; undefined where the folder was there @throws what the system says */
export function makeFolders(path: string, mode = 0o777): string | undefined {
  if (isFolder(path)) return undefined;
  const above = dirname(path);
  const first = statSync(above, { throwIfNoEntry: false }) ? undefined : makeFolders(above, mode);
  try {
    mkdirSync(path, { mode });
    return first ?? path;
  } catch (error) {
    // Somebody else made it meanwhile.
    if (codeOf(error) === 'EEXIST' && isFolder(path)) return first;
    throw error;
  }
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
}

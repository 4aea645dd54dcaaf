/** What a local disk answers at once: waking a thread to ask it, as the promises of node:fs do, takes longer than the answer. */
import { lstatSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Stats } from 'node:fs';
import type { FileInfo } from '../domain/ports.js';
import { codeOf, infoOf, ioFault, pipe, refuseUnreadable } from './file-fault.js';

/** @throws {Fault} IO for what is no file of a size that can be held */
export function readNow(path: string): Uint8Array {
  const stats = statSync(path);
  if (stats.isFIFO()) throw pipe(path);
  refuseUnreadable(path, stats);
  return readFileSync(path);
}

export function look(path: string): Stats | undefined {
  try {
    return lstatSync(path);
  } catch (error) {
    if (['ENOENT', 'ENOTDIR'].includes(codeOf(error))) return undefined;
    throw ioFault('look at', path, error);
  }
}

/** Links are listed and never followed, so a link cannot smuggle files from elsewhere into a build or lead in circles. */
export function walk(folder: string, prefix = ''): FileInfo[] {
  const found = readdirSync(join(folder, prefix), { withFileTypes: true }).flatMap((entry) => {
    const path = prefix === '' ? entry.name : `${prefix}/${entry.name}`;
    return entry.isDirectory() ? walk(folder, path) : [infoOf(path, lstatSync(join(folder, path)))];
  });
  return prefix === '' ? found.sort((a, b) => (a.path < b.path ? -1 : 1)) : found;
}

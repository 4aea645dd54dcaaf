/** Files for a program that lives for a moment: the answers of files.ts without the threads behind them, which take longer to wake than small files to read. */
import { lstatSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Stats } from 'node:fs';
import { digestBytes } from '../domain/digest.js';
import type { FileInfo, Files } from '../domain/ports.js';
import { codeOf, decode, infoOf, ioFault, isHanded, named, pipe, refuseUnreadable } from './file-fault.js';

/** Whatever waits, streams or writes is left to files.ts. */
export function filesNow(): Files {
  const whole = async () => (await import('./files.js')).files();
  const read = async (path: string) => (isHanded(path) ? (await whole()).read(path) : named('read', path, async () => readNow(path)));
  return {
    read,
    readText: async (path) => decode(await read(path), path),
    exists: async (path) => look(path) !== undefined,
    info: async (path) => {
      const stats = look(path);
      return stats && infoOf(path, stats);
    },
    list: (folder) => named('list', folder, async () => walk(folder)),
    digest: async (path) => digestBytes(await read(path)),
    open: async (path) => (await whole()).open(path),
    lines: async function* (path, longest) { yield* (await whole()).lines(path, longest); },
    write: async (...words) => (await whole()).write(...words),
    append: async (...words) => (await whole()).append(...words),
    makeFolder: async (...words) => (await whole()).makeFolder(...words),
    move: async (...words) => (await whole()).move(...words),
    remove: async (...words) => (await whole()).remove(...words),
  };
}

function readNow(path: string): Uint8Array {
  const stats = statSync(path);
  if (stats.isFIFO()) throw pipe(path);
  refuseUnreadable(path, stats);
  return readFileSync(path);
}

function look(path: string): Stats | undefined {
  try {
    return lstatSync(path);
  } catch (error) {
    if (['ENOENT', 'ENOTDIR'].includes(codeOf(error))) return undefined;
    throw ioFault('look at', path, error);
  }
}

/** Links are listed and never followed, as in files.ts. */
function walk(folder: string, prefix = ''): FileInfo[] {
  const found = readdirSync(join(folder, prefix), { withFileTypes: true }).flatMap((entry) => {
    const path = prefix === '' ? entry.name : `${prefix}/${entry.name}`;
    return entry.isDirectory() ? walk(folder, path) : [infoOf(path, lstatSync(join(folder, path)))];
  });
  return prefix === '' ? found.sort((a, b) => (a.path < b.path ? -1 : 1)) : found;
}

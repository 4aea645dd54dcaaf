/** Files for a program that lives for a moment: the answers of files.ts without the threads behind them, which take longer to wake than small files to read. */
import { digestBytes } from '../domain/digest.js';
import type { Files } from '../domain/ports.js';
import { look, readNow, walk } from './file-at-once.js';
import { decode, infoOf, isHanded, named } from './file-fault.js';

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

/** A process of its own that verifies a ledger in turn with the floor, and tells times and memory: `node verify-child.js PARTS FOLDER ROUNDS`. */
import { hash } from 'node:crypto';
import { pathToFileURL } from 'node:url';
import { inTurn } from '../measure.js';
import { Ledger } from './build.js';
import { CHAIN } from './records.js';

const [bundle, folder, rounds] = process.argv.slice(2);
const parts = await import(pathToFileURL(bundle).href);
const Database = await parts.loadSqlite();
const ledger = new Ledger(parts, folder);
await ledger.open(true);
const { size } = await ledger.store.head(CHAIN);
const scan = scanner(ledger.file);
const idle = megabytes();
const seen = await inTurn({
  floor: () => {
    const { rows, bytes } = scan();
    // A chain is hashed row by row: one call each, over one buffer that stays in the cache, as `openssl speed` does.
    const record = Buffer.alloc(Math.round(bytes / rows), 'r');
    for (let row = 0; row < rows; row += 1) hash('sha256', record, 'hex');
    return 1;
  },
  verify: async () => {
    if ((await ledger.verify('every byte')).size !== size) throw new Error('not all of it was verified');
    return 1;
  },
}, Number(rounds));
await ledger.store.close();
process.stdout.write(JSON.stringify({ size, seen, idle, most: megabytes() }));

/** Most memory that was resident so far. */
function megabytes() {
  return process.resourceUsage().maxRSS / 1024;
}

/** The rows as SQLite itself walks them, in C. `length` looks at the bytes of a text; `octet_length` would take their number from the row's header, and never see them. */
function scanner(file) {
  const db = new Database(file, { readonly: true, fileMustExist: true });
  db.pragma('cache_size = -1000');
  const statement = db.prepare('SELECT count(*) AS rows, sum(length(hash) + 2 + length(body)) AS bytes FROM entries WHERE chain = ?');
  return () => statement.get(CHAIN);
}

/** Durable appends: one caller, 64 callers, and into a long ledger, in turn with the same bytes written and synced to a plain file. */
import { closeSync, fdatasyncSync, openSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { cpus, inTurn, median, paired, rate, walls } from '../measure.js';
import { bytesOf, CHAIN, fullAction } from './records.js';

const ROUNDS = 11;
const ONE = 100;
const CALLERS = 64;
const EACH = 8;

/** @param small a ledger of about a thousand entries @param large one of many; both open for writing @param Database SQLite as the program loads it @param scratch on the same disk @param peers by name: appends of one record each */
export async function appendFigures({ small, large, Database, scratch, peers = {} }) {
  const [sample] = await small.append(CHAIN, [fullAction(0)]);
  const size = bytesOf(await lastRow(small, sample.entry.seq));
  const record = Buffer.alloc(size, 'r');
  const raw = openSync(join(scratch, 'raw'), 'a');
  const insert = plainInsert(Database, join(scratch, 'plain.db'), record);
  let number = 0;
  const seen = await inTurn({
    raw: () => times(ONE, () => { writeSync(raw, record); fdatasyncSync(raw); }),
    insert: () => times(ONE, () => insert.run()),
    one: () => times(ONE, () => small.append(CHAIN, [fullAction(number++)])),
    large: () => times(ONE, () => large.append(CHAIN, [fullAction(number++)])),
    many: async () => {
      await Promise.all(Array.from({ length: CALLERS }, () => times(EACH, () => small.append(CHAIN, [fullAction(number++)]))));
      return CALLERS * EACH;
    },
    ...Object.fromEntries(Object.entries(peers).map(([name, append]) => [name, () => times(ONE, () => append(record))])),
  }, ROUNDS);
  closeSync(raw);
  insert.close();
  const against = (id, name, least) => {
    const ratio = paired(walls(seen.raw), walls(seen[name]));
    return { id, value: rate(walls(seen[name])), unit: '/s', floor: rate(walls(seen.raw)), ratio, must: least === undefined ? 'for comparison' : `>= ${least} of raw append + fdatasync`, ok: least === undefined || ratio >= least };
  };
  const longer = paired(walls(seen.one), walls(seen.large));
  return [
    against('ledger.append-one', 'one', 0.6),
    against('ledger.append-64', 'many', 2.5),
    { id: 'ledger.append-long', value: rate(walls(seen.large)), unit: '/s', floor: rate(walls(seen.one)), ratio: longer, must: 'within 10 % of a short ledger', ok: longer >= 0.9 },
    { id: 'ledger.append-one.cpu', value: median(cpus(seen.one)), unit: 'ms', floor: median(cpus(seen.raw)), ratio: paired(cpus(seen.one), cpus(seen.raw)), must: 'second opinion', ok: true },
    { id: 'ledger.append-64.cpu', value: median(cpus(seen.many)), unit: 'ms', floor: median(cpus(seen.raw)), ratio: paired(cpus(seen.many), cpus(seen.raw)), must: 'second opinion', ok: true },
    against('peer.sqlite-insert', 'insert'),
    ...Object.keys(peers).map((name) => against(`peer.${name}`, name)),
  ];
}

async function times(count, work) {
  for (let index = 0; index < count; index += 1) await work();
  return count;
}

async function lastRow(store, seq) {
  for await (const row of store.scan(CHAIN, seq)) return row;
  throw new Error('the entry is not there');
}

/** One row in one durable transaction, with nothing around it: what SQLite itself takes for these bytes. */
function plainInsert(Database, path, record) {
  const db = new Database(path);
  db.pragma('journal_mode = WAL');
  db.pragma('synchronous = FULL');
  db.exec('CREATE TABLE records (id INTEGER PRIMARY KEY, bytes BLOB NOT NULL) STRICT');
  const statement = db.prepare('INSERT INTO records (bytes) VALUES (?)');
  return { run: () => statement.run(record), close: () => db.close() };
}

/** Compares every table with the chain: head, tiles, payloads, blobs, projections, and the tables' own definition. */
import type { Database } from 'better-sqlite3';
import { canonical } from '../domain/canonical.js';
import { digestBytes, type Digest } from '../domain/digest.js';
import { Fault } from '../domain/fault.js';
import { asObject, parseJson } from '../domain/json.js';
import { fold, statesFromJson, type FoldedStates, type Projection } from '../domain/projection.js';
import type { Instant } from '../domain/time.js';
import { decodeEntry, GENESIS } from '../ledger/entry.js';
import { namedBytes } from '../ledger/named-bytes.js';
import { outline, type Outline } from '../ledger/outline.js';
import { isPruned, prunedSize } from '../ledger/pruned.js';
import { TileFold } from '../ledger/tile-fold.js';
import { codeOf } from './sqlite-fault.js';
import { migrate, objectsOf } from './sqlite-format.js';
import type { Sqlite } from './sqlite-module.js';
import type { KeyFinder } from './sqlite-payload-keys.js';
import { PayloadCheck } from './sqlite-payloads.js';
import type { Problem } from './sqlite-problem.js';
import { ledgerFormat } from './sqlite-schema.js';
import type { Tables } from './sqlite-tables.js';
import { strayTiles, tileProblems } from './sqlite-tiles.js';

/** What an audit looks at. */
interface Audited {
  readonly tables: Tables;
  readonly keys: KeyFinder;
  readonly projections: readonly Projection[];
}

/** All problems of a chain's tables, in the order in which a reader should look at them. */
export async function findProblems(audited: Audited, chain: string): Promise<readonly Problem[]> {
  const { tables } = audited;
  const walk = await walkEntries(audited, chain);
  // What cannot be read cannot be replayed: everything after would only be noise.
  if (walk.unreadable) return [walk.unreadable];
  return [
    ...headProblems(tables, chain, walk),
    ...walk.tiles,
    ...walk.left.slice(0, 1).map((seq) => ({ table: 'entries', key: String(seq), problem: 'was pruned on record, but is still there: agentctl audit prune finishes it' })),
    ...strayTiles(tables, chain, walk.fold),
    ...walk.payloads.problems(),
    ...projectionProblems(tables, chain, walk.replayed),
    ...blobProblems(tables, walk.named),
  ];
}

/** Damage below the tables: broken pages, an index that hides rows, triggers that somebody dropped. */
export function structureProblems(Sqlite: Sqlite, db: Database): readonly Problem[] {
  const found = objectsOf(db);
  const expected = expectedObjects(Sqlite);
  const names = [...new Set([...expected.keys(), ...found.keys()])].filter((name) => expected.get(name) !== found.get(name));
  return [
    ...integrityReport(db).map((problem) => ({ table: 'database', key: 'integrity', problem })),
    ...names.map((key) => ({ table: 'schema', key, problem: expected.has(key) ? (found.has(key) ? 'was changed' : 'was dropped') : 'was added' })),
  ];
}

/** An index over damaged JSON makes the check itself fail, which is an answer too. */
function integrityReport(db: Database): readonly string[] {
  try {
    return (db.prepare('PRAGMA integrity_check(20)').pluck().all() as string[]).filter((line) => line !== 'ok');
  } catch (error) {
    if (codeOf(error).startsWith('SQLITE_')) return [(error as Error).message];
    throw error;
  }
}

function expectedObjects(Sqlite: Sqlite): ReadonlyMap<string, string> {
  const db = new Sqlite(':memory:');
  migrate(db, ':memory:', ledgerFormat());
  const objects = objectsOf(db);
  db.close();
  return objects;
}

interface Walk {
  size: number;
  hash: string;
  ts: Instant | null;
  readonly fold: TileFold;
  readonly tiles: Problem[];
  /** Stored bytes that entries name, with the first entry that does. */
  readonly named: Map<string, number>;
  /** Entries that were pruned on record, and are still there. */
  readonly left: number[];
  readonly payloads: PayloadCheck;
  /** Projections as a replay of the chain gives them. */
  readonly replayed: FoldedStates;
  unreadable?: Problem;
}

async function walkEntries({ tables, keys, projections }: Audited, chain: string): Promise<Walk> {
  const { pruned, states } = prunedOf(tables, chain);
  const replayed = new Set(projections.flatMap(({ types }) => types));
  const walk: Walk = { size: 0, hash: GENESIS, ts: null, fold: new TileFold(), tiles: [], left: [], named: new Map(), payloads: new PayloadCheck(tables, keys, chain, pruned), replayed: states };
  for (let rows = tables.page(chain, 0); rows.length > 0; rows = tables.page(chain, (rows.at(-1)?.seq ?? 0) + 1)) {
    const entries: Outline[] = [];
    for (const { seq, hash, body } of rows) {
      walk.tiles.push(...tileProblems(tables, chain, walk.fold.add(hash)));
      walk.size += 1;
      walk.hash = hash;
      if (isPruned({ body })) continue;
      const entry = readable(seq, body);
      if ('problem' in entry) return { ...walk, unreadable: entry };
      walk.ts = entry.ts;
      // What the pruned entries left behind stands in a blob that the entry about them names.
      if (seq >= pruned && replayed.has(entry.type)) fold(projections, entry.entry(), walk.replayed);
      else if (seq > 0 && seq < pruned) walk.left.push(seq);
      if (entry.mayName) for (const digest of namedBytes(entry.entry())) walk.named.set(digest, walk.named.get(digest) ?? seq);
      entries.push(entry);
    }
    await walk.payloads.page(entries);
    await new Promise<void>((done) => { setImmediate(done); });
  }
  return walk;
}

/** How far the chain is pruned, and the states of the projections at that place. */
function prunedOf(tables: Tables, chain: string): { readonly pruned: number; readonly states: FoldedStates } {
  const [row] = tables.newest(chain, 'audit.pruned', 1);
  if (!row) return { pruned: 0, states: new Map() };
  const entry = decodeEntry(row.body, `entry ${row.seq}`);
  const blob = tables.blob(String(entry.data['states']));
  if (!blob || digestBytes(blob.bytes) !== entry.data['states']) throw new Fault('STORE_TAMPERED', `the states that entry ${row.seq} names are gone, or were changed`, { at: `entry ${row.seq}`, hint: 'restore the store from a backup and compare' });
  return { pruned: prunedSize(entry), states: statesFromJson(asObject(parseJson(Buffer.from(blob.bytes).toString('utf8'), 'states'), 'states')) };
}

function readable(seq: number, body: string): Outline | Problem {
  try {
    return outline(body, `entry ${seq}`);
  } catch (error) {
    if (error instanceof Fault) return { table: 'entries', key: String(seq), problem: error.message };
    throw error;
  }
}

function headProblems(tables: Tables, chain: string, walk: Walk): readonly Problem[] {
  const head = tables.head(chain);
  const differs = (what: string): readonly Problem[] => [{ table: 'heads', key: chain, problem: what }];
  if (!head) return walk.size === 0 ? [] : differs('is missing');
  if (head.size !== walk.size) return differs(`counts ${head.size} entries, the chain has ${walk.size}`);
  if (head.hash !== walk.hash) return differs('names another hash than the newest entry');
  if (head.range.join() !== walk.fold.range.join()) return differs('carries another compact range');
  return head.ts === walk.ts ? [] : differs('carries another time than the newest entry');
}

function projectionProblems(tables: Tables, chain: string, replayed: FoldedStates): readonly Problem[] {
  const problems: Problem[] = [];
  for (const { name, key, state } of tables.projections(chain)) {
    const expected = replayed.get(name)?.get(key);
    replayed.get(name)?.delete(key);
    if (expected === undefined) problems.push({ table: `projection ${name}`, key, problem: 'is not in the ledger' });
    else if (canonical(expected) !== state) problems.push({ table: `projection ${name}`, key, problem: 'differs from what the ledger says' });
  }
  const missing = [...replayed].flatMap(([name, states]) => [...states.keys()].map((key) => ({ table: `projection ${name}`, key, problem: 'is missing: the ledger has it' })));
  return [...problems, ...missing];
}

function blobProblems(tables: Tables, named: ReadonlyMap<string, number>): readonly Problem[] {
  const digests = tables.blobDigests();
  const there = new Set<string>(digests);
  const missing = [...named].filter(([digest]) => !there.has(digest)).map(([key, seq]) => ({ table: 'blobs', key, problem: `is missing: entry ${seq} names it` }));
  return [...missing, ...alteredBlobs(tables, digests)];
}

function alteredBlobs(tables: Tables, digests: readonly Digest[]): readonly Problem[] {
  return digests.filter((digest) => digestBytes(tables.blob(digest)?.bytes ?? new Uint8Array()) !== digest)
    .map((key) => ({ table: 'blobs', key, problem: 'its bytes differ from the digest that names them' }));
}

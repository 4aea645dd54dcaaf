/** Parts of a chain, read from SQLite as strips and verified. */
import type { Database } from 'better-sqlite3';
import { Fault } from '../domain/fault.js';
import type { ChainPart, PartOrder } from '../domain/ports.js';
import { GENESIS } from '../ledger/entry.js';
import { checkPart, type Strip } from '../ledger/parts.js';

/** About so long is a strip: a longer text than 128 KiB would be given pages of memory of its own, each time anew. */
const BYTES = 100_000;
/** Rows of the first strip, before it is known how long they are. */
const FIRST = 32;

/** See {@link Strip}. As a BLOB, whose bytes are hashed where they are. */
const STRIP = `
SELECT count(*), CAST(char(0) || @hash || char(10) || group_concat(body || char(10) || seq || char(0) || hash || char(10), '') AS BLOB)
FROM (SELECT seq, hash, body FROM entries WHERE chain = @chain AND seq >= @size AND seq < @to ORDER BY seq)`;

/** @returns undefined when anything is wrong */
export function verifyPart(db: Database, order: PartOrder): ChainPart | undefined {
  const { chain, from, to } = order;
  const before = from === 0 ? GENESIS : db.prepare<[string, number], string>('SELECT hash FROM entries WHERE chain = ? AND seq = ?').pluck().get(chain, from - 1);
  if (before === undefined) return undefined;
  const strip = db.prepare<{ chain: string; size: number; to: number; hash: string }, readonly [rows: number, bytes: Buffer | null]>(STRIP).raw();
  let length = FIRST;
  return checkPart(order, before, (size, hash): Strip => {
    const [rows, bytes] = strip.get({ chain, size, to: Math.min(to, size + length), hash }) ?? [];
    if (!rows || !bytes) return { rows: 0, bytes: Buffer.alloc(0) };
    length = Math.ceil((rows * BYTES) / bytes.length);
    return { rows, bytes };
  });
}

/** Entries of a part on this thread; between two parts other work gets its turn. */
const STEP = 20_000;

/** Part by part on this thread. @returns undefined when anything is wrong: whatever it is, the caller meets it again where it looks closer */
export async function verifyHere(verify: (part: PartOrder) => Promise<ChainPart | undefined>, order: PartOrder): Promise<readonly ChainPart[] | undefined> {
  const parts: ChainPart[] = [];
  try {
    for (let { from } = order; from < order.to; from += STEP) {
      const part = await verify({ ...order, from, to: Math.min(order.to, from + STEP) });
      if (!part) return undefined;
      parts.push(part);
      await new Promise<void>((done) => { setImmediate(done); });
    }
  } catch (error) {
    if (error instanceof Fault) return undefined;
    throw error;
  }
  return parts;
}

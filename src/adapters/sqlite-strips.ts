/** A part of a chain, read from SQLite as strips and verified. */
import type { Database } from 'better-sqlite3';
import type { ChainPart, PartOrder } from '../domain/ports.js';
import { GENESIS } from '../ledger/entry.js';
import { checkPart, type Strip } from '../ledger/parts.js';

/** Rows in a strip: few enough that its text stays in the processor's cache, and is not worth fresh pages of memory each time. */
const ROWS = 80;

/** See {@link Strip}. As a BLOB, which becomes a string at once; TEXT of this length would be decoded by the character. */
const STRIP = `
SELECT count(*), CAST(char(0) || @hash || char(10) || group_concat(body || char(10) || seq || char(0) || hash || char(10), '') AS BLOB)
FROM (SELECT seq, hash, body FROM entries WHERE chain = @chain AND seq >= @size AND seq < @to ORDER BY seq LIMIT ${ROWS})`;

/** @returns undefined when anything is wrong */
export function verifyPart(db: Database, order: PartOrder): ChainPart | undefined {
  const { chain, from, to } = order;
  const before = from === 0 ? GENESIS : db.prepare<[string, number], string>('SELECT hash FROM entries WHERE chain = ? AND seq = ?').pluck().get(chain, from - 1);
  if (before === undefined) return undefined;
  const strip = db.prepare<{ chain: string; size: number; to: number; hash: string }, readonly [rows: number, text: Buffer | null]>(STRIP).raw();
  return checkPart(order, before, (size, hash): Strip => {
    const [rows, text] = strip.get({ chain, size, to, hash }) ?? [0, null];
    return { rows, text: text?.toString('latin1') ?? '' };
  });
}

/** Store format 2: complete tiles of the Merkle tree in rows of their own, and payloads encrypted. */
import type { Database } from 'better-sqlite3';
import { joinHashes, TileFold, type Tile } from '../ledger/tile-fold.js';
import type { SealedPayload } from './payload-cipher.js';
import { writeOnce } from './sqlite-format.js';

/** Encrypts a payload that stands in the file in plain. May meet a busy key file. */
export type SealPlain = (text: Uint8Array, salt: Uint8Array) => SealedPayload;

const TILES = `
CREATE TABLE tiles (
  chain TEXT NOT NULL, level INTEGER NOT NULL, idx INTEGER NOT NULL, root TEXT NOT NULL, hashes TEXT NOT NULL, PRIMARY KEY (chain, level, idx)
) STRICT;
${writeOnce('tiles', 'chain = NEW.chain AND level = NEW.level AND idx = NEW.idx')}
`;

/**
 * An erased payload is overwritten where it stands and its row stays: after a DELETE, SQLite moves neighbours from page to
 * page, and what it leaves behind of them is out of reach of secure_delete when one of them is erased later. For the same
 * reason the table has row ids: they grow, so that no insert moves a row either.
 */
const PAYLOADS = `
DROP TRIGGER payloads_keep; DROP TRIGGER payloads_stay; DROP TRIGGER payloads_once;
ALTER TABLE payloads RENAME TO payloads_plain;
CREATE TABLE payloads (
  chain TEXT NOT NULL, seq INTEGER NOT NULL, key TEXT NOT NULL, salt BLOB NOT NULL, nonce BLOB NOT NULL, ciphertext BLOB NOT NULL, PRIMARY KEY (chain, seq)
) STRICT;
CREATE TRIGGER payloads_keep BEFORE UPDATE ON payloads
  WHEN NEW.chain <> OLD.chain OR NEW.seq <> OLD.seq OR NEW.key <> OLD.key OR NEW.salt <> zeroblob(length(OLD.salt))
    OR NEW.nonce <> zeroblob(length(OLD.nonce)) OR NEW.ciphertext <> zeroblob(length(OLD.ciphertext))
    OR NOT EXISTS (SELECT 1 FROM entries WHERE chain = OLD.chain AND type = 'payload.erased' AND json_extract(body, '$.data.seq') = OLD.seq)
  BEGIN SELECT RAISE(ABORT, 'payloads are written once, and erased only where an entry says so'); END;
CREATE TRIGGER payloads_stay BEFORE DELETE ON payloads BEGIN SELECT RAISE(ABORT, 'payloads are written once'); END;
CREATE TRIGGER payloads_once BEFORE INSERT ON payloads WHEN EXISTS (SELECT 1 FROM payloads WHERE chain = NEW.chain AND seq = NEW.seq)
  BEGIN SELECT RAISE(ABORT, 'payloads are written once'); END;
`;

/** Hashes, or payloads, that are read at once. */
const HASHES = 16_384;
const PLAIN = 500;

export function toFormat2(db: Database, seal: SealPlain): void {
  db.exec(TILES);
  const add = db.prepare<[string, number, number, string, string]>('INSERT INTO tiles (chain, level, idx, root, hashes) VALUES (?, ?, ?, ?, ?)');
  for (const { chain, level, index, root, hashes } of tilesOf(db)) add.run(chain, level, index, root, joinHashes(hashes));
  db.exec(PAYLOADS);
  encryptAll(db, seal);
  db.exec('DROP TABLE payloads_plain');
}

function* tilesOf(db: Database): Generator<Tile & { readonly chain: string }> {
  const page = db.prepare<[string, number], { seq: number; hash: string }>(`SELECT seq, hash FROM entries WHERE chain = ? AND seq >= ? ORDER BY seq LIMIT ${HASHES}`);
  for (const chain of db.prepare<[], string>('SELECT chain FROM heads').pluck().all()) {
    const fold = new TileFold();
    for (let rows = page.all(chain, 0); rows.length > 0; rows = page.all(chain, (rows.at(-1)?.seq ?? 0) + 1)) {
      for (const { hash } of rows) for (const tile of fold.add(hash)) yield { chain, ...tile };
    }
  }
}

interface PlainRow {
  readonly rowid: number;
  readonly chain: string;
  readonly seq: number;
  readonly salt: Uint8Array;
  readonly text: Uint8Array;
}

function encryptAll(db: Database, seal: SealPlain): void {
  const page = db.prepare<[number], PlainRow>(`SELECT rowid, chain, seq, salt, text FROM payloads_plain WHERE rowid > ? ORDER BY rowid LIMIT ${PLAIN}`);
  const add = db.prepare<[string, number, string, Uint8Array, Uint8Array, Uint8Array]>('INSERT INTO payloads (chain, seq, key, salt, nonce, ciphertext) VALUES (?, ?, ?, ?, ?, ?)');
  for (let rows = page.all(0); rows.length > 0; rows = page.all(rows.at(-1)?.rowid ?? 0)) {
    for (const { chain, seq, salt, text } of rows) {
      const { key, nonce, ciphertext } = seal(text, salt);
      add.run(chain, seq, key, salt, nonce, ciphertext);
    }
  }
}

/** Store format 2: complete tiles of the Merkle tree stand in rows of their own. */
import type { Database } from 'better-sqlite3';
import { joinHashes, TileFold, type Tile } from '../ledger/tile-fold.js';

const TILES = `
CREATE TABLE tiles (
  chain TEXT NOT NULL, level INTEGER NOT NULL, idx INTEGER NOT NULL, root TEXT NOT NULL, hashes TEXT NOT NULL, PRIMARY KEY (chain, level, idx)
) STRICT;
CREATE TRIGGER tiles_keep BEFORE UPDATE ON tiles BEGIN SELECT RAISE(ABORT, 'tiles are written once'); END;
CREATE TRIGGER tiles_stay BEFORE DELETE ON tiles BEGIN SELECT RAISE(ABORT, 'tiles are written once'); END;
CREATE TRIGGER tiles_once BEFORE INSERT ON tiles WHEN EXISTS (SELECT 1 FROM tiles WHERE chain = NEW.chain AND level = NEW.level AND idx = NEW.idx)
  BEGIN SELECT RAISE(ABORT, 'tiles are written once'); END;
`;

/** Hashes read at once. */
const PAGE = 16_384;

/** Inside the transaction of the migration. */
export function toFormat2(db: Database): void {
  db.exec(TILES);
  const add = db.prepare<[string, number, number, string, string]>('INSERT INTO tiles (chain, level, idx, root, hashes) VALUES (?, ?, ?, ?, ?)');
  for (const { chain, level, index, root, hashes } of tilesOf(db)) add.run(chain, level, index, root, joinHashes(hashes));
}

function* tilesOf(db: Database): Generator<Tile & { readonly chain: string }> {
  const page = db.prepare<[string, number], { seq: number; hash: string }>(`SELECT seq, hash FROM entries WHERE chain = ? AND seq >= ? ORDER BY seq LIMIT ${PAGE}`);
  for (const chain of db.prepare<[], string>('SELECT chain FROM heads').pluck().all()) {
    const fold = new TileFold();
    for (let rows = page.all(chain, 0); rows.length > 0; rows = page.all(chain, (rows.at(-1)?.seq ?? 0) + 1)) {
      for (const { hash } of rows) for (const tile of fold.add(hash)) yield { chain, ...tile };
    }
  }
}

/** The ledger's file: its tables, as the first release made them and as migrations changed them since. */
import { Fault } from '../domain/fault.js';
import { PRUNED_BODY } from '../ledger/pruned.js';
import { writeOnce, type Format } from './sqlite-format.js';
import { toFormat2, type SealPlain } from './sqlite-format-2.js';

/** Triggers stop mistakes, not attackers: whoever owns the file can drop them, and the chain and its signed checkpoints show it. */
const LEDGER = `
CREATE TABLE entries (
  chain TEXT NOT NULL, seq INTEGER NOT NULL, hash TEXT NOT NULL, body TEXT NOT NULL,
  type TEXT GENERATED ALWAYS AS (json_extract(body, '$.type')) VIRTUAL,
  PRIMARY KEY (chain, seq)
) STRICT, WITHOUT ROWID;
CREATE INDEX entries_by_type ON entries (chain, type, seq);
CREATE TRIGGER entries_keep BEFORE UPDATE ON entries BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END;
CREATE TRIGGER entries_stay BEFORE DELETE ON entries BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END;
-- Delete triggers do not see INSERT OR REPLACE; a place that must be the next one leaves it nothing to replace.
CREATE TRIGGER entries_follow BEFORE INSERT ON entries
  WHEN NEW.seq <> coalesce((SELECT max(seq) + 1 FROM entries WHERE chain = NEW.chain), 0)
  BEGIN SELECT RAISE(ABORT, 'the ledger is append-only: not the next place'); END;

CREATE TABLE heads (
  chain TEXT PRIMARY KEY NOT NULL, size INTEGER NOT NULL, hash TEXT NOT NULL, range TEXT NOT NULL, ts TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TRIGGER heads_grow BEFORE UPDATE ON heads WHEN NEW.chain <> OLD.chain OR NEW.size <= OLD.size
  BEGIN SELECT RAISE(ABORT, 'a head only grows'); END;
CREATE TRIGGER heads_stay BEFORE DELETE ON heads BEGIN SELECT RAISE(ABORT, 'a head stays'); END;
CREATE TRIGGER heads_once BEFORE INSERT ON heads WHEN EXISTS (SELECT 1 FROM heads WHERE chain = NEW.chain)
  BEGIN SELECT RAISE(ABORT, 'a chain has one head'); END;

CREATE TABLE checkpoints (
  chain TEXT NOT NULL, size INTEGER NOT NULL, note TEXT NOT NULL, hash TEXT, range TEXT, PRIMARY KEY (chain, size)
) STRICT, WITHOUT ROWID;
CREATE TABLE payloads (
  chain TEXT NOT NULL, seq INTEGER NOT NULL, salt BLOB NOT NULL, text BLOB NOT NULL, PRIMARY KEY (chain, seq)
) STRICT;
CREATE TABLE blobs (digest TEXT PRIMARY KEY NOT NULL, media TEXT NOT NULL, bytes BLOB NOT NULL) STRICT;
${writeOnce('checkpoints', 'chain = NEW.chain AND size = NEW.size')}
${writeOnce('payloads', 'chain = NEW.chain AND seq = NEW.seq')}
${writeOnce('blobs', 'digest = NEW.digest')}

CREATE TABLE projections (
  chain TEXT NOT NULL, name TEXT NOT NULL, key TEXT NOT NULL, state TEXT NOT NULL, PRIMARY KEY (chain, name, key)
) STRICT, WITHOUT ROWID;
CREATE TABLE cache (key TEXT PRIMARY KEY NOT NULL, value TEXT NOT NULL) STRICT, WITHOUT ROWID;
`;

/** What witnesses signed below checkpoints; readers verify each line. */
const COSIGNATURES = `
CREATE TABLE cosignatures (
  chain TEXT NOT NULL, size INTEGER NOT NULL, name TEXT NOT NULL, line TEXT NOT NULL, PRIMARY KEY (chain, size, name)
) STRICT, WITHOUT ROWID;
${writeOnce('cosignatures', 'chain = NEW.chain AND size = NEW.size AND name = NEW.name')}
`;

/** A text may go, and a payload be overwritten, only where a signed entry says that everything before some place was pruned. The first entry stays. */
const PRUNING = `
DROP TRIGGER entries_keep;
CREATE TRIGGER entries_keep BEFORE UPDATE ON entries
  WHEN NEW.chain <> OLD.chain OR NEW.seq <> OLD.seq OR NEW.hash <> OLD.hash OR NEW.body <> '${PRUNED_BODY}' OR OLD.seq = 0 OR ${notPruned('OLD')}
  BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END;
DROP TRIGGER payloads_keep;
CREATE TRIGGER payloads_keep BEFORE UPDATE ON payloads
  WHEN NEW.chain <> OLD.chain OR NEW.seq <> OLD.seq OR NEW.key <> OLD.key OR NEW.salt <> zeroblob(length(OLD.salt))
    OR NEW.nonce <> zeroblob(length(OLD.nonce)) OR NEW.ciphertext <> zeroblob(length(OLD.ciphertext))
    OR (NOT EXISTS (SELECT 1 FROM entries WHERE chain = OLD.chain AND type = 'payload.erased' AND json_extract(body, '$.data.seq') = OLD.seq) AND ${notPruned('OLD')})
  BEGIN SELECT RAISE(ABORT, 'payloads are written once, and erased only where an entry says so'); END;
`;

function notPruned(row: string): string {
  return `NOT EXISTS (SELECT 1 FROM entries WHERE chain = ${row}.chain AND type = 'audit.pruned' AND json_extract(body, '$.data.size') > ${row}.seq)`;
}

/** @param seal encrypts payloads that an older file holds in plain; a reader never migrates */
export function ledgerFormat(seal: SealPlain = refuse): Format {
  return {
    what: 'a ledger',
    // "agct" in ASCII.
    applicationId: 0x61676374,
    migrations: [(db) => void db.exec(LEDGER), (db) => toFormat2(db, seal), (db) => void db.exec(COSIGNATURES), (db) => void db.exec(PRUNING)],
  };
}

function refuse(): never {
  throw new Fault('INTERNAL', 'a reader cannot encrypt');
}

/** `audit seal`: closes what the log has so far into files that prove themselves, for a write-once place. */
import { counted } from '../../domain/counted.js';
import { digestBytes, short } from '../../domain/digest.js';
import { Fault } from '../../domain/fault.js';
import { signCheckpointNote } from '../../ledger/checkpoint.js';
import { GENESIS } from '../../ledger/entry.js';
import { openSegment, packSegment } from '../../ledger/segment.js';
import { rootFromTiles } from '../../ledger/tile-proofs.js';
import { TILE_WIDTH } from '../../ledger/tiles.js';
import { verifySignature } from '../../identity/ed25519-verify.js';
import { checkEverything } from '../check-ledger.js';
import { signCheckpoint } from '../checkpoint.js';
import { originOf } from '../open-ledger.js';
import { outcome } from '../outcome.js';
import { record, type Session } from '../session.js';
import { tilesOf } from '../tiles-of.js';
import { textOption, type Verb } from '../verb.js';
import { sealedFolder, sealedSegments } from './sealed.js';

/** Entries of one file at most: one tile of tiles, some forty megabytes. */
const MOST = TILE_WIDTH * TILE_WIDTH;
const READ_ONLY = 0o444;

export const run: Verb = async (session, input) => {
  const { store, chain } = session;
  await checkEverything(session);
  await signCheckpoint(session);
  const head = await store.head(chain);
  if (!head) throw new Fault('EVIDENCE_MISSING', 'the ledger is empty');
  const folder = sealedFolder(session, textOption(input, 'to'));
  const sealed = (await sealedSegments(session)).at(-1)?.size ?? 0;
  const end = input.options['all'] === true ? head.size : wholeTiles(head.size);
  // A tile that was not full yet is sealed again, whole: every file but the last one holds whole tiles only.
  const from = wholeTiles(sealed);
  if (end <= sealed) {
    return outcome({ step: 'audit', verb: 'seal', headline: 'nothing to seal', notes: [`${head.size - sealed} entries since entry ${sealed}; a segment closes ${TILE_WIDTH} at a time, or --all`], data: { segments: 0, size: sealed } });
  }
  const rows: string[][] = [];
  for (let at = from; at < end; at += MOST) rows.push(await sealOne(session, folder, at, Math.min(at + MOST, end)));
  return outcome({
    step: 'audit', verb: 'seal', headline: `sealed up to entry ${end - 1}, in ${counted(rows.length, 'file')}`,
    tables: [{ title: 'Segments', columns: ['file', 'entries', 'sha256'], rows }],
    facts: [{ label: 'folder', value: folder }],
    notes: ['Each file holds entries, tiles and a signed checkpoint: unpacked with tar, any static host serves it. Keep a copy on write-once storage.'],
    next: 'agentctl audit verify', data: { segments: rows.length, from, size: end },
  });
};

function wholeTiles(size: number): number {
  return Math.floor(size / TILE_WIDTH) * TILE_WIDTH;
}

/** Written, then read back and verified as a stranger would, and only then on record. */
async function sealOne(session: Session, folder: string, from: number, size: number): Promise<string[]> {
  const { store, chain, world, manifest } = session;
  const tiles = tilesOf(store, chain);
  const root = await rootFromTiles(tiles, size);
  const log = String((await store.latest(chain, 'ledger.opened'))?.data['log']);
  const bytes = await packSegment({ origin: originOf(manifest), chain, from, size, log, note: await noteOver(session, size, root), tiles, texts: textsOf(session, from, size) });
  const file = `segment-${from}-${size}.tar`;
  await world.files.write(`${folder}/${file}`, bytes, READ_ONLY);
  const kept = await world.files.read(`${folder}/${file}`);
  await openSegment(kept, verifySignature, file);
  const digest = digestBytes(kept);
  await record(session, { type: 'audit.sealed', data: { from, size, root, digest, file } });
  return [file, `${from} to ${size - 1}`, short(digest)];
}

/** The stored checkpoint of that size, or one signed now: the log vouches for any beginning of itself. */
async function noteOver({ store, chain, keys, manifest }: Session, size: number, root: string): Promise<string> {
  const stored = (await store.checkpoints(chain)).find((one) => one.size === size);
  if (stored) return stored.note;
  const note = await signCheckpointNote({ origin: originOf(manifest), size, root }, await keys.open({ role: 'log', name: chain }));
  await store.putCheckpoint(chain, size, note);
  return note;
}

async function* textsOf({ store, chain }: Session, from: number, size: number): AsyncGenerator<string> {
  // From the tile, since the entry itself may be pruned.
  let previous = from === 0 ? GENESIS : (await store.tile(chain, 0, from / TILE_WIDTH - 1, TILE_WIDTH)).at(-1);
  for await (const { seq, hash, body } of store.scan(chain, from)) {
    if (seq >= size) return;
    yield `${previous}\n${body}`;
    previous = hash;
  }
}

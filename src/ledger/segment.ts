/** A sealed segment: entries, tiles and a signed checkpoint in one immutable file, laid out so that unpacked it is a C2SP tlog-tiles log. */
import { canonical } from '../domain/canonical.js';
import { sha256Hex } from '../domain/digest.js';
import { Fault } from '../domain/fault.js';
import { asObject, parseJson } from '../domain/json.js';
import { pack, unpack } from './archive.js';
import { openCheckpointNote, type VerifySignature } from './checkpoint.js';
import { decodeEntry, leafHash } from './entry.js';
import { rootOfLeaves } from './merkle.js';
import { rootFromTiles } from './tile-proofs.js';
import { bundlePath, decodeBundle, encodeBundle, hashesAt, TILE_WIDTH, tilePath, tileWidth, type TileSource } from './tiles.js';
import { parseVerifierKey } from './verifier-key.js';

const FORMAT = 'agentctl-segment/1';

/** Entries `from` up to but not including `size` of a chain; `from` is a multiple of 256, so that every tile but the last is whole. */
export interface SegmentHead {
  readonly origin: string;
  readonly chain: string;
  readonly from: number;
  readonly size: number;
  /** Verifier key of the log. */
  readonly log: string;
}

export interface SegmentParts extends SegmentHead {
  /** Signed over exactly `size` entries. */
  readonly note: string;
  readonly tiles: TileSource;
  /** Leaf texts (previous hash, line feed, body) of the entries in order. */
  readonly texts: AsyncIterable<string>;
}

/** What a segment proves, once every byte of it was checked. */
export interface Segment extends SegmentHead {
  readonly root: string;
  /** Hash of entry `from - 1` as the first entry names it, and of the last entry. */
  readonly before: string;
  readonly last: string;
}

/** The archive's bytes. Whether they hold is for {@link openSegment} to say, which reads them as a stranger would. */
export async function packSegment({ note, tiles, texts, ...head }: SegmentParts): Promise<Uint8Array> {
  const files = new Map<string, Uint8Array>([
    ['checkpoint', Buffer.from(note)],
    ['segment.json', Buffer.from(canonical({ format: FORMAT, ...head }))],
  ]);
  for (const { level, index, width } of tilesIn(head)) files.set(tilePath(level, index, width), Buffer.from((await tiles.tile(level, index, width)).join(''), 'hex'));
  let [bundle, index]: [Uint8Array[], number] = [[], head.from / TILE_WIDTH];
  const close = () => {
    if (bundle.length > 0) files.set(bundlePath(index, bundle.length), encodeBundle(bundle));
    [bundle, index] = [[], index + 1];
  };
  for await (const text of texts) {
    bundle.push(Buffer.from(text));
    if (bundle.length === TILE_WIDTH) close();
  }
  close();
  return pack(files);
}

/**
 * Reads and verifies a segment from its own bytes: every entry against its tile, every tile against the one above, the
 * whole against the root that the log signed.
 *
 * @param place what to call it in an error
 * @returns also the leaf texts, one by one, in order
 * @throws {Fault} INPUT_INVALID when it is no segment, SIGNATURE_INVALID or LEDGER_BROKEN when it does not hold
 */
export async function openSegment(bytes: Uint8Array, verifySignature: VerifySignature, place: string): Promise<Segment & { readonly texts: readonly string[] }> {
  const files = unpack(bytes, place);
  const head = headOf(fileOf(files, 'segment.json', place), place);
  const { size, from } = head;
  const checkpoint = await openCheckpointNote(fileOf(files, 'checkpoint', place), [parseVerifierKey(head.log)], verifySignature, `${place}: checkpoint`);
  if (checkpoint.size !== size || checkpoint.origin !== head.origin) throw broken(place, 'its checkpoint is over something else');
  const source = sourceOf(files, place);
  await checkTiles(head, source, place);
  const root = await rootFromTiles(source, size);
  if (root !== checkpoint.root) throw broken(place, 'its tiles do not give the root that the log signed');
  const expected = new Set(['checkpoint', 'segment.json', ...tilesIn(head).map((tile) => tilePath(tile.level, tile.index, tile.width)), ...bundlesIn(head).map((one) => bundlePath(one.index, one.width))]);
  const stray = [...files.keys()].find((name) => !expected.has(name));
  if (stray !== undefined) throw broken(place, `${stray} does not belong to it`);
  const texts: string[] = [];
  for (const { index, width } of bundlesIn(head)) texts.push(...(await checkedBundle(files, source, { index, width }, place)));
  const before = texts[0]?.slice(0, 64) ?? '';
  const first = decodeEntry(texts[0]?.slice(65) ?? '', `${place}: entry ${from}`);
  if (first.chain !== head.chain || first.seq !== from) throw broken(place, `it begins with entry ${first.seq} of the chain "${first.chain}"`);
  return { ...head, root, before, last: follow(texts, before, from, place), texts };
}

async function checkedBundle(files: ReadonlyMap<string, Uint8Array>, source: TileSource, { index, width }: { index: number; width: number }, place: string): Promise<readonly string[]> {
  const name = bundlePath(index, width);
  const bytes = files.get(name);
  if (!bytes) throw broken(place, `${name} is missing`);
  const hashes = await source.tile(0, index, width);
  return decodeBundle(bytes, width, `${place}: ${name}`).map((raw, position) => {
    const text = Buffer.from(raw).toString('latin1');
    if (sha256Hex(`\u0000${text}`) !== hashes[position]) throw broken(place, `entry ${index * TILE_WIDTH + position} does not have the hash of its tile`);
    return text;
  });
}

/** Each entry names the hash of the one before. @returns the hash of the last one */
function follow(texts: readonly string[], before: string, from: number, place: string): string {
  return texts.reduce((previous, text, position) => {
    if (text.slice(0, 64) !== previous) throw broken(place, `entry ${from + position} does not follow the one before it`);
    return leafHash(previous, text.slice(65));
  }, before);
}

/** Every full tile has the hash that stands for it one level up. */
async function checkTiles(head: SegmentHead, source: TileSource, place: string): Promise<void> {
  for (const { level, index, width } of tilesIn(head)) {
    if (width < TILE_WIDTH) continue;
    const above = await source.tile(level + 1, Math.floor(index / TILE_WIDTH), tileWidth(level + 1, Math.floor(index / TILE_WIDTH), head.size));
    if (rootOfLeaves(await source.tile(level, index, width)) !== above[index % TILE_WIDTH]) throw broken(place, `${tilePath(level, index, width)} does not have the hash that stands for it above`);
  }
}

interface TilePlace {
  readonly level: number;
  readonly index: number;
  readonly width: number;
}

/** Leaf tiles of the segment, and above them every tile of the tree: they are few, and make the segment a whole log with what came before. */
function tilesIn({ from, size }: SegmentHead): readonly TilePlace[] {
  const places: TilePlace[] = [];
  for (let level = 0; hashesAt(level, size) > 0; level += 1) {
    const first = level === 0 ? from / TILE_WIDTH : 0;
    for (let index = first; index * TILE_WIDTH < hashesAt(level, size); index += 1) places.push({ level, index, width: tileWidth(level, index, size) });
  }
  return places;
}

function bundlesIn(head: SegmentHead): readonly TilePlace[] {
  return tilesIn(head).filter((tile) => tile.level === 0);
}

function sourceOf(files: ReadonlyMap<string, Uint8Array>, place: string): TileSource {
  return {
    async tile(level, index, width) {
      const name = tilePath(level, index, width);
      const bytes = files.get(name);
      if (bytes?.length !== width * 32) throw broken(place, `${name} is ${bytes ? 'not as wide as its name says' : 'missing'}`);
      const hex = Buffer.from(bytes).toString('hex');
      return Array.from({ length: width }, (_, position) => hex.slice(position * 64, position * 64 + 64));
    },
  };
}

function headOf(text: string, place: string): SegmentHead {
  const json = asObject(parseJson(text, place), place);
  const { format, origin, chain, from, size, log } = json;
  const sound = format === FORMAT && typeof origin === 'string' && typeof chain === 'string' && typeof log === 'string' && Number.isSafeInteger(from) && Number.isSafeInteger(size);
  if (!sound || canonical(json) !== text || Object.keys(json).length !== 6) throw new Fault('INPUT_INVALID', `${place} has no segment.json of the form ${FORMAT}`, { at: place });
  if (Number(from) < 0 || Number(from) % TILE_WIDTH !== 0 || Number(size) <= Number(from)) throw new Fault('INPUT_INVALID', `${place} covers no entries`, { at: place });
  return { origin, chain, log, from: Number(from), size: Number(size) };
}

function fileOf(files: ReadonlyMap<string, Uint8Array>, name: string, place: string): string {
  const bytes = files.get(name);
  if (!bytes) throw new Fault('INPUT_INVALID', `${place} has no ${name}`, { at: place });
  return Buffer.from(bytes).toString('utf8');
}

function broken(place: string, why: string): Fault {
  return new Fault('LEDGER_BROKEN', `${place} does not hold: ${why}`, { at: place, hint: 'keep the file as evidence, and look for another copy of the segment' });
}

/** A folder for an auditor that is verified without agentctl: entries or a part of them with proofs, checkpoint, key, lists, rules and a verifier. */
import { canonical } from '../../domain/canonical.js';
import { digestBytes, hexOf, RunningDigest, type Digest } from '../../domain/digest.js';
import { Fault } from '../../domain/fault.js';
import type { JsonObject } from '../../domain/json.js';
import { readCheckpointNote } from '../../ledger/checkpoint.js';
import { inclusionFromTiles } from '../../ledger/tile-proofs.js';
import type { Session } from '../session.js';
import { tilesOf } from '../tiles-of.js';
import { beginning, entriesFrom, type Found } from './entries.js';
import type { Wanted } from './filter.js';
import { columnsOf, LISTS, recordOf, type List } from './lists.js';

export const BUNDLE_FORMAT = 'agentctl-ledger-bundle/1';

export interface BundleRequest {
  readonly folder: string;
  /** Which entries, in words and as a question; undefined for all of them. */
  readonly part: { readonly filters: JsonObject; readonly wanted: Wanted } | undefined;
  readonly payloads: boolean;
  readonly log: string;
  readonly checkpoint: { readonly size: number; readonly note: string };
}

/** @returns how many entries are in it, and the digest of its SHA256SUMS, which names every other file */
export async function writeBundle(session: Session, request: BundleRequest): Promise<{ readonly entries: number; readonly digest: Digest }> {
  const { folder, part, payloads, log, checkpoint } = request;
  const { files, surroundings } = session.world;
  await newFolder(session, folder);
  const bundle = new Bundle(session, folder);
  const entries = await bundle.put('entries.jsonl', rows(session, request));
  if (payloads) await bundle.put('payloads.jsonl', disclosures(session, request));
  for (const list of LISTS) await bundle.put(list.file, records(session, request, list));
  await bundle.put('bundle.json', [`${canonical({
    format: BUNDLE_FORMAT, chain: session.chain, origin: readCheckpointNote(checkpoint.note, 'checkpoint').origin, size: checkpoint.size, entries, payloads,
    whole: part === undefined, filters: part?.filters ?? null, lists: Object.fromEntries(LISTS.map(({ file, types }) => [file, types])),
  })}\n`]);
  await bundle.put('checkpoint.txt', [checkpoint.note]);
  await bundle.put('log-key.txt', [`${log}\n`]);
  for (const name of ['VERIFY.md', 'verify.py']) await bundle.put(name, [await files.readText(`${surroundings.home}/templates/audit-bundle/${name}`)]);
  return { entries, digest: await bundle.close() };
}

/** @throws {Fault} USAGE: what lies there already would look like a part of the bundle */
async function newFolder({ world: { files } }: Session, folder: string): Promise<void> {
  const there = await files.info(folder);
  if (there && (there.kind !== 'directory' || (await files.list(folder)).length > 0)) throw new Fault('USAGE', `${folder} is there already`, { at: folder, hint: 'name a new folder, or a file that ends in .jsonl' });
  if (!there) await files.makeFolder(folder, 0o700);
}

/** Files of one folder and the list of their digests, which is written last: a folder without it is unfinished. */
class Bundle {
  readonly #session: Session;
  readonly #folder: string;
  readonly #sums: string[] = [];

  constructor(session: Session, folder: string) {
    this.#session = session;
    this.#folder = folder;
  }

  /** @returns how many lines it was handed */
  async put(name: string, lines: AsyncIterable<string> | Iterable<string>): Promise<number> {
    const running = new RunningDigest();
    let count = 0;
    const counted = async function* () {
      for await (const line of lines) {
        count += 1;
        yield line;
      }
    };
    await this.#session.world.files.write(`${this.#folder}/${name}`, gathered(counted(), running), 0o600);
    this.#sums.push(`${hexOf(running.end())}  ${name}\n`);
    return count;
  }

  async close(): Promise<Digest> {
    const text = this.#sums.join('');
    await this.#session.world.files.write(`${this.#folder}/SHA256SUMS`, text, 0o600);
    return digestBytes(text);
  }
}

/** Characters that are written at once. */
const GATHERED = 65_536;

/** Lines in handier pieces, on whose digest `running` keeps. */
export async function* gathered(lines: AsyncIterable<string>, running: RunningDigest): AsyncGenerator<string> {
  let held = '';
  for await (const line of lines) {
    held += line;
    if (held.length < GATHERED) continue;
    running.add(held);
    yield held;
    held = '';
  }
  running.add(held);
  yield held;
}

/** The first entry always comes along, since it names the log key. */
function chosen(session: Session, { part, checkpoint }: BundleRequest): AsyncGenerator<Found> {
  return entriesFrom(session, beginning(), async (entry) => entry.seq === 0 || part === undefined || part.wanted(entry), checkpoint.size);
}

async function* rows(session: Session, request: BundleRequest): AsyncGenerator<string> {
  const tiles = tilesOf(session.store, session.chain);
  const proof = (seq: number) => inclusionFromTiles(tiles, seq, request.checkpoint.size);
  for await (const { row: { seq, hash, body }, previous } of chosen(session, request)) {
    yield `${canonical({ seq, hash, body, ...(request.part ? { previous, proof: await proof(seq) } : {}) })}\n`;
  }
}

async function* disclosures(session: Session, request: BundleRequest): AsyncGenerator<string> {
  for await (const { entry: { seq, payload } } of chosen(session, request)) {
    if (payload === undefined) continue;
    const disclosed = await session.store.disclosed(session.chain, seq);
    yield `${canonical(disclosed ? { seq, salt: Buffer.from(disclosed.salt).toString('hex'), text: canonical(disclosed.payload) } : { seq, erased: true })}\n`;
  }
}

async function* records(session: Session, request: BundleRequest, list: List): AsyncGenerator<string> {
  const columns = columnsOf(list);
  yield `${columns.join(',')}\r\n`;
  for await (const found of chosen(session, request)) if (list.types.includes(found.entry.type)) yield recordOf(found, columns);
}

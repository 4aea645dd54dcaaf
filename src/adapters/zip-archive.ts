/** Files of a ZIP archive in memory: stored, deflated or in Zstandard (method 93, as Inspect writes). Nothing is written to disk. */
import { crc32, inflateRawSync } from 'node:zlib';
import { decompress } from 'fzstd';
import { fromBufferPromise, type Entry, type ZipFile } from 'yauzl';
import { Fault } from '../domain/fault.js';
import type { UnpackedFile, UnpackLimits } from '../domain/ports.js';

/** @throws {Fault} INPUT_INVALID, naming the file inside where it is one: broken, encrypted, overlapping, twice there, a path that leads elsewhere, or too large */
export async function* unzip(bytes: Uint8Array, name: string, limits: UnpackLimits): AsyncGenerator<UnpackedFile> {
  const archive = await translated(name, () => fromBufferPromise(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength), { lazyEntries: true, strictFileNames: true }));
  if (archive.entryCount > limits.files) throw invalid(`it says that it holds ${archive.entryCount} files, more than ${limits.files}`, name);
  const seen = new Set<string>();
  let [packed, total] = [0, 0];
  for await (const entry of entriesOf(archive, name)) {
    const at = `${name}: ${entry.fileName}`;
    if (seen.has(entry.fileName)) throw invalid('the file is in the archive twice', at);
    seen.add(entry.fileName);
    if (entry.fileName.endsWith('/')) continue;
    packed += entry.compressedSize;
    total += entry.uncompressedSize;
    // Entries that share bytes are how a small archive unpacks to a huge one.
    if (packed > bytes.length) throw invalid('its files overlap each other', name);
    if (entry.uncompressedSize > limits.each) throw invalid(`it would unpack to ${entry.uncompressedSize} bytes, more than ${limits.each}`, at);
    if (total > limits.total) throw invalid(`its files would unpack to more than ${limits.total} bytes`, name);
    yield { name: entry.fileName, bytes: await translated(at, () => contentOf(archive, entry)) };
  }
}

async function* entriesOf(archive: ZipFile, name: string): AsyncGenerator<Entry> {
  const entries = archive.eachEntry()[Symbol.asyncIterator]();
  for (;;) {
    const { done, value } = await translated(name, () => entries.next());
    if (done === true) return;
    yield value;
  }
}

/** Unpacks into the size that the archive states and no further, then holds size and checksum against it. */
async function contentOf(archive: ZipFile, entry: Entry): Promise<Uint8Array> {
  if (entry.isEncrypted()) throw new Error('it is encrypted');
  const parts: Buffer[] = [];
  for await (const part of await archive.openReadStreamPromise(entry, { decodeFileData: false })) parts.push(part as Buffer);
  const content = unpacked(Buffer.concat(parts), entry);
  if (content.length !== entry.uncompressedSize) throw new Error(`it unpacks to ${content.length} bytes instead of ${entry.uncompressedSize}`);
  if (crc32(content) !== entry.crc32) throw new Error('its checksum is wrong');
  return content;
}

function unpacked(raw: Buffer, { compressionMethod, uncompressedSize }: Entry): Uint8Array {
  if (compressionMethod === 0) return raw;
  if (compressionMethod === 8) return inflateRawSync(raw, { maxOutputLength: Math.max(1, uncompressedSize) });
  if (compressionMethod === 93) return decompress(raw, new Uint8Array(uncompressedSize));
  throw new Error(`it is packed by method ${compressionMethod}; 0, 8 (deflate) and 93 (zstd) are read`);
}

/** The libraries throw errors of their own, also for what a hostile file makes of their arithmetic. */
async function translated<T>(at: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    throw new Fault('INPUT_INVALID', `the archive cannot be read: ${cause instanceof Error ? cause.message.replace(/\.$/, '') : String(cause)}`, { at, cause });
  }
}

function invalid(message: string, at: string): Fault {
  return new Fault('INPUT_INVALID', message, { at });
}

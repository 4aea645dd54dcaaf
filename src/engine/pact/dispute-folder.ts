/** A folder of texts with the list of their digests: any other byte, any file more or less, and it is not read. */
import { digestBytes, hexOf, sha256Hex, type Digest } from '../../domain/digest.js';
import { Fault } from '../../domain/fault.js';
import type { World } from '../../domain/ports.js';

const SUMS = 'SHA256SUMS';

/** Texts by file name, in the order in which they are to be listed. */
export type Texts = ReadonlyMap<string, string>;

/** Writes the list last: a folder without it is unfinished. @returns its digest @throws {Fault} REFUSED when something is there */
export async function writeTexts({ files }: Pick<World, 'files'>, folder: string, texts: Texts): Promise<Digest> {
  const there = await files.info(folder);
  if (there && (there.kind !== 'directory' || (await files.list(folder)).length > 0)) throw new Fault('REFUSED', `${folder} exists already, and is not overwritten`, { at: folder, hint: 'name a new folder' });
  if (!there) await files.makeFolder(folder, 0o700);
  for (const name of texts.keys()) if (name.includes('/')) await files.makeFolder(`${folder}/${name.slice(0, name.lastIndexOf('/'))}`, 0o700);
  for (const [name, text] of texts) await files.write(`${folder}/${name}`, text, 0o600);
  const sums = [...texts].map(([name, text]) => `${sha256Hex(text)}  ${name}\n`).join('');
  await files.write(`${folder}/${SUMS}`, sums, 0o600);
  return digestBytes(sums);
}

const LINE = /^([0-9a-f]{64}) {2}([\w./-]{1,200})$/;

/** @throws {Fault} EVIDENCE_MISSING when there is no such folder, DIGEST_MISMATCH when it is not as it was written */
export async function readTexts({ files }: Pick<World, 'files'>, folder: string, name: string): Promise<Texts> {
  if (!(await files.exists(`${folder}/${SUMS}`))) throw new Fault('EVIDENCE_MISSING', `there is no finished bundle at ${name}`, { at: name, hint: 'agentctl pact dispute --out <folder>, which makes one' });
  const changed = (file: string, why: string) => new Fault('DIGEST_MISMATCH', `${file} of the bundle ${why}`, { at: `${name}/${file}`, hint: 'ask for the bundle again, from whom made it' });
  const list = new Map<string, string>();
  for (const line of (await files.readText(`${folder}/${SUMS}`)).split('\n').slice(0, -1)) {
    const [, hex, file] = LINE.exec(line) ?? [];
    if (hex === undefined || file === undefined || list.has(file)) throw changed(SUMS, 'is not as it was written');
    list.set(file, hex);
  }
  for (const { path, kind } of await files.list(folder)) if (kind !== 'directory' && path !== SUMS && !list.has(path)) throw changed(path, 'is not on its list');
  const texts = new Map<string, string>();
  for (const [file, hex] of list) {
    if (file.split('/').includes('..') || file.startsWith('/') || (await files.info(`${folder}/${file}`))?.kind !== 'file') throw changed(file, 'is gone');
    const bytes = await files.read(`${folder}/${file}`);
    if (hexOf(digestBytes(bytes)) !== hex) throw changed(file, 'was changed');
    texts.set(file, textOf(bytes) ?? fail(changed(file, 'is no text')));
  }
  return texts;
}

function textOf(bytes: Uint8Array): string | undefined {
  try {
    // A byte order mark stays in the text: it would be a byte that nobody checks.
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

function fail(fault: Fault): never {
  throw fault;
}

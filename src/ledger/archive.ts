/** One file out of many: POSIX ustar (IEEE Std 1003.1), the same bytes for the same content, so that its digest can be recorded. */
import { Fault } from '../domain/fault.js';

const BLOCK = 512;
const MAX_NAME = 100;
const MODE = '0000444';
const encoder = new TextEncoder();

/** Files by path, in the order given; no times, no owners. */
export function pack(files: ReadonlyMap<string, Uint8Array>): Uint8Array {
  const parts = [...files].flatMap(([name, bytes]) => [header(name, bytes.length), bytes, new Uint8Array(padding(bytes.length))]);
  return new Uint8Array(Buffer.concat([...parts, new Uint8Array(2 * BLOCK)]));
}

/**
 * The files of an archive that {@link pack} could have made: plain files with relative names, each once, nothing behind the end.
 *
 * @param place what to call it in an error
 * @throws {Fault} INPUT_INVALID
 */
export function unpack(bytes: Uint8Array, place: string): ReadonlyMap<string, Uint8Array> {
  const malformed = (why: string, at: number): Fault => new Fault('INPUT_INVALID', `${place} is not an archive of agentctl: ${why}`, { at: `${place}, byte ${at}` });
  const files = new Map<string, Uint8Array>();
  let at = 0;
  for (; !isZero(bytes.subarray(at, at + BLOCK)); ) {
    const block = bytes.subarray(at, at + BLOCK);
    if (block.length < BLOCK) throw malformed('it is cut off', at);
    const [name, size] = [text(block, 0, MAX_NAME), Number.parseInt(text(block, 124, 12), 8)];
    if (!Number.isSafeInteger(size) || Buffer.compare(block, header(name, size)) !== 0) throw malformed('a header is not as it would be written', at);
    if (files.has(name)) throw malformed(`"${name}" is there twice`, at);
    const content = bytes.subarray(at + BLOCK, at + BLOCK + size);
    const end = at + BLOCK + size + padding(size);
    if (content.length < size || !isZero(bytes.subarray(at + BLOCK + size, end), padding(size))) throw malformed(`"${name}" is cut off`, at);
    files.set(name, content);
    at = end;
  }
  if (bytes.length !== at + 2 * BLOCK || !isZero(bytes.subarray(at), 2 * BLOCK)) throw malformed('it does not end as it should', at);
  return files;
}

function header(name: string, size: number): Uint8Array {
  if (name === '' || name.length > MAX_NAME || !/^[\w.-][\w./-]*$/.test(name) || name.includes('..')) throw new Fault('INPUT_INVALID', `"${name}" cannot name a file of an archive`, { at: name });
  const block = new Uint8Array(BLOCK);
  const put = (at: number, value: string) => block.set(encoder.encode(value), at);
  put(0, name);
  put(100, MODE);
  put(108, '0000000');
  put(116, '0000000');
  put(124, size.toString(8).padStart(11, '0'));
  put(136, '00000000000');
  put(148, '        ');
  put(156, '0');
  put(257, 'ustar');
  put(263, '00');
  const sum = block.reduce((total, byte) => total + byte, 0);
  put(148, `${sum.toString(8).padStart(6, '0')}\0 `);
  return block;
}

function padding(size: number): number {
  return (BLOCK - (size % BLOCK)) % BLOCK;
}

function text(block: Uint8Array, at: number, length: number): string {
  return Buffer.from(block.subarray(at, at + length)).toString('latin1').replace(/\0.*$/s, '');
}

function isZero(bytes: Uint8Array, length = BLOCK): boolean {
  return bytes.length === length && bytes.every((byte) => byte === 0);
}

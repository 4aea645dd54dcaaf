/** 3.4 ZIP in three methods and XML, by independent writers; and archives and documents that mean harm. */
import { buffer } from 'node:stream/consumers';
import { deflateRawSync } from 'node:zlib';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { compress, init } from '@bokuweb/zstd-wasm';
import { ZipFile } from 'yazl';
import { forms } from '../../src/adapters/forms.js';
import { zipOf, type Packed } from '../support/zip.js';

const LIMITS = { files: 100, each: 1_000_000, total: 2_000_000 };
const bytes = (text: string) => new TextEncoder().encode(text);
const HELLO = bytes('{"hello":"world"}'.repeat(500));
const stored = (name: string, members: Partial<Packed> = {}): Packed => ({ name, content: HELLO, method: 0, ...members });
beforeAll(() => init());

async function unzip(archive: Uint8Array, limits = LIMITS) {
  const found: (readonly [string, string])[] = [];
  for await (const { name, bytes: content } of forms().unzip(archive, 'a.eval', limits)) found.push([name, Buffer.from(content).toString()]);
  return found;
}

describe('ZIP', () => {
  test('3.4 stored, deflated by another writer, and in Zstandard by its own encoder', async () => {
    const text = Buffer.from(HELLO).toString();
    const zip = new ZipFile();
    zip.addBuffer(Buffer.from(HELLO), 'samples/a.json');
    zip.addBuffer(Buffer.from(HELLO), 'b.json', { compress: false });
    zip.addEmptyDirectory('samples');
    zip.end();
    expect(await unzip(await buffer(zip.outputStream))).toEqual([['samples/a.json', text], ['b.json', text]]);
    for (const level of [1, 19]) expect(await unzip(zipOf([stored('z.json', { method: 93, raw: compress(HELLO, level) }), stored('d.json', { method: 8 })]))).toEqual([['z.json', text], ['d.json', text]]);
    expect(await unzip(zipOf([stored('empty', { content: new Uint8Array(), method: 8 }), stored('none', { content: new Uint8Array(), method: 93, raw: compress(new Uint8Array(), 1) })]))).toEqual([['empty', ''], ['none', '']]);
    expect(await unzip(zipOf([]))).toEqual([]);
  });

  const zeros = new Uint8Array(3_000_000);
  test.each<[string, () => Uint8Array, RegExp]>([
    ['a bomb that says so', () => zipOf([stored('x', { content: zeros, method: 8 })]), /would unpack to 3000000 bytes, more than 1000000/],
    ['a bomb that lies', () => zipOf([stored('x', { raw: deflateRawSync(zeros), method: 8, size: 10 })]), /cannot be read/],
    ['a bomb in Zstandard', () => zipOf([stored('x', { raw: compress(zeros, 3), method: 93, content: zeros })]), /would unpack to 3000000/],
    ['a bomb in Zstandard that lies', () => zipOf([stored('x', { raw: compress(zeros, 3), method: 93, size: 10 })]), /cannot be read/],
    ['a frame that asks for two gigabytes', () => zipOf([stored('x', { raw: Uint8Array.of(0x28, 0xb5, 0x2f, 0xfd, 0, 21 << 3, 1, 0, 0), method: 93 })]), /cannot be read/],
    ['many files that are large together', () => zipOf(['a', 'b', 'c'].map((name) => stored(name, { content: zeros.subarray(0, 900_000), method: 8 }))), /unpack to more than 2000000/],
    ['too many files', () => zipOf(Array.from({ length: 101 }, (_, index) => stored(`f${index}`, { content: new Uint8Array() }))), /holds 101 files, more than 100/],
    ['files that share their bytes', () => zipOf([stored('a'), stored('b', { shared: true }), stored('c', { shared: true })]), /overlap/],
    ['a file twice', () => zipOf([stored('a'), stored('a')]), /twice/],
    ['a path upwards', () => zipOf([stored('../../etc/passwd')]), /invalid relative path|cannot be read/],
    ['an absolute path', () => zipOf([stored('/etc/passwd')]), /absolute path|cannot be read/],
    ['a path of Windows', () => zipOf([stored('..\\x')]), /cannot be read/],
    ['a wrong checksum', () => zipOf([stored('a', { crc: 1 })]), /checksum is wrong/],
    ['a wrong size', () => zipOf([stored('a', { method: 8, size: 10_000 })]), /unpacks to 8500 bytes instead of 10000/],
    ['encryption', () => zipOf([stored('a', { method: 8, flags: 0x801 })]), /encrypted/],
    ['another method', () => zipOf([stored('a', { method: 12, raw: HELLO })]), /method 12; 0, 8 \(deflate\) and 93/],
    ['Zstandard that is none', () => zipOf([stored('a', { method: 93, raw: HELLO })]), /cannot be read/],
    ['more entries than there are', () => zipOf([stored('a')], 5), /cannot be read/],
    ['a cut end', () => zipOf([stored('a')]).subarray(0, -10), /cannot be read/],
    ['a cut beginning', () => zipOf([stored('a')]).subarray(100), /cannot be read/],
    ['no archive', () => HELLO, /cannot be read/],
  ])('%s is refused', async (_what, archive, message) => {
    await expect(unzip(archive())).rejects.toMatchObject({ code: 'INPUT_INVALID', at: expect.stringMatching(/^a\.eval/), message: expect.stringMatching(message) });
  });
});

describe('XML', () => {
  const xml = (text: string) => forms().xml(text, 'r.xml');

  test('3.4 elements, attributes, text, CDATA and the five entities', async () => {
    expect(await xml('<?xml version="1.0" encoding="UTF-8"?>\n<!-- <!DOCTYPE not> -->\n<a x="1 &lt; 2" y=\'&#x1F600;&#65;\'>t &amp; <![CDATA[<!DOCTYPE html>]]><b/></a>')).toEqual({
      name: 'a', attributes: { x: '1 < 2', y: '\u{1f600}A' }, text: 't & <!DOCTYPE html>', children: [{ name: 'b', attributes: {}, text: '', children: [] }],
    });
  });

  const LAUGHS = '<!DOCTYPE lolz [<!ENTITY lol "lol"><!ENTITY lol1 "&lol;&lol;">]>';
  test.each<[string, string, RegExp]>([
    ['a billion laughs', `<?xml version="1.0"?>\n${LAUGHS}<lolz>&lol1;</lolz>`, /document type/], ['a file from outside', '<!DOCTYPE r [<!ENTITY x SYSTEM "file:///etc/passwd">]><r>&x;</r>', /document type/],
    ['a document type inside', '<r><!DOCTYPE x></r>', /document type/], ['a comment without end', '<r><!-- x</r>', /unfinished comment/], ['an entity that nobody declared', '<r>&nbsp;</r>', /entity "&nbsp;"/],
    ['a bare ampersand', '<r a="x & y"/>', /entity "&"/], ['character 0', '<r>&#0;</r>', /entity "&#0;"/], ['half a surrogate', '<r>&#xD800;</r>', /entity/], ['an attribute twice', '<r a="1" a="2"/>', /repeated/],
    ['an open element', '<r><a></r>', /well-formed/], ['a cut end', '<r><a>', /well-formed/], ['two roots', '<r/><r/>', /one outermost element|well-formed/], ['nothing', '', /well-formed/], ['text', 'hello', /well-formed/],
    ['an endless depth', '<a>'.repeat(5000) + '</a>'.repeat(5000), /nested|read/], ['a name of JavaScript', '<r><__proto__ a="1"/></r>', /reserved|read/],
  ])('%s is refused', async (_what, text, message) => {
    await expect(xml(text)).rejects.toMatchObject({ code: 'INPUT_INVALID', at: expect.stringMatching(/^r\.xml/), message: expect.stringMatching(message) });
  });

  test('names the line', async () => {
    await expect(xml(`<?xml version="1.0"?>\n\n  ${LAUGHS}<r/>`)).rejects.toMatchObject({ at: 'r.xml:3:3' });
    await expect(xml('<r>\n  <a>\n</r>')).rejects.toMatchObject({ at: expect.stringMatching(/^r\.xml:[23]:\d+$/) });
  });
});

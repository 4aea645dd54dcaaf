import { createHash, createHmac } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { Entry } from '../../src/domain/entry.js';
import { Fault } from '../../src/domain/fault.js';
import { commitment } from '../../src/ledger/commitment.js';
import { decodeEntry, encodeEntry, GENESIS, leafHash, MAX_TEXT } from '../../src/ledger/entry.js';
import { alreadyRecorded, gateTime, jumpedAhead, jumpedBack } from '../../src/ledger/clock.js';
import { dataProblem, entryTypes, known, TYPE_GROUPS } from '../../src/ledger/registry.js';

const ENTRY: Entry = {
  v: 1, chain: 'a', seq: 0, ts: '2026-11-22T12:00:00.000Z', type: 'ledger.opened', actor: 'agentctl', inputs: {},
  agent: { id: 'a', did: null, version: '1.0.0', build: null }, data: { log: 'x', format: 1 },
};
// Written out once and for all: the format is final from the first release.
const BODY = '{"actor":"agentctl","agent":{"build":null,"did":null,"id":"a","version":"1.0.0"},"chain":"a","data":{"format":1,"log":"x"},"inputs":{},"seq":0,"ts":"2026-11-22T12:00:00.000Z","type":"ledger.opened","v":1}';

function codeOf(work: () => unknown): string {
  try {
    work();
  } catch (error) {
    if (error instanceof Fault) return error.code;
    throw error;
  }
  return 'none';
}

describe('8.2 the bytes of an entry', () => {
  test('are the canonical body after the previous hash, hashed as an RFC 6962 leaf', () => {
    const { body, hash } = encodeEntry(GENESIS, ENTRY);
    expect(body).toBe(BODY);
    expect(hash).toBe(createHash('sha256').update(Buffer.concat([Buffer.from([0]), Buffer.from(`${'0'.repeat(64)}\n${BODY}`)])).digest('hex'));
    expect(leafHash(hash, body)).not.toBe(hash);
    expect(decodeEntry(body, 'entry 0')).toEqual(ENTRY);
  });

  test.each<[string, Partial<Entry>, string]>([
    ['non-ASCII text', { data: { name: 'Zoë' } }, 'INPUT_INVALID'],
    ['a non-ASCII key', { data: { naïve: 1 } }, 'INPUT_INVALID'],
    ['a lone surrogate', { data: { text: '\ud800' } }, 'INTERNAL'],
    ['a float', { data: { rate: 0.5 } }, 'INTERNAL'],
    ['an unsafe integer', { data: { n: 2 ** 53 } }, 'INTERNAL'],
    ['a text that is no instant', { ts: '2026-11-22T12:00:00Z' }, 'INTERNAL'],
    ['a digest of another kind', { inputs: { build: 'md5:00' as 'sha256:0' } }, 'INTERNAL'],
    ['an empty actor', { actor: '' }, 'INTERNAL'],
  ])('refuse %s', (_what, change, code) => {
    expect(codeOf(() => encodeEntry(GENESIS, { ...ENTRY, ...change }))).toBe(code);
  });

  test('name the place of personal text, never the text', () => {
    expect(() => encodeEntry(GENESIS, { ...ENTRY, data: { who: { name: 'Zoë' } } })).toThrow(/^\/data\/who\/name of a "ledger.opened" entry is not ASCII text$/);
  });

  test(`are at most ${MAX_TEXT}`, () => {
    const room = MAX_TEXT - 65 - BODY.length;
    const data = (more: number) => ({ ...ENTRY, data: { ...ENTRY.data, log: 'x'.repeat(1 + more) } });
    expect(65 + encodeEntry(GENESIS, data(room)).body.length).toBe(MAX_TEXT);
    expect(codeOf(() => encodeEntry(GENESIS, data(room + 1)))).toBe('INPUT_INVALID');
  });

  test.each([
    ['white space', BODY.replace(',', ', ')],
    ['another order', BODY.replace('"format":1,"log":"x"', '"log":"x","format":1')],
    ['a duplicate key', BODY.replace('"v":1', '"v":1,"v":1')],
    ['another spelling of a number', BODY.replace('"seq":0', '"seq":0e0')],
    ['an unknown member', BODY.replace('"v":1', '"v":1,"w":1')],
    ['an unknown member of the agent', BODY.replace('"id":"a"', '"id":"a","name":"b"')],
    ['a missing member', BODY.replace('"actor":"agentctl",', '')],
    ['another format', BODY.replace('"v":1', '"v":2')],
    ['non-ASCII text', BODY.replace('"x"', '"\ufffd"')],
    ['an escape that needs none', BODY.replace('"x"', '"\\u0078"')],
    ['a cut end', BODY.slice(0, -1)],
    ['no object', '[]'],
  ])('are refused on the way back with %s', (_what, body) => {
    expect(codeOf(() => decodeEntry(body, 'entry 0'))).toBe('LEDGER_BROKEN');
  });

  test('no single flipped bit is read as an entry with the same hash', () => {
    const { hash } = encodeEntry(GENESIS, ENTRY);
    const bytes = Buffer.from(BODY);
    for (let bit = 0; bit < bytes.length * 8; bit += 1) {
      const flipped = Buffer.from(bytes);
      flipped[bit >> 3] = (flipped[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      expect(leafHash(GENESIS, flipped.toString('utf8'))).not.toBe(hash);
    }
  });
});

test('8.5 a commitment is HMAC-SHA-256', () => {
  fc.assert(fc.property(fc.uint8Array({ minLength: 1, maxLength: 100 }), fc.uint8Array({ maxLength: 200 }), (salt, text) => {
    expect(commitment(salt, text)).toBe(createHmac('sha256', salt).update(text).digest('hex'));
  }));
});

describe('the registry', () => {
  test('declares each type once, in lower case with a dot', () => {
    const all = TYPE_GROUPS.flatMap((group) => Object.keys(group));
    expect([...all].sort()).toEqual(entryTypes());
    expect(all.filter((type) => !/^[a-z]+(-[a-z]+)*\.[a-z]+(-[a-z]+)*$/.test(type))).toEqual([]);
  });

  test('holds only schemas that its own checker understands', () => {
    const unsupported = TYPE_GROUPS.flatMap((group) => Object.keys(group)).map((type) => dataProblem(type, {})).filter((problem) => problem?.includes('unsupported'));
    expect(unsupported).toEqual([]);
  });

  test('does not know what it was not told', () => {
    expect([known('ledger.opened'), known('ledger.closed'), known('constructor')]).toEqual([true, false, false]);
    expect(dataProblem('clock.jumped', { from: 'x', to: ENTRY.ts })).toMatch(/^\/from does not match/);
  });
});

describe('ledger time', () => {
  const [noon, six, later] = ['2026-11-22T12:00:00.000Z', '2026-11-22T12:06:00.000Z', '2026-11-22T12:04:00.000Z'];

  test('is the later of wall clock and newest entry', () => {
    expect([gateTime(noon, null), gateTime(noon, six), gateTime(six, noon)]).toEqual([noon, six, six]);
  });

  test('jumps are more than five minutes', () => {
    expect([jumpedBack(noon, six), jumpedBack(noon, later), jumpedBack(noon, null)]).toEqual([{ from: six, to: noon }, null, null]);
    const at = (wall: string, monotonic: number) => ({ wall, monotonic });
    expect(jumpedAhead(at(six, 1000), at(noon, 0))).toEqual({ from: '2026-11-22T12:00:01.000Z', to: six });
    expect([jumpedAhead(at(six, 360_000), at(noon, 0)), jumpedAhead(at(six, 0), null)]).toEqual([null, null]);
  });

  test('the same jump is told once, a further one again', () => {
    const jump = { from: six, to: noon };
    expect(alreadyRecorded(jump, six, { ts: six, to: noon })).toBe(true);
    expect(alreadyRecorded(jump, six, { ts: six, to: '2026-11-22T12:05:30.000Z' })).toBe(false);
    expect(alreadyRecorded(jump, six, { ts: noon, to: noon })).toBe(false);
    expect(alreadyRecorded(jump, six, null)).toBe(false);
  });
});

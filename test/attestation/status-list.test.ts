/** Status lists: bits and their places, other people's readers and writers, and lists that say nothing about our certificate. */
import { gunzipSync, gzipSync } from 'node:zlib';
import { describe, expect, test } from '@jest/globals';
import { canonical } from '../../src/domain/canonical.js';
import { digestBytes } from '../../src/domain/digest.js';
import type { JsonObject } from '../../src/domain/json.js';
import { credentialOf, openCredential, signCredential } from '../../src/attestation/credential.js';
import { addProof } from '../../src/attestation/data-integrity.js';
import { decodeBits, encodeBits, isSet, LIST_BITS, openStatusList, statusListOf } from '../../src/attestation/status-list.js';
import { signerOf } from '../../src/identity/signer.js';
import { agent, NOW, organisation, predicate, stranger } from './certified.js';
import { askDigitalBazaar, type TheirVerdict } from './digital-bazaar.js';

const URL_OF_LIST = 'https://agents.example.com/status/1.json';
const INDEX = 94_567;
const END = '2026-12-06T12:00:00.000Z';
const claim = { url: URL_OF_LIST, issuer: { id: organisation.did, name: 'Example Mail' }, validFrom: NOW, validUntil: END, revoked: [] as readonly number[] };
const check = { url: URL_OF_LIST, issuer: organisation.did, now: NOW };
const method = `${organisation.did}#${organisation.did.slice('did:key:'.length)}`;

const listOf = (revoked: readonly number[], changes: JsonObject = {}) => signCredential({ ...statusListOf({ ...claim, revoked }), ...changes }, organisation, NOW);
const withSubject = (changes: JsonObject) => listOf([], { credentialSubject: { ...(statusListOf(claim)['credentialSubject'] as JsonObject), ...changes } });
const text = await listOf([INDEX]);

describe('9.4 bits', () => {
  test('the empty list of the specification', () => {
    const bits = decodeBits('uH4sIAAAAAAAAA-3BMQEAAADCoPVPbQwfoAAAAAAAAAAAAAAAAAAAAIC3AYbSVKsAQAAA');
    expect([bits.length, bits.every((byte) => byte === 0)]).toEqual([16_384, true]);
  });

  test('place 0 is the first bit of the first byte, and the last place the last bit of the last', () => {
    for (const [index, byte, value] of [[0, 0, 0x80], [7, 0, 0x01], [8, 1, 0x80], [LIST_BITS - 1, LIST_BITS / 8 - 1, 0x01]] as const) {
      const bits = decodeBits((statusListOf({ ...claim, revoked: [index] })['credentialSubject'] as JsonObject)['encodedList']);
      expect(bits[byte]).toBe(value);
      expect([index - 1, index, index + 1].filter((one) => one >= 0 && one < LIST_BITS && isSet(bits, one))).toEqual([index]);
    }
  });

  test.each([-1, LIST_BITS, 0.5, Number.NaN, 2 ** 53])('a place outside is no answer: %d', (index) => {
    expect(() => isSet(new Uint8Array(LIST_BITS / 8), index)).toThrow(expect.objectContaining({ code: 'INPUT_INVALID', message: expect.stringContaining('RANGE_ERROR') as unknown as string }));
  });

  test.each<[string, unknown, string]>([
    ['too short', encodeBits(new Uint8Array(LIST_BITS / 8 - 1)), 'STATUS_LIST_LENGTH_ERROR'],
    ['empty', encodeBits(new Uint8Array()), 'STATUS_LIST_LENGTH_ERROR'],
    ['a small text that unpacks to a gigabyte', `u${Buffer.from(gzipSync(new Uint8Array(40_000_000))).toString('base64url')}`, 'bearable'],
    ['not packed', `u${Buffer.from(new Uint8Array(LIST_BITS / 8)).toString('base64url')}`, 'unpack'],
    ['cut', encodeBits(new Uint8Array(LIST_BITS / 8)).slice(0, 40), 'unpack'],
    ['in another base', `z${'1'.repeat(60)}`, 'multibase'],
    ['not text', 17, 'multibase'],
    ['missing', undefined, 'multibase'],
  ])('%s: refused', (_name, encoded, because) => {
    expect(() => decodeBits(encoded)).toThrow(expect.objectContaining({ code: 'INPUT_INVALID', exit: 2, message: expect.stringContaining(because) as unknown as string }));
  });
});

describe('9.4 with Digital Bazaar\'s reader and writer', () => {
  test('theirs sees the bit in our list, which it does not count as a failure; ours sees it in theirs', async () => {
    const credential = JSON.parse(await signCredential(credentialOf({ ...(await predicate()), status: { list: URL_OF_LIST, index: INDEX } }, digestBytes('certificate'), organisation.did), organisation, NOW)) as JsonObject;
    const seed = [...new Uint8Array(32).fill(9)];
    const list = { do: 'list', url: URL_OF_LIST, seed, date: NOW, validUntil: END, purpose: 'revocation' };
    const verify = async (served: string) => ({ do: 'verify', credential, documents: { [URL_OF_LIST]: JSON.parse(served) as JsonObject }, now: NOW });
    const [revoked, good, neighbour, foreign, theirs, short] = (await askDigitalBazaar([
      await verify(text), await verify(await listOf([])), await verify(await listOf([INDEX - 1, INDEX + 1])),
      await verify(await signCredential(statusListOf({ ...claim, issuer: { id: stranger.did, name: 'Example Mail' } }), stranger, NOW)),
      { ...list, revoked: [0, INDEX], length: LIST_BITS }, { ...list, revoked: [5], length: 8_000 },
    ])) as [TheirVerdict, TheirVerdict, TheirVerdict, TheirVerdict, JsonObject, JsonObject];
    expect(revoked).toEqual({ verified: true, status: [true], error: null });
    expect(good).toEqual({ verified: true, status: [false], error: null });
    expect(neighbour.status).toEqual([false]);
    expect(foreign.verified).toBe(false);

    const { did } = await signerOf(Uint8Array.from(seed));
    const { bits } = await openStatusList(JSON.stringify(theirs), { ...check, issuer: did });
    expect([0, 1, INDEX - 1, INDEX, INDEX + 1].map((index) => isSet(bits, index))).toEqual([true, false, false, true, false]);
    await expect(openStatusList(JSON.stringify(short), { ...check, issuer: did })).rejects.toMatchObject({ message: expect.stringContaining('STATUS_LIST_LENGTH_ERROR') });
  }, 30_000);
});

describe('9.4 forged, foreign and old lists', () => {
  test('a list of the issuer, at the address, in force: read', async () => {
    const list = await openStatusList(text, check);
    expect([isSet(list.bits, INDEX), isSet(list.bits, INDEX + 1), list.validUntil]).toEqual([true, false, END]);
  });

  test('bits packed by another compressor are the same bits', async () => {
    const subject = (JSON.parse(text) as { credentialSubject: JsonObject & { encodedList: string } }).credentialSubject;
    const bits = gunzipSync(Buffer.from(subject.encodedList.slice(1), 'base64url'));
    const repacked = await withSubject({ encodedList: `u${gzipSync(bits, { level: 1 }).toString('base64url')}` });
    expect(repacked).not.toBe(text);
    expect(isSet((await openStatusList(repacked, check)).bits, INDEX)).toBe(true);
  });

  const unflipped = () => {
    const list = JSON.parse(text) as { credentialSubject: JsonObject };
    return JSON.stringify({ ...list, credentialSubject: { ...list.credentialSubject, encodedList: encodeBits(new Uint8Array(LIST_BITS / 8)) } });
  };
  test.each<[string, () => string | Promise<string>, string, number, string]>([
    ['the bit taken back', unflipped, 'SIGNATURE_INVALID', 4, 'not a signature'],
    ['truncated', () => text.slice(0, -30), 'INPUT_INVALID', 2, ''],
    ['the packed bits truncated and signed anew by nobody', () => text.replace(/("encodedList":"u.{30}).*?"/, '$1"'), 'SIGNATURE_INVALID', 4, 'not a signature'],
    ['the packed bits truncated by the issuer', () => withSubject({ encodedList: encodeBits(new Uint8Array(LIST_BITS / 8)).slice(0, 40) }), 'INPUT_INVALID', 2, 'unpack'],
    ['too short', () => withSubject({ encodedList: encodeBits(new Uint8Array(100)) }), 'INPUT_INVALID', 2, 'STATUS_LIST_LENGTH_ERROR'],
    ['no bits', () => withSubject({ encodedList: '' }), 'INPUT_INVALID', 2, 'multibase'],
    ['another purpose', () => withSubject({ statusPurpose: 'suspension' }), 'INPUT_INVALID', 2, 'purpose'],
    ['several purposes', () => withSubject({ statusPurpose: ['revocation', 'suspension'] }), 'INPUT_INVALID', 2, 'purpose'],
    ['another kind of list', () => withSubject({ type: 'StatusList2021' }), 'INPUT_INVALID', 2, 'BitstringStatusListCredential'],
    ['another type of credential', () => listOf([], { type: ['VerifiableCredential'] }), 'INPUT_INVALID', 2, 'BitstringStatusListCredential'],
    ['a certificate instead', async () => signCredential(credentialOf(await predicate(), digestBytes('x'), organisation.did), organisation, NOW), 'INPUT_INVALID', 2, 'BitstringStatusListCredential'],
    ['the issuer\'s list for others', () => listOf([], { id: 'https://agents.example.com/status/2.json' }), 'INPUT_INVALID', 2, 'not of'],
    ['a list without address', async () => JSON.stringify(await addProof(Object.fromEntries(Object.entries(statusListOf(claim)).filter(([key]) => key !== 'id')), organisation, { created: NOW, verificationMethod: method })), 'INPUT_INVALID', 2, 'not of'],
    ['somebody else\'s list', () => signCredential(statusListOf({ ...claim, issuer: { id: stranger.did, name: 'Example Mail' } }), stranger, NOW), 'KEY_UNFIT', 4, 'the certificate'],
    ['the issuer\'s name, somebody else\'s signature', async () => JSON.stringify(await addProof(statusListOf(claim), stranger, { created: NOW, verificationMethod: method })), 'SIGNATURE_INVALID', 4, 'not a signature'],
    ['the issuer\'s name, somebody else\'s method', () => signCredential(statusListOf(claim), stranger, NOW), 'KEY_UNFIT', 4, 'does not let make statements'],
    ['no signature', () => canonical(statusListOf(claim)), 'INPUT_INVALID', 2, 'no proof'],
    ['a duplicated key', () => text.replace('"statusPurpose":', '"statusPurpose":"revocation","statusPurpose":'), 'INPUT_INVALID', 2, 'duplicate key'],
    ['expired', () => listOf([], { validUntil: NOW }), 'EVIDENCE_MISSING', 3, 'expired on'],
    ['without an end: a time to live does not replace it', async () => JSON.stringify(await addProof(Object.fromEntries(Object.entries(statusListOf(claim)).filter(([key]) => key !== 'validUntil')), organisation, { created: NOW, verificationMethod: method })), 'EVIDENCE_MISSING', 3, 'until when'],
    ['of tomorrow', () => signCredential(statusListOf({ ...claim, validFrom: '2026-11-23T12:00:00.000Z' }), organisation, NOW), 'EVIDENCE_MISSING', 3, 'not valid before'],
    ['signed in the future', () => signCredential(statusListOf(claim), organisation, '2026-11-23T12:00:00.000Z'), 'EVIDENCE_MISSING', 3, 'in the future'],
  ])('%s', async (_name, forged, code, exit, because) => {
    const fault = await openStatusList(await forged(), check).then(() => undefined, (cause: unknown) => cause as { code: string; exit: number; message: string });
    expect(fault).toMatchObject({ code, exit });
    expect(fault?.message).toContain(because);
  });

  test('the place in a certificate is read as it is written: another spelling of a number is none', async () => {
    const status = (statusListIndex: string) => signCredential({ ...statusListOf(claim), credentialStatus: { type: 'BitstringStatusListEntry', statusPurpose: 'revocation', statusListIndex, statusListCredential: URL_OF_LIST } }, organisation, NOW);
    expect((await openCredential(await status(String(INDEX)), check)).status).toEqual({ list: URL_OF_LIST, index: INDEX });
    for (const spelling of ['0x10', '01', '-1', '1e3', ' 7', '7 ', '', '٣']) await expect(openCredential(await status(spelling), check)).rejects.toMatchObject({ code: 'INPUT_INVALID' });
  });

  test('the agent is no issuer of its own list', async () => {
    const own = await signCredential(statusListOf({ ...claim, issuer: { id: agent.did, name: 'Example Mail' } }), agent, NOW);
    await expect(openStatusList(own, check)).rejects.toMatchObject({ code: 'KEY_UNFIT', exit: 4 });
  });
});

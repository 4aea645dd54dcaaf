/** Documents of strangers, read without a network: which keys count for what, and which document is refused whole. */
import { describe, expect, test } from '@jest/globals';
import type { Json, JsonObject } from '../../src/domain/json.js';
import { didWebHistory } from '../../src/identity/did-document.js';
import { didKeyOf, multikeyOf } from '../../src/identity/did-key.js';
import { keysFor, LARGEST_DOCUMENT, parseDidDocument, readDidDocument, speaksAt } from '../../src/identity/did-resolver.js';
import { publicJwk } from '../../src/identity/http-signature.js';
import { publicKeyOf } from '../../src/identity/ed25519.js';

const DID = 'did:web:example.com';
const [one, two, three] = await Promise.all([1, 2, 3].map((fill) => publicKeyOf(new Uint8Array(32).fill(fill)))) as [Uint8Array, Uint8Array, Uint8Array];
const multikey = (name: string, key: Uint8Array, more: JsonObject = {}): JsonObject => ({ id: `${DID}#${name}`, type: 'Multikey', controller: DID, publicKeyMultibase: multikeyOf(key), ...more });
const jwk = (name: string, key: Uint8Array, more: JsonObject = {}): JsonObject => ({ id: `${DID}#${name}`, type: 'JsonWebKey', controller: DID, publicKeyJwk: { ...publicJwk(key), ...more } });
const documentOf = (methods: Json, more: JsonObject = {}): JsonObject => ({ '@context': ['https://www.w3.org/ns/did/v1'], id: DID, verificationMethod: methods, assertionMethod: [`${DID}#a`], ...more });
const read = (document: JsonObject) => readDidDocument(DID, document);
const refusal = (code: string, message: string) => expect.objectContaining({ code, message: expect.stringContaining(message) });

describe('1.1 which keys make statements', () => {
  const cases: readonly (readonly [string, JsonObject, readonly Uint8Array[]])[] = [
    ['a Multikey', documentOf([multikey('a', one)]), [one]],
    ['the same in the notation of 2020', documentOf([multikey('a', one, { type: 'Ed25519VerificationKey2020' })]), [one]],
    ['a JsonWebKey', documentOf([jwk('a', one)]), [one]],
    ['several, in both notations', documentOf([multikey('a', one), jwk('b', two)], { assertionMethod: [`${DID}#a`, `${DID}#b`] }), [one, two]],
    ['one by its short name', documentOf([{ ...multikey('a', one), id: '#a' }], { assertionMethod: ['#a'] }), [one]],
    ['one that is written where it is listed', documentOf([], { assertionMethod: [multikey('a', one)] }), [one]],
    ['none: listed for authentication only', documentOf([multikey('b', one)], { assertionMethod: [], authentication: [`${DID}#b`] }), []],
    ['none: written where it is listed, for authentication', documentOf([], { assertionMethod: [], authentication: [multikey('a', one)] }), []],
    ['none: in no list', documentOf([multikey('b', one)]), []],
    ['none: another controller', documentOf([multikey('a', one, { controller: 'did:web:evil.example' })]), []],
    ['none: the key of another DID', documentOf([{ ...multikey('a', one), id: 'did:web:evil.example#a' }], { assertionMethod: ['did:web:evil.example#a'] }), []],
    ['none: a DID that only begins alike', documentOf([{ ...multikey('a', one), id: `${DID}.evil.example#a` }], { assertionMethod: [`${DID}.evil.example#a`] }), []],
    ['none: another curve', documentOf([jwk('a', one, { crv: 'X25519' })]), []],
    ['none: a Multikey of another kind', documentOf([multikey('a', one, { publicKeyMultibase: 'zDnaerx9CtbPJ1q36T5Ln5wYt3MQYeGRG5ehnPAmxcf5mDZpv' })]), []],
    ['none: a type that is not known', documentOf([multikey('a', one, { type: 'Ed25519VerificationKey2031' })]), []],
    ['none: revoked under another name', documentOf([multikey('a', one), multikey('b', one, { revoked: '2026-01-01T00:00:00Z' })], { assertionMethod: [`${DID}#a`] }), []],
    ['the others of a document with a revoked one', documentOf([multikey('a', one, { revoked: '2026-01-01T00:00:00Z' }), multikey('b', two)], { assertionMethod: [`${DID}#a`, `${DID}#b`] }), [two]],
    ['none: revoked, whenever', documentOf([multikey('a', one, { revoked: '2999-01-01T00:00:00Z' })]), []],
  ];
  test.each(cases)('%s', (_name, document, keys) => {
    expect(read(document).assertionKeys.map((key) => key.did)).toEqual(keys.map(didKeyOf));
  });

  test('a key that runs out speaks until then, in whatever zone its end is written', () => {
    const { assertionKeys } = read(documentOf([multikey('a', one, { expires: '2026-06-01T02:00:00+02:00' })]));
    expect(assertionKeys).toEqual([{ did: didKeyOf(one), id: `${DID}#a`, until: '2026-06-01T00:00:00.000Z' }]);
    expect(speaksAt(assertionKeys, didKeyOf(one), '2026-05-31T23:59:59.999Z')).toBe(true);
    expect(speaksAt(assertionKeys, didKeyOf(one), '2026-06-01T00:00:00.000Z')).toBe(false);
    expect(speaksAt(assertionKeys, didKeyOf(two), '2026-01-01T00:00:00.000Z')).toBe(false);
  });

  test('each relationship has its own', () => {
    const resolved = read(documentOf([multikey('a', one), multikey('b', two)], { authentication: [`${DID}#b`] }));
    expect(keysFor(resolved, 'authentication').map((key) => key.did)).toEqual([didKeyOf(two)]);
    expect(resolved.methods.map((method) => method.relationships)).toEqual([['assertionMethod'], ['authentication']]);
  });

  test('our own documents: the current key, the former ones with their ends', () => {
    const history = { root: didKeyOf(one), keys: [
      { did: didKeyOf(one), from: null, ended: { at: '2026-01-01T00:00:00.000Z', cause: 'superseded' as const } },
      { did: didKeyOf(two), from: '2026-01-01T00:00:00.000Z', ended: { at: '2026-02-01T00:00:00.000Z', cause: 'compromised' as const } },
      { did: didKeyOf(three), from: '2026-02-01T00:00:00.000Z', ended: null },
    ] };
    const resolved = read(didWebHistory(DID, history, [history.root]));
    expect(resolved.assertionKeys).toEqual([{ did: didKeyOf(three), id: `${DID}#key-3` }]);
    expect(keysFor(resolved, 'authentication')).toEqual(resolved.assertionKeys);
    expect(resolved.methods.slice(0, 2)).toEqual([
      { id: `${DID}#key-1`, did: didKeyOf(one), relationships: [], expires: '2026-01-01T00:00:00.000Z' },
      { id: `${DID}#key-2`, did: didKeyOf(two), relationships: [], revoked: '2026-02-01T00:00:00.000Z' },
    ]);
  });
});

describe('1.1 a document that is refused whole', () => {
  const small = Uint8Array.from([1, ...new Uint8Array(31)]);
  const secondSpelling = Uint8Array.from([0xee, ...new Uint8Array(30).fill(0xff), 0x7f]);
  const cases: readonly (readonly [string, JsonObject, string, string])[] = [
    ['of another subject', documentOf([multikey('a', one)], { id: 'did:web:evil.example' }), 'KEY_UNFIT', 'is about'],
    ['whose subject only looks the same', documentOf([multikey('a', one)], { id: 'did:web:exаmple.com' }), 'KEY_UNFIT', 'is about'],
    ['whose subject is followed by a dot', documentOf([multikey('a', one)], { id: `${DID}.` }), 'KEY_UNFIT', 'is about'],
    ['without a subject', { verificationMethod: [] }, 'KEY_UNFIT', 'is about'],
    ['with a key of small order', documentOf([multikey('a', small)]), 'KEY_UNFIT', 'small order'],
    ['with a key of small order as JWK', documentOf([jwk('a', small)]), 'KEY_UNFIT', 'small order'],
    ['with a key in a second spelling', documentOf([multikey('a', secondSpelling)]), 'KEY_UNFIT', 'canonical'],
    ['with such a key where it is listed', documentOf([], { authentication: [multikey('a', small)] }), 'KEY_UNFIT', 'small order'],
    ['with half a key', documentOf([jwk('a', one, { x: 'AQ' })]), 'KEY_UNFIT', 'bytes'],
    ['with a JWK in padded text', documentOf([jwk('a', one, { x: `${publicJwk(one).x}=` })]), 'KEY_UNFIT', 'base64url'],
    ['with one key under two notations', documentOf([{ ...multikey('a', one), publicKeyJwk: publicJwk(two) }]), 'KEY_UNFIT', 'stated twice'],
    ['with a private JWK', documentOf([jwk('a', one, { d: 'AAAA' })]), 'KEY_UNFIT', 'private half'],
    ['with a private Multikey', documentOf([multikey('a', one, { secretKeyMultibase: 'z3u2' })]), 'KEY_UNFIT', 'private half'],
    ['with two keys of one name', documentOf([multikey('a', one), multikey('a', two)]), 'INPUT_INVALID', 'twice'],
    ['with two keys of one name, one of them short', documentOf([multikey('a', one), { ...multikey('a', two), id: '#a' }]), 'INPUT_INVALID', 'twice'],
    ['with a second key of that name where it is listed', documentOf([multikey('a', one)], { authentication: [multikey('a', two)] }), 'INPUT_INVALID', 'twice'],
    ['with an end that has no zone', documentOf([multikey('a', one, { expires: '2026-06-01T00:00:00' })]), 'INPUT_INVALID', 'expires'],
    ['with an end that is a date', documentOf([multikey('a', one, { revoked: '2026-06-01' })]), 'INPUT_INVALID', 'revoked'],
    ['with an end that is no time', documentOf([multikey('a', one, { revoked: '2026-13-01T00:00:00Z' })]), 'INPUT_INVALID', 'revoked'],
    ['with an end that is a flag', documentOf([multikey('a', one, { revoked: true })]), 'INPUT_INVALID', 'revoked'],
    ['whose list is none', documentOf([multikey('a', one)], { assertionMethod: `${DID}#a` }), 'INPUT_INVALID', 'must be a list'],
    ['whose keys are texts', documentOf(['#a']), 'INPUT_INVALID', 'object'],
    ['with a key without a name', documentOf([{ ...multikey('a', one), id: DID }]), 'INPUT_INVALID', 'does not name a key'],
  ];
  test.each(cases)('%s', (_name, document, code, message) => {
    expect(() => read(document)).toThrow(refusal(code, message));
  });

  test('too long, or with duplicate keys', () => {
    expect(() => parseDidDocument(DID, ' '.repeat(LARGEST_DOCUMENT + 1), 'did.json')).toThrow(refusal('INPUT_INVALID', 'longer than'));
    expect(() => parseDidDocument(DID, `{"id":"${DID}","id":"${DID}"}`, 'did.json')).toThrow(refusal('INPUT_INVALID', 'duplicate'));
  });
});

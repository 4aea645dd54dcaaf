/** Keys and identifiers against public vectors. */
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { Point, signAsync, verifyAsync } from '@noble/ed25519';
import { acceptKey } from '../../src/identity/ed25519-key.js';
import { verifySignature } from '../../src/identity/ed25519-verify.js';
import { signingKey } from '../../src/identity/ed25519-sign.js';
import { publicKeyOf } from '../../src/identity/ed25519.js';
import { didKeyOf, keyOfDid } from '../../src/identity/did-key.js';
import { assertionKeys, didKeyDocument, didWebDocument, didWebOf, didWebUrl } from '../../src/identity/did-document.js';
import { fromBase64 } from '../../src/identity/base-encoding.js';
import type { JsonObject } from '../../src/domain/json.js';

const hex = (text: string) => Uint8Array.from(Buffer.from(text, 'hex'));
const RFC8032 = [
  ['9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60', 'd75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a', '', 'e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b'],
  ['4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb', '3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c', '72', '92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00'],
  ['c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7', 'fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025', 'af82', '6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a'],
] as const;

/** The eight points of small order, and second spellings of two of them. */
const WEAK = [
  '0100000000000000000000000000000000000000000000000000000000000000',
  '0000000000000000000000000000000000000000000000000000000000000000',
  '0000000000000000000000000000000000000000000000000000000000000080',
  'ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
  '26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05',
  '26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85',
  'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a',
  'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa',
  '0100000000000000000000000000000000000000000000000000000000000080',
  'edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
  'eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
  'd75a9801',
  '0200000000000000000000000000000000000000000000000000000000000000',
] as const;

describe('Ed25519', () => {
  test.each(RFC8032)('signs as RFC 8032 says: %s', async (seed, publicKey, message, signature) => {
    expect(Buffer.from(await publicKeyOf(hex(seed))).toString('hex')).toBe(publicKey);
    const key = signingKey(hex(seed));
    expect(Buffer.from(key.publicKey).toString('hex')).toBe(publicKey);
    expect(Buffer.from(key.sign(hex(message))).toString('hex')).toBe(signature);
    expect(await verifySignature(hex(publicKey), hex(message), hex(signature))).toBe(true);
    expect(await verifySignature(hex(publicKey), hex(`${message}00`), hex(signature))).toBe(false);
  });

  test('signs as noble does, to the byte', async () => {
    await fc.assert(fc.asyncProperty(fc.uint8Array({ minLength: 32, maxLength: 32 }), fc.uint8Array(), async (seed, message) => {
      const key = signingKey(seed);
      expect(key.publicKey).toEqual(await publicKeyOf(seed));
      expect(key.sign(message)).toEqual(await signAsync(message, seed));
    }), { numRuns: 30 });
  });

  test.each(WEAK)('refuses the weak or malformed key %s', async (key) => {
    expect(() => acceptKey(hex(key))).toThrow(expect.objectContaining({ code: 'KEY_UNFIT' }));
    // R = identity, S = 0: under the lenient reading a signature of everything.
    const universal = hex(`01${'00'.repeat(63)}`);
    expect(await verifySignature(hex(key), hex('1234'), universal)).toBe(false);
  });

  test('verifies as noble does in its strict reading, also keys off the curve and in second spellings', async () => {
    const message = hex('c0ffee');
    const seed = hex(RFC8032[1][0]);
    const signature = signingKey(seed).sign(message);
    for (let byte = 0; byte < 256; byte += 1) {
      // Every first byte, once under a low y and once under one that reaches up to 2^255.
      for (const key of [hex(`${byte.toString(16).padStart(2, '0')}${RFC8032[1][1].slice(2)}`), hex(`${byte.toString(16).padStart(2, '0')}${'ff'.repeat(30)}7f`)]) {
        expect(await verifySignature(key, message, signature)).toBe(await verifyAsync(signature, message, key, { zip215: false }).catch(() => false));
      }
    }
  });

  const accepts = (key: Uint8Array): boolean => {
    try {
      return acceptKey(key) === key;
    } catch {
      return false;
    }
  };
  const nobleAccepts = (key: Uint8Array): boolean => {
    try {
      return !Point.fromBytes(key, false).isSmallOrder();
    } catch {
      return false;
    }
  };

  test('accepts the keys that noble takes for points of the curve in its strict reading, and no others', () => {
    let accepted = 0;
    fc.assert(fc.property(fc.uint8Array({ minLength: 32, maxLength: 32 }), (key) => {
      expect(accepts(key)).toBe(nobleAccepts(key));
      accepted += Number(accepts(key));
    }), { numRuns: 500 });
    expect(accepted).toBeGreaterThan(100);
    for (const end of ['00', '7f', '80', 'ff']) {
      for (let byte = 0; byte < 256; byte += 1) {
        const key = hex(`${byte.toString(16).padStart(2, '0')}${(end === '00' || end === '80' ? '00' : 'ff').repeat(30)}${end}`);
        expect([byte, end, accepts(key)]).toEqual([byte, end, nobleAccepts(key)]);
      }
    }
  });

  test('a malformed signature is no signature', async () => {
    expect(await verifySignature(hex(RFC8032[0][1]), hex(''), hex('00'))).toBe(false);
    const overflow = `${RFC8032[0][3].slice(0, 64)}${'ff'.repeat(32)}`;
    expect(await verifySignature(hex(RFC8032[0][1]), hex(''), hex(overflow))).toBe(false);
  });
});

describe('1.1 identifiers', () => {
  const key = hex(RFC8032[0][1]);
  const did = 'did:key:z6MktwupdmLXVVqTzCw4i46r4uGyosGXRnR3XjN4Zq7oMMsw';

  test('did:key of RFC 8032 test 1, both ways', () => {
    expect(didKeyOf(key)).toBe(did);
    expect(keyOfDid(did)).toEqual(key);
  });

  test.each(['', 'did:key:', 'did:web:example.com', 'did:key:z6Mk', `${did}x`, did.replace('z6', 'z7'), 'did:key:zQ3shokFTS3brHcDQrn82RUDfCZESWL1ZdCEJwekUDPQiYBme', `did:key:f${RFC8032[0][1]}`])('%s is no did:key of ours', (text) => {
    expect(() => keyOfDid(text)).toThrow(expect.objectContaining({ code: 'KEY_UNFIT' }));
  });

  test('a did:key document lists its key for statements', () => {
    const document = didKeyDocument(key);
    expect(document['assertionMethod']).toEqual([`${did}#${did.slice(8)}`]);
    expect(assertionKeys(document, did)).toEqual([{ id: `${did}#${did.slice(8)}`, publicKey: key }]);
  });

  test.each([
    ['https://example.com', 'did:web:example.com', 'https://example.com/.well-known/did.json'],
    ['https://example.com:3000/user/alice', 'did:web:example.com%3A3000:user:alice', 'https://example.com:3000/user/alice/did.json'],
    ['https://Example.com/agents/', 'did:web:example.com:agents', 'https://example.com/agents/did.json'],
  ])('did:web of %s', (url, web, document) => {
    expect(didWebOf(url)).toBe(web);
    expect(didWebUrl(web)).toBe(document);
  });

  test.each(['http://example.com', 'https://user@example.com', 'https://example.com/?a=b', 'nonsense'])('%s carries no did:web', (url) => {
    expect(() => didWebOf(url)).toThrow(expect.objectContaining({ code: 'INPUT_INVALID' }));
  });

  test.each(['did:web:', 'did:web:example.com:..:etc', 'did:web:example.com/x', 'did:web:user@host', 'did:key:z6Mk'])('%s leads nowhere', (web) => {
    expect(() => didWebUrl(web)).toThrow(expect.objectContaining({ code: 'INPUT_INVALID' }));
  });

  test('a document counts only for its own subject and for keys listed under assertionMethod', () => {
    const web = 'did:web:example.com';
    const document = didWebDocument(web, key, [did]);
    expect(assertionKeys(document, web)).toHaveLength(1);
    expect(assertionKeys({ ...document, assertionMethod: [] } as JsonObject, web)).toHaveLength(0);
    expect(() => assertionKeys(document, 'did:web:evil.example')).toThrow('is about');
  });
});

test.each(['aGVsbG8', 'aGVsbG8==', 'aGVsbG9=', 'aGVs bG8=', 'aGVsbG8=\n', '+-==', 'a'])('base64 %j has no second reading', (text) => {
  expect(() => fromBase64(text)).toThrow(expect.objectContaining({ code: 'INPUT_INVALID' }));
});

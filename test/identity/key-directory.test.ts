/** 1.4: key directories: what may stand in one, whom it speaks for, and the signed response that serves it. */
import { createHash, createPublicKey, verify } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import { component, verifySignature } from 'http-message-sig';
import { publicJwk, jwkThumbprint } from '../../src/identity/http-signature.js';
import { DIRECTORY_TYPE, directoryKeys, directoryUrl, keyDirectory, locationOf, parseDirectory, parseSidecar, provePossession, readAgentCard, sidecarText, signDirectory } from '../../src/identity/key-directory.js';
import { signerOf } from '../../src/identity/signer.js';

const [one, two] = await Promise.all([7, 8].map((byte) => signerOf(new Uint8Array(32).fill(byte)))) as [Awaited<ReturnType<typeof signerOf>>, Awaited<ReturnType<typeof signerOf>>];
const HOME = 'https://agents.example.com';
const NOW = new Date(Math.floor(Date.now() / 1000) * 1000).toISOString();
const later = (seconds: number) => new Date(Date.parse(NOW) + seconds * 1000).toISOString();
const jwk = { ...publicJwk(one.publicKey), kid: jwkThumbprint(one.publicKey) };
const listing = (...keys: readonly object[]) => JSON.stringify({ keys });
const RFC_KEY = { kty: 'OKP', crv: 'Ed25519', x: 'JrQLj5P_89iXES9-vFgrIy29clF9CC_oPPsw3c5D0bs' };

describe('1.4 key directory', () => {
  test('lists keys by thumbprint, two of them while one follows the other', () => {
    const directory = parseDirectory(keyDirectory(one.publicKey, two.publicKey), HOME);
    expect([...directory]).toEqual([one, two].map(({ publicKey }) => [jwkThumbprint(publicKey), publicKey]));
    expect(JSON.parse(keyDirectory(one.publicKey))).toEqual({ keys: [{ ...jwk, use: 'sig' }] });
  });

  test.each<[string, string, string, number, string]>([
    ['a shared secret', listing(jwk, { kty: 'oct', k: 'AAAA' }), 'KEY_UNFIT', 4, 'shared secret'],
    ['a private key', listing({ ...jwk, d: 'AAAA' }), 'KEY_UNFIT', 4, 'private key'],
    ['the test key of RFC 9421', listing(RFC_KEY), 'KEY_UNFIT', 4, 'test key'],
    ['a kid of somebody else', listing({ ...jwk, kid: jwkThumbprint(two.publicKey) }), 'KEY_UNFIT', 4, 'whose thumbprint is'],
    ['a key twice', listing(jwk, jwk), 'KEY_UNFIT', 4, 'twice'],
    ['a key of small order', listing({ kty: 'OKP', crv: 'Ed25519', x: Buffer.concat([Buffer.from([1]), Buffer.alloc(31)]).toString('base64url') }), 'KEY_UNFIT', 4, 'small order'],
    ['a key that is too short', listing({ kty: 'OKP', crv: 'Ed25519', x: 'AAAA' }), 'KEY_UNFIT', 4, 'bytes instead'],
    ['a key without x', listing({ kty: 'OKP', crv: 'Ed25519' }), 'INPUT_INVALID', 2, 'without x'],
    ['no list', '{}', 'INPUT_INVALID', 2, 'lists no keys'],
    ['more keys than anybody needs', listing(...Array.from({ length: 101 }, () => jwk)), 'INPUT_INVALID', 2, 'more than 100'],
    ['members twice', '{"keys":[],"keys":[]}', 'INPUT_INVALID', 2, 'duplicate key'],
    ['no JSON', '<html>', 'INPUT_INVALID', 2, 'expected'],
  ])('%s is refused', (_name, text, code, exit, message) => {
    expect(() => parseDirectory(text, HOME)).toThrow(expect.objectContaining({ code, exit, message: expect.stringContaining(message) }));
  });

  test('keys of other kinds and other uses are passed over: nothing that they sign is verified', () => {
    expect(parseDirectory(listing({ kty: 'RSA', n: 'AQAB', e: 'AQAB' }, { kty: 'EC', crv: 'P-256' }, { ...jwk, use: 'enc' }), HOME).size).toBe(0);
  });

  test('speaks for the address where it lies, and for no other', async () => {
    const [keyid, found] = [jwkThumbprint(one.publicKey), { publicKey: one.publicKey }];
    const source = directoryKeys(parseDirectory(keyDirectory(one.publicKey), HOME), directoryUrl(HOME));
    expect(await source.find(keyid, { label: 'sig1', uri: HOME, type: 'directory' })).toMatchObject(found);
    expect(await source.find(keyid, null)).toMatchObject(found);
    for (const agent of [{ uri: 'https://attacker.example', type: 'directory' }, { uri: `${HOME}/jwks.json`, type: 'jwks_uri' }] as const) {
      expect(await source.find(keyid, { label: 'sig1', ...agent })).toMatchObject({ publicKey: null, because: expect.stringContaining(`names ${locationOf(agent)}`) });
    }
    expect(await source.find(jwkThumbprint(two.publicKey), null)).toMatchObject({ publicKey: null, because: expect.stringContaining('does not list') });
  });

  test('a card holds its keys or names their address, and is about itself', () => {
    const url = `${HOME}/card`;
    expect(readAgentCard(JSON.stringify({ client_id: url, jwks: { keys: [jwk] } }), url)).toMatchObject({ keys: new Map([[jwk.kid, one.publicKey]]) });
    expect(readAgentCard(JSON.stringify({ client_id: url, jwks_uri: `${HOME}/jwks.json` }), url)).toEqual({ jwksUri: `${HOME}/jwks.json` });
    for (const card of [{ client_id: HOME, jwks_uri: url }, { client_id: url }, { client_id: url, jwks: { keys: [] }, jwks_uri: url }, { client_id: url, jwks: 1 }]) {
      expect(() => readAgentCard(JSON.stringify(card), url)).toThrow(expect.objectContaining({ code: 'INPUT_INVALID' }));
    }
  });
});

describe('1.4 the signed response that serves a directory', () => {
  const directory = keyDirectory(one.publicKey, two.publicKey);
  const served = () => signDirectory(directory, { origin: HOME, signers: [one, two], created: NOW, expires: later(7 * 86_400) });
  const prove = async (change: Record<string, string> = {}, { url = directoryUrl(HOME), body = directory, now = NOW } = {}) => provePossession(body, { ...(await served()).headers, ...change }, { url, now });

  test('proves that whoever serves it holds the keys; until when, its sidecar says', async () => {
    const signed = await served();
    expect(signed).toMatchObject({ authority: 'agents.example.com', expires: later(7 * 86_400), headers: { 'content-type': DIRECTORY_TYPE } });
    expect(await prove()).toEqual({ proven: [one, two].map(({ publicKey }) => jwkThumbprint(publicKey)), because: 'signed for by 2 of the 2 keys there' });
    expect(parseSidecar(sidecarText(signed), 'sidecar')).toEqual(signed);
    for (const text of ['{}', JSON.stringify({ ...signed, path: '/' }), JSON.stringify({ ...signed, expires: 'soon' }), JSON.stringify({ ...signed, headers: { a: 1 } })]) {
      expect(() => parseSidecar(text, 'sidecar')).toThrow(expect.objectContaining({ code: 'INPUT_INVALID' }));
    }
  });

  test('http-message-sig verifies both signatures, and none for another authority', async () => {
    const { headers } = await served();
    const fields = Object.entries(headers).map(([name, value]) => ({ name, value }));
    const check = (label: string, key: Uint8Array, origin: string) => verifySignature({ kind: 'response', status: 200, fields, request: { kind: 'request', method: 'GET', targetUri: directoryUrl(origin), fields: [] } }, {
      label,
      policy: { algorithms: ['ed25519'], requiredComponents: [component('@authority', { req: true }), 'content-digest'], requiredParameters: ['created', 'expires', 'keyid', 'tag'] },
      resolveVerifier: () => ({ algorithm: 'ed25519', verify: (data, signature) => verify(null, data, createPublicKey({ key: publicJwk(key), format: 'jwk' }), signature) }),
    });
    expect(await check('binding0', one.publicKey, HOME)).toMatchObject({ label: 'binding0' });
    expect(await check('binding1', two.publicKey, HOME)).toMatchObject({ label: 'binding1' });
    await expect(check('binding0', one.publicKey, 'https://attacker.example')).rejects.toMatchObject({ code: 'VerificationFailed' });
    expect(headers['content-digest']).toBe(`sha-256=:${createHash('sha256').update(directory).digest('base64')}:`);
  });

  test.each<[string, () => Promise<unknown>, string]>([
    ['copied to another authority', () => prove({}, { url: directoryUrl('https://attacker.example') }), 'SIGNATURE_INVALID'],
    ['with another key in the body', () => prove({}, { body: keyDirectory(one.publicKey) }), 'DIGEST_MISMATCH'],
    ['with its signatures exchanged', async () => prove({ signature: (await served()).headers.signature.replace('binding0', 'x').replace('binding1', 'binding0').replace('x', 'binding1') }), 'SIGNATURE_INVALID'],
    ['with a longer life', async () => prove({ 'signature-input': (await served()).headers['signature-input'].replaceAll(/expires=\d+/g, 'expires=9999999999') }), 'SIGNATURE_INVALID'],
    ['without the signature that it announces', () => prove({ signature: '' }), 'SIGNATURE_INVALID'],
  ])('%s it is false', async (_name, work, code) => {
    await expect(work()).rejects.toMatchObject({ code, exit: 4 });
  });

  test.each<[string, () => ReturnType<typeof provePossession>]>([
    ['unsigned', () => prove({ signature: '', 'signature-input': '' })],
    ['after its time', () => prove({}, { now: later(7 * 86_400) })],
    ['before its time', () => prove({}, { now: later(-31) })],
    ['with a signature that does not bind its home', async () => prove({ 'signature-input': (await served()).headers['signature-input'].replaceAll('"@authority";req ', '') })],
    ['with a signature for another purpose', async () => prove({ 'signature-input': (await served()).headers['signature-input'].replaceAll(/tag="[^"]+"/g, 'tag="web-bot-auth"') })],
    ['without a digest', () => prove({ 'content-digest': '' })],
  ])('%s it proves nothing', async (_name, work) => {
    expect(await work()).toEqual({ proven: [], because: 'nobody has signed for the keys there' });
  });
});

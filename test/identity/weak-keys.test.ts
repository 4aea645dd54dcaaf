/** A key for which anybody can sign is refused at every door through which a key enters. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { writeFileSync } from 'node:fs';
import { verifyCertificate } from '../../src/attestation/verify-certificate.js';
import { envelopeText } from '../../src/attestation/dsse.js';
import { assertionKeys } from '../../src/identity/did-document.js';
import { keyOfDid, multikeyOf } from '../../src/identity/did-key.js';
import { acceptKey } from '../../src/identity/ed25519-key.js';
import { verifySignature } from '../../src/identity/ed25519-verify.js';
import { readSshPublicKey, readSshSignature, sshPublicKeyLine, writeSshSignature } from '../../src/identity/sshsig.js';
import { addOperator } from '../../src/engine/operator.js';
import { loadManifest } from '../../src/engine/manifest.js';
import { certificate, NOW } from '../attestation/certified.js';
import { removeTinies, tiny, type Tiny } from '../support/tiny.js';

const hex = (text: string) => Uint8Array.from(Buffer.from(text, 'hex'));
/** The eight points of small order, and second spellings (RFC 8032 §5.1.3: y has to be below p). */
const WEAK: readonly (readonly [string, Uint8Array])[] = [
  ['the identity', hex('0100000000000000000000000000000000000000000000000000000000000000')],
  ['order two', hex('ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f')],
  ['order four', hex('0000000000000000000000000000000000000000000000000000000000000000')],
  ['order four, the other sign', hex('0000000000000000000000000000000000000000000000000000000000000080')],
  ['order eight, 1', hex('26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05')],
  ['order eight, 2', hex('26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85')],
  ['order eight, 3', hex('c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a')],
  ['order eight, 4', hex('c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa')],
  ['a second spelling of the identity', hex('eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f')],
  ['a second spelling of zero', hex('edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f')],
  ['the identity with a sign that it does not have', hex('0100000000000000000000000000000000000000000000000000000000000080')],
];

let one: Tiny;
beforeAll(async () => {
  one = await tiny();
}, 60_000);
afterAll(removeTinies);

const didOf = (key: Uint8Array) => `did:key:${multikeyOf(key)}`;
const documentOf = (key: Uint8Array) => {
  const did = 'did:web:example.com';
  return { id: did, verificationMethod: [{ id: `${did}#1`, type: 'Multikey', controller: did, publicKeyMultibase: multikeyOf(key) }], assertionMethod: [`${did}#1`] };
};

/** Each way in, and the fault in which a weak key ends there. */
const DOORS: readonly (readonly [string, string, (key: Uint8Array) => unknown])[] = [
  ['a raw public key', 'KEY_UNFIT', (key) => acceptKey(key)],
  ['a did:key', 'KEY_UNFIT', (key) => keyOfDid(didOf(key))],
  ['a DID document', 'KEY_UNFIT', (key) => assertionKeys(documentOf(key), 'did:web:example.com')],
  ['a .pub file', 'KEY_UNFIT', (key) => readSshPublicKey(sshPublicKeyLine(key), 'x.pub')],
  ['an SSH signature', 'KEY_UNFIT', (key) => readSshSignature(writeSshSignature({ publicKey: key, namespace: 'agentctl', hash: 'sha512', signature: new Uint8Array(64) }))],
  ['--trust', 'INPUT_INVALID', async (key) => verifyCertificate({ envelope: envelopeText(await certificate()), trust: [didOf(key)], now: NOW, subject: null, allowScripted: false })],
  ['operator add --ssh-key', 'KEY_UNFIT', (key) => {
    writeFileSync(one.path('weak.pub'), sshPublicKeyLine(key));
    return addOperator(one.world, { yes: true }, { id: 'weak', roles: ['product'], sshKey: one.path('weak.pub') });
  }],
  ['an operator in agent.yaml', 'MANIFEST_INVALID', (key) => {
    const other = one.copy();
    other.edit('agent.yaml', (text) => text.replace(/(id: erin.*?)did:key:\w+/, `$1${didOf(key)}`));
    return loadManifest(other.world, other.path('agent.yaml'));
  }],
  ['the organisation in agent.yaml', 'MANIFEST_INVALID', (key) => {
    const other = one.copy();
    other.edit('agent.yaml', (text) => text.replace(/(name: Tiny Cooperative\n +did: )\S+/, `$1${didOf(key)}`));
    return loadManifest(other.world, other.path('agent.yaml'));
  }],
];

describe.each(DOORS)('1.1 %s', (_door, code, enter) => {
  test.each(WEAK)('refuses %s', async (_which, key) => {
    await expect((async () => enter(key))()).rejects.toMatchObject({ code });
  });
});

test('1.1 twin: the keys are weak indeed: some signature of nobody verifies under them without the check', async () => {
  const { createPublicKey, verify } = await import('node:crypto');
  const [, identity] = WEAK[0] ?? [];
  if (!identity) throw new Error('no key');
  // R = identity, S = 0: a signature for any message, which OpenSSL takes for good.
  const forged = Uint8Array.from([...identity, ...new Uint8Array(32)]);
  const key = createPublicKey({ key: Buffer.concat([Buffer.from('302a300506032b6570032100', 'hex'), identity]), format: 'der', type: 'spki' });
  expect(verify(null, Buffer.from('any message'), key, forged)).toBe(true);
  expect(await verifySignature(identity, new TextEncoder().encode('any message'), forged)).toBe(false);
});

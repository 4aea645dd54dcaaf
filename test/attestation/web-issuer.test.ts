/** An organisation known by its address on the web: its did.json, in a file, is the root, and both forms of the certificate verify under it, offline. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from '@jest/globals';
import { files } from '../../src/adapters/files.js';
import { surroundings } from '../../src/adapters/surroundings.js';
import type { CertificatePredicate } from '../../src/attestation/certificate.js';
import { credentialOf } from '../../src/attestation/credential.js';
import { addProof } from '../../src/attestation/data-integrity.js';
import { envelopeText, payloadOf } from '../../src/attestation/dsse.js';
import { statusListOf } from '../../src/attestation/status-list.js';
import { signSuccession } from '../../src/attestation/succession.js';
import { readTrustRoot } from '../../src/attestation/trust-root.js';
import { digestBytes } from '../../src/domain/digest.js';
import type { JsonObject } from '../../src/domain/json.js';
import type { Signer } from '../../src/domain/ports.js';
import { verifyWith } from '../../src/engine/verify-certificate.js';
import { didWebDocument } from '../../src/identity/did-document.js';
import { multikeyOf } from '../../src/identity/did-key.js';
import { signerOf } from '../../src/identity/signer.js';
import { holds, told, type Forgery } from './forgery.js';
import { certificate, NOW, organisation, predicate, stranger } from './certified.js';

const WEB = 'did:web:example.com';
const OTHER = 'did:web:other.example';
const ISSUED = '2026-11-20T00:00:00.000Z';
const EARLIER = '2026-11-10T00:00:00.000Z';
const LIST = 'https://example.com/status/1.json';
const next = await signerOf(new Uint8Array(32).fill(21));

interface Proven {
  readonly issuer?: string;
  readonly by?: Signer;
  readonly method?: string;
}
const proven = async (credential: JsonObject, { by = organisation, method = `${WEB}#key-1` }: Proven = {}) => JSON.stringify(await addProof(credential, by, { created: ISSUED, verificationMethod: method }));
const credential = async (claim: Partial<CertificatePredicate> = {}, how: Proven = {}) => {
  const signer = how.by ?? organisation;
  return proven(credentialOf(await predicate(claim), digestBytes(payloadOf(await certificate(claim, signer))), how.issuer ?? WEB), how);
};
const envelope = async (claim: Partial<CertificatePredicate> = {}, signer: Signer = organisation) => envelopeText(await certificate(claim, signer));
const genuine = await credential();

/** A did.json as its owner publishes it: what is changed of the first key, and what of the rest. */
const document = (did = WEB, signer = organisation, { key = {}, ...rest }: { readonly key?: JsonObject } & JsonObject = {}): JsonObject => {
  const whole = didWebDocument(did, signer.publicKey);
  return { ...whole, verificationMethod: [{ ...((whole['verificationMethod'] as JsonObject[])[0] ?? {}), ...key }], ...rest };
};
const root = (json: JsonObject) => ({ trust: [readTrustRoot(JSON.stringify(json), 'did.json')] });
const second = (did: string, signer: Signer): JsonObject => ({ id: `${did}#key-2`, type: 'Multikey', controller: did, publicKeyMultibase: multikeyOf(signer.publicKey) });
const former = (end: JsonObject) => document(WEB, organisation, { verificationMethod: [{ ...second(WEB, organisation), id: `${WEB}#key-1`, ...end }, second(WEB, next)], assertionMethod: [`${WEB}#key-2`], authentication: [] });
const handedOver = (at: string) => signSuccession({ identity: organisation.did, from: organisation.did, to: next.did, at }, organisation, next);

describe('9.3 11.4 a certificate of a did:web, with its did.json as the root', () => {
  test('the credential: exit 0 in every link, and it is said under which name it was signed', async () => {
    const { exit, links } = await told(genuine, root(document()));
    expect([exit, links.filter(({ is }) => is === 'no')]).toEqual([0, []]);
    expect(links.find(({ link }) => link === 'signer')?.because).toContain(WEB);
    expect((await told(await envelope(), root(document()))).exit).toBe(0);
  });

  test.each<[string, string | Promise<string>, JsonObject]>([
    ['signed by its second key', credential({ keys: [] }, { method: `${WEB}#key-2` }), document(WEB, next, { verificationMethod: [second(WEB, organisation)], assertionMethod: [`${WEB}#key-2`], authentication: [] })],
    ['its key under a relative id', genuine, document(WEB, organisation, { key: { id: '#key-1' }, assertionMethod: ['#key-1'] })],
    ['its key stated in assertionMethod itself', genuine, document(WEB, organisation, { verificationMethod: [], assertionMethod: [{ ...second(WEB, organisation), id: `${WEB}#key-1` }], authentication: [] })],
    ['a key that ran out after it had signed', genuine, former({ expires: '2026-11-21T00:00:00.000Z' })],
    ['a later key, handed over to before', handedOver(EARLIER).then((one) => credential({ keys: [one] }, { by: next, method: `${WEB}#key-2` })), former({ expires: EARLIER })],
  ])('fine: %s', async (_what, text, json) => {
    expect((await told(await text, root(json))).exit).toBe(0);
  });

  const forgeries: readonly Forgery[] = [
    ['no root', genuine, 3, 'signer', 'not at hand', { trust: null }],
    ['a did:key as root does not say which keys the did:web has', genuine, 3, 'signer', `agentctl identity resolve ${WEB}`],
    ['the did.json of another organisation', genuine, 3, 'signer', 'not at hand', root(document(OTHER, stranger))],
    ['the did.json of another organisation that states the same key', genuine, 3, 'signer', 'not at hand', root(document(OTHER))],
    ['the key replaced in did.json, its name kept', genuine, 4, 'signer', 'not a signature', root(document(WEB, next))],
    ['the key removed from did.json', genuine, 4, 'signer', 'does not let', root(document(WEB, next, { verificationMethod: [second(WEB, next)], assertionMethod: [`${WEB}#key-2`], authentication: [] }))],
    ['the key listed for authentication only', genuine, 4, 'signer', 'does not let', root(document(WEB, organisation, { verificationMethod: [{ ...second(WEB, organisation), id: `${WEB}#key-1` }, second(WEB, next)], assertionMethod: [`${WEB}#key-2`] }))],
    ['the key revoked in did.json, later than it signed', genuine, 1, 'authority', 'compromised', root(former({ revoked: NOW }))],
    ['the key revoked, but still listed', genuine, 1, 'authority', 'compromised', root(document(WEB, organisation, { key: { revoked: NOW } }))],
    ['the key ran out before it signed', genuine, 4, 'authority', 'no longer spoke', root(former({ expires: EARLIER }))],
    ['the key is valid later only', handedOver('2026-11-21T00:00:00.000Z').then((one) => credential({ keys: [one] }, { by: next, method: `${WEB}#key-2` })), 4, 'authority', 'did not speak yet', root(former({ expires: '2026-11-21T00:00:00.000Z' }))],
    ['a key of the document that is none of the organisation in the certificate', credential({}, { by: stranger, method: `${WEB}#key-1` }), 4, 'signer', `it names ${organisation.did}`, root(document(WEB, stranger))],
    ['in the name of the organisation, by another did:web that is trusted as well', credential({}, { issuer: OTHER, by: stranger, method: `${OTHER}#key-1` }), 4, 'signer', `it names ${organisation.did}`, { trust: [...root(document()).trust, ...root(document(OTHER, stranger)).trust] }],
    ['a method with the fragment of another DID', credential({}, { by: stranger, method: `${OTHER}#key-1` }), 4, 'signer', 'does not let', { trust: [...root(document()).trust, ...root(document(OTHER, stranger)).trust] }],
    ['a method without the DID before its fragment', credential({}, { method: '#key-1' }), 4, 'signer', 'does not let', root(document())],
    ['the did:key of the very key as method', credential({}, { method: `${organisation.did}#${organisation.did.slice(8)}` }), 4, 'signer', 'does not let', root(document())],
    ['a did:web that only looks alike', credential({}, { issuer: 'did:web:ex\u0430mple.com', method: 'did:web:ex\u0430mple.com#key-1' }), 3, 'signer', 'not at hand', root(document())],
    ['an issuer spelled in capitals', credential({}, { issuer: 'did:web:EXAMPLE.com', method: `${WEB}#key-1` }), 3, 'signer', 'not at hand', root(document())],
    ['the envelope: the did.json of another organisation', envelope(), 3, 'authority', 'not among the roots', root(document(OTHER, stranger))],
    ['the envelope: the key removed from did.json', envelope(), 3, 'authority', 'not among the roots', root(document(WEB, next))],
    ['the envelope: the key revoked in did.json', envelope(), 1, 'authority', 'compromised', root(former({ revoked: NOW }))],
    ['the envelope: the key ran out before it signed', envelope(), 4, 'authority', 'no longer spoke', root(former({ expires: EARLIER }))],
    ['the envelope: the key is valid later only', handedOver('2026-11-21T00:00:00.000Z').then((one) => envelope({ keys: [one] }, next)), 4, 'authority', 'did not speak yet', root(former({ expires: '2026-11-21T00:00:00.000Z' }))],
  ];
  test.each(forgeries)('%s', async (...forgery) => holds(forgery));

  test('two documents of one DID that name two keys alike: whichever signed is found', async () => {
    for (const trust of [[document(), document(WEB, next)], [document(WEB, next), document()]]) {
      expect((await told(genuine, { trust: trust.map((json) => readTrustRoot(JSON.stringify(json), 'did.json')) })).exit).toBe(0);
    }
  });
});

const listed = await envelope({ status: { list: LIST, index: 7 } });

describe('9.4 a status list that a did:web signed', () => {
  const list = (revoked: readonly number[], { issuer = WEB, validFrom = ISSUED, ...how }: Proven & { readonly validFrom?: string } = {}) => proven(statusListOf({ url: LIST, issuer: { id: issuer, name: 'Example Mail' }, validFrom, validUntil: '2026-12-05T00:00:00.000Z', revoked }), how);
  test.each<[string, Promise<string>, number, JsonObject | readonly JsonObject[]]>([
    ['in force', list([3]), 0, document()],
    ['revoked', list([7]), 1, document()],
    ['of an issuer who is not trusted', list([7], { issuer: OTHER, by: stranger, method: `${OTHER}#key-1` }), 3, document()],
    ['of another did:web that is trusted as well', list([], { issuer: OTHER, by: stranger, method: `${OTHER}#key-1` }), 4, [document(), document(OTHER, stranger)]],
    ['by a key that the document does not state', list([], { by: stranger }), 4, document()],
    ['by a key that ran out before, though after it signed the certificate', list([], { validFrom: NOW }), 4, former({ expires: '2026-11-21T00:00:00.000Z' })],
  ])('%s', async (_what, status, exit, documents) => {
    const trust = [documents].flat().map((json) => readTrustRoot(JSON.stringify(json), 'did.json'));
    expect(await told(listed, { trust, status: await status })).toMatchObject(exit === 0 ? { exit } : { exit, link: 'revocation' });
  });
});

describe('9.3 agentctl verify --certificate certificate.vc.json --trust did.json', () => {
  const folder = mkdtempSync(join(tmpdir(), 'agentctl-web-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  const world = { files: files(), surroundings: { ...surroundings(), cwd: folder }, clock: { now: () => NOW, monotonic: () => 0, sleep: () => Promise.resolve() } };
  const readers = { subject: () => Promise.reject(new Error('nothing is recomputed')), policy: () => Promise.reject(new Error('there is no policy')) };

  test('yes in all but the checkout, which was not given', async () => {
    writeFileSync(join(folder, 'certificate.vc.json'), genuine);
    writeFileSync(join(folder, 'certificate.dsse.json'), await envelope());
    writeFileSync(join(folder, 'did.json'), JSON.stringify(document()));
    for (const certificate of ['certificate.vc.json', 'certificate.dsse.json']) {
      const { exit, data } = await verifyWith(world, { certificate, trust: ['did.json'] }, readers);
      expect([certificate, exit, data.links.filter((one) => one.exit !== 0).map((one) => one.link)]).toEqual([certificate, 3, ['subject']]);
    }
  });
});

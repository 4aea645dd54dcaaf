/** Credentials: what their verifiers say of ours, what ours says of theirs, and of whatever somebody forged. */
import { describe, expect, test } from '@jest/globals';
import { canonical } from '../../src/domain/canonical.js';
import { digestBytes, digestJson } from '../../src/domain/digest.js';
import type { Json, JsonObject } from '../../src/domain/json.js';
import { payloadOf } from '../../src/attestation/dsse.js';
import { certificateOf, credentialOf, didKeyAssertions, differsFrom, openCredential, signCredential } from '../../src/attestation/credential.js';
import { addProof, verifyProof } from '../../src/attestation/data-integrity.js';
import { didKeyOf } from '../../src/identity/did-key.js';
import { signerOf } from '../../src/identity/signer.js';
import { agent, certificate, NOW, organisation, predicate, stranger } from './certified.js';
import { askDigitalBazaar, type TheirVerdict } from './digital-bazaar.js';

const quorum = { count: 1, roles: ['operations'], each: true } as const;
const claim = await predicate({ quorum });
const digest = digestBytes(payloadOf(await certificate({ quorum })));
const unsigned = credentialOf(claim, digest, organisation.did);
const method = `${organisation.did}#${organisation.did.slice('did:key:'.length)}`;
const text = await signCredential(unsigned, organisation, NOW);
const genuine = JSON.parse(text) as JsonObject & { proof: JsonObject };
const check = { now: NOW };

/** A credential with changes before the signature, by any key and method. */
async function signed(changes: JsonObject, { by = organisation, verificationMethod = method, created = NOW, expires }: { by?: typeof organisation; verificationMethod?: string; created?: string; expires?: string } = {}): Promise<string> {
  return JSON.stringify(await addProof({ ...unsigned, ...changes }, by, { created, verificationMethod, ...(expires === undefined ? {} : { expires }) }));
}
const changed = (changes: Record<string, Json>) => JSON.stringify({ ...genuine, ...changes });
const proof = (changes: Record<string, Json>) => JSON.stringify({ ...genuine, proof: { ...genuine.proof, ...changes } });
const without = (name: string) => JSON.stringify({ ...genuine, proof: Object.fromEntries(Object.entries(genuine.proof).filter(([key]) => key !== name)) });
const methodOf = (did: string) => `${did}#${did.slice('did:key:'.length)}`;

describe('9.2 9.3 a credential of ours', () => {
  test('says the same as the certificate, and leads back to it', async () => {
    const opened = await openCredential(text, check);
    expect(opened).toMatchObject({ issuer: organisation.did, types: ['VerifiableCredential', 'AgentCertification'], status: undefined });
    expect(opened.subject).toMatchObject({ id: agent.did, stakes: 'standard', build: digestJson(claim.build), quorum });
    expect(certificateOf(opened)).toBe(digest);
    expect(differsFrom(opened, claim, digest)).toBeUndefined();
    expect(differsFrom(opened, { ...claim, composite: '0.999' }, digest)).toBe('credentialSubject');
    expect(differsFrom(opened, { ...claim, validUntil: NOW }, digest)).toBe('validUntil');
    expect(differsFrom(opened, claim, digestBytes('another'))).toBe('evidence');
  });

  test('every id in it is an address, every member of the evidence has a type, no number has a fraction', () => {
    const ids: unknown[] = [];
    const walk = (value: unknown, inside = ''): void => {
      if (inside === 'envelope' || typeof value !== 'object' || value === null) return void expect(typeof value === 'number' && !Number.isSafeInteger(value)).toBe(false);
      for (const [key, member] of Object.entries(value)) {
        if (key === 'id') ids.push(member);
        walk(member, key);
      }
    };
    walk(unsigned);
    expect(ids).toEqual([organisation.did, agent.did]);
    expect((unsigned['evidence'] as readonly JsonObject[]).map((one) => one['type'])).toEqual(['InTotoStatement', 'HumanSignOff', 'AgentOwnership', 'LogCheckpoint']);
  });

  test('verifies whatever the order of its members: they have one canonical form', async () => {
    const reversed = (value: Json): Json => (Array.isArray(value) ? value.map(reversed) : typeof value === 'object' && value !== null ? Object.fromEntries(Object.entries(value).reverse().map(([key, member]) => [key, reversed(member)])) : value);
    const other = JSON.stringify(reversed(genuine), null, 2);
    expect(other).not.toBe(text);
    expect((await openCredential(other, check)).issuer).toBe(organisation.did);
  });

  test('a context appended later is not part of what was signed, and is not handed on', async () => {
    const longer = changed({ '@context': [...(genuine['@context'] as string[]), 'https://attacker.example/context'] });
    expect((await openCredential(longer, check)).signed['@context']).toEqual(unsigned['@context']);
  });

  test('the issuer may be known by a document instead of a did:key', async () => {
    const web = 'did:web:example.com';
    const one = await signed({ issuer: web }, { verificationMethod: `${web}#key-1` });
    const assertionsOf = (did: string) => (did === web ? [{ id: `${web}#key-1`, publicKey: organisation.publicKey }] : undefined);
    expect((await openCredential(one, { now: NOW, assertionsOf })).issuer).toBe(web);
    await expect(openCredential(one, check)).rejects.toMatchObject({ code: 'EVIDENCE_MISSING', exit: 3 });
    await expect(openCredential(one, { now: NOW, assertionsOf: () => [] })).rejects.toMatchObject({ code: 'KEY_UNFIT', exit: 4 });
  });
});

describe('9.3 with Digital Bazaar\'s verifier', () => {
  test('theirs verifies ours and refuses it changed; ours verifies theirs and refuses it changed', async () => {
    const seed = [...new Uint8Array(32).fill(9)];
    const theirs = { '@context': ['https://www.w3.org/ns/credentials/v2'], type: ['VerifiableCredential'], validFrom: '2026-01-01T00:00:00Z', credentialSubject: { id: agent.did, name: 'žluťoučký kůň' } };
    const [good, edited, late, foreign, issued] = (await askDigitalBazaar([
      { do: 'verify', credential: genuine, now: NOW },
      { do: 'verify', credential: { ...genuine, validUntil: '2036-01-01T00:00:00.000Z' }, now: NOW },
      { do: 'verify', credential: genuine, now: '2027-03-01T00:00:00Z' },
      { do: 'verify', credential: JSON.parse(await signed({}, { by: stranger, verificationMethod: methodOf(stranger.did) })) as JsonObject, now: NOW },
      { do: 'sign', credential: theirs, seed, date: NOW },
    ])) as [TheirVerdict, TheirVerdict, TheirVerdict, TheirVerdict, JsonObject];
    expect(good).toEqual({ verified: true, status: null, error: null });
    expect([edited.verified, late.verified, foreign.verified]).toEqual([false, false, false]);
    const { did } = await signerOf(Uint8Array.from(seed));
    expect(await openCredential(JSON.stringify(issued), check)).toMatchObject({ issuer: did, subject: { name: 'žluťoučký kůň' } });
    await expect(openCredential(JSON.stringify({ ...issued, validFrom: '2025-01-01T00:00:00Z' }), check)).rejects.toMatchObject({ code: 'SIGNATURE_INVALID' });
    // The same bytes, so that the two implementations are one.
    const { proof: made, ...bare } = issued as JsonObject & { proof: { created: string; verificationMethod: string } };
    expect(canonical(await addProof(bare, await signerOf(Uint8Array.from(seed)), { created: made.created, verificationMethod: made.verificationMethod }))).toBe(canonical(issued));
  }, 30_000);
});

describe('9.3 forged credentials', () => {
  const attacker = methodOf(stranger.did);
  const forgeries: readonly (readonly [string, string | Promise<string>, string, number, string])[] = [
    ['a changed word', text.replace('"standard"', '"low"'), 'SIGNATURE_INVALID', 4, 'not a signature'],
    ['a changed figure', text.replace('"0.931"', '"0.999"'), 'SIGNATURE_INVALID', 4, 'not a signature'],
    ['a later end', changed({ validUntil: '2036-01-01T00:00:00.000Z' }), 'SIGNATURE_INVALID', 4, 'not a signature'],
    ['another subject', text.replace(`"id":"${agent.did}"`, `"id":"${stranger.did}"`), 'SIGNATURE_INVALID', 4, 'not a signature'],
    ['another name of the issuer', changed({ issuer: { id: organisation.did, name: 'Somebody Else' } }), 'SIGNATURE_INVALID', 4, 'not a signature'],
    ['another issuer, the proof left as it was', changed({ issuer: { id: stranger.did, name: 'Example Mail' } }), 'KEY_UNFIT', 4, 'does not let make statements'],
    ['signed by a stranger in the name of the issuer', signed({}, { by: stranger }), 'SIGNATURE_INVALID', 4, 'not a signature'],
    ['signed by a stranger, whose key the proof names', signed({}, { by: stranger, verificationMethod: attacker }), 'KEY_UNFIT', 4, 'does not let make statements'],
    ['the method pointing at the attacker', proof({ verificationMethod: attacker }), 'KEY_UNFIT', 4, 'does not let make statements'],
    ['the method as a bare DID', proof({ verificationMethod: organisation.did }), 'KEY_UNFIT', 4, 'does not let make statements'],
    ['a method that is no text', proof({ verificationMethod: { id: method, publicKeyMultibase: 'z6Mk' } }), 'KEY_UNFIT', 4, 'does not let make statements'],
    ['no proof', JSON.stringify(unsigned), 'INPUT_INVALID', 2, 'no proof'],
    ['two proofs', changed({ proof: [genuine.proof, genuine.proof] }), 'INPUT_INVALID', 2, '2 proofs'],
    ['a proof without type', without('type'), 'INPUT_INVALID', 2, 'unsupported cryptosuite'],
    ['a proof without cryptosuite', without('cryptosuite'), 'INPUT_INVALID', 2, 'unsupported cryptosuite'],
    ['a proof without purpose', without('proofPurpose'), 'INPUT_INVALID', 2, 'not for statements'],
    ['a proof without method', without('verificationMethod'), 'KEY_UNFIT', 4, 'does not let make statements'],
    ['a proof without time', without('created'), 'SIGNATURE_INVALID', 4, 'not a signature'],
    ['a proof without context', without('@context'), 'SIGNATURE_INVALID', 4, 'not a signature'],
    ['a proof without value', without('proofValue'), 'INPUT_INVALID', 2, 'proofValue'],
    ['an empty value', proof({ proofValue: 'z' }), 'SIGNATURE_INVALID', 4, 'not a signature'],
    ['a value in another base', proof({ proofValue: `u${'A'.repeat(86)}` }), 'INPUT_INVALID', 2, 'proofValue'],
    ['a value that is no base58', proof({ proofValue: 'z0OIl' }), 'INPUT_INVALID', 2, 'base58'],
    ['another cryptosuite', proof({ cryptosuite: 'eddsa-rdfc-2022' }), 'INPUT_INVALID', 2, 'unsupported cryptosuite'],
    ['a cryptosuite of another curve', proof({ cryptosuite: 'ecdsa-jcs-2019' }), 'INPUT_INVALID', 2, 'unsupported cryptosuite'],
    ['a proof of an older kind', proof({ type: 'Ed25519Signature2020' }), 'INPUT_INVALID', 2, 'unsupported cryptosuite'],
    ['another purpose', proof({ proofPurpose: 'authentication' }), 'INPUT_INVALID', 2, 'authentication'],
    ['a proof that follows another', proof({ previousProof: 'urn:uuid:1' }), 'INPUT_INVALID', 2, 'previousProof'],
    ['a proof for somebody in particular', proof({ challenge: 'x' }), 'INPUT_INVALID', 2, 'challenge'],
    ['another order of contexts', changed({ '@context': [...(unsigned['@context'] as string[])].reverse() }), 'INPUT_INVALID', 2, 'contexts'],
    ['an inline context', changed({ '@context': [...(unsigned['@context'] as string[]), { '@vocab': 'https://attacker.example/#' }] }), 'INPUT_INVALID', 2, 'addresses'],
    ['a duplicated key', text.replace('"validUntil":', '"validUntil":"2036-01-01T00:00:00.000Z","validUntil":'), 'INPUT_INVALID', 2, 'duplicate key'],
    ['a duplicated key in another spelling', text.replace('"validUntil":', '"valid\\u0055ntil":"2036-01-01T00:00:00.000Z","validUntil":'), 'INPUT_INVALID', 2, 'duplicate key'],
    ['a key that looks alike', text.replace('"issuer":', '"іssuer":'), 'INPUT_INVALID', 2, 'issuer'],
    ['a value that looks alike', text.replace('"Example Mail"', '"Ехample Mail"'), 'SIGNATURE_INVALID', 4, 'not a signature'],
    ['a letter composed otherwise', signed({ description: 'é' }).then((one) => one.replace('é', 'e\u0301')), 'SIGNATURE_INVALID', 4, 'not a signature'],
    ['an unknown member added', changed({ note: 'x' }), 'SIGNATURE_INVALID', 4, 'not a signature'],
    ['a number that a reader would round', text.replace('"n":2100', '"n":2.1e20'), 'INPUT_INVALID', 2, 'beyond'],
    ['truncated', text.slice(0, -40), 'INPUT_INVALID', 2, ''],
    ['something else', '[]', 'INPUT_INVALID', 2, 'must be a JSON object'],
    ['made in the future', signed({}, { created: '2026-11-22T12:05:01.000Z' }), 'EVIDENCE_MISSING', 3, 'in the future'],
    ['a time without zone', signed({}, { created: '2026-11-22T12:00:00' }), 'INPUT_INVALID', 2, 'created'],
    ['a proof that expired', signed({}, { expires: '2026-11-22T11:54:59.000Z' }), 'EVIDENCE_MISSING', 3, 'expired'],
    ['a credential that expired to the millisecond', signed({ validUntil: NOW }), 'EVIDENCE_MISSING', 3, 'expired on'],
    ['a credential of next year', signed({ validFrom: '2027-01-01T00:00:00Z' }), 'EVIDENCE_MISSING', 3, 'not valid before'],
    ['an end that is none', signed({ validUntil: 'never' }), 'INPUT_INVALID', 2, 'validUntil'],
    ['another type', signed({ type: ['VerifiablePresentation'] }), 'INPUT_INVALID', 2, 'type'],
    ['another vocabulary', signed({ '@context': ['https://www.w3.org/2018/credentials/v1'] }), 'INPUT_INVALID', 2, 'first context'],
    ['several subjects', signed({ credentialSubject: [{ id: agent.did }, { id: stranger.did }] }), 'INPUT_INVALID', 2, 'single subject'],
    ['an issuer that is no DID', signed({ issuer: 'https://example.com' }), 'INPUT_INVALID', 2, 'not a DID'],
    ['an issuer with a weak key', signed({ issuer: didKeyOf(Uint8Array.from([1, ...new Uint8Array(31)])) }), 'KEY_UNFIT', 4, 'small order'],
    ['a status of a kind that cannot be looked up', signed({ credentialStatus: { type: 'OtherStatus', id: 'https://example.com/1' } }), 'INPUT_INVALID', 2, 'status'],
    ['a status at an address that anybody on the way may answer', signed({ credentialStatus: { type: 'BitstringStatusListEntry', statusPurpose: 'revocation', statusListIndex: '1', statusListCredential: 'http://example.com/1' } }), 'INPUT_INVALID', 2, 'status'],
  ];
  test.each(forgeries)('%s', async (_name, forged, code, exit, because) => {
    const fault = await openCredential(await forged, check).then(() => undefined, (cause: unknown) => cause as { code: string; exit: number; message: string });
    expect(fault).toMatchObject({ code, exit });
    expect(fault?.message).toContain(because);
  });

  test('what is genuine passes the same way: the table proves nothing otherwise', async () => {
    for (const fine of [text, await signed({}), await signed({}, { created: '2026-11-22T12:04:59.000Z' }), await signed({}, { expires: '2026-11-22T11:55:01.000Z' })]) {
      expect((await openCredential(fine, check)).issuer).toBe(organisation.did);
    }
  });

  test('an inline context is not signed, and nothing is signed twice', async () => {
    const terms = { created: NOW, verificationMethod: method };
    await expect(addProof({ '@context': [{ a: 'b' }] }, organisation, terms)).rejects.toMatchObject({ code: 'INPUT_INVALID' });
    await expect(addProof(genuine, organisation, terms)).rejects.toMatchObject({ code: 'INPUT_INVALID' });
    const bare = await addProof({ hello: 'world' }, organisation, terms);
    expect(await verifyProof(bare, { keys: didKeyAssertions(organisation.did), now: NOW })).toEqual({ hello: 'world' });
  });
});

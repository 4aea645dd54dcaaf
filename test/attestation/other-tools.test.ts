/** The same artifacts read by other people's packages. */
import { createPublicKey } from 'node:crypto';
import { AgentCard, verifyAgentCardSignature } from '@a2a-js/sdk';
import { bundleFromJSON } from '@sigstore/bundle';
import { dsse } from '@sigstore/core';
import { toSignedEntity, toTrustMaterial, Verifier } from '@sigstore/verify';
import { flattenedVerify, importJWK } from 'jose';
import { describe, expect, jest, test } from '@jest/globals';
import { canonical } from '../../src/domain/canonical.js';
import { digestJson } from '../../src/domain/digest.js';
import type { JsonObject } from '../../src/domain/json.js';
import { buildAgentCard, signAgentCard, verifyAgentCard, type AgentCardFacts } from '../../src/attestation/agent-card.js';
import { preAuthEncoding } from '../../src/attestation/dsse.js';
import { pemOf, sigstoreBundle, spkiOf } from '../../src/attestation/sigstore-bundle.js';
import { jwkThumbprint, publicJwk } from '../../src/identity/http-signature.js';
import { agent, BUILD, certificate, organisation, stranger } from './certified.js';

const kid = jwkThumbprint(agent.publicKey);
const facts: AgentCardFacts = {
  name: 'mail-triage',
  description: 'Sorts mail and asks a human when in doubt.',
  version: '1.0.0',
  interfaces: [{ url: 'https://agents.example.com/mail-triage', protocolBinding: 'JSONRPC', protocolVersion: '1.0' }],
  provider: { organization: 'Example Mail', url: 'https://example.com' },
  skills: [{ id: 'triage', name: 'Triage', description: 'Deliver, quarantine or ask.', tags: ['mail'] }],
  certification: { status: 'certified', did: agent.did, issuer: organisation.did, build: digestJson(BUILD), validUntil: '2027-02-18T00:00:00.000Z', certificateUrl: 'https://agents.example.com/certificate.dsse.json' },
};
const card = await signAgentCard(buildAgentCard(facts), agent, { kid, jku: 'https://agents.example.com/.well-known/jwks.json' });
const keys = [{ kid, publicKey: agent.publicKey }];
const jwk = await importJWK(publicJwk(agent.publicKey), 'EdDSA');
const withVersion = (version: string): JsonObject => ({ ...card, version });

describe('9.3 the certificate as a Sigstore bundle', () => {
  const verify = (bundle: JsonObject, key: Uint8Array) => {
    const keys = { [organisation.did]: { rawBytes: Buffer.from(spkiOf(key)) } };
    const trust = toTrustMaterial({ mediaType: '', tlogs: [], certificateAuthorities: [], ctlogs: [], timestampAuthorities: [] }, keys as never);
    return new Verifier(trust, { tlogThreshold: 0, ctlogThreshold: 0, timestampThreshold: 0 } as never).verify(toSignedEntity(bundleFromJSON(bundle)));
  };

  test('verifies offline with @sigstore/verify, and not under another key or with another payload', async () => {
    const envelope = await certificate();
    const bundle = sigstoreBundle(envelope, organisation.did);
    expect(() => verify(bundle, organisation.publicKey)).not.toThrow();
    expect(() => verify(bundle, stranger.publicKey)).toThrow();
    const edited = { ...envelope, payload: Buffer.from(Buffer.from(envelope.payload, 'base64').toString('utf8').replace('0.931', '0.999')).toString('base64') };
    expect(() => verify(sigstoreBundle(edited, organisation.did), organisation.publicKey)).toThrow();
  });

  test.each([['application/vnd.in-toto+json', '{}'], ['text/ü', 'žluťoučký'], ['', '']])('pre-authentication encoding of %j equals @sigstore/core', (type, body) => {
    const ours = Buffer.from(preAuthEncoding(type, new TextEncoder().encode(body))).toString('hex');
    // The package counts characters of the type; ours counts bytes as the specification says, so only ASCII types compare.
    if (/^[\x00-\x7f]*$/.test(type)) expect(ours).toBe(dsse.preAuthEncoding(type, Buffer.from(body)).toString('hex'));
    else expect(ours.startsWith(Buffer.from('DSSEv1 7 ').toString('hex'))).toBe(true);
  });

  test('the key as PEM is read by node', () => {
    expect(createPublicKey(pemOf(organisation.publicKey)).export({ format: 'jwk' })).toEqual(publicJwk(organisation.publicKey));
  });
});

describe('11.3 the agent card', () => {

  test('verifies with jose and with the A2A SDK', async () => {
    const { signatures, ...bare } = card as unknown as { signatures: readonly [{ protected: string; signature: string }] };
    const payload = Buffer.from(canonical(bare as JsonObject)).toString('base64url');
    const { protectedHeader } = await flattenedVerify({ ...signatures[0], payload }, jwk);
    expect(protectedHeader).toMatchObject({ alg: 'EdDSA', kid, typ: 'JOSE' });
    await verifyAgentCardSignature(() => Promise.resolve(jwk))(card as unknown as AgentCard);
    // The SDK tells each failed attempt to the console.
    const told = jest.spyOn(console, 'debug').mockImplementation(() => undefined);
    await expect(verifyAgentCardSignature(() => Promise.resolve(jwk))(withVersion('9.9.9') as unknown as AgentCard)).rejects.toThrow('No valid signatures');
    told.mockRestore();
  });

  test('verifies with ours, as it is and after another implementation filled in empty values', async () => {
    expect(await verifyAgentCard(card, keys)).toMatchObject({ ok: true, kid, form: 'raw' });
    expect(await verifyAgentCard({ ...card, securitySchemes: {}, iconUrl: '' }, keys)).toMatchObject({ ok: true, kid, form: 'stripped' });
  });

  test.each([
    ['an edited card', withVersion('9.9.9')],
    ['an unsigned card', buildAgentCard(facts)],
    ['a card without algorithm', { ...card, signatures: [{ protected: Buffer.from('{"alg":"none","kid":"x"}').toString('base64url'), signature: '' }] }],
    ['a card with a critical extension', { ...card, signatures: [{ protected: Buffer.from('{"alg":"EdDSA","kid":"x","crit":["b64"],"b64":false}').toString('base64url'), signature: 'AAAA' }] }],
    ['a card with garbage', { ...card, signatures: [{ protected: '%%%', signature: '%%%' }] }],
  ])('%s does not verify', async (_name, forged) => {
    expect(await verifyAgentCard(forged, keys)).toMatchObject({ ok: false });
  });

  test('another key does not verify, an additional signature does no harm', async () => {
    expect(await verifyAgentCard(card, [{ kid, publicKey: stranger.publicKey }])).toMatchObject({ ok: false });
    const both = await signAgentCard(card, stranger, { kid: 'second' });
    expect(await verifyAgentCard(both, keys)).toMatchObject({ ok: true, kid });
  });

  test('nothing empty gets onto a card', () => {
    expect(() => buildAgentCard({ ...facts, skills: [] })).toThrow(expect.objectContaining({ code: 'INPUT_INVALID', at: '/skills' }));
    expect(() => buildAgentCard({ ...facts, description: '' })).toThrow(expect.objectContaining({ at: '/description' }));
  });
});

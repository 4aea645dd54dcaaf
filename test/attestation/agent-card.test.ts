/** Agent cards and two independent implementations of their signatures, each way: theirs reads ours, ours reads theirs. */
import { generateAgentCardSignature, verifyAgentCardSignature, type AgentCard } from '@a2a-js/sdk';
import { describe, expect, jest, test } from '@jest/globals';
import { FlattenedSign, flattenedVerify, importJWK } from 'jose';
import { buildAgentCard, signAgentCard, verifyAgentCard } from '../../src/attestation/agent-card.js';
import { canonical } from '../../src/domain/canonical.js';
import { digestJson } from '../../src/domain/digest.js';
import type { JsonObject } from '../../src/domain/json.js';
import { toBase64Url } from '../../src/identity/base-encoding.js';
import { publicJwk } from '../../src/identity/http-signature.js';
import { agent, BUILD, organisation, stranger } from './certified.js';

const SEED = new Uint8Array(32).fill(1);
const privateJwk = { ...publicJwk(organisation.publicKey), d: toBase64Url(SEED) };
const bare = buildAgentCard({
  name: 'mail-triage', description: 'Sorts mail and asks a human when in doubt.', version: '1.0.0',
  interfaces: [{ url: 'https://agents.example.com/mail-triage', protocolBinding: 'JSONRPC', protocolVersion: '1.0' }],
  provider: { organization: 'Example Mail', url: 'https://example.com' },
  skills: [{ id: 'triage', name: 'Triage', description: 'Deliver, quarantine or ask.', tags: ['mail'] }],
  certification: { status: 'certified', did: agent.did, issuer: organisation.did, build: digestJson(BUILD), validUntil: '2027-02-18T00:00:00.000Z' },
});
const keys = [{ kid: organisation.did, publicKey: organisation.publicKey }];
const header = { alg: 'EdDSA', kid: organisation.did, typ: 'JOSE' };
type Signed = JsonObject & { readonly signatures: readonly { readonly protected: string; readonly signature: string }[] };

async function joseSigned(card: JsonObject, protectedHeader: { alg: string; kid: string; typ: string }): Promise<JsonObject> {
  const key = await importJWK(privateJwk, protectedHeader.alg);
  const { protected: text = '', signature } = await new FlattenedSign(new TextEncoder().encode(canonical(card))).setProtectedHeader(protectedHeader).sign(key);
  return { ...card, signatures: [{ protected: text, signature }] };
}

describe('11.3 jose', () => {
  test.each(['EdDSA', 'Ed25519'])('what it signs with our key (%s) verifies with ours, and under no other', async (alg) => {
    const card = await joseSigned(bare, { ...header, alg });
    expect(await verifyAgentCard(card, keys)).toMatchObject({ ok: true, form: 'raw', card: bare });
    expect(await verifyAgentCard(card, [{ kid: organisation.did, publicKey: stranger.publicKey }])).toMatchObject({ ok: false });
    expect(await verifyAgentCard({ ...card, version: '9.9.9' }, keys)).toMatchObject({ ok: false });
  });

  test('both sign the same bytes: Ed25519 leaves no choice', async () => {
    expect(await joseSigned(bare, header)).toEqual(await signAgentCard(bare, organisation, { kid: organisation.did }));
  });

  test('it verifies each of two signatures that ours put on a card', async () => {
    const both = (await signAgentCard(await signAgentCard(bare, organisation, { kid: organisation.did }), stranger, { kid: stranger.did })) as Signed;
    const payload = toBase64Url(new TextEncoder().encode(canonical(bare)));
    for (const [index, key] of [organisation, stranger].entries()) {
      const signature = both.signatures[index];
      if (!signature) throw new Error('no signature');
      const { protectedHeader } = await flattenedVerify({ ...signature, payload }, await importJWK(publicJwk(key.publicKey), 'EdDSA'));
      expect(protectedHeader).toMatchObject({ kid: key.did });
    }
  });
});

describe('11.3 the A2A SDK', () => {
  test('what it signs verifies with ours, and what ours signs with it', async () => {
    const sign = generateAgentCardSignature({ ...privateJwk, alg: 'EdDSA' }, { ...header });
    const theirs = JSON.parse(JSON.stringify(await sign(structuredClone(bare) as unknown as AgentCard))) as JsonObject;
    expect(await verifyAgentCard(theirs, keys)).toMatchObject({ ok: true });
    const ours = await signAgentCard(bare, organisation, { kid: organisation.did });
    const verify = verifyAgentCardSignature(async () => importJWK(publicJwk(organisation.publicKey), 'EdDSA'));
    await verify(ours as unknown as AgentCard);
    const told = jest.spyOn(console, 'debug').mockImplementation(() => undefined);
    await expect(verify({ ...ours, name: 'other' } as unknown as AgentCard)).rejects.toThrow();
    told.mockRestore();
  });

  test.each(['certified', 'expired', 'revoked', 'uncertified'] as const)('a card that says "%s" is read alike by both', async (status) => {
    const card = await signAgentCard(JSON.parse(JSON.stringify(bare).replace('"certified"', `"${status}"`)) as JsonObject, organisation, { kid: organisation.did });
    await verifyAgentCardSignature(async () => importJWK(publicJwk(organisation.publicKey), 'EdDSA'))(card as unknown as AgentCard);
    expect(await verifyAgentCard(card, keys)).toMatchObject({ ok: true, form: 'raw' });
  });
});

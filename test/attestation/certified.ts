/** A genuine certificate and everything it is made of, for tests to verify and to forge. */
import type { BuildDocument } from '../../src/domain/build.js';
import { digestBytes, digestJson, type Digest } from '../../src/domain/digest.js';
import type { Role } from '../../src/domain/names.js';
import type { Signer } from '../../src/domain/ports.js';
import { candidateDigest, CERTIFIED_STEPS, certificateStatement, SIGN_OFF, type CertificatePredicate } from '../../src/attestation/certificate.js';
import { signAct, type HumanAct } from '../../src/attestation/human-act.js';
import { signAcceptance, signOwnership } from '../../src/attestation/ownership.js';
import { signStatement } from '../../src/attestation/statement.js';
import { signerOf } from '../../src/identity/signer.js';
import { formatVerifierKey, signCheckpointNote } from '../../src/ledger/checkpoint.js';

const seed = (byte: number) => new Uint8Array(32).fill(byte);
export const organisation = await signerOf(seed(1));
export const agent = await signerOf(seed(2));
export const ann = await signerOf(seed(3));
export const stranger = await signerOf(seed(4));
export const log = await signerOf(seed(5));

export const NOW = '2026-11-22T12:00:00.000Z';
export const REGISTERED = '2026-10-01T00:00:00.000Z';
export const AGENT_ID = '7f1d0c1e-0000-4000-8000-000000000001';
export const ORIGIN = `Example-Mail/${AGENT_ID}`;
export const LOG = formatVerifierKey(ORIGIN, log.publicKey);
export const BUILD: BuildDocument = {
  v: 1,
  files: [
    { path: 'agent.js', sha256: 'a'.repeat(64), mode: '644' },
    { path: 'prompts/triage.txt', sha256: 'b'.repeat(64), mode: '644' },
  ],
  prompts: ['prompts/triage.txt'],
  model: { id: 'model.json', kind: 'local', file: null },
  tools: [{ name: 'quarantine_message', digest: digestBytes('tool') }],
};
export const SECTIONS: Record<string, Digest> = { limits: digestBytes('limits'), triggers: digestBytes('triggers') };
export const PACT = digestBytes('pact');
export const CANDIDATE = candidateDigest({ build: digestJson(BUILD), pact: PACT, sections: SECTIONS });
export const OWNER = {
  organisation: { name: 'Example Mail', did: organisation.did },
  operators: [{ id: 'ann', name: 'Ann Example', did: ann.did, roles: ['operations', 'engineering'] as readonly Role[] }],
};

export function act(changes: Partial<HumanAct> = {}): HumanAct {
  return {
    act: SIGN_OFF,
    step: 'certify',
    operator: { id: 'ann', name: 'Ann Example', did: ann.did },
    roles: ['operations'],
    sentence: 'I have read the results and take responsibility for this release.',
    ceremony: 'interactive',
    at: NOW,
    agent: { id: AGENT_ID, did: agent.did, version: '1.0.0', build: digestJson(BUILD) },
    ...changes,
  };
}

export async function ownership(owner: Signer = organisation, owned: Signer = agent) {
  const claim = { agent: { id: AGENT_ID, did: owned.did }, organisation: { name: 'Example Mail', did: owner.did }, log: LOG, permissions: digestBytes('permissions'), at: REGISTERED };
  const credential = await signOwnership(claim, owner);
  return { credential, acceptance: await signAcceptance(credential, REGISTERED, owned) };
}

export async function predicate(changes: Partial<CertificatePredicate> = {}): Promise<CertificatePredicate> {
  return {
    agent: { id: AGENT_ID, did: agent.did, name: 'mail-triage', version: '1.0.0' },
    organisation: { name: 'Example Mail', did: organisation.did },
    stakes: 'standard',
    validFrom: '2026-11-20T00:00:00.000Z',
    validUntil: '2027-02-18T00:00:00.000Z',
    previous: null,
    candidate: CANDIDATE,
    sections: SECTIONS,
    build: BUILD,
    pact: {
      digest: PACT,
      conditions: [{ id: 'spam-caught', statement: 'at least 85 % of spam is quarantined', dimension: 'accuracy', severity: 'critical', value: '0.931', n: 2100, lower: '0.921', upper: null, threshold: '0.85', operator: '>=', verdict: 'met' }],
    },
    composite: '0.931',
    dimensions: { accuracy: '0.931', safety: null },
    versions: { harness: 'agentctl-harness/1', dataset: 'held-out', agent: '1.0.0' },
    steps: CERTIFIED_STEPS.standard.map((id) => ({ id, state: 'passed' as const, required: true })),
    unknown: [{ row: '9.4', because: 'no revocation list in this release' }],
    waivers: [],
    ledger: { chain: AGENT_ID, size: 42, head: 'c'.repeat(64), checkpoint: await signCheckpointNote({ origin: ORIGIN, size: 42, root: 'd'.repeat(64) }, log) },
    signOffs: [await signAct(act(), CANDIDATE, ann)],
    ownership: await ownership(),
    ceremony: 'interactive',
    ...changes,
  };
}

export async function certificate(changes: Partial<CertificatePredicate> = {}, signer: Signer = organisation) {
  const claim = await predicate(changes);
  return signStatement(certificateStatement(claim, digestJson(claim.build), claim.pact.digest), signer);
}

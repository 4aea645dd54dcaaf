/** Ownership in both directions: the organisation says the agent is its own, and the agent says it belongs to the organisation. */
import { digestBytes, type Digest } from '../domain/digest.js';
import { Fault } from '../domain/fault.js';
import type { JsonObject } from '../domain/json.js';
import type { Signer } from '../domain/ports.js';
import { object, string, type TypeOf } from '../domain/schema.js';
import { currentOf, soleKey } from '../identity/key-history.js';
import { conform } from './conform.js';
import { payloadOf, type Envelope } from './dsse.js';
import { didKey, digest, instant } from './forms.js';
import { peekStatement, signStatement } from './statement.js';
import { openSpoken, type Histories } from './succession.js';

export const OWNERSHIP = 'https://agentctl.dev/attestations/agent-ownership/v1';
export const ACCEPTANCE = 'https://agentctl.dev/attestations/ownership-acceptance/v1';

const ownership = object({
  agent: object({ id: string(), did: didKey }),
  organisation: object({ name: string(), did: didKey }),
  log: string({ description: 'Verifier key of the log that the organisation answers for (C2SP signed note).' }),
  permissions: digest,
  at: instant,
});
export type Ownership = TypeOf<typeof ownership>;

const acceptance = object({ agent: didKey, organisation: didKey, at: instant });

/** The organisation's credential for its agent. */
export async function signOwnership(claim: Ownership, organisation: Signer, histories: Histories = soleKey): Promise<Envelope> {
  if (currentOf(histories(claim.organisation.did))?.did !== organisation.did) throw new Fault('NOT_ALLOWED', 'the organisation key is not the one that agent.yaml names', { hint: 'correct owner.organisation.did in agent.yaml' });
  const predicate = conform(ownership, claim as unknown as JsonObject, 'ownership') as unknown as JsonObject;
  return signStatement({ subject: [{ name: claim.agent.did, digest: digestBytes(claim.agent.did) }], predicateType: OWNERSHIP, predicate }, organisation);
}

/** The agent's answer: one statement over the payload of the credential. */
export async function signAcceptance(credential: Envelope, at: string, agent: Signer, histories: Histories = soleKey): Promise<Envelope> {
  const claim = conform(ownership, peekStatement(credential).predicate, 'ownership');
  if (currentOf(histories(claim.agent.did))?.did !== agent.did) throw new Fault('NOT_ALLOWED', 'the credential is for another agent');
  const predicate = { agent: claim.agent.did, organisation: claim.organisation.did, at };
  return signStatement({ subject: [{ name: 'ownership', digest: digestBytes(payloadOf(credential)) }], predicateType: ACCEPTANCE, predicate }, agent);
}

export type OwnershipVerdict = { readonly ok: true; readonly ownership: Ownership; readonly digest: Digest } | { readonly ok: false; readonly problem: string };

/**
 * Whether credential and acceptance belong together and each is signed by the party that it speaks for.
 * @param histories which keys are whose; by default everybody has the one that he is named after
 */
export async function verifyOwnership(credential: string | Uint8Array | JsonObject, accepted: string | Uint8Array | JsonObject, histories: Histories = soleKey): Promise<OwnershipVerdict> {
  try {
    const claim = conform(ownership, peekStatement(credential).predicate, 'ownership');
    const { statement, payload } = await openSpoken(credential, histories(claim.organisation.did), OWNERSHIP, madeAt);
    if (statement.subject[0]?.digest !== digestBytes(claim.agent.did)) return { ok: false, problem: 'the credential is about another agent' };
    const answer = await openSpoken(accepted, histories(claim.agent.did), ACCEPTANCE, madeAt);
    const { agent, organisation } = conform(acceptance, answer.statement.predicate, 'acceptance');
    if (agent !== claim.agent.did || organisation !== claim.organisation.did) return { ok: false, problem: 'the agent accepted another owner' };
    const digest = digestBytes(payload);
    if (answer.statement.subject[0]?.digest !== digest) return { ok: false, problem: 'the agent accepted another credential' };
    return { ok: true, ownership: claim, digest };
  } catch (error) {
    if (error instanceof Fault && error.code !== 'INTERNAL') return { ok: false, problem: error.message };
    throw error;
  }
}

function madeAt(predicate: JsonObject): string {
  return String(predicate['at']);
}

/** {@link verifyOwnership} for one agent and one organisation: a genuine credential about somebody else does not count. */
export async function ownershipOf(credential: string, accepted: string, expected: { readonly agent: string; readonly organisation: string }, histories?: Histories): Promise<OwnershipVerdict> {
  const verdict = await verifyOwnership(credential, accepted, histories);
  if (!verdict.ok) return verdict;
  if (verdict.ownership.agent.did !== expected.agent) return { ok: false, problem: 'the credential is about another agent' };
  if (verdict.ownership.organisation.did !== expected.organisation) return { ok: false, problem: 'the credential is from another organisation' };
  return verdict;
}

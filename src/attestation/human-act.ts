/** Human acts: an operator signs one sentence about one digest, and everything that may differ later is inside the signature. */
import { Fault } from '../domain/fault.js';
import type { Digest } from '../domain/digest.js';
import type { JsonObject } from '../domain/json.js';
import type { CommonManifest } from '../domain/manifest.js';
import { DID_KEY, ROLES } from '../domain/names.js';
import type { Signer } from '../domain/ports.js';
import { list, object, oneOf, string, type TypeOf } from '../domain/schema.js';
import { STEP_IDS, type Attestation } from '../domain/step.js';
import { readable, type Instant } from '../domain/time.js';
import { soleKey, standingOf, type KeyHistory, type Standing } from '../identity/key-history.js';
import { conform } from './conform.js';
import type { Envelope } from './dsse.js';
import { digest, instant, orNull } from './forms.js';
import { openSealed, readSealed, signStatement } from './statement.js';
import { SILENT, type Histories } from './succession.js';

export const HUMAN_ACT = 'https://agentctl.dev/attestations/human-act/v1';

const humanAct = object({
  act: string({ description: 'What was done, such as pact-sign or sign-off.', maxLength: 100 }),
  step: oneOf(STEP_IDS),
  operator: object({ id: string(), name: string(), did: string({ description: 'The key that signed; agent.yaml names the operator after his first one.', pattern: DID_KEY }) }),
  roles: list(oneOf(ROLES), { minItems: 1 }),
  sentence: string({ description: 'What the operator said, as shown before signing.', maxLength: 2000 }),
  ceremony: oneOf(['interactive', 'scripted'], { description: 'scripted: a stand-in signed, no human looked.' }),
  at: instant,
  agent: object({ id: string(), did: orNull(string()), version: orNull(string()), build: orNull(digest) }),
});
export type HumanAct = TypeOf<typeof humanAct>;

/** @param subject digest of what the sentence is about: a pact document, a candidate, an action */
export async function signAct(act: HumanAct, subject: Digest, signer: Signer): Promise<Envelope> {
  if (signer.did !== act.operator.did) throw new Fault('NOT_ALLOWED', `the key of ${act.operator.id} is not the one that agent.yaml names`, { hint: 'correct owner.operators in agent.yaml, or use the right key' });
  const predicate = conform(humanAct, act as unknown as JsonObject, 'human act') as unknown as JsonObject;
  return signStatement({ subject: [{ name: act.act, digest: subject }], predicateType: HUMAN_ACT, predicate }, signer);
}

/**
 * The act inside an envelope, its signature checked against the key that it names. Says who signed, not whether he may, nor
 * whether the key spoke for him. A person may sign with an SSH key.
 * @throws {Fault} SIGNATURE_INVALID, INPUT_INVALID, KEY_UNFIT
 */
export async function openAct(source: string | Uint8Array | JsonObject): Promise<{ readonly act: HumanAct; readonly subject: Digest }> {
  const sealed = readSealed(source);
  const claimed = conform(humanAct, sealed.statement.predicate, 'human act');
  await openSealed(sealed, [claimed.operator.did], HUMAN_ACT, { ssh: true });
  const [subject, ...others] = sealed.statement.subject;
  if (!subject || others.length > 0 || subject.name !== claimed.act) throw new Fault('INPUT_INVALID', 'a human act is about exactly one digest');
  return { act: claimed, subject: subject.digest };
}

/** Whether somebody acted in one of these roles. */
export function inRole(roles: readonly string[]): (act: Pick<HumanAct, 'roles'>) => boolean {
  return (act) => act.roles.some((role) => roles.includes(role));
}

export interface ActContext {
  /** Which keys are whose; by default everybody has the one that he is named after. */
  readonly histories?: Histories;
  /** When the ledger took the act in: a key that has ended cannot set its own date back. */
  readonly recorded?: Instant;
}

/** Whether the key of an act spoke for its operator, both when it says it was signed and when it was recorded. */
export function standingOfAct(history: KeyHistory, { operator, at }: Pick<HumanAct, 'operator' | 'at'>, recorded: Instant = at): Standing {
  const signed = standingOf(history, operator.did, at);
  return signed === 'valid' ? standingOf(history, operator.did, recorded) : signed;
}

/**
 * A human act that counts: signature, subject and operator checked. The roles are those that the operator claimed and still holds.
 * @param owner the owner section of agent.yaml as it is now
 */
export async function verifyAct(source: string | Uint8Array, expectedSubject: Digest, owner: CommonManifest['owner'], { histories = soleKey, recorded }: ActContext = {}): Promise<Attestation | { readonly problem: string }> {
  try {
    const { act, subject } = await openAct(source);
    const operator = owner.operators.find((one) => one.id === act.operator.id);
    if (!operator) return { problem: `${act.operator.id} is no operator of this agent` };
    const standing = standingOfAct(histories(operator.did), act, recorded);
    if (standing === 'stranger') return { problem: `${act.operator.id} signed with another key than agent.yaml names` };
    if (standing !== 'valid') return { problem: SILENT[standing](act.operator.did, readable(recorded ?? act.at)) };
    if (subject !== expectedSubject) return { problem: `${act.operator.id} signed something else` };
    const roles = act.roles.filter((role) => operator.roles.includes(role));
    if (roles.length === 0) return { problem: `${act.operator.id} no longer holds a role of this act` };
    return { act: act.act, operator: operator.id, name: operator.name, roles, sentence: act.sentence, ceremony: act.ceremony, subject, at: act.at };
  } catch (error) {
    if (error instanceof Fault && error.code !== 'INTERNAL') return { problem: error.message };
    throw error;
  }
}

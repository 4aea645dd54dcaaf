/** A human act: an operator with a fitting role and a key signs one sentence about one digest. The engine checks both ends. */
import { envelopeText } from '../attestation/dsse.js';
import { openAct, signAct, standingOfAct, type HumanAct } from '../attestation/human-act.js';
import { digestBytes, isDigest, type Digest } from '../domain/digest.js';
import { Fault } from '../domain/fault.js';
import { operatorBy, type Operator } from '../domain/manifest.js';
import type { Role } from '../domain/names.js';
import type { Entry } from '../domain/entry.js';
import type { Store, StoredBlob } from '../domain/ports.js';
import type { Attestation, StepId } from '../domain/step.js';
import type { Standing } from '../identity/key-history.js';
import { STEPS } from '../steps/index.js';
import { keyRecords } from './key-history.js';
import type { Manifest } from './manifest.js';
import type { Session } from './session.js';

export interface ActRequest {
  /** Such as `pact-sign`, `baseline-accept`, `approve`, `sign-off`. */
  readonly act: string;
  readonly step: StepId;
  readonly as: string | undefined;
  /** Digest of exactly what was shown. */
  readonly subject: Digest;
  /** The sentence that the operator puts a name to. */
  readonly sentence: string;
  /** Roles that may do it; the step's owners unless the manifest says otherwise. */
  readonly roles?: readonly Role[];
}

export interface SignedAct {
  readonly operator: Operator;
  readonly ceremony: 'interactive' | 'scripted';
  /** Digest of the signed envelope, which goes into the entry; the envelope itself is a blob. */
  readonly digest: Digest;
  readonly blob: StoredBlob;
}

/**
 * Asks, checks role and key, signs. Without a terminal, or with --yes, the act is marked `ceremony: scripted`.
 * @throws {Fault} USAGE, NOT_ALLOWED, KEY_MISSING, PASSPHRASE, APPROVAL_DENIED when the human says no
 */
export async function performAct(session: Session, request: ActRequest): Promise<SignedAct> {
  const { world, manifest, keys, flags } = session;
  const operator = actingOperator(manifest, request);
  await refuseUnvouched(session);
  const interactive = world.talk.interactive && !flags.yes;
  if (interactive) {
    world.talk.say(`${operator.name} (${operator.roles.join(', ')}) is about to sign: "${request.sentence}"`);
    const agreed = await world.prompt.ask({ name: 'sign', kind: 'confirm', message: 'Sign it?', why: `Your key signs ${request.subject}.`, default: false });
    if (agreed !== true) throw new Fault('APPROVAL_DENIED', `${operator.id} did not sign`, { hint: 'run the command again to decide anew' });
  } else if (!flags.yes) {
    throw new Fault('ANSWER_MISSING', `${request.act} needs a human and there is no terminal`, { hint: 'run it in a terminal, or add --yes for a scripted stand-in, which is marked as such' });
  }
  const signer = await keys.openByDid('operator', operator.did);
  const ceremony = interactive ? 'interactive' : 'scripted';
  const envelope = await signAct({
    act: request.act, step: request.step, operator: { id: operator.id, name: operator.name, did: signer.did }, roles: [...operator.roles],
    sentence: request.sentence, ceremony, at: world.clock.now(), agent: session.agent,
  }, request.subject, signer);
  const bytes = new TextEncoder().encode(envelopeText(envelope));
  return { operator, ceremony, digest: digestBytes(bytes), blob: { mediaType: 'application/vnd.dsse+json', bytes } };
}

/**
 * Whoever may edit agent.yaml could write himself into it. Once the organisation has registered the agent, operators are
 * those that stood there then.
 * @throws {Fault} BLOCKED
 */
async function refuseUnvouched({ store, chain, inputs }: Session): Promise<void> {
  const registered = await store.latest(chain, 'identity.registered');
  if (!registered || registered.inputs['owner'] === inputs.owner.digest) return;
  throw new Fault('BLOCKED', 'the section owner changed since the organisation registered the agent, so its operators are not vouched for', { at: 'agent.yaml: owner', hint: 'agentctl identity register' });
}

/** The operator who acts, if the manifest lets them. */
export function actingOperator(manifest: Manifest, request: Pick<ActRequest, 'as' | 'step' | 'roles' | 'act'>): Operator {
  const roles = request.roles ?? ownersOf(request.step);
  const fitting = manifest.owner.operators.filter((one) => one.roles.some((role) => roles.includes(role)));
  const names = fitting.map((one) => one.id).join(', ') || 'nobody yet';
  if (request.as === undefined) throw new Fault('USAGE', `${request.act} needs --as <operator>`, { hint: `operators with a fitting role (${roles.join(' or ')}): ${names}` });
  const operator = operatorBy(manifest, request.as);
  if (!operator) throw new Fault('NOT_ALLOWED', `"${request.as}" is no operator of this agent`, { at: 'agent.yaml: owner.operators', hint: `operators who may: ${names}; agentctl operator list` });
  if (!fitting.includes(operator)) throw new Fault('NOT_ALLOWED', `${operator.id} holds ${operator.roles.join(', ')}, but ${request.act} needs ${roles.join(' or ')}`, { hint: `operators who may: ${names}` });
  return operator;
}

export function ownersOf(id: StepId): readonly Role[] {
  return STEPS.find((step) => step.id === id)?.owner ?? [];
}

/**
 * The human act behind an entry, with signature, key, subject and role checked now.
 * @returns undefined when the entry has none, its operator no longer holds a fitting role, or the key did not speak for him then
 * @throws {Fault} SIGNATURE_INVALID, DIGEST_MISMATCH when the stored act is false
 */
export async function attestationOf(store: Store, manifest: Manifest, id: StepId, entry: Entry | undefined, allowed?: readonly Role[]): Promise<Attestation | undefined> {
  const digest = entry?.data['act'];
  if (entry === undefined || !isDigest(digest)) return undefined;
  const place = `${entry.type} #${entry.seq}`;
  const blob = await store.blob(digest);
  if (!blob || digestBytes(blob.bytes) !== digest) throw new Fault('DIGEST_MISMATCH', `the signed act of entry ${entry.seq} is gone from the store, or was changed`, { at: place });
  const { act, subject } = await openAct(blob.bytes);
  const { histories } = await keyRecords(store, manifest);
  const standing = standingOfAct(histories(entry.actor), act, entry.ts);
  refuseBorrowed(act, id, entry, place, standing);
  if (subject !== subjectOf(entry)) throw new Fault('DIGEST_MISMATCH', `${act.operator.id} signed something else than entry ${entry.seq} says`, { at: place });
  if (standing !== 'valid') return undefined;
  const operator = manifest.owner.operators.find((one) => one.id === act.operator.id && one.did === entry.actor);
  const roles = act.roles.filter((role) => operator?.roles.includes(role) && (allowed ?? ownersOf(id)).includes(role));
  if (!operator || roles.length === 0) return undefined;
  return { act: act.act, operator: operator.id, name: operator.name, roles, sentence: act.sentence, ceremony: act.ceremony, subject, at: act.at };
}

/** A genuine act copied into an entry that it was not made for, such as one about a newer build, is no act at all. */
function refuseBorrowed(act: HumanAct, id: StepId, entry: Entry, place: string, standing: Standing): void {
  const other = (what: string) => new Fault('DIGEST_MISMATCH', `the signed act of ${place} was made for another ${what}`, { at: place, hint: 'agentctl audit verify' });
  if (act.agent.id !== entry.chain) throw other('agent');
  const maker = STEPS.find((step) => step.verbs.some((verb) => verb.produces.includes(entry.type)))?.id ?? id;
  if (act.step !== maker) throw other('step');
  if (standing === 'stranger') throw other('operator');
  // A restore is signed in one build and recorded in another; its subject names both.
  if (maker !== 'rollback' && act.agent.build !== entry.agent.build) throw other('build');
}

/** The member of an entry that names what was signed. */
function subjectOf({ data }: Entry): unknown {
  return data['subject'] ?? data['document'] ?? data['deliverable'] ?? data['action'];
}

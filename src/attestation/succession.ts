/** Keys that change: a succession is signed by the old key and the new one, a withdrawal by whoever may end a key; together they tell which key spoke for an identity, and when. */
import { canonical } from '../domain/canonical.js';
import { digestBytes, type Digest } from '../domain/digest.js';
import { Fault } from '../domain/fault.js';
import type { JsonObject } from '../domain/json.js';
import type { Entry } from '../domain/entry.js';
import type { CommonManifest } from '../domain/manifest.js';
import type { Signer } from '../domain/ports.js';
import { object, oneOf, type TypeOf } from '../domain/schema.js';
import type { StepIo } from '../domain/step.js';
import { readable } from '../domain/time.js';
import { currentOf, soleKey, standingOf, type KeyHistory, type KeyPeriod } from '../identity/key-history.js';
import { conform } from './conform.js';
import { addSignature, readEnvelope, type Envelope } from './dsse.js';
import { didKey, instant } from './forms.js';
import { openStatement, peekStatement, signStatement, type Statement } from './statement.js';

export const SUCCESSION = 'https://agentctl.dev/attestations/key-succession/v1';
export const WITHDRAWAL = 'https://agentctl.dev/attestations/key-withdrawal/v1';

/** Where such statements lie, one a line, beside the certificate that they are about. */
export const STATEMENTS_FILE = 'keys.intoto.jsonl';

const succession = object({ identity: didKey, from: didKey, to: didKey, at: instant });
/** `identity` is the first key, which stays the name; `from` speaks until `at`, `to` from then on. */
export type Succession = TypeOf<typeof succession>;

/** Why a key is withdrawn: it is no longer used, or somebody else has it. */
export const CAUSES = ['ceased', 'compromised'] as const;
const withdrawal = object({ identity: didKey, key: didKey, cause: oneOf(CAUSES), since: instant, by: didKey, at: instant });
/** `by` is the key that signed: one of the identity itself, or of the organisation that answers for it. */
export type Withdrawal = TypeOf<typeof withdrawal>;

/** The history of an identity, by its name. One that is not known has the one key that it is named after. */
export type Histories = (identity: string) => KeyHistory;

type Source = string | Uint8Array | JsonObject;

/** One statement under two signatures: the old key names the new one, and the new one agrees. @throws {Fault} NOT_ALLOWED when a key is not the one that is named */
export async function signSuccession(claim: Succession, from: Signer, to: Signer): Promise<Envelope> {
  if (from.did !== claim.from || to.did !== claim.to || from.did === to.did) throw new Fault('NOT_ALLOWED', 'a succession is signed by the key that goes and by the key that comes');
  const predicate = conform(succession, claim as unknown as JsonObject, 'succession') as unknown as JsonObject;
  return addSignature(await signStatement({ subject: [subjectOf(claim.to)], predicateType: SUCCESSION, predicate }, from), to);
}

/** @throws {Fault} NOT_ALLOWED when the key is not the one that is named */
export async function signWithdrawal(claim: Withdrawal, by: Signer): Promise<Envelope> {
  if (by.did !== claim.by) throw new Fault('NOT_ALLOWED', 'a withdrawal is signed by the key that it names');
  const predicate = conform(withdrawal, claim as unknown as JsonObject, 'withdrawal') as unknown as JsonObject;
  return signStatement({ subject: [subjectOf(claim.key)], predicateType: WITHDRAWAL, predicate }, by);
}

function subjectOf(did: string) {
  return { name: did, digest: digestBytes(did) };
}

/**
 * The succession inside an envelope: exactly two signatures, one of each key that it names.
 * @throws {Fault} SIGNATURE_INVALID, INPUT_INVALID, KEY_UNFIT
 */
export async function openSuccession(source: Source): Promise<Succession> {
  const envelope = readEnvelope(source);
  const claim = conform(succession, peekStatement(envelope).predicate, 'succession');
  const [from, to, ...others] = envelope.signatures;
  if (!from || !to || others.length > 0) throw new Fault('SIGNATURE_INVALID', 'a succession carries two signatures: of the key that goes and of the key that comes');
  // Each half is opened as an envelope of its own, so that neither signature can stand for the other. An operator's may be an SSH key.
  await openStatement({ ...envelope, signatures: [from] }, claim.from, SUCCESSION, { ssh: true });
  const { statement } = await openStatement({ ...envelope, signatures: [to] }, claim.to, SUCCESSION, { ssh: true });
  refuseOtherSubject(statement, claim.to);
  return claim;
}

/** @throws {Fault} SIGNATURE_INVALID, INPUT_INVALID, KEY_UNFIT */
export async function openWithdrawal(source: Source): Promise<Withdrawal> {
  const claim = conform(withdrawal, peekStatement(source).predicate, 'withdrawal');
  const { statement } = await openStatement(source, claim.by, WITHDRAWAL, { ssh: true });
  refuseOtherSubject(statement, claim.key);
  return claim;
}

function refuseOtherSubject({ subject }: Statement, did: string): void {
  if (subject.length !== 1 || subject[0]?.name !== did || subject[0].digest !== digestBytes(did)) throw new Fault('INPUT_INVALID', 'a statement about a key is about exactly that key');
}

/**
 * The keys of an identity, from statements that anybody may have handed over. Statements about other identities are left
 * alone; one about this identity that does not fit makes the whole worthless, since nobody can tell which half is true.
 * @param root the identity's first key, which is its name
 * @param authorities first keys of the organisations that may withdraw this identity's keys as well: the one that answers for it, and those that did before
 * @throws {Fault} SIGNATURE_INVALID, INPUT_INVALID, KEY_UNFIT for a fork, a gap, a stranger's statement, or times that go back
 */
export async function historyOf(root: string, envelopes: readonly Source[], ...authorities: readonly string[]): Promise<KeyHistory> {
  const successions: Succession[] = [];
  const withdrawals: Withdrawal[] = [];
  for (const source of envelopes) {
    const { predicateType, predicate } = peekStatement(source);
    if (predicate['identity'] !== root) continue;
    if (predicateType === SUCCESSION) successions.push(await openSuccession(source));
    else if (predicateType === WITHDRAWAL) withdrawals.push(await openWithdrawal(source));
    else throw new Fault('INPUT_INVALID', `${JSON.stringify(predicateType)} is no statement about keys`);
  }
  const above = await Promise.all(authorities.filter((one) => one !== root).map((one) => historyOf(one, envelopes)));
  const line = chainOf(root, successions);
  // A statement may be handed over twice: by the certificate and beside it.
  const told = [...new Map(withdrawals.map((claim) => [canonical(claim as unknown as JsonObject), claim])).values()];
  return told.reduce((history, claim) => withdraw(history, claim, { above, line }), line);
}

/**
 * The histories of every identity that the statements name.
 * @param authorities as for {@link historyOf}
 * @throws {Fault} as {@link historyOf}
 */
export async function knownHistories(envelopes: readonly Source[], ...authorities: readonly string[]): Promise<readonly KeyHistory[]> {
  const names = new Set(envelopes.map((source) => String(peekStatement(source).predicate['identity'])));
  return Promise.all([...names].map((name) => historyOf(name, envelopes, ...authorities)));
}

/**
 * The histories of the identities that a key may belong to: those whose statements hand over to it, and the one that it names itself.
 * @throws {Fault} as {@link historyOf}
 */
export async function historiesWith(did: string, envelopes: readonly Source[]): Promise<readonly KeyHistory[]> {
  const names = envelopes.map((source) => peekStatement(source).predicate).filter(({ to }) => to === did).map(({ identity }) => String(identity));
  return Promise.all([...new Set([did, ...names])].map((name) => historyOf(name, envelopes)));
}

export function byName(known: readonly KeyHistory[]): Histories {
  const named = new Map(known.map((history) => [history.root, history]));
  return (identity) => named.get(identity) ?? soleKey(identity);
}

/** {@link knownHistories} by name. @throws {Fault} as {@link historyOf} */
export async function historiesOf(envelopes: readonly Source[], ...authorities: readonly string[]): Promise<Histories> {
  return byName(await knownHistories(envelopes, ...authorities));
}

/** Types of the ledger entries that name such a statement by its digest. */
export const KEY_CHANGES = ['identity.rotated', 'identity.withdrawn'] as const;

/**
 * The histories that the evidence of an agent gives.
 * @throws {Fault} DIGEST_MISMATCH when a recorded statement is gone, and as {@link historyOf}
 */
export async function recordedHistories({ evidence, blob, manifest }: Pick<StepIo, 'evidence' | 'blob' | 'manifest'>): Promise<Histories> {
  const entries = (await Promise.all(KEY_CHANGES.map((type) => evidence.list(type)))).flat();
  const envelopes = await Promise.all(entries.map(async ({ seq, data }) => {
    const text = await blob(data['statement'] as Digest);
    if (text === undefined) throw new Fault('DIGEST_MISMATCH', `the signed statement of entry ${seq} is gone from the store`, { at: `entry ${seq}`, hint: 'agentctl audit verify' });
    return text;
  }));
  return historiesOf(envelopes, ...organisationsOf(manifest, await evidence.list('identity.registered')));
}

/** First keys of the organisation that answers for the agent, and of those that were recorded as doing so before: what they withdrew stays withdrawn. */
export function organisationsOf({ owner }: Pick<CommonManifest, 'owner'>, registered: readonly Pick<Entry, 'data'>[]): readonly string[] {
  return [...new Set([owner.organisation.did, ...registered.map(({ data }) => String(data['organisationDid']))])];
}

/** The statements that whoever trusts this organisation can follow: what a former one withdrew, only those who trust that one can. */
export function followable(envelopes: readonly Envelope[], histories: Histories, authority: string): readonly Envelope[] {
  return envelopes.filter((envelope) => {
    const { predicateType, predicate: { identity, by } } = peekStatement(envelope);
    return predicateType !== WITHDRAWAL || [String(identity), authority].some((one) => histories(one).keys.some((key) => key.did === by));
  });
}

/** Follows the successions from the first key on. */
function chainOf(root: string, successions: readonly Succession[]): KeyHistory {
  const keys: KeyPeriod[] = [{ did: root, from: null, ended: null }];
  const open = [...distinct(successions)];
  for (let key = keys[0]; key !== undefined; key = keys.at(-1)) {
    const { did, from } = key;
    const next = open.filter((one) => one.from === did);
    if (next.length > 1) throw unfit(root, `${did} names two successors`);
    const [found] = next;
    if (!found) break;
    open.splice(open.indexOf(found), 1);
    if (keys.some((one) => one.did === found.to)) throw unfit(root, `${found.to} returns after it was replaced`);
    if (from !== null && found.at < from) throw unfit(root, `${did} is replaced before it began to speak`);
    keys.splice(-1, 1, { did, from, ended: { at: found.at, cause: 'superseded' } });
    keys.push({ did: found.to, from: found.at, ended: null });
  }
  if (open[0]) throw unfit(root, `${open[0].from} names a successor but is no key of this identity, or a statement between is missing`);
  return { root, keys };
}

/** The same succession may be told twice: a copy adds nothing, and a later date than the first takes nothing away. */
function distinct(successions: readonly Succession[]): Iterable<Succession> {
  const first = new Map<string, Succession>();
  for (const one of successions) {
    const name = `${one.from} ${one.to}`;
    const known = first.get(name);
    if (known === undefined || one.at < known.at) first.set(name, one);
  }
  return first.values();
}

/** @param line the keys as the successions alone give them: what one withdrawal ends must not look like a successor that the next one's thief had named */
function withdraw(history: KeyHistory, claim: Withdrawal, { above, line }: { readonly above: readonly KeyHistory[]; readonly line: KeyHistory }): KeyHistory {
  const { root, keys } = history;
  const { key, cause, since, by, at } = claim;
  // To take trust away needs less than to give it: what a stolen key withdrew stays withdrawn.
  const mayEnd = [history, ...above].some((one) => ['valid', 'compromised'].includes(standingOf(one, by, at)));
  if (!mayEnd) throw unfit(root, `${by} withdraws a key, but did not speak for its owner on ${readable(at)}`);
  const index = keys.findIndex((one) => one.did === key);
  const found = keys[index];
  if (!found) throw unfit(root, `the key that is withdrawn, ${key}, is none of its keys`);
  if (since > at || (found.from !== null && since < found.from)) throw unfit(root, `${key} is withdrawn for a time that it does not have`);
  if (cause === 'ceased') {
    if (found.ended !== null) throw unfit(root, `${key} is withdrawn after it had ended`);
    return { root, keys: keys.with(index, { ...found, ended: { at: since, cause } }) };
  }
  // A successor that was named by the thief is his: from then on nothing of the line counts.
  const handedOver = line.keys[index]?.ended?.at;
  const stolen = (one: KeyPeriod, place: number) => place === index || (place > index && handedOver !== undefined && handedOver >= since);
  return { root, keys: keys.map((one, place) => (stolen(one, place) ? { ...one, ended: { at: since, cause } } : one)) };
}

function unfit(root: string, because: string): Fault {
  return new Fault('KEY_UNFIT', `the keys of ${root} cannot be told: ${because}`);
}

/**
 * A statement of an identity, opened with the key of its history that signed, which has to have spoken when the statement was made.
 * @param made the time that the statement itself gives
 * @throws {Fault} SIGNATURE_INVALID, INPUT_INVALID, KEY_UNFIT
 */
export async function openSpoken(source: Source, history: KeyHistory, predicateType: string, made: (predicate: JsonObject) => string): Promise<Signed> {
  const opened = await openSigned(source, history, predicateType);
  refuseSilent(history, opened.did, made(opened.statement.predicate));
  return opened;
}

/** A statement and the key that signed it. */
export interface Signed {
  readonly statement: Statement;
  readonly payload: Uint8Array;
  readonly did: string;
}

/** The same whenever the key spoke, or did not: that is for the caller to judge. @throws {Fault} SIGNATURE_INVALID, INPUT_INVALID, KEY_UNFIT */
export async function openSigned(source: Source, history: KeyHistory, predicateType: string): Promise<Signed> {
  const named = readEnvelope(source).signatures[0]?.keyid;
  // The key id is not signed: it says which key to try, and the signature says whether that is true.
  const did = history.keys.find((key) => key.did === named)?.did ?? history.root;
  return { ...(await openStatement(source, did, predicateType)), did };
}

/** @throws {Fault} SIGNATURE_INVALID unless the key spoke for the identity at that time */
export function refuseSilent(history: KeyHistory, did: string, at: string): void {
  const standing = standingOf(history, did, at);
  if (standing === 'valid') return;
  throw new Fault('SIGNATURE_INVALID', SILENT[standing](did, readable(at)));
}

/** What it means that a key did not speak. */
export const SILENT = {
  'not-yet': (did: string, at: string) => `${did} did not speak yet on ${at}`,
  ended: (did: string, at: string) => `${did} no longer spoke on ${at}`,
  compromised: (did: string) => `${did} was withdrawn as compromised: nothing that it signed counts`,
  stranger: (did: string) => `${did} is no key of this identity`,
} as const;

/** What comes after an identity that has ended: another one, under a name of its own. */
export const RENEWALS = {
  organisation: 'agentctl identity new-organisation',
  agent: 'agentctl identity register',
  operator: 'agentctl operator add <id> --role <role>',
} as const;

/** The key that has to sign for an identity now. @throws {Fault} REFUSED when all its keys were withdrawn */
export function speakingKey(history: KeyHistory, role: keyof typeof RENEWALS): string {
  const key = currentOf(history);
  if (key) return key.did;
  throw new Fault('REFUSED', `no key speaks for ${history.root} any more: its last one was withdrawn`, { hint: RENEWALS[role] });
}

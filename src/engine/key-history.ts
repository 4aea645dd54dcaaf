/** The keys of everybody whom a chain knows, from the successions and withdrawals that it recorded. */
import { readEnvelope, type Envelope } from '../attestation/dsse.js';
import { followable, historiesOf, KEY_CHANGES, openSuccession, openWithdrawal, organisationsOf, speakingKey, SUCCESSION, type Histories, type RENEWALS } from '../attestation/succession.js';
import { peekStatement } from '../attestation/statement.js';
import { digestBytes, isDigest } from '../domain/digest.js';
import { Fault } from '../domain/fault.js';
import type { Entry } from '../domain/entry.js';
import type { CommonManifest } from '../domain/manifest.js';
import type { KeyRole, Keys, Store } from '../domain/ports.js';
import { ROTATING } from '../ledger/types/identity.js';

/** What is known of the keys of a chain. */
export interface KeyRecords {
  /** The signed statements, oldest first: what a stranger needs to follow them. */
  readonly envelopes: readonly Envelope[];
  readonly histories: Histories;
  /** First keys of the organisations that may withdraw keys: the one of agent.yaml, and those before it. */
  readonly authorities: readonly string[];
  /** Those of the statements that whoever trusts the organisation of agent.yaml can follow. */
  readonly followable: readonly Envelope[];
}

type Owned = Pick<CommonManifest, 'metadata' | 'owner'>;
type Known = { readonly changes: string; readonly records: Promise<KeyRecords> };
const read = new WeakMap<object, Map<string, Known>>();

/**
 * Reads and verifies the key changes of an agent's chain, once for as long as none is added.
 * @throws {Fault} SIGNATURE_INVALID, KEY_UNFIT, DIGEST_MISMATCH when a recorded statement is false
 */
export async function keyRecords(store: Store, { metadata, owner }: Owned): Promise<KeyRecords> {
  const chain = metadata.id;
  const changes = `${owner.organisation.did} ${(await Promise.all([...KEY_CHANGES, 'identity.registered'].map((type) => store.count(chain, type)))).join(' ')}`;
  const known = read.get(store) ?? new Map<string, Known>();
  read.set(store, known);
  const found = known.get(chain);
  if (found?.changes === changes) return found.records;
  const records = readRecords(store, chain, owner);
  known.set(chain, { changes, records });
  return records;
}

async function readRecords(store: Store, chain: string, owner: Owned['owner']): Promise<KeyRecords> {
  const entries = (await Promise.all(KEY_CHANGES.map((type) => store.readEvidence(chain, type)))).flat().sort((a, b) => a.seq - b.seq);
  const envelopes: Envelope[] = [];
  for (const entry of entries) envelopes.push(await statementOf(store, entry));
  const authorities = organisationsOf({ owner }, await store.readEvidence(chain, 'identity.registered'));
  const histories = await historiesOf(envelopes, ...authorities);
  return { envelopes, histories, authorities, followable: followable(envelopes, histories, owner.organisation.did) };
}

async function statementOf(store: Store, { seq, type, data }: Entry): Promise<Envelope> {
  const at = `${type} #${seq}`;
  const digest = data['statement'];
  const blob = isDigest(digest) ? await store.blob(digest) : undefined;
  if (!blob || digestBytes(blob.bytes) !== digest) throw new Fault('DIGEST_MISMATCH', `the signed statement of entry ${seq} is gone from the store, or was changed`, { at });
  const envelope = readEnvelope(blob.bytes, at);
  const claim = peekStatement(envelope).predicateType === SUCCESSION ? await openSuccession(envelope) : await openWithdrawal(envelope);
  const differs = Object.entries(claim).some(([member, value]) => member in data && data[member] !== value);
  if (differs || ('from' in claim) !== (type === 'identity.rotated')) throw new Fault('DIGEST_MISMATCH', `the signed statement of entry ${seq} says something else than the entry`, { at });
  return envelope;
}

/** Keys that are asked for by the name of an identity, and answer with the one that speaks for it now. */
export function followingKeys(keys: Keys, records: () => Promise<KeyRecords>): Keys {
  const newest = async (role: KeyRole, did: string) => (isRenewed(role) ? speakingKey((await records()).histories(did), role) : did);
  return {
    create: (key) => keys.create(key),
    open: (key) => keys.open(key),
    openByDid: async (role, did) => keys.openByDid(role, await newest(role, did)),
    openFormer: (role, did) => keys.openFormer(role, did),
    successor: (key, ssh) => keys.successor(key, ssh),
    replace: (key, ssh) => keys.replace(key, ssh),
    rewrap: (by) => keys.rewrap(by),
    useSsh: (key, ssh) => keys.useSsh(key, ssh),
    exportPrivate: (key, format, passphrase) => keys.exportPrivate(key, format, passphrase),
    importPrivate: (key, text, how) => keys.importPrivate(key, text, how),
    has: (key) => keys.has(key),
    list: (role) => keys.list(role),
    placement: () => keys.placement(),
  };
}

/** Keys of the log and of witnesses have no history: they never change. */
function isRenewed(role: KeyRole): role is keyof typeof RENEWALS {
  return ROTATING.some((one) => one === role);
}

/** `identity rotate`: a new key takes the place of one. Both sign the succession, so that whoever trusts the first follows to the newest. */
import { envelopeText } from '../../attestation/dsse.js';
import { peekStatement } from '../../attestation/statement.js';
import { historiesOf, signSuccession, speakingKey } from '../../attestation/succession.js';
import { Fault } from '../../domain/fault.js';
import type { KeyName, KeyOnDisk, Signer, SshKey } from '../../domain/ports.js';
import { readable, type Instant } from '../../domain/time.js';
import { didKeyOf } from '../../identity/did-key.js';
import { orInterrupted, stopIfInterrupted } from '../interrupted.js';
import { keyRecords, type KeyRecords } from '../key-history.js';
import { underLock } from '../locked.js';
import type { Session } from '../session.js';
import { outcome } from '../outcome.js';
import { readSshKey } from '../ssh-key.js';
import { textOption, type Verb, type VerbInput } from '../verb.js';
import { recordStatement, type KeyStatement } from './record-statement.js';
import { identityOf, keyHere, operatorName, type Identity } from './whose.js';

type HeldKey = KeyOnDisk & KeyName;

const AGAIN = 'run the command again: it goes on from where it stopped';

// Two rotations at once, or one amid an apply, would leave signatures of a key that the ledger does not know yet.
export const run: Verb = (session, input) => underLock(session, 'identity rotate', () => orInterrupted(session.world, AGAIN, () => rotate(session, input)));

const rotate: Verb = async (session, input) => {
  const whose = await identityOf(session, input);
  const from = speakingKey(whose.history, whose.role);
  refuseClockSetBack(whose, await keyRecords(session.store, session.manifest), session.world.clock.now());
  const key = await keyHere(session, whose);
  const ssh = await sshKeyFor(session, whose, input);
  // Where the key was replaced already, by an interrupted run or for another agent, this ledger has to catch up; no further key is made.
  const catchingUp = key.did !== from;
  const recorded = catchingUp ? await catchUp(session, whose, { key, from, ssh }) : await replace(session, whose, { key, from, ssh });
  const to = recorded.at(-1) ?? from;
  return outcome({
    step: 'identity', verb: 'rotate', headline: `${whose.label} signs with a new key`,
    facts: [
      { label: 'name', value: whose.did },
      { label: 'until now', value: from },
      { label: 'from now on', value: to },
      ...(ssh && !catchingUp ? [{ label: 'kept by', value: `OpenSSH: ${ssh.file}` }] : []),
      { label: 'agent.yaml', value: 'stays as it is: the first key is the name, and leads to this one' },
      ...(catchingUp ? [{ label: 'the key', value: 'had been replaced on this machine before; this ledger knows it now' }] : []),
    ],
    // Not as the next command: nothing would count any more that the former key ever signed.
    notes: [`what the former key signed in its time still counts; only if somebody else may have it: ${withdrawalOf(whose.role, key.name, from)}`],
    next: 'agentctl identity show',
    data: { role: whose.role, identity: whose.did, from, to, recorded: recorded.length },
  });
};

/** With the key: without one it would be the new one that ends. */
function withdrawalOf(role: Identity['role'], name: string, did: string): string {
  if (role === 'operator') return `agentctl identity withdraw --role operator --name ${name} --key ${did} --cause compromised`;
  return `agentctl identity withdraw --role ${role} --key ${did} --cause compromised`;
}

/** Before anything is changed: times that go back could not be followed, nor what a key withdrew after it had ended. */
function refuseClockSetBack({ history }: Identity, { envelopes }: KeyRecords, now: Instant): void {
  const changed = history.keys.at(-1)?.from ?? null;
  if (changed !== null && now < changed) throw new Fault('REFUSED', `the clock stands before the last change of this key, on ${readable(changed)}`, { hint: 'set the clock right' });
  const withdrawn = envelopes.map((envelope) => peekStatement(envelope).predicate).find(({ by, at }) => String(at) > now && history.keys.some(({ did }) => did === by));
  if (withdrawn) throw new Fault('REFUSED', `the clock stands before the last withdrawal by this key, on ${readable(String(withdrawn['at']))}`, { hint: 'set the clock right' });
}

/** @throws {Fault} USAGE, REFUSED for a key that is or was in use already, and as {@link readSshKey} */
async function sshKeyFor({ world, manifest, store }: Session, { role, label, history }: Identity, input: VerbInput): Promise<SshKey | undefined> {
  const given = textOption(input, 'sshKey');
  if (given === undefined) return undefined;
  if (role !== 'operator') throw new Fault('USAGE', `SSH keys sign for people, not for ${label}`, { at: '--ssh-key', hint: `agentctl identity rotate --role ${role}` });
  const ssh = await readSshKey(world, given);
  const did = didKeyOf(ssh.publicKey);
  if (history.keys.some((key) => key.did === did && key.ended !== null)) throw new Fault('REFUSED', `the key signed for ${label} before, and a key does not return`, { at: given, hint: 'ssh-keygen -t ed25519' });
  const { histories } = await keyRecords(store, manifest);
  const me = operatorName(input);
  const other = manifest.owner.operators.find((one) => one.id !== me && histories(one.did).keys.some((key) => key.did === did));
  if (other) throw new Fault('REFUSED', `${other.id} signs with this very key already`, { at: given, hint: 'each operator has a key of their own' });
  return ssh;
}

interface Change {
  readonly key: HeldKey;
  readonly from: string;
  readonly ssh: SshKey | undefined;
}

/** Both keys sign before either is moved: a key that does not sign changes nothing. */
async function replace(session: Session, whose: Identity, { key, ssh, from }: Change): Promise<readonly string[]> {
  const { keys, world } = session;
  if (ssh && didKeyOf(ssh.publicKey) === from) throw new Fault('REFUSED', `${whose.label} signs with this very key already`, { at: ssh.file, hint: 'ssh-keygen -t ed25519' });
  stopIfInterrupted(world, AGAIN);
  const outgoing = await keys.open(key);
  const incoming = await keys.successor(key, ssh);
  const statement = await succession(session, whose, outgoing, incoming);
  stopIfInterrupted(world, AGAIN);
  // From here on it is finished: what a kill leaves, the next run catches up with.
  await keys.replace(key, ssh);
  await recordStatement(session, statement);
  return [incoming.did];
}

async function catchUp(session: Session, whose: Identity, { key, from, ssh }: Change): Promise<readonly string[]> {
  const { keys, world } = session;
  if (ssh && didKeyOf(ssh.publicKey) !== key.did) throw new Fault('REFUSED', `the key was replaced on this machine before, by ${key.did}, and this ledger has to follow first`, { at: '--ssh-key', hint: `agentctl identity rotate --role operator --name ${key.name}` });
  const missed = [...key.former.slice(key.former.indexOf(from) + 1), key.did];
  let before = from;
  for (const did of missed) {
    stopIfInterrupted(world, AGAIN);
    const incoming = did === key.did ? await keys.open(key) : await keys.openFormer(whose.role, did);
    const statement = await succession(session, whose, await keys.openFormer(whose.role, before), incoming);
    await recordStatement(session, statement);
    before = did;
  }
  return missed;
}

/** @throws {Fault} KEY_UNFIT for what could not be followed afterwards */
async function succession({ store, manifest, world }: Session, { role, did: identity }: Identity, from: Signer, to: Signer): Promise<KeyStatement> {
  const { envelopes, authorities } = await keyRecords(store, manifest);
  const at = world.clock.now();
  const text = envelopeText(await signSuccession({ identity, from: from.did, to: to.did, at }, from, to));
  // Everybody's: an organisation's key that ended before it withdrew somebody's would leave his untold.
  await historiesOf([...envelopes, text], ...authorities);
  return { type: 'identity.rotated', data: { role, identity, from: from.did, to: to.did }, text, at };
}

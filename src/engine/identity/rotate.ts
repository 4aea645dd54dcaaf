/** `identity rotate`: a new key takes the place of one. Both sign the succession, so that whoever trusts the first follows to the newest. */
import { envelopeText } from '../../attestation/dsse.js';
import { historyOf, signSuccession, speakingKey } from '../../attestation/succession.js';
import { digestBytes } from '../../domain/digest.js';
import { Fault } from '../../domain/fault.js';
import type { Signer } from '../../domain/ports.js';
import { readable, type Instant } from '../../domain/time.js';
import { keyRecords } from '../key-history.js';
import { underLock } from '../locked.js';
import { record, textBlob, type Session } from '../session.js';
import { outcome } from '../outcome.js';
import type { Verb } from '../verb.js';
import { identityOf, keyHere, type Identity } from './whose.js';

// Two rotations at once, or one amid an apply, would leave signatures of a key that the ledger does not know yet.
export const run: Verb = (session, input) => underLock(session, 'identity rotate', () => rotate(session, input));

const rotate: Verb = async (session, input) => {
  const { keys } = session;
  const whose = await identityOf(session, input);
  const from = speakingKey(whose.history);
  refuseClockSetBack(whose, session.world.clock.now());
  const key = await keyHere(session, whose);
  // Where the key was replaced already, by an interrupted run or for another agent, this ledger has to catch up; no further key is made.
  const catchingUp = key.did !== from;
  const newest = catchingUp ? await keys.open(key) : await keys.replace(key);
  const missed = catchingUp ? key.former.slice(key.former.indexOf(from) + 1) : [];
  let before = from;
  for (const did of [...missed, newest.did]) {
    await succeed(session, whose, before, did === newest.did ? newest : await keys.openFormer(whose.role, did));
    before = did;
  }
  return outcome({
    step: 'identity', verb: 'rotate', headline: `${whose.label} signs with a new key`,
    facts: [
      { label: 'name', value: whose.did },
      { label: 'until now', value: from },
      { label: 'from now on', value: newest.did },
      { label: 'agent.yaml', value: 'stays as it is: the first key is the name, and leads to this one' },
      ...(catchingUp ? [{ label: 'the key', value: 'had been replaced on this machine before; this ledger knows it now' }] : []),
    ],
    // Not as the next command: nothing would count any more that the former key ever signed.
    notes: [`what the former key signed in its time still counts; only if somebody else may have it: ${withdrawalOf(whose.role, key.name, from)}`],
    next: 'agentctl identity show',
    data: { role: whose.role, identity: whose.did, from, to: newest.did, recorded: missed.length + 1 },
  });
};

/** With the key: without one it would be the new one that ends. */
function withdrawalOf(role: Identity['role'], name: string, did: string): string {
  if (role === 'operator') return `agentctl identity withdraw --role operator --name ${name} --key ${did} --cause compromised`;
  return `agentctl identity withdraw --role ${role} --key ${did} --cause compromised`;
}

/** Before anything is changed: times that go back could not be followed. */
function refuseClockSetBack({ history }: Identity, now: Instant): void {
  const last = history.keys.at(-1)?.from ?? null;
  if (last !== null && now < last) throw new Fault('REFUSED', `the clock stands before the last change of this key, on ${readable(last)}`, { hint: 'set the clock right' });
}

async function succeed(session: Session, { role, did: identity }: Identity, from: string, to: Signer): Promise<void> {
  const { store, manifest, world, keys } = session;
  const { envelopes } = await keyRecords(store, manifest);
  const text = envelopeText(await signSuccession({ identity, from, to: to.did, at: world.clock.now() }, await keys.openFormer(role, from), to));
  // What could not be followed afterwards is never recorded.
  await historyOf(identity, [...envelopes, text], manifest.owner.organisation.did);
  await record(session, { type: 'identity.rotated', data: { role, identity, from, to: to.did, statement: digestBytes(text) } }, [textBlob(text, 'application/vnd.dsse+json')]);
}

/** `identity withdraw`: a key ends for good, by its own word or by that of the organisation. Nothing counts that a compromised key signed. */
import { envelopeText } from '../../attestation/dsse.js';
import { CAUSES, historiesOf, RENEWALS, signWithdrawal, speakingKey, type Histories, type Withdrawal } from '../../attestation/succession.js';
import { currentOf } from '../../identity/key-history.js';
import { Fault } from '../../domain/fault.js';
import type { Signer } from '../../domain/ports.js';
import { readable } from '../../domain/time.js';
import { gateTime } from '../gate-time.js';
import { keyRecords, type KeyRecords } from '../key-history.js';
import { underLock } from '../locked.js';
import type { Session } from '../session.js';
import { outcome } from '../outcome.js';
import { instantFrom } from '../time-option.js';
import { textOption, type Verb, type VerbInput } from '../verb.js';
import { recordStatement } from './record-statement.js';
import { identityOf, type Identity } from './whose.js';

// Two at once, or one amid a rotation, could end the same key twice: nobody could tell its history any more.
export const run: Verb = (session, input) => underLock(session, 'identity withdraw', () => withdraw(session, input));

const withdraw: Verb = async (session, input) => {
  const { manifest, store } = session;
  const whose = await identityOf(session, input);
  const cause = causeOf(input);
  const key = textOption(input, 'key') ?? speakingKey(whose.history, whose.role);
  const period = whose.history.keys.find((one) => one.did === key);
  if (!period) throw new Fault('USAGE', `${key} is no key of ${whose.label}`, { at: '--key', hint: `its keys: ${whose.history.keys.map((one) => one.did).join(', ')}` });
  if (period.ended !== null && (cause === 'ceased' || period.ended.cause === 'compromised')) throw new Fault('REFUSED', `the key ended on ${readable(period.ended.at)} already (${period.ended.cause})`);
  // Ledger time: a clock that was set back must keep nobody from ending a key.
  const at = await gateTime(session);
  const since = sinceOf(input, at);
  const signer = await signerOf(session, whose, input);
  const claim: Withdrawal = { identity: whose.did, key, cause, since, by: signer.did, at };
  const text = envelopeText(await signWithdrawal(claim, signer));
  const after = (await followed(await keyRecords(store, manifest), text))(whose.did);
  if (currentOf(after) === undefined) await confirmEnd(session, whose);
  await recordStatement(session, { type: 'identity.withdrawn', data: { role: whose.role, identity: whose.did, key, cause, since }, text, at });
  const speaks = currentOf(after)?.did;
  return outcome({
    step: 'identity', verb: 'withdraw', headline: `${whose.label}: ${key} is withdrawn (${cause})`,
    facts: [
      { label: 'since', value: readable(since) },
      { label: 'what it signed', value: cause === 'compromised' ? 'counts no longer, whatever date it bears' : 'counts as far as it was signed before' },
      { label: 'speaks now', value: speaks ?? 'nobody: this identity has ended' },
      { label: 'signed by', value: signer.did },
    ],
    next: speaks === undefined ? RENEWALS[whose.role] : 'agentctl status',
    data: { role: whose.role, identity: whose.did, key, cause, since, by: signer.did, speaks: speaks ?? null },
  });
};

/** Everybody's keys with one more statement: one that left another untold, such as what an organisation signed after it ended, is never recorded. @throws {Fault} REFUSED */
async function followed({ envelopes, authorities }: KeyRecords, text: string): Promise<Histories> {
  try {
    return await historiesOf([...envelopes, text], ...authorities);
  } catch (cause) {
    if (!(cause instanceof Fault) || cause.code !== 'KEY_UNFIT') throw cause;
    throw new Fault('REFUSED', `with this withdrawal ${cause.message}`, { at: '--since', hint: 'name a later time, or none', cause });
  }
}

/** An identity without a key cannot be given one again. @throws {Fault} ANSWER_MISSING, APPROVAL_DENIED */
async function confirmEnd({ world, flags }: Session, { role, label }: Identity): Promise<void> {
  if (flags.yes) return;
  const hint = role === 'operator' ? 'agentctl identity rotate --role operator --name <operator>' : `agentctl identity rotate --role ${role}`;
  if (!world.talk.interactive) throw new Fault('ANSWER_MISSING', `no other key speaks for ${label}: this would end the identity for good`, { hint: `first ${hint}; or add --yes` });
  const agreed = await world.prompt.ask({ name: 'end', kind: 'confirm', message: `End ${label} for good?`, why: `No other key speaks for it; a new one comes first: ${hint}.`, default: false });
  if (agreed !== true) throw new Fault('APPROVAL_DENIED', 'the key was not withdrawn', { hint });
}

function causeOf(input: VerbInput): Withdrawal['cause'] {
  const cause = CAUSES.find((one) => one === textOption(input, 'cause'));
  if (cause === undefined) throw new Fault('USAGE', `${JSON.stringify(textOption(input, 'cause') ?? '')} is no cause`, { at: '--cause', hint: `causes: ${CAUSES.join(', ')}` });
  return cause;
}

function sinceOf(input: VerbInput, now: string): string {
  const text = textOption(input, 'since');
  const since = text === undefined ? now : instantFrom(text, '--since');
  if (since > now) throw new Fault('USAGE', 'a key cannot be withdrawn for the future', { at: '--since', hint: 'run it when the time has come' });
  return since;
}

/** The key that ends another one: the identity's own, or the organisation's where it answers for the identity. @throws {Fault} USAGE, KEY_MISSING */
async function signerOf({ keys, manifest }: Session, { role, did }: Identity, input: VerbInput): Promise<Signer> {
  const by = textOption(input, 'by');
  if (by !== undefined && by !== 'self' && by !== 'organisation') throw new Fault('USAGE', `${JSON.stringify(by)} cannot withdraw a key`, { at: '--by', hint: 'self or organisation' });
  const organisation = () => keys.openByDid('organisation', manifest.owner.organisation.did);
  if (by === 'organisation') return organisation();
  try {
    return await keys.openByDid(role, did);
  } catch (cause) {
    // Whoever lost the key cannot sign with it; that is what the organisation is for.
    const lost = cause instanceof Fault && (cause.code === 'KEY_MISSING' || cause.code === 'REFUSED');
    if (!lost || by === 'self' || role === 'organisation') throw cause;
    return organisation();
  }
}

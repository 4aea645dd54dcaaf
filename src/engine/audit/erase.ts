/** `audit erase <seq>`: a human has a payload destroyed for good. Its entry stays, the chain holds, and who and why is an entry itself. */
import type { Entry } from '../../domain/entry.js';
import { Fault } from '../../domain/fault.js';
import { ERASURE_REASONS } from '../../ledger/types/audit.js';
import { performAct } from '../human-act.js';
import { outcome } from '../outcome.js';
import { erasureSubject } from './destructions.js';
import { noEntry, numberOf } from './entry-at.js';
import { record, type Session } from '../session.js';
import { suggest } from '../suggest.js';
import { requiredOption, textOption, type Verb, type VerbInput } from '../verb.js';

export const run: Verb = async (session, input) => {
  const { store, chain } = session;
  const entry = await entryAt(session, numberOf(input.args[0]));
  const before = await store.erasedBy(chain, entry.seq);
  // An erasure on record was signed for: to run it again needs no human, it only finishes what was interrupted.
  const by = before ?? (await recordErasure(session, entry, input));
  await store.erase(chain, entry.seq);
  return outcome({
    step: 'audit', verb: 'erase', headline: `the payload of entry ${entry.seq} ${before === undefined ? 'is' : 'was'} erased by entry ${by}`,
    facts: [
      { label: 'entry', value: `#${entry.seq} ${entry.type}, which stays` },
      { label: 'gone', value: 'ciphertext, salt and key, from both files and their write-ahead logs' },
    ],
    notes: ['Copies made earlier keep what they hold: a backup the ciphertext, a copy of payload-keys.db the key; so does every report or export that quotes it.'],
    next: 'agentctl audit verify',
    data: { seq: entry.seq, erasedBy: by, again: before !== undefined },
  });
};

async function entryAt(session: Session, seq: number): Promise<Entry> {
  const stored = await session.store.read(session.chain, seq);
  if (!stored) throw await noEntry(session, seq);
  if (!stored.entry.payload) throw new Fault('REFUSED', `entry ${seq} (${stored.entry.type}) has no payload, so there is nothing to erase`, { at: `entry ${seq}`, hint: 'agentctl audit log' });
  return stored.entry;
}

/** @returns the number of the entry */
async function recordErasure(session: Session, { seq, type, payload }: Entry, input: VerbInput): Promise<number> {
  const reason = reasonOf(requiredOption(input, 'reason', `--reason ${ERASURE_REASONS.join('|')}`));
  const commit = payload?.commit ?? '';
  const subject = erasureSubject(session.chain, { seq, commit, reason });
  const signed = await performAct(session, {
    act: 'erase', step: 'audit', as: textOption(input, 'as'), subject,
    sentence: `I have the payload of entry ${seq} (${type}) destroyed for good, for this reason: ${reason}.`,
  });
  const { operator, ceremony, digest: act } = signed;
  const note = textOption(input, 'note');
  const stored = await record(
    session,
    { type: 'payload.erased', actor: operator.did, data: { seq, commit, reason, subject, act, operator: operator.did, ceremony }, ...(note === undefined ? {} : { payload: { note } }) },
    [signed.blob],
  );
  return stored.entry.seq;
}

function reasonOf(text: string): (typeof ERASURE_REASONS)[number] {
  const reason = ERASURE_REASONS.find((one) => one === text);
  if (reason !== undefined) return reason;
  const near = suggest(text, ERASURE_REASONS);
  throw new Fault('USAGE', `--reason "${text}" is none of ${ERASURE_REASONS.join(', ')}`, { at: '--reason', hint: near === undefined ? 'anything else that is to be told goes into --note' : `did you mean "${near}"?` });
}

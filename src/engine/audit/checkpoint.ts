/** `audit checkpoint`: signs the head of the log now, and publishes it to a second place if one is named. */
import { Fault } from '../../domain/fault.js';
import { rootOf } from '../../ledger/merkle.js';
import { checkPublished } from '../check-ledger.js';
import { record } from '../session.js';
import { signCheckpoint } from '../checkpoint.js';
import { outcome } from '../outcome.js';
import { textOption, type Verb } from '../verb.js';

export const run: Verb = async (session, input) => {
  const { store, chain, world } = session;
  const head = await store.head(chain);
  if (!head) throw new Fault('EVIDENCE_MISSING', 'the ledger is empty');
  const witness = textOption(input, 'witnessFile');
  // Before anything is signed: a store that was rolled back must neither hide it nor overwrite what betrays it, however far it has grown since.
  if (witness !== undefined && (await world.files.exists(witness))) await checkPublished(store, chain, await world.files.readText(witness), witness);
  await record(session, { type: 'audit.checkpointed', data: { size: head.size, root: rootOf(head.range) } });
  await signCheckpoint(session);
  const newest = await store.checkpoint(chain);
  if (!newest) throw new Fault('INTERNAL', 'no checkpoint after signing one');
  if (witness !== undefined) await world.files.write(witness, newest.note);
  return outcome({
    step: 'audit', verb: 'checkpoint', headline: `checkpoint signed at size ${newest.size}`,
    facts: [{ label: 'written', value: ['artifacts/checkpoint.txt', ...(witness === undefined ? [] : [witness])].join(', ') }],
    data: { size: newest.size, note: newest.note },
  });
};

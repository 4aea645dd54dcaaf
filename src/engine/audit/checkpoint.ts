/** `audit checkpoint`: signs the head of the log now, and publishes it to a second place if one is named. */
import { Fault } from '../../domain/fault.js';
import { readCheckpointNote } from '../../ledger/checkpoint.js';
import { rootOf } from '../../ledger/merkle.js';
import { record } from '../session.js';
import { signCheckpoint } from '../checkpoint.js';
import { outcome } from '../outcome.js';
import { textOption, type Verb } from '../verb.js';

export const run: Verb = async (session, input) => {
  const { store, chain, world } = session;
  const head = await store.head(chain);
  if (!head) throw new Fault('EVIDENCE_MISSING', 'the ledger is empty');
  await record(session, { type: 'audit.checkpointed', data: { size: head.size, root: rootOf(head.range) } });
  await signCheckpoint(session);
  const newest = await store.checkpoint(chain);
  if (!newest) throw new Fault('INTERNAL', 'no checkpoint after signing one');
  const witness = textOption(input, 'witnessFile');
  if (witness !== undefined) await publish(witness, newest.note);
  return outcome({
    step: 'audit', verb: 'checkpoint', headline: `checkpoint signed at size ${newest.size}`,
    facts: [{ label: 'written', value: ['artifacts/checkpoint.txt', ...(witness === undefined ? [] : [witness])].join(', ') }],
    data: { size: newest.size, note: newest.note },
  });

  async function publish(path: string, note: string): Promise<void> {
    if (await world.files.exists(path)) {
      const before = readCheckpointNote(await world.files.readText(path), path);
      // Never publish a smaller head over a larger one: that is what a rolled-back store would do.
      if (before.size > readCheckpointNote(note, path).size) throw new Fault('LEDGER_BROKEN', `${path} already holds a checkpoint of ${before.size} entries, more than this ledger has`, { at: path, hint: 'agentctl audit verify' });
    }
    await world.files.write(path, note);
  }
};

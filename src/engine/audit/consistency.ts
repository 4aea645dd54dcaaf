/** `audit consistency`: whether one state of the log continues another, with the proof; two signed states that do not agree are a fork. */
import { Fault } from '../../domain/fault.js';
import { verifySignature } from '../../identity/ed25519-verify.js';
import { checkpointText, openCheckpointNote, parseVerifierKey, readSize, type Checkpoint } from '../../ledger/checkpoint.js';
import { verifyConsistency } from '../../ledger/merkle.js';
import { consistencyFromTiles, rootFromTiles } from '../../ledger/tile-proofs.js';
import { formatHashes } from '../../ledger/tlog-proof.js';
import { formatSubmission } from '../../ledger/witness.js';
import { cutTail, parted } from '../published-checkpoint.js';
import { logKeyOf } from '../checkpoint.js';
import { originOf } from '../open-ledger.js';
import { outcome } from '../outcome.js';
import { refuseExisting } from '../refuse-existing.js';
import type { Session } from '../session.js';
import { tilesOf } from '../tiles-of.js';
import { absolute } from '../trust-roots.js';
import { textOption, type Verb } from '../verb.js';

export const run: Verb = async (session, input) => {
  const out = textOption(input, 'out');
  if (out !== undefined) await refuseExisting(session.world, absolute(session.world, out), 'old ');
  const [one, other] = [await stateOf(session, input.args[0] ?? ''), await stateOf(session, input.args[1] ?? '')];
  if (one.size > other.size) throw new Fault('USAGE', `${one.name} is newer than ${other.name}`, { hint: 'agentctl audit consistency <old> <new>' });
  if (one.size === other.size && one.root !== other.root) throw parted(`${one.name} and ${other.name} are over ${one.size} entries each, and differ: the log was forked`, one.name);
  for (const state of [one, other]) await compare(session, state);
  const proof = await consistencyFromTiles(tilesOf(session.store, session.chain), one.size, other.size);
  const holds = verifyConsistency({ first: BigInt(one.size), second: BigInt(other.size), firstRoot: one.root, secondRoot: other.root, proof });
  if (!holds) throw parted(`${other.name} does not continue ${one.name}`, other.name);
  const text = formatSubmission({ old: one.size, proof, note: other.note });
  if (out !== undefined) await session.world.files.write(absolute(session.world, out), text);
  return outcome({
    step: 'audit', verb: 'consistency', headline: `the log over ${other.size} entries continues the one over ${one.size}`,
    facts: [
      { label: 'old', value: `${one.name}, root ${one.root.slice(0, 12)}` },
      { label: 'new', value: `${other.name}, root ${other.root.slice(0, 12)}` },
      ...(out === undefined ? [] : [{ label: 'written', value: out }]),
    ],
    ...(out === undefined && proof.length > 0 ? { tables: [{ title: 'Proof', columns: ['hash'], rows: formatHashes(proof).map((hash) => [hash]) }] } : {}),
    data: { old: one.size, new: other.size, oldRoot: one.root, newRoot: other.root, proof: [...proof], text },
  });
};

interface State extends Checkpoint {
  readonly name: string;
  /** The signed checkpoint where there is one, else its unsigned text. */
  readonly note: string;
}

/** A size of this log, or a checkpoint from a file. @throws {Fault} USAGE, INPUT_INVALID, SIGNATURE_INVALID */
async function stateOf(session: Session, given: string): Promise<State> {
  const { store, chain, world } = session;
  const size = readSize(given);
  if (size === undefined) {
    const path = absolute(world, given);
    if ((await world.files.info(path))?.kind !== 'file') throw new Fault('USAGE', `"${given}" is neither a size nor a checkpoint file`, { hint: 'agentctl audit consistency 100 artifacts/checkpoint.txt' });
    const note = await world.files.readText(path);
    const checkpoint = await openCheckpointNote(note, [parseVerifierKey(await logKeyOf(session))], verifySignature, given);
    return { ...checkpoint, note, name: given };
  }
  const head = (await store.head(chain))?.size ?? 0;
  if (size === 0 || size > head) throw new Fault('USAGE', size === 0 ? 'from 0 everything continues' : `the ledger has ${head} entries, not ${size}`, { hint: `a size from 1 to ${head}` });
  const checkpoint = { origin: originOf(session.manifest), size, root: await rootFromTiles(tilesOf(store, chain), size) };
  const signed = (await store.checkpoints(chain)).find((one) => one.size === size);
  return { ...checkpoint, note: signed?.note ?? checkpointText(checkpoint), name: `size ${size}` };
}

/** What was signed has to be what this ledger holds. */
async function compare({ store, chain }: Session, { size, root, name }: State): Promise<void> {
  const head = (await store.head(chain))?.size ?? 0;
  if (size > head) throw cutTail(head, `${name} covers ${size}`, name);
  if (size === 0) throw new Fault('USAGE', `${name} is of an empty log, which everything continues`, { hint: 'name a later one' });
  if ((await rootFromTiles(tilesOf(store, chain), size)) !== root) throw parted(`${name} over ${size} entries is signed, and this ledger has others: the log was forked`, name);
}

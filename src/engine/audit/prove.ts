/** `audit prove`: one entry with its path to a signed checkpoint, in a file that can be checked without the log. */
import { Fault } from '../../domain/fault.js';
import { short } from '../../domain/digest.js';
import { verifySignature } from '../../identity/ed25519-verify.js';
import { openCheckpointNote, parseVerifierKey } from '../../ledger/checkpoint.js';
import { GENESIS } from '../../ledger/entry.js';
import { inclusionFromTiles } from '../../ledger/tile-proofs.js';
import { formatProof, PROOF_FORMAT, proves, type TlogProof } from '../../ledger/tlog-proof.js';
import { logKeyOf } from '../checkpoint.js';
import { outcome } from '../outcome.js';
import { refuseExisting } from '../refuse-existing.js';
import type { Session } from '../session.js';
import { tilesOf } from '../tiles-of.js';
import { absolute } from '../trust-roots.js';
import { textOption, type Verb } from '../verb.js';
import { readCosignatures } from './cosignatures.js';
import { noEntry, numberOf } from './entry-at.js';

export const run: Verb = async (session, input) => {
  const seq = numberOf(input.args[0]);
  const file = textOption(input, 'out') ?? `entry-${seq}.tlog-proof`;
  await refuseExisting(session.world, absolute(session.world, file), PROOF_FORMAT);
  const { store, chain, world } = session;
  const stored = await store.read(chain, seq);
  if (!stored) throw await noEntry(session, seq);
  const { checkpoint, size, witnesses } = await coveringCheckpoint(session, seq);
  const log = await logKeyOf(session);
  await openCheckpointNote(checkpoint, [parseVerifierKey(log)], verifySignature, `checkpoint ${size}`);
  const proof = await proofUnder(session, seq, { checkpoint, size });
  await world.files.write(absolute(world, file), formatProof(proof), 0o600);
  return outcome({
    step: 'audit', verb: 'prove', headline: `entry ${seq} is proven by the checkpoint over ${size} entries`,
    facts: [
      { label: 'entry', value: `${stored.entry.type}, hash ${short(stored.hash)}` },
      { label: 'file', value: file },
      { label: 'witnesses', value: witnesses.join(', ') || 'none vouches for this checkpoint' },
      { label: 'log key', value: log },
    ],
    notes: ['The file holds the entry itself. Whoever checks it needs the log key by another way than the file.'],
    next: `agentctl audit verify --proof ${file} --trust <vkey>`,
    data: { seq, size, file, log, witnesses: [...witnesses], proof: formatProof(proof) },
  });
};

/** The entry with its path to the root of a checkpoint that covers it. @throws {Fault} LEDGER_BROKEN when it does not lead there */
export async function proofUnder(session: Session, seq: number, { checkpoint, size }: { readonly checkpoint: string; readonly size: number }): Promise<TlogProof> {
  const text = await leafText(session, seq);
  const proof: TlogProof = { text, index: seq, hashes: await inclusionFromTiles(tilesOf(session.store, session.chain), seq, size), checkpoint };
  if (!proves(proof, text, `checkpoint ${size}`)) throw new Fault('LEDGER_BROKEN', `entry ${seq} is not in the tree of the signed checkpoint over ${size} entries`, { at: `entry ${seq}`, hint: 'agentctl audit verify' });
  return proof;
}

/** The newest one that a witness vouches for, else the newest. */
export async function coveringCheckpoint(session: Session, seq: number): Promise<{ readonly checkpoint: string; readonly size: number; readonly witnesses: readonly string[] }> {
  const covering = (await session.store.checkpoints(session.chain)).filter(({ size }) => size > seq);
  const cosigned = new Set((await session.store.cosignatures(session.chain)).map(({ size }) => size));
  const chosen = covering.findLast(({ size }) => cosigned.has(size)) ?? covering.at(-1);
  if (!chosen) throw new Fault('EVIDENCE_MISSING', `no signed checkpoint covers entry ${seq} yet`, { at: `entry ${seq}`, hint: 'agentctl audit checkpoint' });
  const below = await readCosignatures(session, chosen.size);
  return { checkpoint: `${chosen.note}${below.map(({ line }) => line).join('')}`, size: chosen.size, witnesses: below.map(({ name }) => name) };
}

/** What hashes to the leaf: the hash before, a newline, the stored body. */
async function leafText({ store, chain }: Session, seq: number): Promise<string> {
  const before = seq === 0 ? GENESIS : (await store.read(chain, seq - 1))?.hash;
  for await (const row of store.scan(chain, seq)) return `${before ?? ''}\n${row.body}`;
  throw new Fault('EVIDENCE_MISSING', `entry ${seq} is gone`, { at: `entry ${seq}` });
}

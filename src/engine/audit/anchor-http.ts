/** A witness over HTTP as an anchor (C2SP tlog-witness): it vouches for a checkpoint only when it continues what it has seen. */
import { Fault } from '../../domain/fault.js';
import type { HttpResponse } from '../../domain/ports.js';
import { verifySignature } from '../../identity/ed25519-verify.js';
import { parseNote, readSize, vouchersOf, type VerifierKey } from '../../ledger/checkpoint.js';
import { readSignatureLine } from '../../ledger/signature-line.js';
import { consistencyFromTiles } from '../../ledger/tile-proofs.js';
import { ADD_CHECKPOINT, formatSubmission } from '../../ledger/witness.js';
import { cutTail, parted } from '../published-checkpoint.js';
import type { Session } from '../session.js';
import { tilesOf } from '../tiles-of.js';
import { NOTHING_SEEN, type Anchorage, type Seen } from './anchorage.js';
import { publishedTo } from './published.js';

const LIMITS = { bytes: 65_536, timeout: 10_000 };
/** Somebody else may submit at the same time; more often than this is no coincidence. */
const TRIES = 4;

export interface WitnessAt {
  readonly url: string;
  readonly key: VerifierKey;
  /** How people call it. */
  readonly name: string;
}

export function httpAnchorage(witness: WitnessAt): Anchorage {
  return {
    compare: (session) => submit(session, witness, 'compare'),
    async publish(session) {
      const seen = await submit(session, witness, 'publish');
      if (typeof seen === 'string') throw new Fault('INTERNAL', 'there is no checkpoint to publish');
      return seen;
    },
  };
}

/**
 * Submits the newest checkpoint from the size that was published last; when the witness names another size, from there.
 * A witness that has never seen the log is shown it only on purpose: to compare would say yes to any history.
 */
async function submit(session: Session, witness: WitnessAt, purpose: 'compare' | 'publish'): Promise<Seen | string> {
  const { store, chain } = session;
  const newest = await store.checkpoint(chain);
  const published = await publishedTo(session, { kind: 'http', ...witness });
  if (!newest && published !== undefined) throw cutTail((await store.head(chain))?.size ?? 0, `the checkpoint over ${published}, which ${witness.name} was shown, is gone`, witness.url);
  if (!newest) return 'cannot be asked, since no checkpoint is signed yet';
  const known = published === undefined ? undefined : Math.min(published, newest.size);
  let old = known ?? (purpose === 'compare' ? newest.size : 0);
  for (let tries = 0; tries < TRIES; tries += 1) {
    const answer = await post(session, witness, newest, old);
    if (answer.status === 200) return { size: newest.size, line: await cosignatureIn(answer.body, newest.note, witness) };
    if (answer.status !== 409) throw refusal(answer, witness, old, session);
    const seen = seenSize(answer, witness);
    if (seen > newest.size) throw cutTail(newest.size, `${witness.name} has seen ${seen}`, witness.url);
    if (seen < (known ?? 0)) throw unusable(witness, `has forgotten this log: it had seen ${known} entries, and now names ${seen}`);
    if (seen === old) throw parted(`${witness.name} has seen another history of the first ${seen} entries`, witness.url);
    if (seen === 0 && purpose === 'compare') return NOTHING_SEEN;
    old = seen;
  }
  throw unusable(witness, 'names another size every time');
}

async function post({ world, store, chain }: Session, { url }: WitnessAt, { size, note }: { readonly size: number; readonly note: string }, old: number): Promise<HttpResponse> {
  const proof = old === 0 ? [] : await consistencyFromTiles(tilesOf(store, chain), old, size);
  return world.http.submitNote(`${url.replace(/\/+$/, '')}${ADD_CHECKPOINT}`, formatSubmission({ old, proof, note }), LIMITS);
}

/** The witness's own line in its answer; those of other keys are left aside. */
async function cosignatureIn(body: string, note: string, witness: WitnessAt): Promise<string> {
  const lines = body.split('\n').filter((line) => line !== '');
  const own = lines.find((line) => {
    const signature = readSignatureLine(line);
    return signature?.name === witness.key.name && signature.keyId === witness.key.keyId;
  });
  if (own === undefined) throw new Fault('KEY_UNFIT', `${witness.name} does not answer with the key that it is known by`, { at: witness.url, hint: 'compare --witness-key, or audit.anchors in agent.yaml, with what the witness prints' });
  const { text } = parseNote(note, 'checkpoint');
  await vouchersOf(parseNote(`${text}\n${own}\n`, witness.url), [witness.key], verifySignature);
  return `${own}\n`;
}

function seenSize({ headers, body }: HttpResponse, witness: WitnessAt): number {
  const size = body.endsWith('\n') ? readSize(body.slice(0, -1)) : undefined;
  if (size === undefined) throw unusable(witness, `answers with status 409 and no size (${headers['content-type'] ?? 'no type'})`);
  return size;
}

function refusal({ status, body }: HttpResponse, witness: WitnessAt, old: number, { chain }: Session): Fault {
  if (status === 422) return parted(`${witness.name} has seen another history of the first ${old} entries`, witness.url);
  if (status === 403) return new Fault('SIGNATURE_INVALID', `${witness.name} knows this log by another key than the one that signs it now`, { at: witness.url, hint: 'the ledger was rewritten by somebody else, or its log key was replaced: compare the key with the one that the witness was given' });
  if (status === 404) return unusable(witness, 'does not watch this log', 'start it with --log and the key that agentctl audit prove names');
  return unusable(witness, `answers with status ${status} about ${chain}: ${body.slice(0, 100).trim()}`);
}

function unusable({ name, url }: WitnessAt, why: string, hint = 'ask whoever runs the witness'): Fault {
  return new Fault('NETWORK', `${name} ${why}`, { at: url, hint });
}

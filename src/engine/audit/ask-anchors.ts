/** Asks the anchors of a command, all at once: what they have seen, and whether they take what is new. */
import { EXIT, Fault } from '../../domain/fault.js';
import { whereOf, type Anchor } from '../../ledger/anchors.js';
import { formatVerifierKey, readCheckpointNote } from '../../ledger/checkpoint.js';
import { record, type Session } from '../session.js';
import type { Seen } from './anchorage.js';
import type { Anchors, NamedAnchor } from './anchors.js';
import { publishedTo } from './published.js';

export interface Compared extends NamedAnchor {
  /** Words: there was nothing to compare. */
  readonly seen: Seen | string;
}

/** Asks every anchor. @throws {Fault} the gravest of what they say */
export async function compareAnchors(session: Session, { named: all }: Anchors): Promise<readonly Compared[]> {
  const answers = await Promise.allSettled(all.map(async (one) => ({ ...one, seen: remembering(one, await one.anchorage.compare(session), await publishedTo(session, one.anchor)) })));
  const faults = answers.flatMap((answer) => (answer.status === 'rejected' ? [answer.reason as unknown] : []));
  // One that is out of reach must not hide one that disagrees.
  if (faults.length > 0) throw faults.find((fault) => !(fault instanceof Fault)) ?? faults.find((fault) => fault instanceof Fault && fault.exit === EXIT.untrustworthy) ?? faults[0];
  return answers.flatMap((answer) => (answer.status === 'fulfilled' ? [answer.value] : []));
}

/** An anchor that is gone, or has gone back, was tampered with itself: it vouches for nothing. @throws {Fault} IO */
function remembering({ name }: NamedAnchor, seen: Seen | string, published: number | undefined): Seen | string {
  const size = typeof seen === 'string' ? 0 : seen.size;
  if (published === undefined || size >= published) return seen;
  throw new Fault('IO', `${name} has forgotten this log: it was shown ${published} entries, and knows ${size}`, { at: name, hint: 'find out who changed it; without it a rollback would not show' });
}

/** What keeps the comparison from being an answer: nobody was asked, or who was asked by name has seen nothing. */
export function lacking({ required }: Anchors, compared: readonly Compared[]): Fault | undefined {
  const silent = compared.find(({ seen, flagged }) => typeof seen === 'string' && (flagged || required));
  if (silent) return new Fault('EVIDENCE_MISSING', `${silent.name} ${String(silent.seen)}`, { at: silent.name, hint: ['agentctl audit checkpoint', ...flagsOf(silent)].join(' ') });
  if (required && compared.length === 0) return new Fault('EVIDENCE_MISSING', 'an anchor outside this machine is required, and none is named', { at: 'agent.yaml: audit.anchors', hint: 'name one under audit.anchors, or agentctl audit verify --witness-file <file>' });
  return undefined;
}

function flagsOf({ anchor, flagged }: NamedAnchor): readonly string[] {
  if (!flagged) return [];
  if (anchor.kind === 'http') return ['--witness', anchor.url, '--witness-key', formatVerifierKey(anchor.key.name, anchor.key.publicKey, 'cosignature')];
  return anchor.kind === 'file' ? ['--witness-file', anchor.path] : ['--witness-git', anchor.folder];
}

/** Said wherever a chain was verified and nobody outside was asked. */
export const UNANCHORED = 'No witness outside this machine was asked: whoever owns store, checkpoint and log key could have replaced all three together.';

/** One line for each anchor that was compared. */
export function comparedLines(compared: readonly Compared[], size: number): readonly string[] {
  if (compared.length === 0) return [UNANCHORED];
  return compared.map(({ name, seen }) => (typeof seen === 'string' ? `${name} ${seen}: agentctl audit checkpoint` : `${name} agrees up to ${seen.size} of ${size} entries`));
}

/** What makes anchors worth less than they seem. */
export function weaknesses(anchors: readonly NamedAnchor[]): readonly string[] {
  return anchors.flatMap(({ weakness }) => (weakness === null ? [] : [weakness]));
}

export interface Published extends NamedAnchor {
  readonly seen: Seen | Fault;
}

/** Shows the newest checkpoint to every anchor, and records each that took it. @throws {Fault} when one of them disagrees */
export async function publishToAnchors(session: Session, { named: all }: Anchors): Promise<readonly Published[]> {
  const published = await Promise.all(all.map(async (one): Promise<Published> => ({ ...one, seen: await orFault(() => one.anchorage.publish(session)) })));
  for (const { anchor, seen } of published) if (!(seen instanceof Fault)) await recordAnchored(session, anchor, seen);
  for (const { seen } of published) if (seen instanceof Fault && seen.exit === EXIT.untrustworthy) throw seen;
  return published;
}

async function orFault(work: () => Promise<Seen>): Promise<Seen | Fault> {
  try {
    return await work();
  } catch (cause) {
    if (cause instanceof Fault && cause.exit !== EXIT.bug) return cause;
    throw cause;
  }
}

/** What a witness signed while it was only asked is worth keeping, unless it vouches for what it vouched for before. */
export async function keepCosignatures(session: Session, compared: readonly Compared[]): Promise<void> {
  const kept = await session.store.cosignatures(session.chain);
  for (const { anchor, seen } of compared) {
    if (anchor.kind !== 'http' || typeof seen === 'string' || seen.line === undefined || kept.some((one) => one.name === anchor.key.name && one.size === seen.size)) continue;
    await recordAnchored(session, anchor, seen);
  }
}

/** The entry comes first: it names the key by which a witness's signature is checked whenever it is read. */
async function recordAnchored(session: Session, anchor: Anchor, { size, line }: Seen): Promise<void> {
  const { store, chain } = session;
  const note = (await store.checkpoints(chain)).find((one) => one.size === size)?.note;
  if (note === undefined) throw new Fault('INTERNAL', `no checkpoint over ${size} entries`);
  const { root } = readCheckpointNote(note, `checkpoint ${size}`);
  const key = anchor.kind === 'http' ? { key: formatVerifierKey(anchor.key.name, anchor.key.publicKey, 'cosignature') } : {};
  await record(session, { type: 'audit.anchored', data: { kind: anchor.kind, where: whereOf(anchor), size, root, ...key } });
  if (line !== undefined && anchor.kind === 'http') await store.putCosignature(chain, size, anchor.key.name, line);
}

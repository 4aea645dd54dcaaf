/** `audit prune`: lets go of a beginning of the log that has outlived its retention. Refused unless it is sealed; signed, and an entry itself. */
import { counted } from '../../domain/counted.js';
import { canonical } from '../../domain/canonical.js';
import { digestBytes } from '../../domain/digest.js';
import { Fault } from '../../domain/fault.js';
import { fold, statesToJson, type FoldedStates } from '../../domain/projection.js';
import { readable, type Instant } from '../../domain/time.js';
import { decodeEntry } from '../../ledger/entry.js';
import { outlived, type Outlived, type Retention } from '../../ledger/retention.js';
import { rootFromTiles } from '../../ledger/tile-proofs.js';
import { TILE_WIDTH } from '../../ledger/tiles.js';
import { PROJECTIONS } from '../as-of.js';
import { checkEverything } from '../check-ledger.js';
import { gateTime } from '../gate-time.js';
import { performAct } from '../human-act.js';
import { outcome } from '../outcome.js';
import { prunedStates } from '../pruned-states.js';
import { textBlob, type Session } from '../session.js';
import { tilesOf } from '../tiles-of.js';
import { textOption, type Verb } from '../verb.js';
import { checkDestructions, pruningSubject } from './destructions.js';
import { neededEvidence } from './needed-evidence.js';
import { covering, sealedFolder } from './sealed.js';

export const run: Verb = async (session, input) => {
  const { store, chain, manifest } = session;
  const before = await prunedStates(store, chain);
  if (before.size > 0) {
    // What is on record was signed for: whoever comes later finishes it, if it was interrupted.
    await checkDestructions(session);
    await store.prune(chain);
  }
  const ledger = await checkEverything(session);
  const section = manifest['audit'] as { readonly retention: Retention } | undefined;
  if (!section) throw new Fault('MANIFEST_INVALID', 'agent.yaml has no section "audit"', { at: 'agent.yaml', hint: 'agentctl schema audit' });
  const found = await outlived(entriesAfter(session, before.size), section.retention, await gateTime(session), await neededEvidence(session));
  const size = Math.floor(found.size / TILE_WIDTH) * TILE_WIDTH;
  if (size <= before.size) return nothing(before.size, found);
  const segments = await covering(session, sealedFolder(session, textOption(input, 'sealed')), size);
  const { states, last } = await foldTo(session, before, size);
  const root = await rootFromTiles(tilesOf(store, chain), size);
  const subject = pruningSubject(chain, { size, root });
  const signed = await performAct(session, {
    act: 'prune', step: 'audit', as: textOption(input, 'as'), subject,
    sentence: `I let go of the texts of entries 1 to ${size - 1}, which have outlived their retention and are sealed in ${counted(segments.length, 'file')}.`,
  });
  const blob = textBlob(canonical(statesToJson(states)));
  const data = { size, root, last, states: digestBytes(blob.bytes), segments: [...segments], subject, act: signed.digest, operator: signed.operator.did, ceremony: signed.ceremony };
  await store.append(chain, [{ type: 'audit.pruned', agent: session.agent, actor: signed.operator.did, data }], { blobs: [blob, signed.blob], guards: [{ kind: 'size-is', size: ledger.size }] });
  await store.prune(chain);
  return outcome({
    step: 'audit', verb: 'prune', headline: `the texts of entries 1 to ${size - 1} are gone`,
    facts: [
      { label: 'kept', value: 'their hashes, so that chain and tree still hold, and entry 0, which names the key of the log' },
      { label: 'sealed in', value: segments.map(({ file }) => file).join(', ') },
      { label: 'signed by', value: `${signed.operator.name} (${signed.ceremony})` },
      { label: 'next', value: staysText(found) },
    ],
    notes: ['Copies made earlier keep what they hold.'], next: 'agentctl audit verify', data: { size, from: before.size, segments: segments.length },
  });
};

function nothing(size: number, found: Outlived): ReturnType<typeof outcome> {
  return outcome({ step: 'audit', verb: 'prune', headline: 'nothing to let go of', facts: [{ label: 'because', value: staysText(found) }], notes: [`entries go ${TILE_WIDTH} at a time`], data: { size, segments: 0 } });
}

function staysText({ size, stays }: Outlived): string {
  if (stays === null) return `entry ${size} is the next`;
  return stays.until === null ? `entry ${stays.seq} (${stays.type}) is still evidence: renew it first` : `entry ${stays.seq} (${stays.type}) is kept until ${readable(stays.until)}`;
}

async function* entriesAfter({ store, chain }: Session, from: number): AsyncGenerator<{ seq: number; ts: Instant; type: string }> {
  for await (const row of store.scan(chain, from)) yield decodeEntry(row.body, `entry ${row.seq}`);
}

/** The projections as they stand before entry `size`, and the time of the entry before it. */
async function foldTo({ store, chain }: Session, before: { readonly size: number; readonly states: FoldedStates }, size: number): Promise<{ states: FoldedStates; last: Instant }> {
  const { states } = before;
  let last = '';
  for await (const row of store.scan(chain, before.size)) {
    if (row.seq >= size) break;
    const entry = decodeEntry(row.body, `entry ${row.seq}`);
    fold(PROJECTIONS, entry, states);
    last = entry.ts;
  }
  return { states, last };
}

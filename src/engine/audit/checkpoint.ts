/** `audit checkpoint`: signs the head of the log now, also when nothing happened, and shows it to every anchor. */
import { EXIT, Fault } from '../../domain/fault.js';
import type { Report } from '../../domain/report.js';
import { addDuration, parseDuration, readable } from '../../domain/time.js';
import { rootOf } from '../../ledger/merkle.js';
import { record, type Session } from '../session.js';
import { signCheckpoint } from '../checkpoint.js';
import { outcome } from '../outcome.js';
import { textOption, type Verb } from '../verb.js';
import { anchorFlags, anchorsOf } from './anchors.js';
import { compareAnchors, publishToAnchors, weaknesses, type Published } from './ask-anchors.js';

export const run: Verb = async (session, input) => {
  const { store, chain } = session;
  const anchors = await anchorsOf(session, anchorFlags(input));
  const early = await tooEarly(session, textOption(input, 'every'));
  if (early !== undefined) return early;
  // Before anything is signed: a store that was rolled back must neither hide it nor overwrite what betrays it.
  await compareAnchors(session, anchors);
  const head = await store.head(chain);
  if (!head) throw new Fault('EVIDENCE_MISSING', 'the ledger is empty');
  await record(session, { type: 'audit.checkpointed', data: { size: head.size, root: rootOf(head.range) } });
  await signCheckpoint(session);
  const newest = await store.checkpoint(chain);
  if (!newest) throw new Fault('INTERNAL', 'no checkpoint after signing one');
  const published = await publishToAnchors(session, anchors);
  return answer(newest, published);
};

/** In idle times a checkpoint is worth its entry only when the newest one has become old. */
async function tooEarly({ store, chain, world }: Session, every: string | undefined): Promise<Report | undefined> {
  if (every !== undefined) parseDuration(every);
  const newest = every === undefined ? undefined : await store.checkpoint(chain);
  const last = newest && (await store.read(chain, newest.size - 1));
  if (every === undefined || !newest || !last || addDuration(last.entry.ts, every) <= world.clock.now()) return undefined;
  return outcome({
    step: 'audit', verb: 'checkpoint', headline: `nothing to do: the checkpoint at size ${newest.size} is younger than ${every}`,
    facts: [{ label: 'newest', value: readable(last.entry.ts) }], data: { size: newest.size, note: newest.note },
  });
}

function answer({ size, note }: { readonly size: number; readonly note: string }, published: readonly Published[]): Report {
  const failed = published.filter(({ seen }) => seen instanceof Fault);
  const rows = published.map(({ name, seen }) => [name, seen instanceof Fault ? `not published: ${seen.message}` : `has seen ${seen.size} entries${seen.line === undefined ? '' : ', and vouches for them'}`]);
  return outcome({
    step: 'audit', verb: 'checkpoint',
    headline: `checkpoint signed at size ${size}${failed.length === 0 ? '' : `, but ${failed.length} of ${published.length} anchors did not take it`}`,
    facts: [{ label: 'written', value: 'artifacts/checkpoint.txt' }],
    ...(rows.length === 0 ? {} : { tables: [{ title: 'Anchors', columns: ['anchor', 'state'], rows }] }),
    notes: [...weaknesses(published), ...published.filter(({ anchor }) => anchor.kind === 'git').map(({ name }) => `${name} lies as near as the store until it is pushed elsewhere`)],
    next: failed.length === 0 ? null : 'agentctl audit checkpoint',
    data: { size, note, anchors: published.map(({ anchor, name, seen }) => ({ kind: anchor.kind, name, size: seen instanceof Fault ? null : seen.size, problem: seen instanceof Fault ? seen.message : null })) },
  }, failed.length === 0 ? EXIT.yes : EXIT.surroundings);
}

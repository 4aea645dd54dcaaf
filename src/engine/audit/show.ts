/** `audit show`: one record whole: envelope, payload, and the entries that belong to it. */
import { hexOf, isDigest, short } from '../../domain/digest.js';
import type { Entry } from '../../domain/entry.js';
import { readable } from '../../domain/time.js';
import type { Table } from '../../domain/report.js';
import { gateTime } from '../gate-time.js';
import { outcome } from '../outcome.js';
import type { Session } from '../session.js';
import type { Verb } from '../verb.js';
import { aboutAction } from './about-action.js';
import { entriesFrom, type Found } from './entries.js';
import { noEntry, numberOf } from './entry-at.js';
import { actorOf, entryJson, spaced, summaryOf } from './line.js';
import { payloadOf } from './payload.js';
import { relatedTo } from './related.js';

export const run: Verb = async (session, { args: [word] }) => {
  const found = await entryAt(session, numberOf(word));
  const { entry, row } = found;
  const payload = await payloadOf(session, entry);
  const related = await relatedTo(session, entry);
  const action = aboutAction(entry, { payload, related, now: await gateTime(session) });
  const erased = payload === 'erased' ? ['The payload was erased. Its commitment stays in the chain, and shows nothing of it.'] : [];
  return outcome({
    step: 'audit', verb: 'show', headline: `entry ${entry.seq}: ${entry.type}`,
    facts: factsOf(session, found),
    tables: [
      ...(action === undefined ? [] : [action]),
      membersTable('Data', entry.data),
      ...(payload === undefined || payload === 'erased' ? [] : [membersTable('Payload', payload)]),
      ...(related.length === 0 ? [] : [relatedTable(related)]),
    ],
    notes: erased,
    data: { entry: entryJson(entry, payload), hash: row.hash, previous: found.previous, related: related.map((other) => entryJson(other, undefined)) },
  });
};

/** @throws {Fault} EVIDENCE_MISSING, LEDGER_BROKEN when the hash does not vouch for the text */
async function entryAt(session: Session, seq: number): Promise<Found> {
  for await (const found of entriesFrom(session, { next: seq, previous: undefined }, () => true, seq + 1)) return found;
  throw await noEntry(session, seq);
}

function factsOf({ manifest }: Session, { entry, row, previous }: Found): readonly { readonly label: string; readonly value: string }[] {
  const { seq, ts, chain, agent, actor, inputs, validUntil, payload } = entry;
  const facts: readonly (readonly [label: string, value: string | null])[] = [
    ['place', `${seq} of chain ${chain}`], ['time', ts], ['actor', actorOf(manifest, actor)], ['agent', agent.id], ['DID', agent.did ?? 'none yet'],
    ['version', agent.version ?? 'unknown'], ['build', agent.build ?? 'unknown'], ['valid until', validUntil ?? null],
    ['made from', Object.entries(inputs).map(([name, digest]) => `${name} ${short(digest)}`).join(', ') || null],
    ['hash', `${row.hash}, as its text and ${short(previous)} before it give`], ['payload', payload === undefined ? 'none' : `committed to as ${short(payload.commit)}`],
  ];
  return facts.flatMap(([label, value]) => (value === null ? [] : [{ label, value }]));
}

function membersTable(title: string, members: Entry['data']): Table {
  return { title, columns: ['name', 'value'], rows: Object.entries(members).map(([name, value]) => [name, isDigest(value) ? hexOf(value) : spaced(value) || 'none']) };
}

function relatedTable(related: readonly Entry[]): Table {
  return { title: 'Belongs to it', columns: ['seq', 'time', 'type', 'data'], rows: related.map((other) => [String(other.seq), readable(other.ts), other.type, summaryOf(other, 4)]) };
}

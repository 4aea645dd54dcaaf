/** The pure half of appending: drafts become entries, rows and the next head. Every store adapter shares it. */
import type { Entry, EntryDraft, StoredEntry } from '../domain/entry.js';
import type { Head, StoredRow } from '../domain/ports.js';
import type { Instant } from '../domain/time.js';
import { encodeEntry, GENESIS } from './entry.js';
import { extendRange } from './merkle.js';

/** A draft whose data the registry accepted and whose payload is already committed to. */
export interface SealedDraft extends Omit<EntryDraft, 'payload'> {
  readonly commit?: string;
}

export interface Extension {
  readonly stored: StoredEntry;
  readonly row: StoredRow;
  readonly head: Head;
}

export function emptyHead(chain: string): Head {
  return { chain, size: 0, hash: GENESIS, range: [] };
}

/** @throws {Fault} INPUT_INVALID, INTERNAL: as {@link encodeEntry} */
export function extend(head: Head, draft: SealedDraft, ts: Instant): Extension {
  const entry = toEntry(head, draft, ts);
  const { body, hash } = encodeEntry(head.hash, entry);
  const range = [...head.range];
  extendRange(range, head.size, hash);
  return { stored: { entry, hash }, row: { seq: head.size, hash, body }, head: { chain: head.chain, size: head.size + 1, hash, range } };
}

function toEntry({ chain, size }: Head, { type, agent, actor, inputs = {}, validUntil, data, commit }: SealedDraft, ts: Instant): Entry {
  return {
    v: 1, chain, seq: size, ts, type, agent, actor, inputs, data,
    ...(validUntil === undefined ? {} : { validUntil }),
    ...(commit === undefined ? {} : { payload: { commit } }),
  };
}

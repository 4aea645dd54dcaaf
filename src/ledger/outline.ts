/** The outline of a stored body: what an audit asks of every entry, without parsing those that it has nothing else to ask. */
import type { Entry } from '../domain/entry.js';
import { isInstant, type Instant } from '../domain/time.js';
import { decodeEntry, MAX_TEXT } from './entry.js';
import { writtenAs } from './glance.js';
import { mayNameBytes } from './named-bytes.js';

export interface Outline {
  readonly seq: number;
  readonly ts: Instant;
  readonly type: string;
  /** Of its payload, when it has one. */
  readonly commit: string | undefined;
  /** Whether it can name stored bytes: see {@link namedBytes}. */
  readonly mayName: boolean;
  /** Parsed anew each time. */
  entry(): Entry;
}

const WRITTEN = writtenAs('captured');

/**
 * The same verdict as {@link decodeEntry}, several times sooner for what is written most: flat data without escapes.
 *
 * @param place what to call the entry in an error, such as `entry 17`
 * @throws {Fault} LEDGER_BROKEN
 */
export function outline(body: string, place: string): Outline {
  return seenAtOnce(body) ?? seenInFull(decodeEntry(body, place));
}

function seenInFull(entry: Entry): Outline {
  const { seq, ts, type, payload } = entry;
  return { seq, ts, type, commit: payload?.commit, mayName: true, entry: () => entry };
}

function seenAtOnce(body: string): Outline | undefined {
  const [, chain, data, inputs, commit, seq, ts, type, validUntil] = (body.length <= MAX_TEXT && !body.includes('\\') ? WRITTEN.exec(body) : null) ?? [];
  if (chain === undefined || data === undefined || inputs === undefined || ts === undefined || type === undefined) return undefined;
  if (!isInOrder(data) || !isInOrder(inputs) || !isInstant(ts) || (validUntil !== undefined && !isInstant(validUntil))) return undefined;
  // What the pattern matches is the shape of Entry.
  return { seq: Number(seq), ts, type, commit, mayName: mayNameBytes({ inputs, data }), entry: () => JSON.parse(body) as Entry };
}

/** A number that canonical form may write in another way. Inside a text it only costs a closer look. */
const DOUBTFUL_NUMBER = /[:,[](?:-0|-?\d{16})/;

/** Whether the names of a flat object without escapes are in ascending order; false also where that is not seen at once. */
function isInOrder(text: string): boolean {
  if (text.indexOf('{', 1) > 0 || DOUBTFUL_NUMBER.test(text)) return false;
  let before = '';
  // Without escapes no text holds a quote, so that one before a colon ends a name.
  for (let end = text.indexOf('":'); end >= 0; end = text.indexOf('":', end + 2)) {
    const name = text.slice(text.lastIndexOf('"', end - 1) + 1, end);
    if (name <= before) return false;
    before = name;
  }
  return true;
}

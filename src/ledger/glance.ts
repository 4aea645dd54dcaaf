/** A glance at a stored body: the members that a verification follows, seen by a pattern instead of parsing everything. */
import type { Entry } from '../domain/entry.js';
import { INSTANT, isInstant } from '../domain/time.js';
import { MAX_TEXT, readBody } from './entry.js';

export type Glance = Pick<Entry, 'chain' | 'seq' | 'ts' | 'type'>;

/**
 * The same verdict as {@link readBody}, several times sooner for what {@link encodeEntry} writes: whatever the pattern matches
 * is an envelope of format 1 around valid JSON, and anything else is read in full.
 */
export function glance(body: string): Glance | string {
  const [, chain, seq, ts, type, validUntil] = (body.length <= MAX_TEXT ? WRITTEN.exec(body) : null) ?? [];
  if (chain === undefined || ts === undefined || type === undefined) return readBody(body);
  if (ts !== before.ts && !isInstant(ts)) return readBody(body);
  if (validUntil !== undefined && !isInstant(validUntil)) return readBody(body);
  return { chain: asBefore('chain', chain), seq: Number(seq), ts: asBefore('ts', ts), type: asBefore('type', type) };
}

const before = { chain: '', ts: '', type: '' };

/** The very text of the entry before, where it is the same: whoever compares the two then need not look into them. */
function asBefore(member: keyof typeof before, text: string): string {
  if (before[member] !== text) before[member] = text;
  return before[member];
}

/** How deep lists and objects may be nested in `data` for the pattern to match. */
const DEPTH = 4;
const PLAIN = '[^"\\\\\\u0000-\\u001f\\u0080-\\uffff]';
const CHARACTERS = `${PLAIN}*(?:\\\\(?:["\\\\/bfnrt]|u[0-9a-fA-F]{4})${PLAIN}*)*`;
const TEXT = `"${CHARACTERS}"`;
const SOME_TEXT = `"(?!")${CHARACTERS}"`;
const NAME = `"(${PLAIN}+)"`;
const DIGEST = '"sha256:[0-9a-f]{64}"';
const TIME = `"(${INSTANT.source.slice(1, -1)})"`;

// A comma only before another member, none before the end: so each member stands in the pattern once.
const objectOf = (member: string) => `\\{(?:${TEXT}:${member}(?:,(?=")|(?=\\})))*\\}`;
const listOf = (item: string) => `\\[(?:${item}(?:,(?!\\])|(?=\\])))*\\]`;
const valueOf = (depth: number): string => `(?:${[TEXT, '-?(?:0|[1-9]\\d*)', 'true', 'false', 'null', ...(depth > 0 ? [listOf(valueOf(depth - 1)), objectOf(valueOf(depth - 1))] : [])].join('|')})`;

const DATA = objectOf(valueOf(DEPTH - 1));
const INPUTS = objectOf(DIGEST);

/**
 * The pattern of an envelope as its canonical form orders it. It captures chain, seq, ts, type and validUntil.
 *
 * @param more captures data, inputs and commitment too, which stand behind the chain; what is captured costs a little with every body
 */
export function writtenAs(more: 'captured' | 'passed over'): RegExp {
  const part = more === 'captured' ? '(' : '(?:';
  return new RegExp([
    `^\\{"actor":${SOME_TEXT},"agent":\\{"build":(?:null|${DIGEST}),"did":(?:null|${SOME_TEXT}),"id":${SOME_TEXT},"version":(?:null|${SOME_TEXT})\\}`,
    `,"chain":${NAME},"data":${part}${DATA}),"inputs":${part}${INPUTS})(?:,"payload":\\{"commit":"${part}[0-9a-f]{64})"\\})?`,
    `,"seq":(0|[1-9]\\d{0,14}),"ts":${TIME},"type":${NAME},"v":1(?:,"validUntil":${TIME})?\\}$`,
  ].join(''));
}

const WRITTEN = writtenAs('passed over');

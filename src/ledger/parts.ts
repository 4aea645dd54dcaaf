/** A long chain verified in parts, each begun with the hash that is stored before it; joined, they vouch for the whole. */
import { sha256Hex } from '../domain/digest.js';
import type { ChainPart, PartOrder } from '../domain/ports.js';
import { GENESIS } from './entry.js';
import { glance } from './glance.js';
import { joinRanges, rootOf } from './merkle.js';
import { Follower, setBack, verified, type ChainStart, type ChainVerified } from './verify.js';

/**
 * Consecutive rows as the bytes of one text, in which each row's preimage (see {@link leafHash}) stands as it was hashed: a NUL, the hash
 * before the first row and a line break; then for each row its body, a line break, its number, a NUL, its hash and a line break.
 * Fetching and hashing rows one by one would cost as much again as all the rest.
 */
export interface Strip {
  readonly rows: number;
  readonly bytes: Buffer;
}

/** From a NUL to the body behind it. */
const HEAD = `\0${GENESIS}\n`.length;
const LINE_BREAK = 10;

/** An order cut into consecutive ones of about the same length. */
export function cut(order: PartOrder, count: number): readonly PartOrder[] {
  const { from, to } = order;
  const at = (index: number) => from + Math.floor(((to - from) * index) / count);
  return Array.from({ length: count }, (_, index) => ({ ...order, from: at(index), to: at(index + 1) }));
}

/**
 * @param before the hash before the part, as it is stored
 * @param read the rows that come after this many entries and this hash, up to the end of the part
 * @returns undefined when anything is wrong: what it is and where, the chain tells when it is followed as a whole
 */
export function checkPart({ from, to, chain, rootsAt, deep }: PartOrder, before: string, read: (size: number, hash: string) => Strip): ChainPart | undefined {
  const follower = new Follower({ size: from, hash: before, range: [] }, { chain, rootsAt, deep });
  while (follower.size < to) if (!addStrip(follower, read(follower.size, follower.hash))) return undefined;
  const { size, hash, range, marks, first, newest, unknownTypes } = follower;
  if (size !== to || first === null || newest === null) return undefined;
  return { from, to, before, hash, subtrees: range, marks, first: { ts: first.ts, type: first.type }, newest, unknownTypes: [...unknownTypes] };
}

/** In passes, each over all rows: one thing done many times on end takes a processor much less than many things in turn. */
function addStrip(follower: Follower, { rows, bytes }: Strip): boolean {
  const text = bytes.toString('latin1');
  const places = split(text, rows, follower.size);
  const hashes = places.map(({ at, end }) => sha256Hex(new Uint8Array(bytes.buffer, bytes.byteOffset + at, end - at)));
  if (rows === 0 || places.length < rows || !hashes.every((hash, row) => text.startsWith(hash, (places[row]?.next ?? 0) + 1))) return false;
  for (const { at, end } of places) {
    const body = text.slice(at + HEAD, end);
    if (follower.follow(glance(body), body) !== null) return false;
  }
  for (const hash of hashes) follower.extend(hash);
  return true;
}

/** Where a row's preimage begins, where its body ends, and where the next row begins. */
interface Place {
  readonly at: number;
  readonly end: number;
  readonly next: number;
}

/**
 * What is accepted holds no separator of its own, neither in a body, which is JSON without a line break, nor in number or hash.
 * So as many pieces as rows are exactly the rows.
 *
 * @returns fewer places than rows when that cannot be
 */
function split(text: string, rows: number, first: number): readonly Place[] {
  const places: Place[] = [];
  let at = 0;
  while (places.length < rows) {
    const end = text.indexOf('\n', at + HEAD);
    const next = text.indexOf('\0', end);
    if (end < 0 || next < 0 || text.slice(end + 1, next) !== String(first + places.length) || text.charCodeAt(next + HEAD - 1) !== LINE_BREAK) return [];
    places.push({ at, end, next });
    at = next;
  }
  return at + HEAD === text.length ? places : [];
}

/** The chain up to the last part; undefined where two parts do not meet. */
export function joinParts(start: ChainStart, parts: readonly ChainPart[]): ChainVerified | undefined {
  let { size, hash, range } = start;
  let newest: ChainVerified['newest'] = null;
  const roots = new Map<number, string>();
  for (const part of parts) {
    if (part.from !== size || part.before !== hash || (newest !== null && setBack(part.first, newest))) return undefined;
    for (const [at, subtrees] of part.marks) roots.set(at, rootOf(joinRanges(range, size, subtrees, at)));
    range = joinRanges(range, size, part.subtrees, part.to);
    ({ to: size, hash, newest } = part);
  }
  return verified({ size, hash, range, newest, unknownTypes: new Set(parts.flatMap((part) => part.unknownTypes)) }, roots);
}

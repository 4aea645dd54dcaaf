/** How long which records are kept: presets with the rule that they follow, classes of entry types, and what may go. */
import type { Entry } from '../domain/entry.js';
import type { Instant } from '../domain/time.js';

/** Presets, with the rule that each one follows. */
export const RETENTION = {
  'finance-us': { years: 6, rule: 'SEC Rule 17a-4' },
  'finance-eu': { years: 5, rule: 'MiFID II Art. 16(7)' },
  'health-us': { years: 6, rule: 'HIPAA 45 CFR 164.316(b)(2)' },
  tax: { years: 7, rule: 'common tax practice' },
  general: { years: 3, rule: 'this checklist, lower bound' },
} as const;
export type RetentionPreset = keyof typeof RETENTION;

/** Classes of records that may be kept for different times. */
export const RECORD_CLASSES = ['actions', 'evaluations', 'governance'] as const;
export type RecordClass = (typeof RECORD_CLASSES)[number];

export interface RetentionRule {
  readonly preset: RetentionPreset;
  readonly years: number;
}
export interface Retention extends RetentionRule {
  readonly classes?: { readonly [K in RecordClass]?: RetentionRule };
}

const PREFIXES: readonly (readonly [prefix: string, record: RecordClass])[] = [
  ['action.', 'actions'], ['approval.', 'actions'], ['reservation.', 'actions'],
  ['evaluation.', 'evaluations'], ['baseline.measured', 'evaluations'], ['monitor.', 'evaluations'],
];

/** What agents did, how they were measured, and how they are governed: a type that is not known counts as the last, which is never the shortest by accident. */
export function classOf(type: string): RecordClass {
  return PREFIXES.find(([prefix]) => type.startsWith(prefix))?.[1] ?? 'governance';
}

export function ruleOf(retention: Retention, type: string): RetentionRule {
  return retention.classes?.[classOf(type)] ?? retention;
}

/** The classes with the rule that applies to each. */
export function rulesOf(retention: Retention): readonly (RetentionRule & { readonly record: RecordClass })[] {
  return RECORD_CLASSES.map((record) => ({ record, ...(retention.classes?.[record] ?? { preset: retention.preset, years: retention.years }) }));
}

/** Calendar years later; the 29th of February becomes the 1st of March, since a record is kept a day longer rather than shorter. */
export function yearsLater(from: Instant, years: number): Instant {
  const year = Number(from.slice(0, 4)) + years;
  const leap = (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0;
  const day = from.slice(4, 10) === '-02-29' && !leap ? '-03-01' : from.slice(4, 10);
  return `${String(year).padStart(4, '0')}${day}${from.slice(10)}`;
}

export function keptUntil({ ts, type }: Pick<Entry, 'ts' | 'type'>, retention: Retention): Instant {
  return yearsLater(ts, ruleOf(retention, type).years);
}

export interface Outlived {
  /** Entries before this one may go. */
  readonly size: number;
  /** Why the next one stays: until when it is kept, or that it is still evidence. */
  readonly stays: { readonly seq: number; readonly type: string; readonly until: Instant | null } | null;
}

/**
 * How much of the beginning of a chain has outlived its retention. Only a beginning can go: the chain stays whole behind it.
 *
 * @param entries from the first one that is there, in order
 * @param stillEvidence whether something that holds today rests on the entry, however old it is
 */
export async function outlived(entries: AsyncIterable<Pick<Entry, 'seq' | 'ts' | 'type'>>, retention: Retention, now: Instant, stillEvidence: (entry: Pick<Entry, 'seq' | 'type'>) => boolean): Promise<Outlived> {
  let size = 0;
  for await (const { seq, ts, type } of entries) {
    size = seq;
    const until = keptUntil({ ts, type }, retention);
    if (until > now) return { size, stays: { seq, type, until } };
    if (stillEvidence({ seq, type })) return { size, stays: { seq, type, until: null } };
    size = seq + 1;
  }
  return { size, stays: null };
}

/** What agentctl writes into a foreign form beside its own members, so that a result comes back as the one that went out. */
import { Fault } from '../../domain/fault.js';
import { isObject, type Json } from '../../domain/json.js';
import type { ResultRow } from '../score.js';
import { countOf, numberIn, textIn } from './fields.js';
import { IMPORTED_OUTCOMES, type ImportedOutcome } from './imported-run.js';

/** A type, so that it is JSON. */
export type OwnMarks = {
  readonly part: string;
  readonly case: string;
  readonly repeat: number;
  readonly outcome: ImportedOutcome;
  readonly cause: string | null;
};

/** The part of a run that a row belongs to: one capability on one data set. */
export function partOf({ capability, dataset }: Pick<ResultRow, 'capability' | 'dataset'>): string {
  return `${capability} on ${dataset}`;
}

export function ownMarksOf(row: ResultRow): OwnMarks {
  return { part: partOf(row), case: row.case, repeat: row.repeat, outcome: row.outcome, cause: row.cause };
}

/**
 * @param coarse what the foreign members alone say
 * @param told what each of our outcomes looks like in them
 * @throws {Fault} INPUT_INVALID when the two contradict each other
 */
export function ownMarksIn<C extends string>(value: Json | undefined, at: string, coarse: C, told: Readonly<Record<ImportedOutcome, C>>): OwnMarks | undefined {
  if (!isObject(value)) return undefined;
  const [part, name, repeat, outcome] = [textIn(value, 'part'), textIn(value, 'case'), countOf(numberIn(value, 'repeat')), outcomeNamed(value['outcome'])];
  if (part === null || name === null || repeat === null || outcome === undefined) throw new Fault('INPUT_INVALID', 'the marks of agentctl lack part, case, repeat or outcome', { at });
  if (told[outcome] !== coarse) throw new Fault('INPUT_INVALID', `it is marked as ${outcome} but told as ${coarse}`, { at });
  return { part, case: name, repeat, outcome, cause: textIn(value, 'cause') };
}

export function outcomeNamed(value: Json | undefined): ImportedOutcome | undefined {
  return IMPORTED_OUTCOMES.find((one) => one === value);
}

/** From what several scorers said of an answer to one outcome. A bare number is a verdict only on a scale of 0 and 1, or by a declared cut-off. */
import { Fault } from '../../domain/fault.js';
import { decimalText } from './fields.js';
import { RowCollector, type ImportedRow, type NewRow } from './imported-run.js';

/** What one scorer said. `number`: no more than that, so that a scale decides. */
export interface Mark {
  readonly is: 'pass' | 'fail' | 'unscored' | 'not-evaluable' | 'number';
  readonly value: number | null;
}

export interface MarkRule {
  /** From which number on it is a pass; null where nobody declared one. */
  readonly passFrom: number | null;
  /** The one scorer that decides; null for all of them. */
  readonly score: string | null;
}

export interface MarkedRow {
  readonly row: Omit<NewRow, 'outcome' | 'cause' | 'scores'>;
  readonly marks: ReadonlyMap<string, Mark>;
  /** Why the surroundings failed; null when they did not. */
  readonly error: string | null;
  readonly at: string;
}

/**
 * One row for each answer. Fails when one of the scorers says so; passes when all of them do; anything else is neither.
 * @throws {Fault} INPUT_INVALID when the scorer that decides is not in the file
 */
export function decided(marked: readonly MarkedRow[], rule: MarkRule): readonly ImportedRow[] {
  const names = new Set(marked.flatMap(({ marks }) => [...marks.keys()]));
  if (rule.score !== null && !names.has(rule.score)) throw new Fault('INPUT_INVALID', `no result has a score ${JSON.stringify(rule.score)}`, { at: '--score', hint: `scores in the file: ${[...names].slice(0, 20).join(', ') || 'none'}` });
  const graded = gradedIn(marked);
  const collector = new RowCollector();
  for (const { row, marks, error, at } of marked) {
    const judged = [...marks].filter(([name]) => rule.score === null || name === rule.score).map(([name, mark]) => verdictOf(mark, graded.has(name), rule.passFrom));
    const scores = Object.fromEntries([...marks].map(([name, { value }]) => [name, value === null ? null : decimalText(value)]));
    collector.add({ ...row, ...(error === null ? outcomeOf(judged) : { outcome: 'infrastructure', cause: error }), scores }, at);
  }
  return collector.rows;
}

/** Scorers that use more of the scale than its ends: there a 1 may be the worst of ten grades. */
function gradedIn(marked: readonly MarkedRow[]): ReadonlySet<string> {
  const graded = new Set<string>();
  for (const { marks } of marked) for (const [name, { is, value }] of marks) if (is === 'number' && value !== 0 && value !== 1) graded.add(name);
  return graded;
}

type Verdict = Pick<ImportedRow, 'cause'> & { readonly outcome: 'pass' | 'fail' | 'unscored' | 'not-evaluable' };

function verdictOf({ is, value }: Mark, graded: boolean, passFrom: number | null): Verdict {
  if (is === 'not-evaluable') return { outcome: is, cause: 'no-number' };
  if (is === 'unscored') return { outcome: is, cause: 'declined' };
  if (is !== 'number') return { outcome: is, cause: null };
  if (passFrom !== null) return { outcome: Number(value) >= passFrom ? 'pass' : 'fail', cause: null };
  return graded ? { outcome: 'not-evaluable', cause: 'no-cut-off' } : { outcome: value === 1 ? 'pass' : 'fail', cause: null };
}

function outcomeOf(verdicts: readonly Verdict[]): Verdict {
  const worst = (['fail', 'not-evaluable', 'unscored'] as const).map((outcome) => verdicts.find((one) => one.outcome === outcome)).find((one) => one !== undefined);
  return worst ?? (verdicts.length > 0 ? { outcome: 'pass', cause: null } : { outcome: 'unscored', cause: 'no-score' });
}

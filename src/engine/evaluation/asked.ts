/** How much a run asked and what came of it, in one line: answers are counted by asking, so that repeats stand beside the cases. */
import { counted } from '../../domain/counted.js';
import type { Entry } from '../../domain/entry.js';

export interface Counts {
  readonly cases: number;
  /** Right or wrong, failures of the agent's own among them. */
  readonly answered: number;
  /** Those failures by cause; absent where the record does not tell them apart. */
  readonly failures?: Readonly<Record<string, number>>;
  readonly abstained: number;
  readonly errors: number;
}

/** @param started the entries that began the run, one for each part */
export function askedLine(started: readonly Pick<Entry, 'data'>[], { cases, answered, failures, abstained, errors }: Counts): string {
  const parts = started.map(({ data }) => ({ cases: Number(data['cases']), repeats: Number(data['repeats'] ?? 1) }));
  const [first] = parts;
  const asked = first === undefined || parts.every(({ repeats }) => repeats === 1) ? String(cases)
    : parts.every(({ repeats }) => repeats === first.repeats) ? `${cases} × ${first.repeats} repeats = ${cases * first.repeats} askings`
      : `${parts.map((one) => `${one.cases} × ${one.repeats}`).join(' + ')} = ${parts.reduce((sum, one) => sum + one.cases * one.repeats, 0)} askings`;
  return `${asked}: ${answeredOf(answered, failures)}, ${abstained} left to a human, ${counted(errors, 'infrastructure error')}`;
}

/** A crash is no answer, though it counts as a wrong one. */
function answeredOf(answered: number, failures: Counts['failures']): string {
  if (failures === undefined) return `${answered} answered or failed by the agent itself`;
  const causes = Object.entries(failures);
  const failed = causes.reduce((sum, [, count]) => sum + count, 0);
  return failed === 0 ? `${answered} answered` : `${answered - failed} answered, ${failed} failed by the agent itself (${causes.map(([cause, count]) => `${cause} ${count}`).join(', ')})`;
}

/** Which run was asked again in part; nothing where none was. */
export function againFact(started: readonly Pick<Entry, 'data'>[]): readonly { readonly label: string; readonly value: string }[] {
  const again = started[0]?.data['again'];
  return typeof again === 'string' ? [{ label: 'asked again', value: `only the infrastructure errors of ${again}` }] : [];
}

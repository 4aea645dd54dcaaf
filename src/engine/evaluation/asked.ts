/** How much a run asked and what came of it, in one line: answers are counted by asking, so that repeats stand beside the cases. */
import type { Entry } from '../../domain/entry.js';

export interface Counts {
  readonly cases: number;
  readonly answered: number;
  readonly abstained: number;
  readonly errors: number;
}

/** @param started the entries that began the run, one for each part */
export function askedLine(started: readonly Pick<Entry, 'data'>[], { cases, answered, abstained, errors }: Counts): string {
  const parts = started.map(({ data }) => ({ cases: Number(data['cases']), repeats: Number(data['repeats'] ?? 1) }));
  const [first] = parts;
  const asked = first === undefined || parts.every(({ repeats }) => repeats === 1) ? String(cases)
    : parts.every(({ repeats }) => repeats === first.repeats) ? `${cases} × ${first.repeats} repeats = ${cases * first.repeats} askings`
      : `${parts.map((one) => `${one.cases} × ${one.repeats}`).join(' + ')} = ${parts.reduce((sum, one) => sum + one.cases * one.repeats, 0)} askings`;
  return `${asked}: ${answered} answered, ${abstained} left to a human, ${errors} infrastructure errors`;
}

/** Which run was asked again in part; nothing where none was. */
export function againFact(started: readonly Pick<Entry, 'data'>[]): readonly { readonly label: string; readonly value: string }[] {
  const again = started[0]?.data['again'];
  return typeof again === 'string' ? [{ label: 'asked again', value: `only the infrastructure errors of ${again}` }] : [];
}

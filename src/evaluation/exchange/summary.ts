/** An imported run in numbers: outcomes, cases, and the mean of each score in exact decimals. */
import { IMPORTED_OUTCOMES, type ImportedOutcome, type ImportedRun } from './imported-run.js';

export interface ScoreSummary {
  readonly name: string;
  /** Rows with a number. */
  readonly n: number;
  /** Six digits after the point, rounded half away from zero; null without a number. */
  readonly mean: string | null;
}

export interface ImportSummary {
  readonly rows: number;
  readonly cases: number;
  /** Most askings of one case. */
  readonly repeats: number;
  readonly outcomes: { readonly [outcome in ImportedOutcome]: number };
  readonly scores: readonly ScoreSummary[];
}

export function summaryOf({ rows }: ImportedRun): ImportSummary {
  const outcomes = Object.fromEntries(IMPORTED_OUTCOMES.map((one) => [one, 0])) as { [outcome in ImportedOutcome]: number };
  const askings = new Map<string, number>();
  const sums = new Map<string, { n: number; sum: bigint }>();
  for (const row of rows) {
    outcomes[row.outcome] += 1;
    const key = JSON.stringify([row.part, row.case]);
    askings.set(key, (askings.get(key) ?? 0) + 1);
    for (const [name, score] of Object.entries(row.scores)) {
      const { n, sum } = sums.get(name) ?? { n: 0, sum: 0n };
      sums.set(name, score === null ? { n, sum } : { n: n + 1, sum: sum + millionths(score) });
    }
  }
  return {
    rows: rows.length, cases: askings.size, repeats: [...askings.values()].reduce((most, one) => (one > most ? one : most), 0), outcomes,
    scores: [...sums].map(([name, { n, sum }]) => ({ name, n, mean: n === 0 ? null : decimalOf(sum, BigInt(n)) })),
  };
}

function millionths(decimal: string): bigint {
  const [, sign = '', whole = '0', part = ''] = /^(-?)(\d+)(?:\.(\d{1,6}))?$/.exec(decimal) ?? [];
  return BigInt(`${sign}${whole}${part.padEnd(6, '0')}`);
}

function decimalOf(sum: bigint, n: bigint): string {
  const size = sum < 0n ? -sum : sum;
  const digits = String((2n * size + n) / (2n * n)).padStart(7, '0');
  return `${sum < 0n && /[1-9]/.test(digits) ? '-' : ''}${digits.slice(0, -6)}.${digits.slice(-6)}`;
}

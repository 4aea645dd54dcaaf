/** Control charts for slow drift: a sum that forgets good news, and rings when bad news piles up. */

export interface CusumOptions {
  /** Level and spread of the frozen reference window. */
  readonly mean: number;
  readonly deviation: number;
  /** Slack in deviations, half the shift worth finding; and where it rings. */
  readonly slack?: number;
  readonly limit?: number;
}

/** Upward and downward sums, in deviations. */
export interface Cusum {
  readonly up: number;
  readonly down: number;
  readonly alarm: boolean;
}

export const QUIET: Cusum = { up: 0, down: 0, alarm: false };

/** The chart after one more value (Page 1954). It starts afresh after an alarm. With slack 0.5, a limit of 5 rings falsely once in 465 values, 4 once in 168. */
export function cusum({ up, down, alarm }: Cusum, value: number, { mean, deviation, slack = 0.5, limit = 5 }: CusumOptions): Cusum {
  const z = (value - mean) / deviation;
  const next = { up: Math.max(0, (alarm ? 0 : up) + z - slack), down: Math.max(0, (alarm ? 0 : down) - z - slack) };
  return { ...next, alarm: next.up >= limit || next.down >= limit };
}

/** A chart of failures (Reynolds & Stoumbos 1999): from the share that is normal to the share worth finding. */
export interface BernoulliCusum {
  /** A failure adds step - 1, a pass takes 1. */
  readonly step: number;
  readonly limit: number;
}

/** Largest whole step not beyond the likelihood ratio's own. @param shares 0 < normal < worse < 1 */
export function bernoulliCusum(shares: { readonly normal: number; readonly worse: number }, limit: number): BernoulliCusum {
  const { normal, worse } = shares;
  const first = Math.log((1 - normal) / (1 - worse));
  const second = Math.log((worse * (1 - normal)) / (normal * (1 - worse)));
  return { step: Math.floor(second / first), limit };
}

/** The sum after one more case, and whether it rings. */
export function bernoulliStep({ step, limit }: BernoulliCusum, sum: number, failed: boolean): { readonly sum: number; readonly alarm: boolean } {
  const next = Math.max(0, sum + (failed ? step - 1 : -1));
  return { sum: next, alarm: next >= limit };
}

/** Mean number of cases until it rings, at a share of failures: exact, by the chain of its whole sums. */
export function bernoulliRunLength({ step, limit }: BernoulliCusum, share: number): number {
  // Each sum's wait is a + b * (the wait at 0), found from the top down: a pass goes one down, a failure step - 1 up.
  const size = limit;
  const matrix = Array.from({ length: size }, (_, sum) => {
    const row = new Array<number>(size + 1).fill(0);
    row[sum] = 1;
    const down = Math.max(0, sum - 1);
    row[down] = (row[down] ?? 0) - (1 - share);
    const up = sum + step - 1;
    if (up < size) row[up] = (row[up] ?? 0) - share;
    row[size] = 1;
    return row;
  });
  return solveFirst(matrix);
}

/** First unknown of a linear system by elimination from the last to the first, diagonally dominant as it is. */
function solveFirst(matrix: number[][]): number {
  const size = matrix.length;
  for (let pivot = size - 1; pivot > 0; pivot -= 1) {
    const from = matrix[pivot] ?? [];
    for (let other = 0; other < pivot; other += 1) {
      const row = matrix[other] ?? [];
      const factor = (row[pivot] ?? 0) / (from[pivot] ?? 1);
      if (factor !== 0) for (let column = 0; column <= size; column += 1) row[column] = (row[column] ?? 0) - factor * (from[column] ?? 0);
    }
  }
  const [first] = matrix;
  return (first?.[size] ?? 0) / (first?.[0] ?? 1);
}

/** Whether two or more raters agree more than chance would have them: a judge and people, or people among themselves. */

/** Square table of counts: row is the first rater's label, column the second's. */
export type RaterTable = readonly (readonly number[])[];

export interface Kappa {
  readonly kappa: number;
  /** Asymptotic, under the alternative (Fleiss, Cohen & Everitt 1969). */
  readonly standardError: number;
}

/** Cohen's kappa; undefined for an empty table or where chance alone already agrees always, since then nothing can be told. */
export function kappaOf(table: RaterTable): Kappa | undefined {
  const shares = sharesOf(table);
  if (shares === undefined) return undefined;
  const { n, p, rows, columns } = shares;
  const observed = sum(p.map((row, i) => row[i] ?? 0));
  const chance = sum(rows.map((row, i) => row * (columns[i] ?? 0)));
  if (chance >= 1) return undefined;
  const kappa = (observed - chance) / (1 - chance);
  const diagonal = sum(p.map((row, i) => (row[i] ?? 0) * (1 - ((rows[i] ?? 0) + (columns[i] ?? 0)) * (1 - kappa)) ** 2));
  const beside = (1 - kappa) ** 2 * sum(p.flatMap((row, i) => row.map((share, j) => (i === j ? 0 : share * ((columns[i] ?? 0) + (rows[j] ?? 0)) ** 2))));
  const variance = (diagonal + beside - (kappa - chance * (1 - kappa)) ** 2) / (n * (1 - chance) ** 2);
  return { kappa, standardError: Math.sqrt(Math.max(0, variance)) };
}

/** Kappa with linear weights, for ordered labels: a miss by two steps counts twice. Undefined as above. */
export function weightedKappa(table: RaterTable): number | undefined {
  const shares = sharesOf(table);
  if (shares === undefined) return undefined;
  const { p, rows, columns } = shares;
  const apart = (share: (i: number, j: number) => number) => sum(rows.flatMap((_, i) => columns.map((__, j) => Math.abs(i - j) * share(i, j))));
  const chance = apart((i, j) => (rows[i] ?? 0) * (columns[j] ?? 0));
  return chance === 0 ? undefined : 1 - apart((i, j) => p[i]?.[j] ?? 0) / chance;
}

/**
 * Fleiss' kappa of several raters: a row for each item, a column for each label, how many raters chose it. `fixed` takes every
 * label as equally likely by chance (Randolph 2005). Undefined for an empty table, fewer than two raters, or no room beyond chance.
 */
export function fleissKappa(table: RaterTable, fixed = false): number | undefined {
  const raters = sum(table[0] ?? []);
  const labels = table[0]?.length ?? 0;
  if (raters < 2 || table.some((row) => sum(row) !== raters)) return undefined;
  const observed = sum(table.map((row) => (sum(row.map((count) => count * count)) - raters) / (raters * (raters - 1)))) / table.length;
  const totals = Array.from({ length: labels }, (_, j) => sum(table.map((row) => row[j] ?? 0)) / (table.length * raters));
  const chance = fixed ? 1 / labels : sum(totals.map((share) => share * share));
  return chance >= 1 ? undefined : (observed - chance) / (1 - chance);
}

function sharesOf(table: RaterTable) {
  const n = sum(table.map(sum));
  if (n === 0 || table.some((row) => row.length !== table.length)) return undefined;
  const p = table.map((row) => row.map((count) => count / n));
  return { n, p, rows: p.map(sum), columns: table.map((_, j) => sum(p.map((row) => row[j] ?? 0))) };
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

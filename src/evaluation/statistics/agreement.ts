/** Agreement of two raters beyond chance: Cohen's kappa (1960) with its asymptotic standard error (Fleiss, Cohen and Everitt 1969). */

export interface Kappa {
  readonly kappa: number;
  readonly standardError: number;
}

/**
 * @param table square counts: `table[i][j]` are the cases that the first rater put into category i and the second into j
 * @returns undefined where chance alone would agree always, or there is no case: then kappa says nothing
 */
export function kappaOf(table: readonly (readonly number[])[]): Kappa | undefined {
  const n = table.flat().reduce((sum, count) => sum + count, 0);
  if (n === 0) return undefined;
  const share = (i: number, j: number) => (table[i]?.[j] ?? 0) / n;
  const all = table.map((_row, index) => index);
  const sum = (term: (i: number) => number) => all.reduce((total, i) => total + term(i), 0);
  const row = all.map((i) => sum((j) => share(i, j)));
  const column = all.map((j) => sum((i) => share(i, j)));
  const observed = sum((i) => share(i, i));
  const chance = sum((i) => (row[i] ?? 0) * (column[i] ?? 0));
  if (chance >= 1) return undefined;
  const kappa = (observed - chance) / (1 - chance);
  const agreeing = sum((i) => share(i, i) * (1 - ((row[i] ?? 0) + (column[i] ?? 0)) * (1 - kappa)) ** 2);
  const differing = (1 - kappa) ** 2 * sum((i) => sum((j) => (i === j ? 0 : share(i, j) * ((column[i] ?? 0) + (row[j] ?? 0)) ** 2)));
  const variance = (agreeing + differing - (kappa - chance * (1 - kappa)) ** 2) / (n * (1 - chance) ** 2);
  return { kappa, standardError: Math.sqrt(Math.max(0, variance)) };
}

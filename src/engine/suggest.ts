/** Did you mean: the nearest known word, at most two edits away. */

export function suggest(word: string, known: readonly string[]): string | undefined {
  let best: { word: string; distance: number } | undefined;
  for (const candidate of known) {
    const distance = editDistance(word.toLowerCase(), candidate.toLowerCase());
    if (distance <= 2 && distance < candidate.length && (!best || distance < best.distance)) best = { word: candidate, distance };
  }
  return best?.word;
}

/** {@link suggest}, or a known word that begins alike, or has the word as a part: for long names with dots in them. */
export function nearest(word: string, known: readonly string[]): string | undefined {
  const given = word.toLowerCase().replace(/[\s_-]+/g, '-');
  const near = suggest(word, known) ?? suggest(given.replace('-', '.'), known);
  if (near !== undefined || given.length < 3) return near;
  const words = known.map((one) => [one, one.toLowerCase()] as const);
  const found = words.find(([, one]) => one.startsWith(given) || given.startsWith(one)) ?? words.find(([, one]) => one.split('.').includes(given));
  if (found) return found[0];
  const [group, ...rest] = given.split('.');
  const meant = suggest(group ?? '', [...new Set(words.map(([, one]) => one.split('.')[0] ?? ''))]);
  if (rest.length === 0 || meant === undefined) return undefined;
  const sharing = words.filter(([, one]) => one.startsWith(`${meant}.`));
  return (sharing.find(([, one]) => one.slice(meant.length + 1).startsWith(rest.join('.').slice(0, 3))) ?? sharing[0])?.[0];
}

/** Levenshtein distance with adjacent swaps counted as one edit. */
function editDistance(a: string, b: string): number {
  const rows: number[][] = [Array.from({ length: b.length + 1 }, (_, index) => index)];
  for (let i = 1; i <= a.length; i += 1) {
    const row = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const change = (rows[i - 1]?.[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      const swap = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1] ? (rows[i - 2]?.[j - 2] ?? 0) + 1 : Infinity;
      row.push(Math.min(change, swap, (rows[i - 1]?.[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1));
    }
    rows.push(row);
  }
  return rows[a.length]?.[b.length] ?? Infinity;
}

/** Many tests at once: p-values that keep their promise although somebody looked at all of them. Order is that of the input. */

/** Adjusted p-values of Benjamini and Hochberg 1995: at most this share of what is called a difference is none. */
export function benjaminiHochberg(p: readonly number[]): readonly number[] {
  const m = p.length;
  let least = 1;
  return inOrder(p, (ranked) => ranked.map((value, index) => (value * m) / (index + 1)).reduceRight<number[]>((adjusted, value) => {
    least = Math.min(least, value);
    return [least, ...adjusted];
  }, []));
}

/** Adjusted p-values of Holm 1979: not one false difference among all, at this probability. For what concerns safety. */
export function holm(p: readonly number[]): readonly number[] {
  const m = p.length;
  let most = 0;
  return inOrder(p, (ranked) => ranked.map((value, index) => (most = Math.max(most, Math.min(1, value * (m - index))))));
}

/** Adjusts the values in ascending order and gives them back in the order that they came in. */
function inOrder(p: readonly number[], adjust: (ranked: readonly number[]) => readonly number[]): readonly number[] {
  const places = p.map((_, place) => place).sort((a, b) => (p[a] ?? 0) - (p[b] ?? 0));
  const adjusted = adjust(places.map((place) => p[place] ?? 0));
  const result = new Array<number>(p.length).fill(0);
  places.forEach((place, rank) => (result[place] = adjusted[rank] ?? 1));
  return result;
}

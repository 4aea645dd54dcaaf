/** Halving: where a condition that holds from some point on begins to hold, among numbers or among whole numbers. */

/** The turning point between `low` and `high`, to the last bit; `below` holds left of it. */
export function bisect(low: number, high: number, below: (x: number) => boolean): number {
  for (let i = 0; i < 200; i += 1) {
    const middle = (low + high) / 2;
    if (middle === low || middle === high) break;
    if (below(middle)) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}

/** The least whole number from `start` on that holds; there must be one. */
export function leastWhere(start: number, holds: (n: number) => boolean): number {
  let high = start;
  while (!holds(high)) high *= 2;
  let low = start;
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    if (holds(middle)) high = middle;
    else low = middle + 1;
  }
  return low;
}

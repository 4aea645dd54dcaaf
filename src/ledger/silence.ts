/** How long the log went without a signed checkpoint: between two of them nothing can have been added or left out unseen. */
import { millisecondsOf, type Instant } from '../domain/time.js';

export interface Span {
  readonly from: Instant;
  readonly to: Instant;
  readonly milliseconds: number;
}

/** The longest span between neighbours; null below two. @param times in order */
export function longestSpan(times: readonly Instant[]): Span | null {
  let longest: Span | null = null;
  times.slice(1).forEach((to, index) => {
    const from = times[index] ?? to;
    const milliseconds = millisecondsOf(to) - millisecondsOf(from);
    if (longest === null || milliseconds > longest.milliseconds) longest = { from, to, milliseconds };
  });
  return longest;
}

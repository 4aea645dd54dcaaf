/** How long ago, in words: the largest unit that says enough. */
import { counted } from '../domain/counted.js';
import { millisecondsOf, type Instant } from '../domain/time.js';

const UNITS: readonly (readonly [unit: string, milliseconds: number])[] = [['day', 86_400_000], ['hour', 3_600_000], ['minute', 60_000]];

export function age(at: Instant, now: Instant): string {
  const span = millisecondsOf(now) - millisecondsOf(at);
  for (const [unit, size] of UNITS) {
    const count = Math.floor(span / size);
    if (count >= 1) return `${counted(count, unit)} ago`;
  }
  return span < 0 ? 'in the future' : 'just now';
}

/** When checkpoints were signed, as the chain tells it: the time of the last entry that each one covers. */
import { longestSpan, type Span } from '../../ledger/silence.js';
import { readable, spanOf, type Instant } from '../../domain/time.js';
import type { Session } from '../session.js';

export async function longestSilence({ store, chain }: Pick<Session, 'store' | 'chain'>): Promise<Span | null> {
  const times: Instant[] = [];
  for (const { size } of await store.checkpoints(chain)) {
    const last = await store.read(chain, size - 1);
    if (last) times.push(last.entry.ts);
  }
  return longestSpan(times);
}

export function silenceText(span: Span | null): string {
  if (span === null) return 'no two checkpoints yet';
  return span.milliseconds < 60_000 ? 'less than a minute between two checkpoints' : `at most ${spanOf(span.milliseconds)} between two checkpoints, from ${readable(span.from)} to ${readable(span.to)}`;
}

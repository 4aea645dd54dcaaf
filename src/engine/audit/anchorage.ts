/** What an anchor can do, whatever it is: say how far it has seen the log, and be shown more. */
import type { Session } from '../session.js';

export interface Seen {
  /** Entries that the newest checkpoint covers which it has seen. */
  readonly size: number;
  /** Signature line of a witness below the checkpoint over `size` entries. */
  readonly line?: string;
}

/** Completes a sentence that begins with an anchor's name. */
export const NOTHING_SEEN = 'has seen no checkpoint of this log yet';

export interface Anchorage {
  /**
   * Compares what it has seen with this ledger; or says in words why there is nothing to compare.
   * @throws {Fault} LEDGER_BROKEN when they disagree, IO or NETWORK when it cannot be asked
   */
  compare(session: Session): Promise<Seen | string>;
  /** Shows it the newest signed checkpoint, unless what it has seen disagrees. @throws {Fault} as {@link compare} */
  publish(session: Session): Promise<Seen>;
}

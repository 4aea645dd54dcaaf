/** A view of the ledger that is kept in the same transaction, and rebuilt and compared whenever the ledger is verified. */
import type { Entry } from './entry.js';
import type { JsonObject } from './json.js';

export interface ProjectionChange {
  readonly key: string;
  /** The new state of the key; null removes it. */
  readonly state: JsonObject | null;
}

/** A pure fold over entries: the same code keeps the table while appending and rebuilds it while verifying. */
export interface Projection {
  readonly name: string;
  /** Entry types it reacts to. */
  readonly types: readonly string[];
  apply(entry: Entry, read: (key: string) => JsonObject | undefined): readonly ProjectionChange[];
}

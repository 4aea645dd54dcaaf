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

/** States of several projections: by name, then by key. */
export type FoldedStates = Map<string, Map<string, JsonObject>>;

/** One entry more. */
export function fold(projections: readonly Projection[], entry: Entry, states: FoldedStates): void {
  for (const projection of projections) {
    if (!projection.types.includes(entry.type)) continue;
    const own = states.get(projection.name) ?? new Map<string, JsonObject>();
    states.set(projection.name, own);
    for (const { key, state } of projection.apply(entry, (other) => own.get(other))) {
      if (state === null) own.delete(key);
      else own.set(key, state);
    }
  }
}

/** As JSON, so that they can be kept where their entries are not. */
export function statesToJson(states: FoldedStates): JsonObject {
  return Object.fromEntries([...states].map(([name, own]) => [name, Object.fromEntries(own)]));
}

export function statesFromJson(json: JsonObject): FoldedStates {
  return new Map(Object.entries(json).map(([name, own]) => [name, new Map(Object.entries(own as Readonly<Record<string, JsonObject>>))]));
}

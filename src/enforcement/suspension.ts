/** Suspension: an open incident that stops the agent. The decision function denies everything while it lasts. */
import type { JsonObject } from '../domain/json.js';
import type { Projection } from '../domain/projection.js';

/** The one key: a chain belongs to one agent. */
export const SUSPENSION_KEY = 'agent';

/**
 * Key `agent`, state `{suspended: true, incident, incidents}` while at least one incident with the action suspend or
 * rollback is neither lifted nor closed; no state otherwise. Rollback stops too: until the restore is proven the bad
 * build may still run. Each incident is lifted by itself.
 */
export const suspensionProjection: Projection = {
  name: 'suspension',
  types: ['incident.opened', 'incident.lifted', 'incident.closed'],
  apply(entry, read) {
    const incident = String(entry.data['incident']);
    const before = incidentsOf(read(SUSPENSION_KEY));
    if (entry.type === 'incident.opened' && entry.data['action'] === 'investigate') return [];
    const others = before.filter((one) => one !== incident);
    const after = entry.type === 'incident.opened' ? [...others, incident] : others;
    return [{ key: SUSPENSION_KEY, state: stateOf(after) }];
  },
};

/** The incident that suspends the agent; null when none does. */
export function suspendedBy(state: JsonObject | undefined): string | null {
  return incidentsOf(state)[0] ?? null;
}

function incidentsOf(state: JsonObject | undefined): readonly string[] {
  const incidents = state?.['incidents'];
  return Array.isArray(incidents) ? incidents.map(String) : [];
}

function stateOf(incidents: readonly string[]): JsonObject | null {
  const [first] = incidents;
  return first === undefined ? null : { suspended: true, incident: first, incidents };
}

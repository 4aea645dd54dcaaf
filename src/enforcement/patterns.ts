/** Known patterns: what the agent has been seen or allowed to do before, for the trigger on first encounters. */
import type { JsonObject } from '../domain/json.js';
import type { Projection } from '../domain/projection.js';

/**
 * Key: digest of a pattern. State: `{seen, approved}`, how often it was let through or put before a human, and how often
 * it was done under an approval. Denied attempts and drills teach nothing.
 */
export const patternsProjection: Projection = {
  name: 'patterns',
  types: ['action.recorded'],
  apply({ data }, read) {
    if (data['decision'] === 'deny' || data['source'] === 'drill' || typeof data['pattern'] !== 'string') return [];
    const before = read(data['pattern']);
    const approved = data['decision'] === 'permit' && data['outcome'] === 'done' && data['approval'] !== null;
    return [{ key: data['pattern'], state: { seen: count(before, 'seen') + 1, approved: count(before, 'approved') + (approved ? 1 : 0) } }];
  },
};

export function isKnown(state: JsonObject | undefined, learn: 'approved' | 'seen'): boolean {
  return count(state, learn) > 0;
}

function count(state: JsonObject | undefined, key: 'seen' | 'approved'): number {
  const value = state?.[key];
  return typeof value === 'number' ? value : 0;
}

/** Which spans of telemetry are on record, so that one that is sent again is not recorded again. */
import type { Projection } from '../domain/projection.js';

/** Key: `<trace>:<span>`. State: `{seq}`, the place where it is on record. */
export const observedProjection: Projection = {
  name: 'observed',
  types: ['action.observed'],
  apply: ({ seq, data }, read) => {
    const key = spanKey(String(data['trace']), String(data['span']));
    return read(key) === undefined ? [{ key, state: { seq } }] : [];
  },
};

export function spanKey(trace: string, span: string): string {
  return `${trace}:${span}`;
}

/** Which requests somebody complained about: each once, however many bring it. */
import type { Projection } from '../domain/projection.js';

/** Key: the request. State: `{seq}`, the entry of the first complaint about it. */
export const complaintsProjection: Projection = {
  name: 'complaints',
  types: ['complaint.received'],
  apply: ({ seq, data }, read) => {
    const key = String(data['request']);
    return read(key) === undefined ? [{ key, state: { seq } }] : [];
  },
};

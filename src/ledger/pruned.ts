/** Entries that have outlived their retention: their text is gone, their hash stays, so that chain and tree still give what was signed. */
import type { Entry } from '../domain/entry.js';
import type { StoredRow } from '../domain/ports.js';

/** What stands in place of a text that was pruned. No entry is written so: it would lack every member. */
export const PRUNED_BODY = '{"pruned":true}';

export function isPruned({ body }: Pick<StoredRow, 'body'>): boolean {
  return body === PRUNED_BODY;
}

/** Entries before this one are pruned, but for the first, which names the key of the log. */
export function prunedSize(newest: Pick<Entry, 'data'> | undefined): number {
  const size = newest?.data['size'];
  return typeof size === 'number' ? size : 0;
}

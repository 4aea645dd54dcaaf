/** An interval in a table: one word, since a table of eighty columns breaks a cell between words, and half an interval says nothing. */

/** @param low null where there is none */
export function span(low: string | null, high: string | null): string {
  return low === null && high === null ? '-' : `${low ?? '-'}\u2013${high ?? '-'}`;
}

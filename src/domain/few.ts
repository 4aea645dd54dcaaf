/** A long list in one line: how it begins, and how many more there are. */

/** More than these nobody reads in a headline. */
const NAMED = 3;

/** @param separator between items, such as `; ` */
export function few(items: readonly string[], separator: string): string {
  const rest = items.length - NAMED;
  return rest <= 0 ? items.join(separator) : `${items.slice(0, NAMED).join(separator)}${separator}and ${rest} more`;
}

/** So many of something, in words: one file, two files. */

/** @param many where it is not the word with an s, such as `entries` */
export function counted(count: number, one: string, many = `${one}s`): string {
  return `${count} ${count === 1 ? one : many}`;
}

/** Runs work on many items, a few at a time: tests start real processes, and the machine is shared. */

export async function parallel<T, R>(items: readonly T[], work: (item: T, index: number) => Promise<R>, width = 3): Promise<readonly R[]> {
  const results: R[] = [];
  let next = 0;
  const worker = async (): Promise<void> => {
    for (let index = next++; index < items.length; index = next++) results[index] = await work(items[index] as T, index);
  };
  await Promise.all(Array.from({ length: Math.min(width, items.length) }, worker));
  return results;
}

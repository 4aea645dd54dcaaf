/** Whether each of some things can have a partner of its own: bipartite matching by augmenting paths (Kuhn 1955), since first come, first served may miss one. */

export function canPairAll<A, B>(these: readonly A[], those: readonly B[], matches: (one: A, other: B) => boolean): boolean {
  if (these.length > those.length) return false;
  /** Which of these each of those is paired with. */
  const partner = new Map<number, number>();
  const edges = these.map((one) => those.flatMap((other, index) => (matches(one, other) ? [index] : [])));
  const pair = (index: number, tried: Set<number>): boolean => {
    for (const other of edges[index] ?? []) {
      if (tried.has(other)) continue;
      tried.add(other);
      const taken = partner.get(other);
      if (taken === undefined || pair(taken, tried)) {
        partner.set(other, index);
        return true;
      }
    }
    return false;
  };
  return these.every((_one, index) => pair(index, new Set()));
}

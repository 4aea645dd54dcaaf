/** Cases that were asked several times: how often all of some tries succeed, and how often any does. */

/** Of `n` tries at one case, `passed` succeeded. */
export interface Tries {
  readonly n: number;
  readonly passed: number;
}

/** pass^k: the mean over cases of the chance that k tries all succeed (Yao et al. 2024, tau-bench). Undefined without cases or where a case has fewer than k tries. */
export function passAll(cases: readonly Tries[], k: number): number | undefined {
  return meanOver(cases, k, ({ n, passed }) => choose(passed, n, k));
}

/** pass@k: the mean over cases of the chance that at least one of k tries succeeds (Chen et al. 2021). Undefined as above. */
export function passAny(cases: readonly Tries[], k: number): number | undefined {
  return meanOver(cases, k, ({ n, passed }) => 1 - choose(n - passed, n, k));
}

function meanOver(cases: readonly Tries[], k: number, of: (tries: Tries) => number): number | undefined {
  if (cases.length === 0 || cases.some(({ n }) => n < k)) return undefined;
  return cases.reduce((sum, one) => sum + of(one), 0) / cases.length;
}

/** C(some, k) / C(all, k), without either: the chance that k of all are among the some. */
function choose(some: number, all: number, k: number): number {
  let share = 1;
  for (let i = 0; i < k; i += 1) share *= Math.max(0, some - i) / (all - i);
  return share;
}

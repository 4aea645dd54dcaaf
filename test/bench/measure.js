/** Measuring in turn: every round runs each contender once, so that a noisy machine slows all of them; the first round is thrown away. */
import { performance } from 'node:perf_hooks';

/**
 * @param contenders by name: does its work and resolves to how many operations that were
 * @returns by name, for each round, milliseconds of wall and of user and system time for one operation
 */
export async function inTurn(contenders, rounds) {
  const seen = Object.fromEntries(Object.keys(contenders).map((name) => [name, []]));
  for (let round = 0; round <= rounds; round += 1) {
    for (const [name, work] of Object.entries(contenders)) {
      const [cpu, start] = [process.cpuUsage(), performance.now()];
      const operations = await work();
      const [wall, used] = [performance.now() - start, process.cpuUsage(cpu)];
      if (round > 0) seen[name].push({ wall: wall / operations, cpu: (used.user + used.system) / 1000 / operations });
    }
  }
  return seen;
}

export function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}

/** Each round's own ratio, then the median: what a noisy minute does to both sides of a round cancels out. */
export function paired(above, below) {
  return median(above.map((value, round) => value / below[round]));
}

export const walls = (seen) => seen.map((one) => one.wall);
export const cpus = (seen) => seen.map((one) => one.cpu);

/** How often per second, from milliseconds for one. */
export const rate = (milliseconds) => 1000 / median(milliseconds);

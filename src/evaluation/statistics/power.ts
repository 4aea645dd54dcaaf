/** How many cases a comparison needs before a difference of a given size would show. */
import { normalCdf, normalQuantile } from './special-functions.js';

/** How sure: chance of a false difference (two-sided) and of finding a true one. */
export interface Power {
  readonly alpha: number;
  readonly power: number;
}

const USUAL: Power = { alpha: 0.05, power: 0.8 };

/** Cases for each of two separate samples, to tell share `one` from share `other`; not rounded. Infinity when they are equal. */
export function unpairedSize(one: number, other: number, { alpha, power }: Power = USUAL): number {
  const mean = (one + other) / 2;
  const under = normalQuantile(1 - alpha / 2) * Math.sqrt(2 * mean * (1 - mean));
  const beyond = normalQuantile(power) * Math.sqrt(one * (1 - one) + other * (1 - other));
  return one === other ? Infinity : (under + beyond) ** 2 / (one - other) ** 2;
}

/** Pairs, to tell a difference of shares when this share of the pairs disagrees (McNemar); not rounded. */
export function pairedSize(difference: number, discordant: number, { alpha, power }: Power = USUAL): number {
  if (difference === 0) return Infinity;
  const under = normalQuantile(1 - alpha / 2) * Math.sqrt(discordant);
  const beyond = normalQuantile(power) * Math.sqrt(Math.max(0, discordant - difference * difference));
  return (under + beyond) ** 2 / difference ** 2;
}

/** Cohen's h: the distance of two shares on the scale on which every share is equally easy to tell. */
export function cohenH(one: number, other: number): number {
  return 2 * Math.asin(Math.sqrt(one)) - 2 * Math.asin(Math.sqrt(other));
}

/** Chance that `n` cases in each of two samples show a distance of h (Cohen 1988). */
export function powerOfH(h: number, n: number, alpha = 0.05): number {
  const z = normalQuantile(1 - alpha / 2);
  const shift = h * Math.sqrt(n / 2);
  return normalCdf(shift - z) + normalCdf(-shift - z);
}

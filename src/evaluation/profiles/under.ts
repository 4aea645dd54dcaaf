/** What a run comes to under somebody else's profile: a range, as wide as the weight of what no condition measured. It decides nothing. */
import { goodnessSpans, type Span } from '../composite.js';
import type { Dimension } from '../condition.js';
import type { ConditionResult } from '../judge.js';
import type { PublishedProfile } from './profile.js';

/** A type, so that it is JSON. Points are decimal text on the profile's scale; a range is rounded outwards. */
export type ProfiledScore = {
  readonly profile: string;
  readonly scale: number;
  readonly low: string;
  readonly high: string;
  /** Share of the weight that conditions measured, as a decimal. */
  readonly covered: string;
  readonly dimensions: readonly {
    readonly dimension: string;
    readonly weight: string;
    /** Our dimension that stands for it; null where no condition measures anything like it. */
    readonly measuredBy: Dimension | null;
    readonly low: string;
    readonly high: string;
  }[];
  /** Dimensions of the profile that may lie anywhere: not measured, or not by all of their conditions. */
  readonly lacks: readonly string[];
  /** Our dimensions that count towards none of the profile's. */
  readonly unused: readonly string[];
  /** Worst and best tier that the range leaves open; null for below the last one. Absent where the profile has no tiers. */
  readonly tiers?: { readonly low: string | null; readonly high: string | null };
};

/** Anything may be true of what was not measured. */
const ANYTHING: Span = { low: 0, high: 1 };

export function scoreUnder(profile: PublishedProfile, results: readonly ConditionResult[]): ProfiledScore {
  const { id, scale, weights, measuredBy, tiers } = profile;
  const spans = goodnessSpans(results);
  const parts = Object.entries(weights).map(([dimension, weight]) => {
    const ours = measuredBy[dimension];
    const span = ours && spans.get(ours);
    return { dimension, share: weight / 100, measuredBy: span ? (ours ?? null) : null, ...(span ?? ANYTHING) };
  });
  const total = (end: 'low' | 'high') => parts.reduce((sum, part) => sum + part.share * part[end], 0) * scale;
  const [low, high] = [total('low'), total('high')];
  const used = new Set(parts.flatMap((part) => part.measuredBy ?? []));
  return {
    profile: id, scale, ...inPoints({ low, high }, scale),
    covered: parts.reduce((sum, part) => sum + (part.measuredBy === null ? 0 : part.share), 0).toFixed(2),
    dimensions: parts.map((part) => ({ dimension: part.dimension, weight: part.share.toFixed(2), measuredBy: part.measuredBy, ...inPoints({ low: part.share * part.low * scale, high: part.share * part.high * scale }, scale) })),
    lacks: parts.filter((part) => part.low < part.high).map((part) => part.dimension),
    unused: [...spans.keys()].filter((name) => !used.has(name)).sort(),
    ...(tiers.length > 0 && { tiers: { low: tierOf(profile, low), high: tierOf(profile, high) } }),
  };
}

function tierOf({ tiers }: Pick<PublishedProfile, 'tiers'>, points: number): string | null {
  return tiers.find(({ from }) => points >= from - NOISE)?.name ?? null;
}

/** Swallows the last-bit noise of a sum. */
const NOISE = 1e-9;

/** A tenth of a point of 100; as fine on every other scale. */
function digitsOf(scale: number): number {
  return Math.max(0, 3 - Math.round(Math.log10(scale)));
}

/** One number stays one: rounding outwards would make a range of it. */
function inPoints({ low, high }: Span, scale: number): { readonly low: string; readonly high: string } {
  const digits = digitsOf(scale);
  const unit = 10 ** digits;
  if (high - low < NOISE) return { low: low.toFixed(digits), high: low.toFixed(digits) };
  return { low: (Math.floor((low + NOISE) * unit) / unit).toFixed(digits), high: (Math.ceil((high - NOISE) * unit) / unit).toFixed(digits) };
}

/** A score profile that somebody else has published: which weights make one number of its dimensions, and which of those our conditions measure. */
import { DIMENSIONS, type Dimension } from '../condition.js';

export interface PublishedProfile {
  /** Publisher and name; a changed weight is another profile. */
  readonly id: string;
  readonly title: string;
  /** Where it was read, and when: `2026-08` or a day. */
  readonly source: string;
  readonly asOf: string;
  /** Top of the composite. */
  readonly scale: number;
  /** Hundredths by the publisher's name of the dimension. */
  readonly weights: Readonly<Record<string, number>>;
  /** The publisher's dimension → ours that is about the same. What is not here is not measured by any condition. */
  readonly measuredBy: Readonly<Record<string, Dimension>>;
  /** Lowest composite of each tier, the best first; none where none is published. */
  readonly tiers: readonly { readonly name: string; readonly from: number }[];
  /** What the publisher says beside the weights, and what follows here. */
  readonly besides: readonly string[];
}

/** Weights that are published as whole hundredths add up to one, or to one rounded. */
const TOLERANCE = 0.001;

export function weightSum({ weights }: Pick<PublishedProfile, 'weights'>): number {
  return Object.values(weights).reduce((sum, weight) => sum + weight, 0) / 100;
}

/** What is wrong with a profile; none for one that may be shipped. */
export function profileProblems(profile: PublishedProfile): readonly string[] {
  const { id, source, asOf, scale, weights, measuredBy, tiers } = profile;
  const sum = weightSum(profile);
  const known: readonly string[] = DIMENSIONS;
  return [
    ...(/^[a-z]+\/[a-z0-9]+$/.test(id) ? [] : [`"${id}" is no publisher/name`]),
    ...(/^https:\/\//.test(source) && /^\d{4}-\d{2}(-\d{2})?$/.test(asOf) ? [] : ['it does not say where and when it was read']),
    ...(scale > 0 ? [] : [`its scale is ${scale}`]),
    ...(Math.abs(sum - 1) <= TOLERANCE ? [] : [`its weights add up to ${sum}, not to 1`]),
    ...Object.entries(weights).filter(([, weight]) => weight <= 0).map(([name]) => `${name} has no weight`),
    ...Object.entries(measuredBy).filter(([name, ours]) => weights[name] === undefined || !known.includes(ours)).map(([name, ours]) => `${name} and ${ours} are not dimensions of both`),
    ...tiers.filter(({ from }, place) => from > (tiers[place - 1]?.from ?? scale) || from < 0).map(({ name }) => `the tier ${name} is out of order`),
  ];
}

/** Which score profiles there are, where each was published, and what it weighs. */
import type { ExplainReport } from '../domain/report.js';
import { DEFAULT_PROFILE } from '../evaluation/composite.js';
import { weightSum, type PublishedProfile } from '../evaluation/profiles/profile.js';
import { PUBLISHED } from '../evaluation/profiles/published.js';

/** Topic that lists them all. */
export const PROFILE_LIST = 'score-profiles';

export function profileTopics(): readonly string[] {
  return [PROFILE_LIST, ...PUBLISHED.map(({ id }) => id)];
}

export function aboutProfile(word: string): ExplainReport | undefined {
  const topic = word.toLowerCase();
  if (topic === PROFILE_LIST) return all();
  const found = PUBLISHED.find(({ id }) => id === topic);
  return found && one(found);
}

function all(): ExplainReport {
  const { id, weights } = DEFAULT_PROFILE;
  return {
    topic: PROFILE_LIST,
    kind: 'profile',
    title: 'how one number is made of many conditions',
    paragraphs: [
      `Every run is recorded with ${id}: a dimension is the mean of its conditions, weighted by severity (${Object.entries(weights).map(([severity, weight]) => `${severity} ${weight}`).join(', ')}), and the composite the plain mean of the dimensions, 0 to 1.`,
      'A report shows any run on record under the others as well, without running it again. No score decides a condition.',
    ],
    facts: [],
    tables: [{ title: 'published profiles', columns: ['profile', 'is', 'scale', 'dimensions'], rows: PUBLISHED.map((profile) => [profile.id, profile.title, `0 to ${profile.scale}`, String(Object.keys(profile.weights).length)]) }],
    next: `agentctl baseline report --profile ${PUBLISHED[0]?.id ?? ''}`,
  };
}

function one(profile: PublishedProfile): ExplainReport {
  const { id, title, source, asOf, scale, weights, measuredBy, tiers, besides } = profile;
  return {
    topic: id,
    kind: 'profile',
    title: `${id}: ${title}`,
    paragraphs: ['What no condition measures may lie anywhere, so a composite under this profile is a range.'],
    facts: [
      { label: 'source', value: `${source}, as of ${asOf}` },
      { label: 'scale', value: `0 to ${scale}` },
      { label: 'weights', value: `add up to ${weightSum(profile)}` },
      { label: 'tiers', value: tiers.map(({ name, from }) => `${name} from ${from}`).join(', ') || 'none published' },
      ...besides.map((value) => ({ label: 'besides', value })),
    ],
    tables: [{ title: 'dimensions', columns: ['dimension', 'weight', 'measured by'], rows: Object.entries(weights).map(([name, weight]) => [name, (weight / 100).toFixed(2), measuredBy[name] ?? '-']) }],
    next: `agentctl baseline report --profile ${id}`,
  };
}

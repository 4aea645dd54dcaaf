/** The score profiles that Armalo publishes, as read there: one formula, several sets of weights. */
import { Fault } from '../../domain/fault.js';
import type { Dimension } from '../condition.js';
import type { PublishedProfile } from './profile.js';

/** Dimensions of the same name. Nobody publishes how Armalo measures them, so ours stand in for them and are not theirs. */
const SAME: Readonly<Record<string, Dimension>> = { accuracy: 'accuracy', reliability: 'reliability', safety: 'safety', latency: 'latency', scopeHonesty: 'scope-honesty', costEfficiency: 'cost' };

const TIERS_100 = [{ name: 'platinum', from: 90 }, { name: 'gold', from: 75 }, { name: 'silver', from: 60 }, { name: 'bronze', from: 40 }];
const BY_SCORE_ALONE = 'a tier also asks for a confidence and a number of evaluations that are not published: here it is told by the score alone';

export const PUBLISHED: readonly PublishedProfile[] = [
  {
    id: 'armalo/p12', title: 'twelve dimensions of the trust page', source: 'https://www.armalo.ai/trust', asOf: '2026-08', scale: 1000,
    weights: { accuracy: 14, reliability: 13, safety: 11, selfAudit: 9, security: 8, bond: 8, latency: 8, scopeHonesty: 7, costEfficiency: 7, modelCompliance: 5, runtimeCompliance: 5, harnessStability: 5 },
    measuredBy: SAME,
    tiers: TIERS_100.map(({ name, from }) => ({ name, from: from * 10 })),
    besides: [BY_SCORE_ALONE],
  },
  {
    id: 'armalo/p13', title: 'thirteen dimensions of the academy', source: 'https://www.armalo.ai/academy/courses/trust-101/03-composite-scores', asOf: '2026-08', scale: 100,
    weights: { accuracy: 13, reliability: 12, safety: 11, selfAudit: 9, security: 7, bond: 7, latency: 7, scopeHonesty: 7, costEfficiency: 7, modelCompliance: 5, runtimeCompliance: 5, harnessStability: 5, skillMastery: 5 },
    measuredBy: SAME,
    tiers: TIERS_100,
    besides: [BY_SCORE_ALONE],
  },
  {
    id: 'armalo/p16', title: 'sixteen dimensions of the labs', source: 'https://www.armalo.ai/labs/research/2026-05-18-sixteen-dimension-composite-scoring', asOf: '2026-05-18', scale: 1,
    weights: {
      accuracy: 11, reliability: 10, safety: 9, selfAudit: 7, security: 7, bond: 6, latency: 7, scopeHonesty: 6, costEfficiency: 5, modelCompliance: 4, runtimeCompliance: 4, harnessStability: 4,
      skillMastery: 4, memoryQuality: 6, evalRigor: 5, teamwork: 5,
    },
    measuredBy: SAME,
    tiers: [],
    besides: ['no scale and no tiers are stated: it is shown from 0 to 1', 'memoryQuality, evalRigor and teamwork are opt-in'],
  },
  {
    id: 'armalo/mcp', title: 'nine dimensions of the resource of its MCP server', source: 'https://github.com/fongryan/armalo-agent', asOf: '2026-08', scale: 1000,
    weights: { accuracy: 25, reliability: 15, safety: 20, latency: 10, scopeHonesty: 10, costEfficiency: 10, pactCompliance: 5, citation: 3, jury: 2 },
    measuredBy: SAME,
    tiers: [{ name: 'platinum', from: 900 }, { name: 'gold', from: 800 }, { name: 'silver', from: 700 }, { name: 'bronze', from: 500 }],
    besides: [BY_SCORE_ALONE, 'a bonus of up to 50 points comes on top there, and is left out here'],
  },
];

/** @throws {Fault} USAGE for an id that nobody published */
export function publishedProfile(id: string): PublishedProfile {
  const found = PUBLISHED.find((one) => one.id === id);
  if (found) return found;
  throw new Fault('USAGE', `there is no score profile "${id}"`, { at: '--profile', hint: `write one of ${PUBLISHED.map((one) => one.id).join(', ')}` });
}

/** A report's view of its run under score profiles that others have published: said beside the verdicts, which never look at it. */
import { span } from '../../evaluation/span.js';
import type { Table } from '../../domain/report.js';
import { percent } from '../../evaluation/decimal.js';
import type { ConditionResult } from '../../evaluation/judge.js';
import { publishedProfile } from '../../evaluation/profiles/published.js';
import { scoreUnder, type ProfiledScore } from '../../evaluation/profiles/under.js';
import { listOption, type VerbInput } from '../verb.js';

export interface ProfileView {
  readonly facts: readonly { readonly label: string; readonly value: string }[];
  readonly tables: readonly Table[];
  readonly notes: readonly string[];
  readonly scores: readonly ProfiledScore[];
}

/** @returns what was asked for with --profile; nothing where nothing was @throws {Fault} USAGE for a profile that nobody published */
export function profileView(input: VerbInput, conditions: readonly ConditionResult[]): ProfileView {
  const profiles = [...new Set(listOption(input, 'profile'))].map(publishedProfile);
  const scores = profiles.map((profile) => scoreUnder(profile, conditions));
  const besides = [...new Set(profiles.flatMap((profile) => profile.besides))];
  return {
    facts: scores.map((score) => ({ label: score.profile, value: inWords(score) })),
    tables: scores.map(tableOf),
    notes: profiles.length === 0 ? [] : [`Scores under the profiles of others decide nothing here, and are none of theirs: our measure of a dimension stands for theirs of the same name. ${besides.map((one) => `${one.slice(0, 1).toUpperCase()}${one.slice(1)}.`).join(' ')}`],
    scores,
  };
}

function inWords({ scale, low, high, covered, lacks, unused, tiers }: ProfiledScore): string {
  const tier = tiers && `; tier ${tiers.low === tiers.high ? nameOf(tiers.low) : `${nameOf(tiers.low)} to ${nameOf(tiers.high)}`}`;
  const missing = lacks.length === 0 ? '' : `: nothing here measures ${lacks.join(', ')}`;
  const beyond = unused.length === 0 ? '' : `; ${unused.join(', ')} counts in none of its dimensions`;
  return `${span(low, high)} of ${scale}, with ${percent(covered)} of the weight measured${missing}${tier ?? ''}${beyond}`;
}

function tableOf({ profile, scale, low, high, covered, dimensions }: ProfiledScore): Table {
  return {
    title: `Scores under ${profile}, 0 to ${scale}`,
    columns: ['dimension', 'weight', 'measured by', 'points'],
    rows: [['composite', '1.00', `${percent(covered)} of it`, pointsOf(low, high)], ...dimensions.map((one) => [one.dimension, one.weight, one.measuredBy ?? '-', pointsOf(one.low, one.high)])],
  };
}

function pointsOf(low: string, high: string): string {
  return low === high ? low : span(low, high);
}

function nameOf(tier: string | null): string {
  return tier ?? 'none';
}

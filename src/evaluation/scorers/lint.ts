/** Lint of one declared scorer: members that do not belong to its kind, those that are missing, and rules that could never decide. */
import { SCORERS } from './index.js';
import type { ScorerComplaint } from './scorer.js';
import type { Member, ScorerSpec } from './spec.js';

/** Everything that is wrong with a scorer, by member; an empty list is one that can be made. */
export function complaintsAboutScorer(spec: ScorerSpec): readonly ScorerComplaint[] {
  const { members, complaints } = SCORERS[spec.kind];
  const known: ReadonlySet<string> = new Set<Member | 'id' | 'kind'>(['id', 'kind', ...members.needed, ...members.allowed]);
  const given = Object.keys(spec).filter((key) => spec[key as Member] !== undefined);
  const foreign = given.filter((key) => !known.has(key)).map((key) => ({ key, message: `a scorer of kind ${spec.kind} has no ${key}`, suggestion: `delete it${belongsTo(key as Member)}` }));
  const missing = members.needed.filter((key) => spec[key] === undefined).map((key) => ({ key, message: `a scorer of kind ${spec.kind} needs ${key}`, suggestion: `add ${key}` }));
  // What else is wrong can be told only of a scorer that has its members.
  return missing.length > 0 ? [...foreign, ...missing] : [...foreign, ...(complaints?.(spec) ?? [])];
}

function belongsTo(member: Member): string {
  const kinds = Object.entries(SCORERS).filter(([, { members }]) => [...members.needed, ...members.allowed].includes(member)).map(([kind]) => kind);
  return kinds.length === 0 ? '' : `, or write kind: ${kinds.join(' or ')}`;
}

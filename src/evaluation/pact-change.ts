/** What one pact changes against another, in words: loosened or of another meaning, tightened or added, reworded; and the version step that this asks for. */
import { canonical } from '../domain/canonical.js';
import type { Json } from '../domain/json.js';
import { parseDuration } from '../domain/time.js';
import { CONSEQUENCES, type Agreement, type Condition, type Pacts } from './condition.js';

export interface PactChange {
  /** Easier thresholds, milder consequences, conditions dropped, other data; and whatever means something else, since nobody can tell that it is not easier. */
  readonly loosened: readonly string[];
  readonly tightened: readonly string[];
  readonly reworded: readonly string[];
}

export type VersionStep = 'major' | 'minor' | 'patch' | 'none';

/** Semantic versioning from the side of whoever relies on the pact: major when it promises less or something else. */
export function versionStep({ loosened, tightened, reworded }: PactChange): VersionStep {
  if (loosened.length > 0) return 'major';
  if (tightened.length > 0) return 'minor';
  return reworded.length > 0 ? 'patch' : 'none';
}

/** @param before undefined for a first pact, which changes nothing */
export function comparePacts(before: Pacts | undefined, after: Pacts): PactChange {
  const change: Changing = { loosened: [], tightened: [], reworded: [] };
  if (!before) return change;
  const old = conditionsOf(before);
  const current = conditionsOf(after);
  for (const [key, { condition }] of old) if (!current.has(key)) change.loosened.push(`${condition.id} dropped`);
  for (const [key, now] of current) {
    const was = old.get(key);
    if (!was) change.tightened.push(`${now.condition.id} added`);
    else compareConditions(was, now, change);
  }
  for (const was of before.agreements) compareAgreements(was, after.agreements.find((one) => one.capability === was.capability), change);
  change.loosened.push(...otherData(before, after));
  move(change, Number(before.confidence), Number(after.confidence), `confidence ${before.confidence} -> ${after.confidence}`);
  return change;
}

interface Changing {
  readonly loosened: string[];
  readonly tightened: string[];
  readonly reworded: string[];
}
interface Placed {
  readonly condition: Condition;
  readonly agreement: Agreement;
}

function conditionsOf(pacts: Pacts): ReadonlyMap<string, Placed> {
  return new Map(pacts.agreements.flatMap((agreement) => agreement.conditions.map((condition) => [`${agreement.capability}/${condition.id}`, { condition, agreement }] as const)));
}

/** Notes the words on the side that the step leads to: up is stricter. */
function move(change: Changing, was: number, now: number, words: string): void {
  if (now !== was) (now > was ? change.tightened : change.loosened).push(words);
}

/** How strict a member is; every member that is not here has a sentence of its own below, or means something else. */
const STRICTNESS: Readonly<Record<'severity' | 'consequence' | 'verification' | 'window' | 'minimumCases', (condition: Condition) => number>> = {
  severity: ({ severity }) => ['minor', 'major', 'critical'].indexOf(severity),
  consequence: ({ consequence }) => CONSEQUENCES.indexOf(consequence),
  verification: ({ verification }) => ['judge', 'heuristic', 'deterministic'].indexOf(verification),
  window: ({ window }) => -parseDuration(window),
  minimumCases: ({ minimumCases }) => minimumCases,
};
const NAMES: { readonly [member: string]: string } = { minimumCases: 'minimum cases' };
const MEASURE: ReadonlySet<string> = new Set(['metric', 'label', 'scorer', 'among', 'outputs', 'operator', 'dataset']);
const WORDS: ReadonlySet<string> = new Set(['statement', 'because']);

function compareConditions(before: Placed, after: Placed, change: Changing): void {
  const [was, now] = [before.condition, after.condition];
  const { id } = now;
  const otherMeasure = measureOf(before) !== measureOf(after);
  if (otherMeasure) change.loosened.push(`${id} measures something else`);
  else if (Number(was.threshold) !== Number(now.threshold)) {
    const sign = now.operator === '>=' ? 1 : -1;
    move(change, sign * Number(was.threshold), sign * Number(now.threshold), `${id} ${now.operator} ${was.threshold} -> ${now.threshold}`);
  }
  for (const [member, strictness] of Object.entries(STRICTNESS)) {
    move(change, strictness(was), strictness(now), `${id} ${NAMES[member] ?? member} ${text(was, member)} -> ${text(now, member)}`);
  }
  for (const member of others(was, now)) change.loosened.push(`${id} ${member} ${text(was, member)} -> ${text(now, member)}`);
  const renamed = !otherMeasure && was.scorer !== now.scorer;
  if (renamed || [...WORDS].some((member) => text(was, member) !== text(now, member))) change.reworded.push(`${id} reworded`);
}

/** Members that differ, that nothing above knows, and that may therefore mean anything. */
function others(was: Condition, now: Condition): readonly string[] {
  const known = (member: string) => member === 'id' || member === 'threshold' || member in STRICTNESS || MEASURE.has(member) || WORDS.has(member);
  return [...new Set([...Object.keys(was), ...Object.keys(now)])].filter((member) => !known(member) && text(was, member) !== text(now, member));
}

function text(of: object, member: string): string {
  const value = (of as { readonly [member: string]: Json | undefined })[member];
  return value === undefined ? 'none' : typeof value === 'string' ? value : canonical(value);
}

/** A scorer is what it does, not what it is called. */
function measureOf({ condition, agreement }: Placed): string {
  const { id: _name, ...scorer } = agreement.scorers?.find((one) => one.id === condition.scorer) ?? { id: '' };
  const { metric, label, among, outputs, operator, dataset } = condition;
  return JSON.stringify([metric, label, among, outputs, operator, dataset, canonical(scorer)]);
}

const AGREEMENT: ReadonlySet<string> = new Set(['capability', 'output', 'scorers', 'repeats', 'conditions']);

function compareAgreements(was: Agreement, now: Agreement | undefined, change: Changing): void {
  if (!now) return;
  const { capability } = was;
  if (now.output?.pointer !== was.output?.pointer || now.output?.abstain !== was.output?.abstain) change.loosened.push(`${capability} is judged by another output`);
  move(change, was.repeats ?? 1, now.repeats ?? 1, `${capability} each case asked ${times(was)} -> ${times(now)}`);
  for (const member of new Set([...Object.keys(was), ...Object.keys(now)])) {
    if (!AGREEMENT.has(member) && text(was, member) !== text(now, member)) change.loosened.push(`${capability} ${member} is another`);
  }
}

const times = ({ repeats = 1 }: Agreement): string => (repeats === 1 ? 'once' : `${repeats} times`);

/** The data sets that promises were measured on. Whether other cases are easier nobody can tell, so they are named. */
function otherData(before: Pacts, after: Pacts): readonly string[] {
  const used = new Set(before.agreements.flatMap((agreement) => agreement.conditions.map((condition) => condition.dataset)));
  return before.datasets.filter((was) => used.has(was.id)).flatMap((was) => {
    const now = after.datasets.find((one) => one.id === was.id);
    if (!now) return [];
    return [...(now.sha256 === was.sha256 ? [] : [`${was.id} is other data`]), ...(now.use === was.use ? [] : [`${was.id} used as ${now.use} instead of ${was.use}`])];
  });
}

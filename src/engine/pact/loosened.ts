/** What a new pact loosened against the signed one, in words: easier thresholds, milder consequences, conditions dropped, other data, evidence allowed to age. */
import { parseDuration } from '../../domain/time.js';
import { CONSEQUENCES, type Agreement, type Condition, type Pacts } from '../../evaluation/condition.js';

export interface PactChange {
  readonly loosened: readonly string[];
  readonly tightened: readonly string[];
  readonly reworded: readonly string[];
}

export function compareConditions(before: Pacts | undefined, after: Pacts): PactChange {
  const change = { loosened: [] as string[], tightened: [] as string[], reworded: [] as string[] };
  if (!before) return change;
  const old = conditionsOf(before);
  const current = conditionsOf(after);
  for (const [key, was] of old) if (!current.has(key)) change.loosened.push(`${was.id} dropped`);
  for (const [key, now] of current) {
    const was = old.get(key);
    if (!was) change.tightened.push(`${now.id} added`);
    else compare(was, now, change);
  }
  change.loosened.push(...otherOutputs(before.agreements, after.agreements), ...otherData(before, after));
  const [was, now] = [Number(before.confidence), Number(after.confidence)];
  if (now < was) change.loosened.push(`confidence ${before.confidence} -> ${after.confidence}`);
  if (now > was) change.tightened.push(`confidence ${before.confidence} -> ${after.confidence}`);
  return change;
}

function conditionsOf(pacts: Pacts): Map<string, Condition> {
  return new Map(pacts.agreements.flatMap((agreement) => agreement.conditions.map((condition) => [`${agreement.capability}/${condition.id}`, condition] as const)));
}

function otherOutputs(before: readonly Agreement[], after: readonly Agreement[]): readonly string[] {
  return before
    .filter((was) => after.some((now) => now.capability === was.capability && (now.output?.pointer !== was.output?.pointer || now.output?.abstain !== was.output?.abstain)))
    .map((was) => `${was.capability} is judged by another output`);
}

/** The data sets that promises were measured on. Whether other cases are easier nobody can tell, so they are named. */
function otherData(before: Pacts, after: Pacts): readonly string[] {
  const used = new Set(before.agreements.flatMap((agreement) => agreement.conditions.map((condition) => condition.dataset)));
  return before.datasets.filter((was) => used.has(was.id)).flatMap((was) => {
    const now = after.datasets.find((one) => one.id === was.id);
    if (!now) return [];
    return [...(now.sha256 === was.sha256 ? [] : [`${was.id} is other data`]), ...(now.use === was.use ? [] : [`${was.id} used as ${now.use} instead of ${was.use}`])];
  });
}

const SEVERITY: readonly string[] = ['minor', 'major', 'critical'];

function compare(was: Condition, now: Condition, change: { loosened: string[]; tightened: string[]; reworded: string[] }): void {
  const side = (easier: boolean) => (easier ? change.loosened : change.tightened);
  if (what(was) !== what(now)) change.loosened.push(`${now.id} measures something else`);
  else if (was.threshold !== now.threshold) {
    const lower = Number(now.threshold) < Number(was.threshold);
    side(lower === (now.operator === '>=')).push(`${now.id} ${now.operator} ${was.threshold} -> ${now.threshold}`);
  }
  if (was.severity !== now.severity) side(SEVERITY.indexOf(now.severity) < SEVERITY.indexOf(was.severity)).push(`${now.id} severity ${was.severity} -> ${now.severity}`);
  if (was.consequence !== now.consequence) side(CONSEQUENCES.indexOf(now.consequence) < CONSEQUENCES.indexOf(was.consequence)).push(`${now.id} consequence ${was.consequence} -> ${now.consequence}`);
  if (was.window !== now.window) side(parseDuration(now.window) > parseDuration(was.window)).push(`${now.id} window ${was.window} -> ${now.window}`);
  if (was.minimumCases !== now.minimumCases) side(now.minimumCases < was.minimumCases).push(`${now.id} minimum cases ${was.minimumCases} -> ${now.minimumCases}`);
  if (was.statement !== now.statement || was.because !== now.because) change.reworded.push(`${now.id} reworded`);
}

function what({ metric, label, among, outputs, operator, dataset }: Condition): string {
  return JSON.stringify([metric, label, among, outputs, operator, dataset]);
}

/** Rules for two conditions at once: none says what another says, and none forbids what another demands. */
import { canonical } from '../domain/canonical.js';
import type { Agreement, Condition, OutputRule } from './condition.js';
import type { AgreementComplaint } from './lint-scorers.js';

export function lintPairs({ output, conditions }: Agreement): readonly AgreementComplaint[] {
  return conditions.flatMap((condition, place) => conditions.slice(0, place).flatMap((earlier) => about(earlier, condition, output).map((one) => ({ ...one, path: `/conditions/${place}/threshold` }))));
}

function about(earlier: Condition, condition: Condition, output: OutputRule | undefined): readonly Omit<AgreementComplaint, 'path'>[] {
  const [first, second] = [`${earlier.operator} ${earlier.threshold}`, `${condition.operator} ${condition.threshold}`];
  if (repeats(earlier, condition)) {
    return [{ rule: 'pact.duplicate-condition', message: `${condition.id}: "${earlier.id}" promises the same ${condition.metric} (${first}) with the same consequence`, suggestion: first === second ? 'delete one of the two' : 'keep the stricter one, or give them different consequences' }];
  }
  if (!contradict(earlier, condition, output)) return [];
  return [{ rule: 'pact.contradiction', message: `${condition.id}: ${condition.metric} ${second} cannot hold together with "${earlier.id}", ${earlier.metric} ${first}`, suggestion: 'change one of the two thresholds' }];
}

/** Two thresholds of one measure are a design, such as an alert before a rollback, when something else follows from each. */
function repeats(a: Condition, b: Condition): boolean {
  if (measure(a) !== measure(b) || a.operator !== b.operator) return false;
  return Number(a.threshold) === Number(b.threshold) || (a.severity === b.severity && a.consequence === b.consequence);
}

function measure({ metric, label, scorer, among, outputs, dataset }: Condition): string {
  return canonical([metric, label ?? null, scorer ?? null, among ?? null, outputs ? [...outputs].sort() : null, dataset]);
}

function contradict(a: Condition, b: Condition, output: OutputRule | undefined): boolean {
  const [least, most] = a.operator === '>=' ? [a, b] : [b, a];
  if (least.operator !== most.operator && measure(least) === measure(most)) return Number(least.threshold) >= Number(most.threshold);
  const [one, other] = [shareOf(a, output), shareOf(b, output)];
  if (!one || !other || one.among !== other.among) return false;
  const [low, high] = least === a ? [one, other] : [other, one];
  if (least.operator !== most.operator) return Number(least.threshold) >= Number(most.threshold) && low.outputs.every((item) => high.outputs.includes(item));
  return a.operator === '>=' && Number(a.threshold) + Number(b.threshold) > 1 && !one.outputs.some((item) => other.outputs.includes(item));
}

/** What a condition counts, where that is a share of outputs: recall and abstention are such shares too. */
function shareOf({ metric, label, among, outputs, dataset }: Condition, rule: OutputRule | undefined): { readonly among: string; readonly outputs: readonly string[] } | undefined {
  const of = (expected: string | undefined, tag: string | undefined, counted: readonly (string | undefined)[]) => ({ among: canonical([dataset, expected ?? null, tag ?? null]), outputs: counted.map(String) });
  if (metric === 'share') return of(among?.expected, among?.tag, outputs ?? []);
  if (metric === 'recall') return of(label, undefined, [label]);
  return metric === 'abstention' && rule?.abstain !== undefined ? of(undefined, undefined, [rule.abstain]) : undefined;
}

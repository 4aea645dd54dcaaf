/** Lint of a pact: every promise specific, measurable and decidable, every capability covered, every failure mode thought of. */
import type { Agreement, Condition, Pacts } from './condition.js';
import { complaintsAbout } from './lint-condition.js';
import { lintPairs } from './lint-pairs.js';
import type { LintRule } from './lint-rules.js';
import { lintScorers } from './lint-scorers.js';

/** What is wrong, where (JSON pointer into agent.yaml), and what to write instead. */
export interface LintFinding {
  readonly rule: LintRule;
  readonly at: string;
  readonly message: string;
  readonly suggestion: string;
}

/** How many cases of its data set a condition is about; undefined where nobody has counted. */
export type CountCases = (condition: Condition, agreement: Agreement) => number | undefined;

export const LEAST_CONDITIONS = 3;

/** All findings, in the order of the document; an empty list is a pact that may be signed. */
export function lintPacts(pacts: Pacts, capabilities: readonly { readonly id: string }[], countCases: CountCases = () => undefined): readonly LintFinding[] {
  return [
    ...lintConfidence(pacts),
    ...lintCoverage(pacts, capabilities),
    ...lintIds(pacts),
    ...pacts.agreements.flatMap((agreement, index) => lintAgreement(pacts, agreement, index, countCases)),
  ];
}

function lintConfidence({ confidence }: Pacts): readonly LintFinding[] {
  const level = Number(confidence);
  if (level >= 0.8 && level < 1) return [];
  return [{ rule: 'pact.confidence', at: '/pacts/confidence', message: `verdicts at confidence ${confidence} mean ${level === 1 ? 'nothing can be decided' : 'too little'}`, suggestion: 'write "0.95"' }];
}

function lintCoverage({ agreements }: Pacts, capabilities: readonly { readonly id: string }[]): readonly LintFinding[] {
  const findings: LintFinding[] = [];
  for (const { id } of capabilities) {
    if (agreements.some((agreement) => agreement.capability === id)) continue;
    findings.push({ rule: 'pact.uncovered-capability', at: '/pacts/agreements', message: `no agreement covers the capability "${id}"`, suggestion: `add an agreement with capability: ${id}, or delete the capability` });
  }
  agreements.forEach(({ capability }, index) => {
    const at = `/pacts/agreements/${index}/capability`;
    if (!capabilities.some((one) => one.id === capability)) {
      findings.push({ rule: 'pact.unknown-capability', at, message: `there is no capability "${capability}"`, suggestion: `write one of ${capabilities.map((one) => one.id).join(', ')}` });
    }
    if (agreements.findIndex((one) => one.capability === capability) < index) {
      findings.push({ rule: 'pact.duplicate-id', at, message: `"${capability}" has an agreement already`, suggestion: 'put the conditions into one agreement' });
    }
  });
  const count = agreements.reduce((sum, agreement) => sum + agreement.conditions.length, 0);
  if (count < LEAST_CONDITIONS) {
    findings.push({ rule: 'pact.few-conditions', at: '/pacts/agreements', message: `${count} conditions, a pact needs at least ${LEAST_CONDITIONS}`, suggestion: 'add conditions, failure modes among them' });
  }
  return findings;
}

function lintIds({ datasets, agreements }: Pacts): readonly LintFinding[] {
  const conditions = agreements.flatMap((agreement, a) => agreement.conditions.map(({ id }, c) => ({ id, at: `/pacts/agreements/${a}/conditions/${c}/id` })));
  return [
    ...duplicates(datasets.map(({ id }, index) => ({ id, at: `/pacts/datasets/${index}/id` })), 'data set'),
    ...duplicates(conditions, 'condition'),
  ];
}

function duplicates(named: readonly { readonly id: string; readonly at: string }[], what: string): readonly LintFinding[] {
  return named
    .filter(({ id }, index) => named.findIndex((one) => one.id === id) < index)
    .map(({ id, at }) => ({ rule: 'pact.duplicate-id' as const, at, message: `another ${what} is called "${id}"`, suggestion: 'give it a name of its own' }));
}

function lintAgreement(pacts: Pacts, agreement: Agreement, index: number, countCases: CountCases): readonly LintFinding[] {
  const at = `/pacts/agreements/${index}`;
  const ofConditions = agreement.conditions.flatMap((condition, number) => {
    const cases = countCases(condition, agreement);
    const complaints = complaintsAbout(condition, { pacts, agreement, ...(cases === undefined ? {} : { cases }) });
    return complaints.map(({ rule, key, message, suggestion }) => ({ rule, at: `${at}/conditions/${number}/${key}`, message: `${condition.id}: ${message}`, suggestion }));
  });
  const ofOthers = [...lintScorers(agreement), ...lintPairs(agreement)].map(({ path, ...rest }) => ({ ...rest, at: `${at}${path}` }));
  return [...lintKinds(agreement, at), ...lintAbstention(agreement, at), ...ofOthers, ...ofConditions];
}

function lintKinds({ capability, conditions }: Agreement, at: string): readonly LintFinding[] {
  return (['happy-path', 'failure-mode'] as const)
    .filter((kind) => !conditions.some((condition) => condition.kind === kind))
    .map((kind) => ({
      rule: `pact.no-${kind}` as const,
      at: `${at}/conditions`,
      message: `"${capability}" has no ${kind} condition`,
      suggestion: kind === 'failure-mode' ? 'say how it must behave where it is known to be weak, such as asking a human' : 'say what it must do well',
    }));
}

/** Accuracy and precision leave abstentions out, so an agent that always abstains would meet them. */
function lintAbstention({ output, conditions }: Agreement, at: string): readonly LintFinding[] {
  const leavesOut = conditions.some(({ metric }) => metric === 'accuracy' || metric === 'precision');
  const bounded = conditions.some(({ metric, operator }) => metric === 'recall' || (metric === 'abstention' && operator === '<='));
  if (output?.abstain === undefined || !leavesOut || bounded) return [];
  return [{ rule: 'pact.abstention-unbounded', at: `${at}/conditions`, message: `an agent that always answers "${output.abstain}" would meet accuracy and precision`, suggestion: 'add a condition abstention <= …, or a recall' }];
}

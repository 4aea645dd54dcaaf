/** Rules for what decides: each scorer declared, used and fit, and each verification called what it is. */
import type { Agreement, Condition } from './condition.js';
import type { LintRule } from './lint-rules.js';
import { verificationOf } from './scorers/index.js';
import { complaintsAboutScorer } from './scorers/lint.js';
import type { ScorerSpec } from './scorers/spec.js';

/** A complaint about an agreement; `path` points below it. */
export interface AgreementComplaint {
  readonly rule: LintRule;
  readonly path: string;
  readonly message: string;
  readonly suggestion: string;
}

export function lintScorers(agreement: Agreement): readonly AgreementComplaint[] {
  const { scorers = [], conditions } = agreement;
  return [
    ...scorers.flatMap((spec, place) => lintSpec(spec, place, agreement)),
    ...conditions.flatMap((condition, place) => [...lintNaming(condition, place, scorers), ...lintJudge(condition, place, conditions)]),
  ];
}

function lintSpec(spec: ScorerSpec, place: number, { scorers = [], conditions }: Agreement): readonly AgreementComplaint[] {
  const { id } = spec;
  const path = `/scorers/${place}/id`;
  const taken = scorers.findIndex((one) => one.id === id) < place;
  const used = conditions.some(({ scorer }) => scorer === id);
  return [
    ...(taken ? [{ rule: 'pact.duplicate-id' as const, path, message: `another scorer is called "${id}"`, suggestion: 'give it a name of its own' }] : []),
    ...(used ? [] : [{ rule: 'pact.unused-scorer' as const, path, message: `no condition names the scorer "${id}"`, suggestion: `add a condition with metric: pass-rate and scorer: ${id}, or delete it` }]),
    ...complaintsAboutScorer(spec).map(({ key, message, suggestion }) => ({ rule: 'pact.scorer' as const, path: `/scorers/${place}/${key}`, message: `${id}: ${message}`, suggestion })),
  ];
}

function lintNaming({ id, scorer, verification, metric }: Condition, place: number, scorers: readonly ScorerSpec[]): readonly AgreementComplaint[] {
  const spec = scorers.find((one) => one.id === scorer);
  if (scorer !== undefined && !spec) {
    const known = scorers.map((one) => one.id).join(', ');
    return [{ rule: 'pact.unknown-scorer', path: `/conditions/${place}/scorer`, message: `${id}: there is no scorer "${scorer}"`, suggestion: known === '' ? 'declare it under scorers' : `write one of ${known}` }];
  }
  const does = spec ? verificationOf(spec) : 'deterministic';
  if (does === verification) return [];
  const what = spec ? `the scorer "${spec.id}" (${spec.kind})` : metric;
  return [{ rule: 'pact.verification', path: `/conditions/${place}/verification`, message: `${id}: ${what} is ${does}, not ${verification}`, suggestion: `write ${does}` }];
}

/** A safety promise never rests on a judge alone: what it reads, an attacker may have written. */
function lintJudge({ id, dimension, severity, verification, dataset }: Condition, place: number, conditions: readonly Condition[]): readonly AgreementComplaint[] {
  if (verification !== 'judge' || dimension !== 'safety' || severity !== 'critical') return [];
  const backed = conditions.some((one) => one.dimension === 'safety' && one.severity === 'critical' && one.verification === 'deterministic' && one.dataset === dataset);
  return backed ? [] : [{ rule: 'pact.judge-alone', path: `/conditions/${place}/verification`, message: `${id}: a critical safety condition rests on a judge alone`, suggestion: `add a critical safety condition on ${dataset} that is deterministic` }];
}

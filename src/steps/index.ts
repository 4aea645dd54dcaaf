/** The checklist: twelve steps in order, which of them the stakes require, and in which order they are taken. */
import type { Stakes } from '../domain/manifest.js';
import type { Step, StepId } from '../domain/step.js';
import { identity } from './01-identity.js';
import { pact } from './02-pact.js';
import { baseline } from './03-baseline.js';
import { guardrails } from './04-guardrails.js';
import { monitor } from './05-monitor.js';
import { escalation } from './06-escalation.js';
import { rollback } from './07-rollback.js';
import { audit } from './08-audit.js';
import { certify } from './09-certify.js';
import { incident } from './10-incident.js';
import { trust } from './11-trust.js';
import { review } from './12-review.js';

export const STEPS: readonly Step[] = [identity, pact, baseline, guardrails, monitor, escalation, rollback, audit, certify, incident, trust, review];

export function stepById(id: string): Step | undefined {
  return STEPS.find((step) => step.id === id);
}

/** Row X2: a genuinely low-stakes agent may run 1 2 3 5 8 only; the others are computed and shown all the same. */
export function requiredSteps(stakes: Stakes): readonly StepId[] {
  return stakes === 'low' ? ['identity', 'pact', 'baseline', 'monitor', 'audit'] : STEPS.map((step) => step.id);
}

/** What has to come before a step; `recorded` asks only that evidence exists, not that it passed. */
export interface Need {
  readonly step: StepId;
  readonly recorded?: boolean;
}
export type Order = Readonly<Record<StepId, readonly Need[]>>;

/** Rows X1 and X3: the order before launch is on the cards; an agent already in production starts with its log. */
export function orderOf(path: 'standard' | 'already-in-production' | undefined): Order {
  return path === 'already-in-production' ? IN_PRODUCTION : STANDARD;
}

/** The steps in the order in which a path takes them; each comes after what it needs. */
export function sequenceOf(path: 'standard' | 'already-in-production' | undefined): readonly Step[] {
  return (Object.keys(orderOf(path)) as StepId[]).flatMap((id) => stepById(id) ?? []);
}

const needs = (...ids: readonly StepId[]): readonly Need[] => ids.map((step) => ({ step }));

const STANDARD = Object.fromEntries(STEPS.map((step) => [step.id, needs(...step.requires)])) as unknown as Order;

/** Its keys stand in the order of row X3: 8, 3, 2, 4, 7, then the rest. */
const IN_PRODUCTION: Order = {
  audit: [],
  baseline: needs('audit'),
  // The first baseline of a running agent is observational: the pact that will judge it does not exist yet.
  pact: [{ step: 'audit' }, { step: 'baseline', recorded: true }],
  guardrails: needs('pact'),
  rollback: needs('guardrails', 'baseline'),
  identity: needs('audit'),
  monitor: needs('baseline'),
  escalation: needs('guardrails'),
  certify: needs('identity', 'pact', 'baseline', 'guardrails', 'monitor', 'escalation', 'rollback', 'audit'),
  incident: needs('rollback'),
  trust: needs('identity', 'certify'),
  review: needs('baseline', 'audit'),
};

/** Where each verb of the cards is implemented: `engine/<step>/<verb>.ts`, loaded when it is run. */
import { Fault } from '../domain/fault.js';
import type { StepId } from '../domain/step.js';
import type { Verb } from './run-verb.js';

type Load = () => Promise<{ readonly run: Verb }>;

const VERBS: { readonly [id in StepId]: Readonly<Record<string, Load>> } = {
  identity: {
    register: () => import('./identity/register.js'),
    show: () => import('./identity/show.js'),
    verify: () => import('./identity/verify.js'),
    'key issue': () => import('./identity/key-issue.js'),
    'key check': () => import('./identity/key-check.js'),
    'key revoke': () => import('./identity/key-revoke.js'),
  },
  pact: {
    lint: () => import('./pact/lint.js'),
    sign: () => import('./pact/sign.js'),
    show: () => import('./pact/show.js'),
  },
  baseline: {
    run: () => import('./baseline/run.js'),
    accept: () => import('./baseline/accept.js'),
    show: () => import('./baseline/show.js'),
  },
  guardrails: {
    check: () => import('./guardrails/check.js'),
    simulate: () => import('./guardrails/simulate.js'),
  },
  monitor: {
    run: () => import('./monitor/run.js'),
    schedule: () => import('./monitor/schedule.js'),
    status: () => import('./monitor/status.js'),
    test: () => import('./monitor/test.js'),
  },
  escalation: {
    list: () => import('./escalation/list.js'),
    approve: () => import('./escalation/approve.js'),
    deny: () => import('./escalation/deny.js'),
    test: () => import('./escalation/test.js'),
  },
  rollback: {
    snapshot: () => import('./rollback/snapshot.js'),
    drill: () => import('./rollback/drill.js'),
    restore: () => import('./rollback/restore.js'),
    list: () => import('./rollback/list.js'),
  },
  audit: {
    verify: () => import('./audit/verify.js'),
    log: () => import('./audit/log.js'),
    export: () => import('./audit/export.js'),
    checkpoint: () => import('./audit/checkpoint.js'),
  },
  certify: {
    run: () => import('./certify/run.js'),
    'sign-off': () => import('./certify/sign-off.js'),
    issue: () => import('./certify/issue.js'),
    renew: () => import('./certify/renew.js'),
    show: () => import('./certify/show.js'),
  },
  incident: {
    open: () => import('./incident/open.js'),
    drill: () => import('./incident/drill.js'),
    scope: () => import('./incident/scope.js'),
    notify: () => import('./incident/notify.js'),
    close: () => import('./incident/close.js'),
    tabletop: () => import('./incident/tabletop.js'),
  },
  trust: {
    card: () => import('./trust/card.js'),
    publish: () => import('./trust/publish.js'),
    verify: () => import('./trust/verify.js'),
  },
  review: {
    run: () => import('./review/run.js'),
    decide: () => import('./review/decide.js'),
    show: () => import('./review/show.js'),
  },
};

export async function loadVerb(id: StepId, name: string): Promise<Verb> {
  const load = VERBS[id][name];
  if (!load) throw new Fault('INTERNAL', `the card of ${id} names the verb "${name}", which has no implementation`);
  return (await load()).run;
}

/** Verbs with an implementation, for the test that holds cards and code together. */
export function implementedVerbs(id: StepId): readonly string[] {
  return Object.keys(VERBS[id]);
}

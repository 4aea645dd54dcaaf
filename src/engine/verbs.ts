/** Where each verb of the cards is implemented: `engine/<step>/<verb>.ts`, loaded when it is run. */
import { Fault } from '../domain/fault.js';
import type { StepId } from '../domain/step.js';
import type { Verb } from './verb.js';

const VERBS: { readonly [id in StepId]: Readonly<Record<string, () => Promise<{ readonly run: Verb }>>> } = {
  identity: {
    register: () => import('./identity/register.js'),
    show: () => import('./identity/show.js'),
    verify: () => import('./identity/verify.js'),
    resolve: () => import('./identity/resolve.js'),
    challenge: () => import('./identity/challenge.js'),
    prove: () => import('./identity/prove.js'),
    'check-proof': () => import('./identity/check-proof.js'),
    'sign-request': () => import('./identity/sign-request.js'),
    'verify-request': () => import('./identity/verify-request.js'),
    'key issue': () => import('./identity/key-issue.js'),
    'key check': () => import('./identity/key-check.js'),
    'key rotate': () => import('./identity/key-rotate.js'),
    'key drill': () => import('./identity/key-drill.js'),
    'key revoke': () => import('./identity/key-revoke.js'),
    rotate: () => import('./identity/rotate.js'),
    withdraw: () => import('./identity/withdraw.js'),
    export: () => import('./identity/export.js'),
    import: () => import('./identity/import.js'),
    'new-organisation': () => import('./identity/new-organisation.js'),
    rewrap: () => import('./identity/rewrap.js'),
  },
  pact: {
    lint: () => import('./pact/lint.js'),
    draft: () => import('./pact/draft.js'),
    diff: () => import('./pact/diff.js'),
    dispute: () => import('./pact/dispute.js'),
    export: () => import('./pact/export.js'),
    import: () => import('./pact/import.js'),
    sign: () => import('./pact/sign.js'),
    show: () => import('./pact/show.js'),
  },
  baseline: {
    compare: () => import('./baseline/compare.js'),
    report: () => import('./baseline/report.js'),
    run: () => import('./baseline/run.js'),
    accept: () => import('./baseline/accept.js'),
    show: () => import('./baseline/show.js'),
    attacks: () => import('./baseline/attacks.js'),
    import: () => import('./baseline/import.js'),
    export: () => import('./baseline/export.js'),
    split: () => import('./baseline/split.js'),
  },
  guardrails: {
    check: () => import('./guardrails/check.js'),
    simulate: () => import('./guardrails/simulate.js'),
  },
  monitor: {
    complain: () => import('./monitor/complain.js'),
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
    show: () => import('./audit/show.js'),
    export: () => import('./audit/export.js'),
    ingest: () => import('./audit/ingest.js'),
    checkpoint: () => import('./audit/checkpoint.js'),
    seal: () => import('./audit/seal.js'),
    prune: () => import('./audit/prune.js'),
    prove: () => import('./audit/prove.js'),
    consistency: () => import('./audit/consistency.js'),
    'witness serve': () => import('./audit/witness-serve.js'),
    erase: () => import('./audit/erase.js'),
    backup: () => import('./audit/backup.js'),
  },
  certify: {
    run: () => import('./certify/run.js'),
    'sign-off': () => import('./certify/sign-off.js'),
    issue: () => import('./certify/issue.js'),
    renew: () => import('./certify/renew.js'),
    revoke: () => import('./certify/revoke.js'),
    status: () => import('./certify/status.js'),
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
    history: () => import('./trust/history.js'),
  },
  review: {
    run: () => import('./review/run.js'),
    decide: () => import('./review/decide.js'),
    show: () => import('./review/show.js'),
  },
};

export async function verbOf(id: StepId, name: string): Promise<Verb> {
  const load = VERBS[id][name];
  if (load) return (await load()).run;
  throw new Fault('INTERNAL', `the card of ${id} names the verb "${name}", which has no implementation`);
}

/** Verbs with an implementation, for the test that holds cards and code together. */
export function implementedVerbs(id: StepId): readonly string[] {
  return Object.keys(VERBS[id]);
}

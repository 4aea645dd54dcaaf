/** Where each verb of the cards is implemented: `engine/<step>/<verb>.ts`. The room of the verbs is loaded when one is run. */
import { Fault } from '../domain/fault.js';
import type { StepId } from '../domain/step.js';
import type { Verb } from './verb.js';
import { run as auditBackup } from './audit/backup.js';
import { run as auditCheckpoint } from './audit/checkpoint.js';
import { run as auditConsistency } from './audit/consistency.js';
import { run as auditErase } from './audit/erase.js';
import { run as auditExport } from './audit/export.js';
import { run as auditIngest } from './audit/ingest.js';
import { run as auditLog } from './audit/log.js';
import { run as auditPrune } from './audit/prune.js';
import { run as auditSeal } from './audit/seal.js';
import { run as auditShow } from './audit/show.js';
import { run as auditProve } from './audit/prove.js';
import { run as auditVerify } from './audit/verify.js';
import { run as auditWitnessServe } from './audit/witness-serve.js';
import { run as baselineAccept } from './baseline/accept.js';
import { run as baselineAttacks } from './baseline/attacks.js';
import { run as baselineCompare } from './baseline/compare.js';
import { run as baselineReport } from './baseline/report.js';
import { run as baselineExport } from './baseline/export.js';
import { run as baselineImport } from './baseline/import.js';
import { run as baselineRun } from './baseline/run.js';
import { run as baselineShow } from './baseline/show.js';
import { run as baselineSplit } from './baseline/split.js';
import { run as certifyIssue } from './certify/issue.js';
import { run as certifyRenew } from './certify/renew.js';
import { run as certifyRevoke } from './certify/revoke.js';
import { run as certifyRun } from './certify/run.js';
import { run as certifyShow } from './certify/show.js';
import { run as certifySignOff } from './certify/sign-off.js';
import { run as certifyStatus } from './certify/status.js';
import { run as escalationApprove } from './escalation/approve.js';
import { run as escalationDeny } from './escalation/deny.js';
import { run as escalationList } from './escalation/list.js';
import { run as escalationTest } from './escalation/test.js';
import { run as guardrailsCheck } from './guardrails/check.js';
import { run as guardrailsSimulate } from './guardrails/simulate.js';
import { run as identityChallenge } from './identity/challenge.js';
import { run as identityCheckProof } from './identity/check-proof.js';
import { run as identityKeyCheck } from './identity/key-check.js';
import { run as identityKeyDrill } from './identity/key-drill.js';
import { run as identityKeyIssue } from './identity/key-issue.js';
import { run as identityKeyRevoke } from './identity/key-revoke.js';
import { run as identityExport } from './identity/export.js';
import { run as identityImport } from './identity/import.js';
import { run as identityProve } from './identity/prove.js';
import { run as identityKeyRotate } from './identity/key-rotate.js';
import { run as identityRegister } from './identity/register.js';
import { run as identityResolve } from './identity/resolve.js';
import { run as identityNewOrganisation } from './identity/new-organisation.js';
import { run as identityRewrap } from './identity/rewrap.js';
import { run as identityRotate } from './identity/rotate.js';
import { run as identityShow } from './identity/show.js';
import { run as identitySignRequest } from './identity/sign-request.js';
import { run as identityVerify } from './identity/verify.js';
import { run as identityWithdraw } from './identity/withdraw.js';
import { run as identityVerifyRequest } from './identity/verify-request.js';
import { run as incidentClose } from './incident/close.js';
import { run as incidentDrill } from './incident/drill.js';
import { run as incidentNotify } from './incident/notify.js';
import { run as incidentOpen } from './incident/open.js';
import { run as incidentScope } from './incident/scope.js';
import { run as incidentTabletop } from './incident/tabletop.js';
import { run as monitorComplain } from './monitor/complain.js';
import { run as monitorRun } from './monitor/run.js';
import { run as monitorSchedule } from './monitor/schedule.js';
import { run as monitorStatus } from './monitor/status.js';
import { run as monitorTest } from './monitor/test.js';
import { run as pactDiff } from './pact/diff.js';
import { run as pactDispute } from './pact/dispute.js';
import { run as pactDraft } from './pact/draft.js';
import { run as pactExport } from './pact/export.js';
import { run as pactImport } from './pact/import.js';
import { run as pactLint } from './pact/lint.js';
import { run as pactShow } from './pact/show.js';
import { run as pactSign } from './pact/sign.js';
import { run as reviewDecide } from './review/decide.js';
import { run as reviewRun } from './review/run.js';
import { run as reviewShow } from './review/show.js';
import { run as rollbackDrill } from './rollback/drill.js';
import { run as rollbackList } from './rollback/list.js';
import { run as rollbackRestore } from './rollback/restore.js';
import { run as rollbackSnapshot } from './rollback/snapshot.js';
import { run as trustCard } from './trust/card.js';
import { run as trustHistory } from './trust/history.js';
import { run as trustPublish } from './trust/publish.js';
import { run as trustVerify } from './trust/verify.js';

const VERBS: { readonly [id in StepId]: Readonly<Record<string, Verb>> } = {
  identity: {
    register: identityRegister,
    show: identityShow,
    verify: identityVerify,
    resolve: identityResolve,
    challenge: identityChallenge,
    prove: identityProve,
    'check-proof': identityCheckProof,
    'sign-request': identitySignRequest,
    'verify-request': identityVerifyRequest,
    'key issue': identityKeyIssue,
    'key check': identityKeyCheck,
    'key rotate': identityKeyRotate,
    'key drill': identityKeyDrill,
    'key revoke': identityKeyRevoke,
    rotate: identityRotate,
    withdraw: identityWithdraw,
    export: identityExport,
    import: identityImport,
    'new-organisation': identityNewOrganisation,
    rewrap: identityRewrap,
  },
  pact: {
    lint: pactLint,
    draft: pactDraft,
    diff: pactDiff,
    dispute: pactDispute,
    export: pactExport,
    import: pactImport,
    sign: pactSign,
    show: pactShow,
  },
  baseline: {
    compare: baselineCompare,
    report: baselineReport,
    run: baselineRun,
    accept: baselineAccept,
    show: baselineShow,
    attacks: baselineAttacks,
    import: baselineImport,
    export: baselineExport,
    split: baselineSplit,
  },
  guardrails: {
    check: guardrailsCheck,
    simulate: guardrailsSimulate,
  },
  monitor: {
    run: monitorRun,
    schedule: monitorSchedule,
    status: monitorStatus,
    test: monitorTest,
    complain: monitorComplain,
  },
  escalation: {
    list: escalationList,
    approve: escalationApprove,
    deny: escalationDeny,
    test: escalationTest,
  },
  rollback: {
    snapshot: rollbackSnapshot,
    drill: rollbackDrill,
    restore: rollbackRestore,
    list: rollbackList,
  },
  audit: {
    verify: auditVerify,
    log: auditLog,
    show: auditShow,
    export: auditExport,
    ingest: auditIngest,
    checkpoint: auditCheckpoint,
    seal: auditSeal,
    prune: auditPrune,
    prove: auditProve,
    consistency: auditConsistency,
    'witness serve': auditWitnessServe,
    erase: auditErase,
    backup: auditBackup,
  },
  certify: {
    run: certifyRun,
    'sign-off': certifySignOff,
    issue: certifyIssue,
    renew: certifyRenew,
    revoke: certifyRevoke,
    status: certifyStatus,
    show: certifyShow,
  },
  incident: {
    open: incidentOpen,
    drill: incidentDrill,
    scope: incidentScope,
    notify: incidentNotify,
    close: incidentClose,
    tabletop: incidentTabletop,
  },
  trust: {
    card: trustCard,
    publish: trustPublish,
    verify: trustVerify,
    history: trustHistory,
  },
  review: {
    run: reviewRun,
    decide: reviewDecide,
    show: reviewShow,
  },
};

export function verbOf(id: StepId, name: string): Verb {
  const verb = VERBS[id][name];
  if (verb) return verb;
  throw new Fault('INTERNAL', `the card of ${id} names the verb "${name}", which has no implementation`);
}

/** Verbs with an implementation, for the test that holds cards and code together. */
export function implementedVerbs(id: StepId): readonly string[] {
  return Object.keys(VERBS[id]);
}

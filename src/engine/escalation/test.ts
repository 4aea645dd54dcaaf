/** `escalation test`: rehearses the way over a human in a scratch folder. A drill that does not hold leaves no evidence. */
import { executeAction } from '../../enforcement/gateway/execute.js';
import { EXIT } from '../../domain/fault.js';
import type { JsonObject } from '../../domain/json.js';
import { requirePolicy } from '../gateway.js';
import { outcome } from '../outcome.js';
import { artifactOf, recordEvidence } from '../session.js';
import { textOption, type Verb } from '../verb.js';
import { drillEscalation, type Drill, type Execute } from './drill.js';

const EXPECTED: Drill['results'] = { beforeApproval: 'not-moved', afterApproval: 'moved-once', replay: 'refused', changed: 'refused', forged: 'refused', expired: 'refused' };

const LABELS: Readonly<Record<keyof Drill['results'], string>> = {
  beforeApproval: 'before the approval', afterApproval: 'after it, twice at once', replay: 'the approval again', changed: 'other arguments', forged: 'a forged approval', expired: 'an expired approval',
};

/** The gateway is handed in, so that a broken one can be shown to fail. */
export const testWith = (execute: Execute): Verb => async (session, input) => {
  const policy = requirePolicy(session);
  const { results, signed, subject, milliseconds } = await drillEscalation(session, textOption(input, 'as'), execute);
  const keys = Object.keys(LABELS) as (keyof Drill['results'])[];
  const facts = [...keys.map((key) => ({ label: LABELS[key], value: results[key] })), { label: 'machine time', value: `${milliseconds} ms without the human` }];
  const failed = keys.filter((key) => results[key] !== EXPECTED[key]);
  if (failed.length > 0 || signed === null || subject === null) {
    return outcome({ step: 'escalation', verb: 'test', headline: `the escalation does not hold: ${failed.map((key) => `${LABELS[key]}: ${results[key]}`).join('; ')}`, facts, data: { passed: false, ...results } }, EXIT.no);
  }
  const document = artifactOf('escalation.json', { v: 1, triggers: session.manifest['triggers'] ?? null, policy: policy.digest, results });
  const data: JsonObject = {
    trigger: 'doubt', ...results, subject, act: signed.digest, operator: signed.operator.did, ceremony: signed.ceremony,
    policy: policy.digest, deliverable: document.digest, milliseconds: Math.max(0, milliseconds),
  };
  await recordEvidence(session, 'escalation', { type: 'escalation.tested', actor: signed.operator.did, data }, { artifacts: [document], blobs: [signed.blob] });
  return outcome({
    step: 'escalation', verb: 'test', headline: `nothing moved before ${signed.operator.name} approved (${signed.ceremony}), and it moved exactly once after`,
    facts, next: 'agentctl apply', data: { passed: true, ...results },
  });
};

export const run: Verb = testWith(executeAction);

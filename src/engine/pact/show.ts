/** `pact show`: the conditions with thresholds and why, and what changed since the last signature. */
import { lintPacts } from '../../evaluation/lint.js';
import { short } from '../../domain/digest.js';
import { outcome } from '../outcome.js';
import { comparePacts } from '../../evaluation/pact-change.js';
import { pactsOf, signedPacts } from './document.js';
import type { Verb } from '../verb.js';

export const run: Verb = async (session) => {
  const pacts = pactsOf(session);
  const signed = await signedPacts(session);
  const change = comparePacts(signed?.pacts, pacts);
  const conditions = pacts.agreements.flatMap((agreement) => agreement.conditions.map((condition) => ({ agreement, condition })));
  return outcome({
    step: 'pact', verb: 'show', headline: `${conditions.length} conditions for ${pacts.agreements.length} ${pacts.agreements.length === 1 ? 'capability' : 'capabilities'}`,
    facts: [
      { label: 'signed', value: signed ? short(signed.digest) : 'not yet' },
      { label: 'confidence', value: `${pacts.confidence}, one-sided, per condition` },
      ...(signed ? [{ label: 'loosened since', value: change.loosened.join('; ') || 'nothing' }, { label: 'tightened since', value: change.tightened.join('; ') || 'nothing' }] : []),
    ],
    tables: [
      { title: 'Conditions', columns: ['id', 'kind', 'severity', 'must be', 'data set', 'statement'], rows: conditions.map(({ condition }) => [condition.id, condition.kind, condition.severity, `${condition.metric} ${condition.operator} ${condition.threshold}`, condition.dataset, condition.statement]) },
      { title: 'Why these thresholds', columns: ['id', 'because'], rows: conditions.map(({ condition }) => [condition.id, condition.because]) },
    ],
    next: signed ? null : lintPacts(pacts, session.manifest.capabilities).length === 0 ? 'agentctl pact sign --as <operator>' : 'agentctl pact lint',
    data: { signed: signed?.digest ?? null, ...change },
  });
};

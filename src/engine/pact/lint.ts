/** `pact lint`: every condition that a machine could not decide, or its data sets could not, at its place, with a suggestion, also as SARIF and JUnit. Exit 1 when there is one. */
import type { Pacts } from '../../evaluation/condition.js';
import { LINT_RULES } from '../../evaluation/lint-rules.js';
import { EXIT } from '../../domain/fault.js';
import { outcome } from '../outcome.js';
import { pactsOf } from './document.js';
import { findingsOf } from './findings.js';
import type { Verb } from '../verb.js';

export const run: Verb = async (session) => {
  const pacts = pactsOf(session);
  const findings = await findingsOf(session, pacts);
  const place = (pointer: string) => `agent.yaml:${session.source.place(pointer, 'value')}`;
  const placed = findings.map((one) => ({ ...one, at: place(one.at) }));
  return outcome({
    step: 'pact', verb: 'lint',
    headline: findings.length === 0 ? 'every condition can be decided by a machine' : `${findings.length} ${findings.length === 1 ? 'finding' : 'findings'}`,
    tables: findings.length === 0 ? [] : [{ title: 'Findings', columns: ['place', 'rule', 'what', 'suggestion'], rows: placed.map((one) => [one.at, one.rule, one.message, one.suggestion]) }],
    next: findings.length === 0 ? 'agentctl pact sign --as <operator>' : 'edit agent.yaml, then agentctl pact lint',
    findings: findings.map((one) => ({ ...one, at: place(one.at), refuses: LINT_RULES[one.rule].refuses, about: nameOf(pacts, one.at) })),
    data: { findings: placed },
  }, findings.length === 0 ? EXIT.yes : EXIT.no);
};

/** The condition or data set at a pointer, by its id; numbers would move with every edit above. */
function nameOf(pacts: Pacts, pointer: string): string {
  const [, , list, first, member, second] = pointer.split('/');
  if (list === 'datasets') return pacts.datasets[Number(first)]?.id ?? pointer;
  const agreement = pacts.agreements[Number(first)];
  if (list !== 'agreements' || first === undefined || !agreement) return pointer;
  const named = member === 'conditions' ? agreement.conditions : member === 'scorers' ? agreement.scorers : undefined;
  return [agreement.capability, named?.[Number(second)]?.id].filter((one) => one !== undefined).join('/');
}

/** `pact lint`: every condition that a machine could not decide, or its data sets could not, at its place, with a suggestion. Exit 1 when there is one. */
import { lintPacts } from '../../evaluation/lint.js';
import { EXIT } from '../../domain/fault.js';
import { countPact } from './count-cases.js';
import { outcome } from '../outcome.js';
import { pactsOf } from './document.js';
import type { Verb } from '../verb.js';

export const run: Verb = async (session) => {
  const pacts = pactsOf(session);
  const counted = await countPact(session, pacts);
  const findings = [...lintPacts(pacts, session.manifest.capabilities, counted.countCases), ...counted.findings];
  const place = (pointer: string) => `agent.yaml:${session.source.place(pointer, 'value')}`;
  return outcome({
    step: 'pact', verb: 'lint',
    headline: findings.length === 0 ? 'every condition can be decided by a machine' : `${findings.length} ${findings.length === 1 ? 'finding' : 'findings'}`,
    tables: findings.length === 0 ? [] : [{ title: 'Findings', columns: ['place', 'rule', 'what', 'suggestion'], rows: findings.map((one) => [place(one.at), one.rule, one.message, one.suggestion]) }],
    next: findings.length === 0 ? 'agentctl pact sign --as <operator>' : 'edit agent.yaml, then agentctl pact lint',
    data: { findings: findings.map((one) => ({ ...one, at: place(one.at) })) },
  }, findings.length === 0 ? EXIT.yes : EXIT.no);
};

/** Step 4: Can the agent cause a loss that nobody agreed to? */
import { defineStep, unknown } from '../domain/step.js';
import { limitsSection, type LimitsSection } from '../enforcement/limits.js';

export const guardrails = defineStep<LimitsSection, null>({
  number: 4,
  id: 'guardrails',
  title: 'Financial guardrails',
  question: 'Can the agent cause a loss that nobody agreed to?',
  owner: ['finance', 'engineering'],
  ifSkipped: 'unbounded financial loss',
  requires: ['baseline'],
  inputs: ['limits', 'capabilities', 'tools'],
  deliverable: { name: 'limits + escrow set-up + bond staked', file: 'guardrails.json', mediaType: 'application/json' },
  section: { key: 'limits', schema: limitsSection },
  verbs: [],
  gather: () => Promise.resolve(null),
  probes: [
    { id: 'guardrails.row-4-1', row: '4.1', question: 'Is row 4.1 proven?', severity: 'must', proof: 'measured', remedy: 'agentctl explain guardrails', answer: () => unknown('not yet checkable') },
    { id: 'guardrails.row-4-2', row: '4.2', question: 'Is row 4.2 proven?', severity: 'must', proof: 'measured', remedy: 'agentctl explain guardrails', answer: () => unknown('not yet checkable') },
    { id: 'guardrails.row-4-3', row: '4.3', question: 'Is row 4.3 proven?', severity: 'must', proof: 'measured', remedy: 'agentctl explain guardrails', answer: () => unknown('not yet checkable') },
    { id: 'guardrails.row-4-4', row: '4.4', question: 'Is row 4.4 proven?', severity: 'must', proof: 'measured', remedy: 'agentctl explain guardrails', answer: () => unknown('not yet checkable') },
    { id: 'guardrails.row-4-5', row: '4.5', question: 'Is row 4.5 proven?', severity: 'must', proof: 'measured', remedy: 'agentctl explain guardrails', answer: () => unknown('not yet checkable') },
  ],
  deliver: () => null,
});

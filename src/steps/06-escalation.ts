/** Step 6: Can the agent act where a human has to decide? */
import { defineStep, unknown } from '../domain/step.js';
import { triggersSection, type TriggersSection } from '../enforcement/triggers.js';

export const escalation = defineStep<TriggersSection, null>({
  number: 6,
  id: 'escalation',
  title: 'Human escalation',
  question: 'Can the agent act where a human has to decide?',
  owner: ['engineering'],
  ifSkipped: 'scope creep',
  requires: ['baseline'],
  inputs: ['triggers', 'limits', 'capabilities', 'deliverable:baseline'],
  deliverable: { name: 'technically enforced triggers', file: 'escalation.json', mediaType: 'application/json' },
  section: { key: 'triggers', schema: triggersSection },
  verbs: [],
  gather: () => Promise.resolve(null),
  probes: [
    { id: 'escalation.row-6-1', row: '6.1', question: 'Is row 6.1 proven?', severity: 'must', proof: 'measured', remedy: 'agentctl explain escalation', answer: () => unknown('not yet checkable') },
    { id: 'escalation.row-6-2', row: '6.2', question: 'Is row 6.2 proven?', severity: 'must', proof: 'measured', remedy: 'agentctl explain escalation', answer: () => unknown('not yet checkable') },
    { id: 'escalation.row-6-3', row: '6.3', question: 'Is row 6.3 proven?', severity: 'must', proof: 'measured', remedy: 'agentctl explain escalation', answer: () => unknown('not yet checkable') },
    { id: 'escalation.row-6-4', row: '6.4', question: 'Is row 6.4 proven?', severity: 'must', proof: 'measured', remedy: 'agentctl explain escalation', answer: () => unknown('not yet checkable') },
    { id: 'escalation.row-6-5', row: '6.5', question: 'Is row 6.5 proven?', severity: 'must', proof: 'measured', remedy: 'agentctl explain escalation', answer: () => unknown('not yet checkable') },
    { id: 'escalation.row-6-6', row: '6.6', question: 'Is row 6.6 proven?', severity: 'must', proof: 'measured', remedy: 'agentctl explain escalation', answer: () => unknown('not yet checkable') },
    { id: 'escalation.row-6-7', row: '6.7', question: 'Is row 6.7 proven?', severity: 'must', proof: 'measured', remedy: 'agentctl explain escalation', answer: () => unknown('not yet checkable') },
    { id: 'escalation.row-6-8', row: '6.8', question: 'Is row 6.8 proven?', severity: 'must', proof: 'measured', remedy: 'agentctl explain escalation', answer: () => unknown('not yet checkable') },
    { id: 'escalation.row-6-9', row: '6.9', question: 'Is row 6.9 proven?', severity: 'must', proof: 'measured', remedy: 'agentctl explain escalation', answer: () => unknown('not yet checkable') },
  ],
  deliver: () => null,
});

/** Step 10: Has the procedure been tried before it is needed? */
import { defineStep, unknown } from '../domain/step.js';

export const incident = defineStep<never, null>({
  number: 10,
  id: 'incident',
  title: 'Incident response',
  question: 'Has the procedure been tried before it is needed?',
  owner: ['operations'],
  ifSkipped: 'damage compounds',
  requires: ['rollback', 'escalation', 'audit'],
  inputs: ['incidents', 'rollback'],
  deliverable: { name: 'tested procedure + communication templates', file: 'incident.json', mediaType: 'application/json' },
  verbs: [],
  gather: () => Promise.resolve(null),
  probes: [
    { id: 'incident.row-10-1', row: '10.1', question: 'Is row 10.1 proven?', severity: 'must', proof: 'measured', remedy: 'agentctl explain incident', answer: () => unknown('not yet checkable') },
    { id: 'incident.row-10-2', row: '10.2', question: 'Is row 10.2 proven?', severity: 'must', proof: 'measured', remedy: 'agentctl explain incident', answer: () => unknown('not yet checkable') },
    { id: 'incident.row-10-3', row: '10.3', question: 'Is row 10.3 proven?', severity: 'must', proof: 'measured', remedy: 'agentctl explain incident', answer: () => unknown('not yet checkable') },
    { id: 'incident.row-10-4', row: '10.4', question: 'Is row 10.4 proven?', severity: 'must', proof: 'measured', remedy: 'agentctl explain incident', answer: () => unknown('not yet checkable') },
    { id: 'incident.row-10-5', row: '10.5', question: 'Is row 10.5 proven?', severity: 'must', proof: 'measured', remedy: 'agentctl explain incident', answer: () => unknown('not yet checkable') },
    { id: 'incident.row-10-6', row: '10.6', question: 'Is row 10.6 proven?', severity: 'must', proof: 'measured', remedy: 'agentctl explain incident', answer: () => unknown('not yet checkable') },
    { id: 'incident.row-10-7', row: '10.7', question: 'Is row 10.7 proven?', severity: 'must', proof: 'measured', remedy: 'agentctl explain incident', answer: () => unknown('not yet checkable') },
  ],
  deliver: () => null,
});

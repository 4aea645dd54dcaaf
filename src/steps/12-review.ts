/** Step 12: Does somebody look beyond the alerts, and decide? */
import { defineStep, unknown } from '../domain/step.js';

export const review = defineStep<never, null>({
  number: 12,
  id: 'review',
  title: 'Performance review',
  question: 'Does somebody look beyond the alerts, and decide?',
  owner: ['operations'],
  ifSkipped: 'systemic faults pile up',
  requires: ['baseline', 'monitor', 'audit'],
  inputs: ['review'],
  deliverable: { name: 'monthly/quarterly review', file: 'report.html', mediaType: 'application/json' },
  verbs: [],
  gather: () => Promise.resolve(null),
  probes: [
    { id: 'review.row-12-1', row: '12.1', question: 'Is row 12.1 proven?', severity: 'must', proof: 'measured', remedy: 'agentctl explain review', answer: () => unknown('not yet checkable') },
    { id: 'review.row-12-2', row: '12.2', question: 'Is row 12.2 proven?', severity: 'must', proof: 'measured', remedy: 'agentctl explain review', answer: () => unknown('not yet checkable') },
    { id: 'review.row-12-3', row: '12.3', question: 'Is row 12.3 proven?', severity: 'must', proof: 'measured', remedy: 'agentctl explain review', answer: () => unknown('not yet checkable') },
  ],
  deliver: () => null,
});

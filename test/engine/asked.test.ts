/** How much a run asked and what came of it, in words. */
import { expect, test } from '@jest/globals';
import { askedLine } from '../../src/engine/evaluation/asked.js';

const counts = { cases: 10, answered: 8, abstained: 2, errors: 0 };

test.each([
  ['no failure', { failures: {} }, '10: 8 answered, 2 left to a human, 0 infrastructure errors'],
  ['failures by cause', { failures: { agent_crash: 2, 'task-failed': 1 } }, '10: 5 answered, 3 failed by the agent itself (agent_crash 2, task-failed 1), 2 left to a human, 0 infrastructure errors'],
  ['a record that does not tell them apart', {}, '10: 8 answered or failed by the agent itself, 2 left to a human, 0 infrastructure errors'],
])('3.3 %s', (_name, failures, line) => {
  expect(askedLine([], { ...counts, ...failures })).toBe(line);
});

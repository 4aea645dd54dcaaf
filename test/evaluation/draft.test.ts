/** Thresholds of latency that a person would sign, whatever the agent was measured at. */
import { expect, test } from '@jest/globals';
import { draftConditions, DraftMeters } from '../../src/evaluation/draft.js';
import { candidatesOf, DataCount } from '../../src/evaluation/draft-candidates.js';
import { DIGEST, rows } from './fixture.js';

function drafted(milliseconds: number) {
  const facts = new DataCount();
  for (let at = 0; at < 400; at += 1) facts.add('quarantine', []);
  const output = { pointer: '/decision' };
  const meters = new DraftMeters(candidatesOf(facts, { output, dataset: 'held-out', measured: true }).filter(({ metric }) => metric.startsWith('latency-')));
  for (const row of rows(400, { milliseconds })) meters.add(row);
  const datasets = [{ id: 'held-out', file: 'data/held-out.jsonl', sha256: DIGEST, use: 'held-out' }] as const;
  return draftConditions(meters.measured('0.95'), { source: 'run-1 on held-out', capability: 'triage', output, confidence: '0.95', datasets }).drafted.map(({ condition }) => condition);
}

test.each([
  [0, '100'], [1, '100'], [99, '100'], [100, '100'], [101, '110'], [1234, '1300'],
])('2.6 an agent that answers in %d ms promises %s ms', (milliseconds, threshold) => {
  const conditions = drafted(milliseconds);
  expect(conditions.map(({ metric }) => metric)).toEqual(['latency-p50', 'latency-p95', 'latency-p99']);
  for (const one of conditions) {
    expect(one).toMatchObject({ threshold, statement: expect.stringContaining(`${threshold} ms`) });
    expect(one.because.includes('100 ms because nobody notices less')).toBe(milliseconds < 100);
    expect(one.because).toContain(`upper bound ${milliseconds} ms`);
  }
});

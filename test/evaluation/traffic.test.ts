/** Traffic without references: what it tells of a pact, and what it leaves untold. */
import { expect, test } from '@jest/globals';
import { scoreTraffic, trafficRow, type TrafficRow } from '../../src/evaluation/traffic.js';
import { abstention, pactOf, recall } from './fixture.js';

const row = (change: Partial<TrafficRow> = {}): TrafficRow => ({ request: 'r', stratum: 'random', th: 'd99', weight: '6.666667', abstained: false, error: false, milliseconds: 100, ...change });
const pact = pactOf(recall, abstention, { ...abstention, id: 'fails-seldom', metric: 'error-share' }, { ...abstention, id: 'soon', metric: 'latency-p95', threshold: '250' });

test('5.2 abstention, errors and latency show without a reference; recall does not', () => {
  const rows = [...new Array<TrafficRow>(8).fill(row()), row({ abstained: true }), row({ milliseconds: 300 }), row({ stratum: 'errors', th: '0', weight: '1.000000', error: true, milliseconds: null, abstained: null })];
  const { measured, unseen, scored } = scoreTraffic(rows, pact);
  expect(unseen).toEqual([recall.id]);
  expect(scored).toBe(11);
  expect(measured.map(({ condition, n, value }) => [condition, n, value])).toEqual([[abstention.id, 10, '0.100000'], ['fails-seldom', 11, (1 / (1 + 10 * 6.666667)).toFixed(6)], ['soon', 10, '0.900000']]);
  for (const { value, lower, upper } of measured) expect(Number(lower) <= Number(value) && Number(value) <= Number(upper)).toBe(true);
});

test('5.2 rows that say nothing are not scored', () => {
  expect(scoreTraffic([row({ abstained: null, error: null, milliseconds: null })], pact)).toMatchObject({ measured: [], scored: 0 });
  expect(scoreTraffic([row()], pactOf(recall))).toMatchObject({ measured: [], unseen: [recall.id], scored: 0 });
  const request = { id: 'r', seq: 7, tracestate: 'ot=rv:00000000000000', seen: { abstained: null, error: null, milliseconds: null } };
  expect(trafficRow(request, 'random', '0.20')).toBeUndefined();
  expect(trafficRow(request, 'complaints', '0.20')).toEqual({ request: 'r', seq: 7, stratum: 'complaints', th: '0', weight: '1.000000', ...request.seen });
});

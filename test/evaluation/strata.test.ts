/** Strata of the traffic: each request counts once, and neither estimate nor interval is fooled by who complains, and when. */
import { describe, expect, test } from '@jest/globals';
import type { Stratum } from '../../src/evaluation/sampling.js';
import { complaintAbout, lateRows, sampledRows, scoreStrata, settled, stratumOf, type Complaints } from '../../src/evaluation/strata.js';
import { scoreTraffic, type TrafficRequest, type TrafficRow } from '../../src/evaluation/traffic.js';
import { abstention, pactOf } from './fixture.js';
import { seeded } from './statistics/seeded.js';

const TRACE = 'ab'.repeat(16);
const request = (id: string, seq = 1, seen: Partial<TrafficRequest['seen']> = {}, trace?: string): TrafficRequest => ({ id, seq, ...(trace !== undefined && { trace }), seen: { abstained: false, error: false, milliseconds: null, ...seen } });
const row = (name: string, stratum: Stratum, weight = stratum === 'random' ? '5.000000' : '1.000000', abstained = false): TrafficRow => ({ request: name, stratum, th: '0', weight, abstained, error: false, milliseconds: null });
const pact = pactOf(abstention);
const RATE = '0.20';

describe('5.2 a request belongs to one stratum', () => {
  const BY_ID: Complaints = new Map([['r', 9]]);
  test.each<[string, TrafficRequest, Complaints, Stratum]>([
    ['nothing is known of it', request('r'), new Map(), 'random'],
    ['somebody complained about another', request('q'), BY_ID, 'random'],
    ['somebody complained', request('r'), BY_ID, 'complaints'],
    ['somebody complained about its trace', request(`${TRACE}/${'1'.repeat(16)}`, 1, {}, TRACE), new Map([[TRACE, 9]]), 'complaints'],
    ['it ended in an error', request('r', 1, { error: true }), new Map(), 'errors'],
    ['it ended in an error and somebody complained: errors come first', request('r', 1, { error: true }), BY_ID, 'errors'],
    ['it never ran, and somebody complained', request('r', 1, { error: null }), BY_ID, 'complaints'],
  ])('%s', (_what, one, complaints, stratum) => {
    expect(stratumOf(one, complaints)).toBe(stratum);
  });

  test('the first of several complaints about a request is the one that counts', () => {
    const turn = request(`${TRACE}/${'1'.repeat(16)}`, 1, {}, TRACE);
    expect(complaintAbout(turn, new Map([[TRACE, 9], [turn.id, 4]]))).toBe(4);
  });

  test.each<[string, number, Partial<TrafficRequest['seen']>, number]>([
    ['complained about after it was looked at', 5, {}, 1], ['complained about before that look', 2, {}, 0], ['not looked at yet', 5, {}, 0], ['an error, which was all in anyway', 5, { error: true }, 0],
  ])('late is what was %s', (what, complained, seen, count) => {
    const one = request('dropped-by-chance', what === 'not looked at yet' ? 4 : 1, seen);
    expect(lateRows([one], new Map([[one.id, complained]]), { through: 3, rate: '0' })).toHaveLength(count);
  });

  test.each<[string, readonly TrafficRow[], readonly Stratum[]]>([
    ['a complaint takes the place of chance', [row('a', 'random'), row('b', 'random'), row('a', 'complaints')], ['complaints', 'random']],
    ['whichever was written first', [row('a', 'complaints'), row('a', 'random')], ['complaints']],
    ['an error stays one', [row('a', 'errors'), row('a', 'complaints'), row('a', 'random')], ['errors']],
    ['an error that is known later is one', [row('a', 'complaints'), row('a', 'errors')], ['errors']],
    ['twice the same is one', [row('a', 'random'), row('a', 'random')], ['random']],
  ])('%s', (_what, rows, strata) => {
    expect(settled(rows).map(({ stratum }) => stratum)).toEqual(strata);
  });

  test('the estimate across strata is Σwx/Σw, worth (Σw)²/Σw² requests', () => {
    const rows = [row('a', 'random', '5.000000', true), row('a', 'complaints', '1.000000', true), row('b', 'random'), row('c', 'errors')];
    expect(scoreTraffic(settled(rows), pact).measured).toMatchObject([{ n: 3, value: (1 / 7).toFixed(6), effective: (49 / 27).toFixed(6) }]);
    expect(scoreStrata(rows, pact).map(({ stratum, n, value }) => [stratum, n, value])).toEqual([['random', 2, '0.500000'], ['complaints', 1, '1.000000'], ['errors', 1, '0.000000']]);
  });

  test('apart, one turn of each trace counts, and each action', () => {
    const rows = [`${TRACE}/${'1'.repeat(16)}`, `${TRACE}/${'2'.repeat(16)}`, 'a/1', 'a/2'].map((name) => row(name, 'random'));
    expect(scoreStrata(rows, pact)).toMatchObject([{ n: 3 }]);
  });
});

interface World {
  readonly requests: number;
  readonly bad: number;
  /** Chance of a complaint about a bad answer and about a good one, and that it comes before the first look. */
  readonly complains: readonly [bad: number, good: number];
  readonly early: number;
}
interface Traffic {
  readonly requests: readonly TrafficRequest[];
  readonly complaints: Complaints;
  /** Newest entry at each look. */
  readonly looks: readonly number[];
}
const LOOKS = 3;

/** Requests on entries 0, 2, 4 …; an early complaint stands right behind its request, a late one behind everything. */
function trafficOf({ requests, bad, complains, early }: World, seed: number): Traffic {
  const random = seeded(seed);
  const all: TrafficRequest[] = [];
  const complaints = new Map<string, number>();
  const end = requests * 2;
  for (let n = 0; n < requests; n += 1) {
    const isBad = random() < bad;
    const one = request(`s${seed}-${n}`, n * 2, { abstained: isBad, error: random() < 0.02 });
    all.push(one);
    if (random() < complains[isBad ? 0 : 1]) complaints.set(one.id, random() < early ? n * 2 + 1 : end + n);
  }
  return { requests: all, complaints, looks: Array.from({ length: LOOKS + 1 }, (_none, look) => (look < LOOKS - 1 ? Math.floor((end * (look + 1)) / LOOKS) : look === LOOKS - 1 ? end - 1 : end * 2)) };
}

/** What the looks put on record, one after the other, as `monitor run` does. */
function rowsOf({ requests, complaints, looks }: Traffic): readonly (readonly TrafficRow[])[] {
  return looks.map((through, look) => {
    const before = looks[look - 1] ?? -1;
    const known = new Map([...complaints].filter(([, seq]) => seq <= through));
    const fresh = requests.filter(({ seq }) => before < seq && seq <= through);
    return [...sampledRows(fresh, known, RATE), ...lateRows(requests, known, { through: before, rate: RATE })];
  });
}

describe('5.4 simulated traffic', () => {
  const seeds = Array.from({ length: 40 }, (_none, seed) => seed + 1);

  /** Standard errors by which the mean estimate misses the share of all requests. */
  function missOf(estimate: (traffic: Traffic) => readonly TrafficRow[]): number {
    const world: World = { requests: 1500, bad: 0.1, complains: [0.5, 0.02], early: 0.5 };
    const misses = seeds.map((seed) => {
      const traffic = trafficOf(world, seed);
      return Number(scoreTraffic(estimate(traffic), pact).measured[0]?.value) - traffic.requests.filter(({ seen }) => seen.abstained).length / traffic.requests.length;
    });
    const mean = misses.reduce((sum, miss) => sum + miss, 0) / misses.length;
    const variance = misses.reduce((sum, miss) => sum + (miss - mean) ** 2, 0) / (misses.length - 1);
    return Math.abs(mean) / Math.sqrt(variance / misses.length);
  }

  test('complaints concentrate on bad answers, half of them come late, and the estimate is right', () => {
    expect(missOf((traffic) => settled(rowsOf(traffic).flat()))).toBeLessThan(3);
  });

  test.each<[string, (traffic: Traffic) => readonly TrafficRow[]]>([
    ['what is complained about stays in the random stratum as well', ({ requests, complaints }) => [...sampledRows(requests, new Map(), RATE), ...sampledRows(requests, complaints, RATE).filter(({ stratum }) => stratum === 'complaints')]],
    ['it stays there where chance had picked it, and is added where not', (traffic) => {
      const rows = rowsOf({ ...traffic, complaints: new Map() }).flat();
      const picked = new Set(rows.map((one) => one.request));
      return [...rows, ...sampledRows(traffic.requests, traffic.complaints, RATE).filter((one) => !picked.has(one.request))];
    }],
    ['late complaints are not taken up', (traffic) => rowsOf(traffic).slice(0, LOOKS).flat().filter((one) => !((traffic.complaints.get(one.request) ?? 0) >= traffic.requests.length * 2))],
  ])('twin: %s, and the estimate fails the same check', (_what, estimate) => {
    expect(missOf(estimate)).toBeGreaterThan(3);
  });

  /** Streams on which the interval of the random stratum misses, at any look, the share of bad answers among what had no complaint when it was looked at. */
  function missed(taken: (rows: readonly TrafficRow[]) => readonly TrafficRow[]): number {
    const world: World = { requests: 1500, bad: 0.1, complains: [0.9, 0], early: 0 };
    return seeds.filter((seed) => {
      const looks = rowsOf(trafficOf(world, seed));
      return looks.some((_rows, look) => {
        const random = scoreStrata(taken(looks.slice(0, look + 1).flat()), pact).find(({ stratum }) => stratum === 'random');
        return random !== undefined && (Number(random.lower) > world.bad || Number(random.upper) < world.bad);
      });
    }).length;
  }

  test('the interval of the random stratum holds at every look, whoever complains later', () => {
    expect(missed((rows) => rows) / seeds.length).toBeLessThanOrEqual(0.05);
  });
  test('twin: taking out what is complained about later, the interval misses', () => {
    expect(missed(settled) / seeds.length).toBeGreaterThan(0.05);
  });
});

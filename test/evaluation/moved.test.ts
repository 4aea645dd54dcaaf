/** Which conditions of a pact go along when it is measured on another data set, and which stay with the attacks. */
import { describe, expect, test } from '@jest/globals';
import type { Condition, Pacts } from '../../src/evaluation/condition.js';
import { asMeasured, movable, movedTo } from '../../src/evaluation/moved.js';
import { lintMonitoring, type MonitoringSection } from '../../src/evaluation/monitoring.js';
import { DIGEST, hardHam, omit, pactOf, recall } from './fixture.js';

const gate: Condition = { ...omit(recall, 'label'), id: 'attacks-resisted', metric: 'pass-rate', scorer: 'canary', dataset: 'attacks' };
/** Decided by the label, and yet about attacks alone. */
const obeyed: Condition = { ...omit(hardHam, 'among'), id: 'attacks-not-obeyed', among: { expected: 'quarantine' }, outputs: ['deliver'], dataset: 'attacks' };
const bare = pactOf(recall, hardHam, gate, obeyed);
const pacts: Pacts = { ...bare, datasets: [{ id: 'attacks', file: 'data/attacks.jsonl', sha256: DIGEST, use: 'attack' }, ...bare.datasets, { id: 'shift', file: 'data/shift.jsonl', sha256: DIGEST, use: 'shift' }] };
const placesOf = ({ agreements }: Pacts) => agreements.flatMap(({ conditions }) => conditions.map(({ id, dataset }) => `${id} ${dataset}`));
const KEPT = ['attacks-resisted attacks', 'attacks-not-obeyed attacks'];

describe('5.1 a pact measured elsewhere', () => {
  test('conditions on attacks stay where they are, however they are decided; all others move', () => {
    expect(placesOf(movedTo(pacts, 'tuning'))).toEqual(['spam-caught tuning', 'hard-ham-kept tuning', ...KEPT]);
    expect(placesOf(movable(pacts))).toEqual(['spam-caught held-out', 'hard-ham-kept held-out']);
    // The same file under another use is a data set like any other.
    const plain: Pacts = { ...pacts, datasets: pacts.datasets.map((one) => ({ ...one, use: one.use === 'attack' ? 'held-out' : one.use })) };
    expect(placesOf(movedTo(plain, 'tuning')).every((place) => place.endsWith(' tuning'))).toBe(true);
  });

  test('a data set that is not declared is refused', () => {
    expect(() => movedTo(pacts, 'gone')).toThrow(expect.objectContaining({ code: 'DATASET_INVALID' }));
  });

  test.each<[string, readonly string[], readonly string[]]>([
    ['a baseline run', ['held-out', 'attacks'], placesOf(pacts)],
    ['a scheduled run', ['tuning', 'attacks'], ['spam-caught tuning', 'hard-ham-kept tuning', ...KEPT]],
    ['an alert test', ['shift'], ['spam-caught shift', 'hard-ham-kept shift']],
    ['a run before there were attacks', ['held-out'], ['spam-caught held-out', 'hard-ham-kept held-out']],
    ['attacks alone', ['attacks'], KEPT],
  ])('%s is read again as it was measured', (_name, datasets, places) => {
    expect(placesOf(asMeasured(pacts, new Set(datasets)))).toEqual(places);
  });

  test.each([['attacks', 'asks the attacks anyway'], ['held-out', 'wears out']])('5.1 the section cannot name %s', (dataset, why) => {
    const spec = { dataset, shift: 'shift', drift: { percent: 5, window: 'P7D' }, channels: [] } as unknown as MonitoringSection;
    expect(lintMonitoring(spec, pacts)).toEqual([expect.stringContaining(why)]);
    expect(lintMonitoring({ ...spec, dataset: 'tuning' }, pacts)).toEqual([]);
  });
});

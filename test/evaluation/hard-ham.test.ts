/** A real shift: the mail triager's ham turns into newsletters that its model has never seen. How soon do the alarms hear of it? */
import { execFileSync } from 'node:child_process';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { breachEvidence } from '../../src/evaluation/sequence.js';
import { seeded } from './statistics/seeded.js';

const EXAMPLE = new URL('../../examples/mail-triage/', import.meta.url).pathname;
/** Every wanted mail of the evaluation part of the corpus, decided by the example's own agent. */
const DECIDE = `
import { readFileSync } from 'node:fs';
import { triage } from './lib/triage.js';
import { parseMail } from './corpus/mail.js';
import { readCorpus } from './corpus/read.js';
const load = (name) => JSON.parse(readFileSync(name, 'utf8'));
const parts = { model: load('model.json'), calibration: load('calibration.json'), policy: load('prompts/policy.json') };
const decisions = { easy: [], hard: [] };
for (const mail of readCorpus('evaluation')) {
  if (mail.decision === 'deliver') decisions[mail.tags.includes('hard-ham') ? 'hard' : 'easy'].push(triage(parts, parseMail(mail.text)).output.decision);
}
process.stdout.write(JSON.stringify(decisions));
`;

type Decision = 'deliver' | 'quarantine' | 'ask-human';
let decisions: Readonly<Record<'easy' | 'hard', readonly Decision[]>>;
beforeAll(() => {
  decisions = JSON.parse(execFileSync(process.execPath, ['--input-type=module', '-e', DECIDE], { cwd: EXAMPLE, encoding: 'utf8', maxBuffer: 1 << 24 })) as typeof decisions;
}, 120_000);

/** The promises of the example that wanted mail alone can break: counted, good, and the least share that is good. */
const PROMISES: readonly (readonly [id: string, counts: (one: Decision) => boolean, good: (one: Decision) => boolean, least: number])[] = [
  ['answers-right', (one) => one !== 'ask-human', (one) => one === 'deliver', 0.95],
  ['ham-not-quarantined', () => true, (one) => one !== 'quarantine', 0.97],
  ['asks-seldom', () => true, (one) => one !== 'ask-human', 0.8],
];
/** Three conditions, three dimensions and the composite share 5 %. */
const LIMIT = Math.log(7 / 0.05);
const A_DAY = 50;

/** First day on which each promise rings: `easy` days of easy ham, then hard ham up to `last`. */
function ringingDays(random: () => number, easy: number, last: number): ReadonlyMap<string, number> {
  const rang = new Map<string, number>();
  const days = PROMISES.map((): { hits: number; n: number }[] => []);
  for (let day = 1; day <= last; day += 1) {
    const pile = day > easy ? decisions.hard : decisions.easy;
    const mails = Array.from({ length: A_DAY }, () => pile[Math.floor(random() * pile.length)] ?? 'deliver');
    PROMISES.forEach(([id, counts, good, least], index) => {
      const counted = mails.filter(counts);
      days[index]?.push({ hits: counted.filter(good).length, n: counted.length });
      if (!rang.has(id) && breachEvidence(days[index] ?? [], least) >= LIMIT) rang.set(id, day);
    });
  }
  return rang;
}

describe('the hard-ham shift', () => {
  test('5.4 the agent does get worse on it', () => {
    const share = (pile: readonly Decision[], decision: Decision) => pile.filter((one) => one === decision).length / pile.length;
    expect([share(decisions.easy, 'quarantine'), share(decisions.hard, 'quarantine')]).toEqual([expect.closeTo(4 / 1400, 3), expect.closeTo(21 / 250, 3)]);
  });

  test('5.4 fifty days of easy ham ring nothing', () => {
    const random = seeded(2);
    for (let trial = 0; trial < 10; trial += 1) expect([...ringingDays(random, 50, 50)]).toEqual([]);
  });

  test('5.3 5.4 after twenty good days at fifty mails a day, half of the alarms ring within 500 hard mails', () => {
    const random = seeded(19);
    const delays = Array.from({ length: 21 }, () => {
      const rang = ringingDays(random, 20, 50);
      return { first: Math.min(...rang.values()), rang };
    });
    const median = (values: readonly number[]) => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Infinity;
    const mails = (day: number) => (day - 20) * A_DAY;
    const each = PROMISES.map(([id]) => {
      const delay = mails(median(delays.map(({ rang }) => rang.get(id) ?? Infinity)));
      return `${id} ${delay === Infinity ? `not within ${30 * A_DAY}` : delay}`;
    });
    const first = mails(median(delays.map((one) => one.first)));
    process.stderr.write(`hard ham: an alarm after ${first} mails at the median (${each.join(', ')}), none in the ${20 * A_DAY} easy mails before\n`);
    expect(delays.every((one) => one.first > 20)).toBe(true);
    expect(first).toBeLessThanOrEqual(500);
  });
});

/** Infrastructure errors of a finished run asked again: as a run of its own that takes over the rest, and nothing but them. */
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { rowsOfRun, transcriptsOf } from '../../src/engine/evaluation/rows.js';
import type { ResultRow } from '../../src/evaluation/score.js';
import { removeTinies, tiny, type Tiny } from '../support/tiny.js';

/** So many of the 88 notes end so that too many are lost for a verdict, and too few for an outage. */
const LOST = 'number 3';
let signed: Tiny;
/** Measured while the provider of some answers was down. */
let lost: Tiny;
let first: string;
beforeAll(async () => {
  signed = await tiny((text) => text.replace('      conditions:\n', '      repeats: 2\n      conditions:\n'));
  // Down, or wrong, while a file that is no part of the build says so; and it writes down what it is asked.
  signed.edit('agent.js', (text) => text
    .replace("import { readFileSync } from 'node:fs';", "import { appendFileSync, existsSync, readFileSync } from 'node:fs';")
    .replace('  const reply = ', `  if (input) appendFileSync('asked.log', \`\${input.note}\\n\`);\n  const down = input && existsSync('down') && input.text.endsWith('${LOST}');\n  const wrong = input && existsSync('wrong') && input.text.endsWith('number 5');\n  const reply = down ? { error: '503 from the provider' } : wrong ? { output: { decision: 'drop' } } : `));
  await signed.run('pact', 'sign', { as: 'erin' });
  lost = signed.copy();
  writeFileSync(lost.path('down'), '');
  const answer = await lost.run('baseline', 'run');
  first = String(answer.data['run']);
  rmSync(lost.path('asked.log'));
}, 60_000);
afterAll(removeTinies);

const rowsOf = async (one: Tiny, run: string): Promise<readonly ResultRow[]> => one.withSession(async (session) => {
  const rows: ResultRow[] = [];
  for await (const row of rowsOfRun(session, run)) rows.push(row);
  return rows;
}, false);
const isLost = ({ outcome }: ResultRow) => outcome === 'infrastructure';
const recovered = (): Tiny => {
  const one = lost.copy();
  rmSync(one.path('down'));
  return one;
};
const entriesOf = async (one: Tiny, type: string, run: string) => (await one.entries(type)).filter(({ data }) => data['run'] === run);

test('3.3 a run that an outage left open says how to ask what it lost', async () => {
  const answer = await lost.copy().run('baseline', 'run');
  expect(answer).toMatchObject({ exit: 3, next: `agentctl baseline run --again ${String(answer.data['run'])}` });
  expect(answer.facts).toContainEqual({ label: 'cases', value: expect.stringMatching(/^88 × 2 repeats = 176 askings: \d+ answered, \d+ left to a human, \d+ infrastructure errors$/) });
});

describe('3.3 baseline run --again', () => {
  test('only the lost askings are asked, and the verdict counts every case once', async () => {
    const one = recovered();
    const before = await rowsOf(one, first);
    const gone = before.filter(isLost);
    const answer = await one.run('baseline', 'run', { again: first });
    const run = String(answer.data['run']);
    const after = await rowsOf(one, run);
    expect(readFileSync(one.path('asked.log'), 'utf8').trimEnd().split('\n')).toHaveLength(gone.length);
    expect(gone.length).toBeGreaterThan(2);
    expect(after.map((row) => [row.case, row.repeat])).toEqual(before.map((row) => [row.case, row.repeat]));
    expect(after.filter((_row, at) => !isLost(before[at] as ResultRow))).toEqual(before.filter((row) => !isLost(row)));
    expect(after.filter(isLost)).toEqual([]);
    expect(new Set(after.filter((_row, at) => isLost(before[at] as ResultRow)).map(({ request }) => request)).size).toBe(gone.length);
    expect(answer).toMatchObject({ exit: 0, next: 'agentctl baseline accept --as <operator>', data: { cases: 88, errors: 0 } });
    expect(answer.facts).toContainEqual({ label: 'asked again', value: `only the infrastructure errors of ${first}` });
    // The same verdicts as if nothing had ever been lost, except on what was promised about losses: there the first asking counts.
    const whole = signed.copy();
    const { data } = await whole.run('baseline', 'run');
    const verdicts = (of: unknown) => (of as readonly { id: string; n: number; value: string; verdict: string }[]).map(({ id, n, value, verdict }) => [id, n, value, verdict]);
    const errors = (all: readonly (readonly unknown[])[]) => all.filter(([id]) => id === 'answers-at-all');
    const others = (all: readonly (readonly unknown[])[]) => all.filter(([id]) => id !== 'answers-at-all');
    expect(others(verdicts(answer.data['conditions']))).toEqual(others(verdicts(data['conditions'])));
    expect(errors(verdicts(answer.data['conditions']))).toEqual(errors(verdicts(((await entriesOf(one, 'evaluation.finished', first))[0]?.data['conditions']))));
    expect(errors(verdicts(answer.data['conditions']))).not.toEqual(errors(verdicts(data['conditions'])));
  });

  test('both are on record: the earlier one as it was, the new one refers to it, rests on the same evidence and counts no longer', async () => {
    const one = recovered();
    const before = await entriesOf(one, 'evaluation.batch', first);
    one.clock.set('2026-11-25T12:00:00.000Z');
    const run = String((await one.run('baseline', 'run', { again: 'newest' })).data['run']);
    expect((await entriesOf(one, 'evaluation.started', run))[0]?.data).toMatchObject({ again: first, heldOutUse: 2 });
    expect((await entriesOf(one, 'evaluation.finished', first))[0]?.data['errors']).toBeGreaterThan(0);
    expect(await entriesOf(one, 'evaluation.batch', first)).toEqual(before);
    const [batch] = await entriesOf(one, 'evaluation.batch', run);
    expect(batch?.data).toMatchObject({ rows: 176, asked: (await rowsOf(one, first)).filter(isLost).length });
    await one.withSession(async (session) => {
      const said = batch ? await transcriptsOf(session, batch) : [];
      expect(said.map((line) => line.case)).toEqual((await rowsOf(one, run)).map((row) => row.case));
      expect(said.filter(({ message }) => message !== null)).toEqual([]);
    }, false);
    const measurements = await one.entries('baseline.measured');
    expect(measurements.map(({ validUntil }) => validUntil)).toEqual(['2027-02-20T12:00:00.000Z', '2027-02-20T12:00:00.000Z']);
    expect((await one.run('audit', 'verify')).exit).toBe(0);
    for (const [verb, options] of [['show', {}], ['report', {}]] as const) expect((await one.run('baseline', verb, options)).facts).toContainEqual({ label: 'asked again', value: `only the infrastructure errors of ${first}` });
    expect((await one.run('baseline', 'accept', { as: 'erin' })).exit).toBe(0);
    expect((await one.run('pact', 'dispute', { out: 'bundle' })).exit).toBe(0);
  });

  test('what is lost again stays lost, and can be asked once more, in the order of the first', async () => {
    const one = lost.copy();
    const second = String((await one.run('baseline', 'run', { again: first })).data['run']);
    expect((await rowsOf(one, second)).filter(isLost)).toHaveLength((await rowsOf(one, first)).filter(isLost).length);
    expect(second).not.toBe(first);
    rmSync(one.path('down'));
    const third = await one.run('baseline', 'run', { again: second });
    expect(third.exit).toBe(0);
    expect((await rowsOf(one, String(third.data['run']))).map((row) => row.case)).toEqual((await rowsOf(one, first)).map((row) => row.case));
  });

  test('an interrupted one goes on with the same words, and a plain run does not take it for its own', async () => {
    const one = recovered();
    const stop = new AbortController();
    const stopping = one.in({ surroundings: { ...one.world.surroundings, interrupted: stop.signal }, targets: { ...one.world.targets, start: async (...words) => {
      const running = await one.world.targets.start(...words);
      return { ...running, describe: () => running.describe(), close: () => running.close(), ask: async (request) => {
        stop.abort();
        return running.ask(request);
      } };
    } } });
    expect(await stopping.fault('baseline', 'run', { again: first })).toMatchObject({ code: 'INTERRUPTED', exit: 130 });
    const cut = String((await one.entries('evaluation.started')).at(-1)?.data['run']);
    const plain = one.copy();
    expect(String((await plain.run('baseline', 'run')).data['run'])).not.toBe(cut);
    const answer = await one.run('baseline', 'run', { again: first });
    expect([answer.exit, answer.data['run']]).toEqual([0, cut]);
  });

  test.each<[string, (one: Tiny) => Promise<string>, object]>([
    ['a run without infrastructure errors', async (one) => String((await one.run('baseline', 'run')).data['run']), { code: 'REFUSED', exit: 1, message: expect.stringContaining('no other outcome is ever asked again') }],
    ['a run of another build', async (one) => {
      one.edit('rules.json', (text) => `${text}\n`);
      return first;
    }, { code: 'EVIDENCE_MISSING', exit: 3, message: expect.stringContaining('is stale') }],
    ['a run whose evidence has expired', async (one) => {
      one.clock.set('2027-03-01T12:00:00.000Z');
      return first;
    }, { code: 'EVIDENCE_MISSING', exit: 3, message: expect.stringContaining('is stale') }],
    ['no run at all', async () => 'run-none', { code: 'EVIDENCE_MISSING', exit: 3 }],
  ])('refused: %s', async (_what, prepare, expected) => {
    const one = recovered();
    const again = await prepare(one);
    const before = (await one.entries('evaluation.started')).length;
    expect(await one.fault('baseline', 'run', { again })).toMatchObject(expected);
    expect((await one.entries('evaluation.started')).length).toBe(before);
    expect(existsSync(one.path('down'))).toBe(false);
  });

  test('twin: a failure of the agent is never asked again, however often', async () => {
    const one = signed.copy();
    for (const file of ['down', 'wrong']) writeFileSync(one.path(file), '');
    const before = String((await one.run('baseline', 'run')).data['run']);
    // By now it would answer everything right.
    for (const file of ['down', 'wrong']) rmSync(one.path(file));
    const failed = (await rowsOf(one, before)).filter(({ outcome }) => outcome === 'fail').map(({ case: id, repeat }) => `${id} ${repeat}`);
    const run = String((await one.run('baseline', 'run', { again: before })).data['run']);
    const after = await rowsOf(one, run);
    expect(failed.length).toBeGreaterThan(0);
    expect(after.filter(({ case: id, repeat }) => failed.includes(`${id} ${repeat}`)).every(({ outcome }) => outcome === 'fail')).toBe(true);
  });
});

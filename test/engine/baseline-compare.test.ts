/** Runs compared, shown and reported: on the tiny agent, before and after a change that does harm. */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { renderReport } from '../../src/views/render.js';
import type { OutcomeReport, Report } from '../../src/domain/report.js';
import { removeTinies, tiny, type Tiny } from '../support/tiny.js';

let accepted: Tiny;
/** Forgot what advertising looks like, and was measured again. */
let worse: Tiny;
beforeAll(async () => {
  accepted = await tiny();
  await accepted.run('pact', 'sign', { as: 'erin' });
  await accepted.run('baseline', 'run');
  await accepted.run('baseline', 'accept', { as: 'erin' });
  worse = accepted.copy();
  worse.edit('rules.json', (text) => text.replace(/"drop": .*/, '"drop": [],'));
  await worse.run('baseline', 'run');
}, 60_000);
afterAll(removeTinies);

const SURFACE = { width: 100, colour: 0 } as const;
const rendered = (format: string, { exit, ...data }: OutcomeReport & { readonly exit: number }) => renderReport(format, { kind: 'outcome', exit, data } as Report, SURFACE);

test('3.3 a change that does harm: which conditions, which cases, and exit 1', async () => {
  const answer = await worse.run('baseline', 'compare');
  expect(answer.exit).toBe(1);
  expect(answer.headline).toMatch(/worse beyond chance: .*advertising-dropped 0\.95\d* -> 0/);
  const flips = answer.data['flips'] as readonly { readonly case: string; readonly before: string }[];
  expect(flips.length).toBeGreaterThan(10);
  expect(flips.every(({ before }) => before === 'pass')).toBe(true);
  expect(answer.next).toBe(`agentctl baseline show --run ${String(answer.data['after'])} --case ${flips[0]?.case}`);
  const shown = await worse.run('baseline', 'show', { run: 'newest', case: flips[0]?.case ?? '' });
  expect(shown.headline).toMatch(/: fail$|: abstain$/);
  expect(shown.facts.map(({ label }) => label)).toEqual(expect.arrayContaining(['expected', 'said', 'time']));
  const before = await worse.run('baseline', 'show', { run: 'accepted', case: flips[0]?.case ?? '' });
  expect(before.headline).toMatch(/: pass$/);
});

test('3.1 a headline names three of what is unmet and counts the rest, which the data hold; p is told once', async () => {
  const silent = accepted.copy();
  silent.edit('agent.js', (text) => text.replace("decision: doubt ? 'ask-human' : guess", "decision: guess === 'keep' ? 'drop' : 'ask-human'"));
  const measured = await silent.run('baseline', 'run');
  const unmet = (measured.data['conditions'] as readonly { readonly verdict: string }[]).filter(({ verdict }) => verdict !== 'met');
  expect(unmet.length).toBe(4);
  const shown = await silent.run('baseline', 'report');
  for (const { headline } of [measured, shown]) {
    expect(headline).toMatch(/; and 1 more$/);
    expect(headline.split('; ')).toHaveLength(headline === shown.headline ? 5 : 4);
  }
  const { tables, data } = await silent.run('baseline', 'compare');
  const [, ...cells] = tables?.[0]?.rows.flat() ?? [];
  expect(cells.filter((cell) => /\bp \d/.test(cell))).toEqual([]);
  expect((data['conditions'] as readonly { readonly adjusted: string | null }[]).some(({ adjusted }) => adjusted !== null)).toBe(true);
});

test('3.3 a run that is no worse than the accepted one, but breaks the pact, is not proposed for acceptance', async () => {
  const one = worse.copy();
  const [before, run] = [(await one.entries('evaluation.finished')).at(-1)?.data['run'], (await one.run('baseline', 'run')).data['run']].map(String);
  const { next, exit } = await one.run('baseline', 'compare', {}, [before ?? '', run ?? '']);
  expect([before === run, exit]).toEqual([false, 0]);
  expect(next).toBe(`agentctl baseline show --run ${run}`);
});

test('3.3 the same agent again is no change', async () => {
  const again = accepted.copy();
  await again.run('baseline', 'run');
  const answer = await again.run('baseline', 'compare');
  expect([answer.exit, answer.headline, answer.data['flips']]).toEqual([0, 'no condition is worse or better beyond chance', []]);
});

test('3.3 how often the held-out cases were looked at for this pact is counted from the ledger, and told wherever runs are looked at', async () => {
  const looks = async (one: Tiny, verb: 'report' | 'compare', ...args: readonly string[]) => (await one.run('baseline', verb, {}, args)).facts.filter(({ label }) => label === 'held-out').map(({ value }) => value);
  expect(await looks(accepted, 'report')).toEqual(['held-out was looked at once for this pact, at 2026-11-22 12:00 UTC']);
  expect(await looks(worse, 'compare')).toEqual(['held-out was looked at 2 times for this pact, since 2026-11-22 12:00 UTC']);
  // Also of an earlier run: what is spent is the split, not the run.
  expect(await looks(worse, 'report', 'accepted')).toEqual(['held-out was looked at 2 times for this pact, since 2026-11-22 12:00 UTC']);
  const other = worse.copy();
  other.edit('agent.yaml', (text) => text.replace('minimumCases: 20', 'minimumCases: 25'));
  other.clock.set('2026-11-23T08:30:00.000Z');
  await other.run('pact', 'sign', { as: 'erin' });
  await other.run('baseline', 'run');
  expect(await looks(other, 'report')).toEqual(['held-out was looked at once for this pact, at 2026-11-23 08:30 UTC; 3 times in all']);
});

test('3.3 what cannot be compared is not', async () => {
  expect(await accepted.fault('baseline', 'compare')).toMatchObject({ code: 'EVIDENCE_MISSING', exit: 3, message: expect.stringContaining('nothing to compare') });
  expect(await worse.fault('baseline', 'compare', {}, ['run-nobody'])).toMatchObject({ code: 'EVIDENCE_MISSING', message: 'there is no run "run-nobody"' });
  expect(await worse.fault('baseline', 'compare', { drop: '5 %' })).toMatchObject({ code: 'USAGE', exit: 2 });
  expect(await worse.fault('baseline', 'show', { case: 'nobody' })).toMatchObject({ code: 'EVIDENCE_MISSING', exit: 3 });
});

test('3.1 a report to look at: intervals, confusion, calibration, slowest and worst, in every format', async () => {
  const answer = await worse.run('baseline', 'report');
  expect(answer.exit).toBe(1);
  expect(answer.plots?.map(({ is }) => is)).toEqual(['intervals', 'matrix', 'calibration']);
  expect(answer.tables?.map(({ title }) => title)).toEqual(expect.arrayContaining(['Conditions', 'Scores by agentctl-score/1, 0 to 1', 'Outcomes: held-out', 'Wrong, the surest first: held-out', 'Slowest: held-out']));
  const html = await rendered('html', answer);
  expect(html.match(/<svg /g)).toHaveLength(3);
  expect(html).toContain('Who is taken for whom: held-out');
  expect(html).not.toMatch(/NaN|undefined|<script|https?:\/\/(?!www\.w3\.org)/);
  expect(await rendered('junit', answer)).toMatch(/<testcase classname="agentctl\.baseline\.report\.advertising-dropped"[^>]*><failure/);
  expect(await rendered('markdown', answer)).toContain('advertising-dropped');
  const good = await accepted.run('baseline', 'report', {}, ['accepted']);
  expect([good.exit, good.headline]).toEqual([0, expect.stringMatching(/: 5 of 5 conditions met$/)]);
  expect(await rendered('junit', good)).not.toContain('<failure');
});

test('3.1 a published score profile is another view of the run on record: verdicts, exit and recorded composite stay', async () => {
  const [plain, viewed] = [await worse.run('baseline', 'report'), await worse.run('baseline', 'report', { profile: ['armalo/p13', 'armalo/mcp', 'armalo/p13'] })];
  expect([viewed.exit, viewed.headline, viewed.verdicts]).toEqual([plain.exit, plain.headline, plain.verdicts]);
  const { profiles, ...rest } = viewed.data;
  expect(rest).toEqual(plain.data);
  expect(plain.data['profiles']).toBeUndefined();
  expect(profiles).toMatchObject([{ profile: 'armalo/p13', scale: 100, covered: '0.43' }, { profile: 'armalo/mcp', scale: 1000, covered: '0.70' }]);
  expect(viewed.tables?.map(({ title }) => title)).toEqual(expect.arrayContaining(['Scores under armalo/p13, 0 to 100', 'Scores under armalo/mcp, 0 to 1000']));
  expect(viewed.facts.find(({ label }) => label === 'armalo/p13')?.value).toMatch(/^\d+\.\d–\d+\.\d of 100, with 43 % of the weight measured: nothing here measures selfAudit, .*; tier none to \w+/);
  expect(viewed.notes?.join()).toContain('decide nothing here');
  expect(await worse.fault('baseline', 'report', { profile: ['armalo/p99'] })).toMatchObject({ code: 'USAGE', exit: 2, hint: expect.stringContaining('armalo/p12') });
});

test('9 a run that was cut off is reported as the part that it is', async () => {
  const one = accepted.copy();
  const stop = new AbortController();
  const progress = { update: (done: number) => { if (done >= 40) stop.abort(); }, end: () => undefined };
  const cut = one.in({ surroundings: { ...one.world.surroundings, interrupted: stop.signal }, talk: { ...one.world.talk, progress: () => progress } });
  await cut.fault('baseline', 'run');
  const answer = await one.run('baseline', 'report');
  expect(answer.headline).toContain('cut off: this is a part of it');
  expect(answer.data).toMatchObject({ partial: true, rows: expect.any(Number) });
  expect((await one.run('baseline', 'show')).notes?.[0]).toMatch(/was cut off after \d+ of 88 answers/);
  expect((await one.run('baseline', 'compare')).next).toBe(`agentctl baseline show --run ${String(answer.data['run'])}`);
});

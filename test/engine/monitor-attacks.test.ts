/** An attack gate under watch: scheduled runs ask the attacks beside their own data set, an alert test does not, and reports read both again. */
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { removeTinies, tiny, type Tiny } from '../support/tiny.js';

let base: Tiny;
beforeAll(async () => {
  base = await tiny();
  const { data } = await base.run('baseline', 'attacks', { out: 'data/attacks.jsonl', seed: 's', input: '{"note":"n-00000000","text":"{attack}"}', expected: '{"decision":"ask-human"}' });
  const lines = String(data['pact']).split('\n');
  const between = (from: string, to?: string) => lines.slice(lines.indexOf(from) + 1, to === undefined ? undefined : lines.indexOf(to)).join('\n');
  base.edit('agent.yaml', (text) => text
    .replace(/ {2}pilot: .*\n/, '')
    .replace('  datasets:\n', `  datasets:\n${between('  datasets:', '  agreements:')}\n`)
    .replace('      conditions:\n', `      scorers:\n${between('      scorers:', '      conditions:')}\n      conditions:\n${between('      conditions:')}`));
  for (const [step, verb, options] of [['identity', 'register', {}], ['identity', 'key issue', {}], ['identity', 'verify', {}], ['pact', 'sign', { as: 'erin' }], ['baseline', 'run', {}], ['baseline', 'accept', { as: 'erin' }]] as const) {
    const { exit, headline } = await base.run(step, verb, options);
    expect([verb, exit, headline]).toEqual([verb, 0, headline]);
  }
});
afterAll(removeTinies);

const conditionsOf = (report: { readonly data: unknown }) => (report.data as { conditions: readonly { id: string; dataset: string; n: number; verdict: string }[] }).conditions;
const canary = (report: { readonly data: unknown }) => conditionsOf(report).find(({ id }) => id === 'attacks-resisted');

test('5.1 5.3 a scheduled run asks the attacks too, so that every condition is watched; a report reads it again', async () => {
  const one = base.copy();
  const report = await one.run('monitor', 'run');
  expect(report).toMatchObject({ exit: 0, headline: expect.stringMatching(/cases of (attacks and watch|watch and attacks)/) });
  const [ran] = await one.entries('monitor.ran');
  expect(ran?.data).toMatchObject({ dataset: 'watch', unmeasured: [], conditions: 6 });
  const counts = ran?.data['counts'] as readonly { condition: string; hits: string; n: number; measure: string }[];
  expect(counts.find(({ condition }) => condition === 'attacks-resisted')).toMatchObject({ hits: '60', n: 60 });
  const shown = await one.run('baseline', 'report', {}, [String(ran?.data['run'])]);
  expect(shown.exit).toBe(0);
  expect(canary(shown)).toMatchObject({ dataset: 'attacks', n: 60, verdict: 'met' });
  expect(conditionsOf(shown).filter(({ id }) => id !== 'attacks-resisted').every(({ dataset }) => dataset === 'watch')).toBe(true);
});

test('5.4 a second run goes on with the same series, and is compared with the first one condition by condition', async () => {
  const one = base.copy();
  await one.run('monitor', 'run');
  await one.run('monitor', 'run');
  const [first, second] = (await one.entries('monitor.ran')).map((entry) => String(entry.data['run']));
  const series = (await one.run('monitor', 'status')).tables?.[0]?.rows.find(([id]) => id === 'attacks-resisted');
  expect(series?.slice(3, 5)).toEqual(['120', '2']);
  const compared = conditionsOf(await one.run('baseline', 'compare', {}, [first ?? '', second ?? '']));
  expect(compared.map((found) => (found as unknown as { pairs: number }).pairs).every((pairs) => pairs > 0)).toBe(true);
});

test('5.3 twin: an agent that begins to obey rings at the next scheduled run', async () => {
  const one = base.copy();
  one.edit('agent.js', (text) => text.replace('reason: `', 'reason: `${text.match(/\\b[a-z2-9]{9}[2-9]\\b/g)?.join("") ?? ""}${text.match(/\\b[a-z2-9]{20}\\b/)?.[0] ?? ""} '));
  expect((await one.run('monitor', 'run')).exit).toBe(1);
  const raised = (await one.entries('alert.raised')).map((entry) => entry.data['condition']);
  expect(raised).toEqual(['attacks-resisted']);
});

test('5.3 an alert test injects the shift alone: no attack is asked, and an agent that obeys passes no shift off as noticed', async () => {
  const one = base.copy();
  const report = await one.run('monitor', 'test');
  expect(report.exit).toBe(0);
  const shift = (await one.entries('evaluation.started')).filter((entry) => entry.data['purpose'] === 'shift');
  expect(shift.map((entry) => entry.data['dataset'])).toEqual(['shift']);
  const shown = await one.run('baseline', 'report', {}, [String(shift[0]?.data['run'])]);
  expect(canary(shown)).toBeUndefined();
  expect(conditionsOf(shown)).toHaveLength(5);
});

test('3.3 attacks are asked again and again without wearing out held-out data', async () => {
  const one = base.copy();
  await one.run('monitor', 'run');
  const attacks = (await one.entries('evaluation.started')).filter((entry) => entry.data['dataset'] === 'attacks');
  expect(attacks.map((entry) => [entry.data['use'], entry.data['heldOutUse']])).toEqual([['attack', 0], ['attack', 0]]);
  expect(readFileSync(one.path('agent.yaml'), 'utf8')).toContain('use: attack');
});

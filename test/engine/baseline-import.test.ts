/** 3.4 `baseline import` and `baseline export`: what others measured is evidence of that and nothing else; what goes out comes back. */
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import Database from 'better-sqlite3';
import type { JsonObject } from '../../src/domain/json.js';
import { computeStates } from '../../src/engine/states.js';
import { gateTime } from '../../src/engine/status.js';
import { promptfoo, promptfooRows } from '../evaluation/exchange/material.js';
import { clearDesks } from '../support/cli.js';
import { desk } from '../support/stages.js';
import { removeTinies, tiny, type Tiny } from '../support/tiny.js';

/** Signed, measured, and with results of promptfoo beside agent.yaml. */
let base: Tiny;
beforeAll(async () => {
  base = await tiny();
  await base.run('pact', 'sign', { as: 'erin' });
  await base.run('baseline', 'run');
  writeFileSync(base.path('results.json'), JSON.stringify(promptfoo(), null, 2));
}, 60_000);
afterAll(() => {
  removeTinies();
  clearDesks();
});

const sha256 = (path: string) => `sha256:${createHash('sha256').update(readFileSync(path)).digest('hex')}`;
const imported = async (one: Tiny) => (await one.entries('baseline.imported')).map(({ data }) => data);
const findingOf = (one: Tiny, id: string) => one.withSession(async (session) => {
  const { steps } = await computeStates(session, await gateTime(session));
  return steps.find((step) => step.id === 'baseline')?.findings.find((finding) => finding.id === id);
}, false);

describe('import', () => {
  test('3.4 the entry says what was measured, by which tool, on which model, and that nobody knows on which build', async () => {
    const one = base.copy();
    const answer = await one.run('baseline', 'import', { measures: ['tone=people-not-dropped'] }, ['results.json']);
    expect(answer).toMatchObject({ exit: 0, headline: '4 results of promptfoo imported, as evidence of what they measured', next: 'agentctl baseline show' });
    const [data] = await imported(one);
    expect(data).toMatchObject({
      subject: sha256(one.path('results.json')), kept: true, format: 'promptfoo', complete: 'yes', doubts: [], rows: 4, cases: 3, repeats: 2, build: 'unknown', dataset: null,
      origin: { tool: 'promptfoo', version: '0.121.20', run: 'eval-abc-2026', created: '2026-11-01T10:00:00.000Z', model: 'openai:gpt-x', dataset: null },
      outcomes: { pass: 2, fail: 1, abstain: 0, infrastructure: 1, unscored: 0, 'not-evaluable': 0 }, rowsRoot: expect.stringMatching(/^[0-9a-f]{64}$/),
    });
    expect((data?.['scores'] as readonly JsonObject[])[0]).toEqual({ name: 'tone', n: 3, mean: '0.500000', condition: 'people-not-dropped' });
    expect(await one.withSession(async ({ store }) => Buffer.from((await store.blob(data?.['subject'] as never))?.bytes ?? []).toString(), false)).toBe(readFileSync(one.path('results.json'), 'utf8'));
    expect(await one.run('audit', 'verify')).toMatchObject({ exit: 0 });
  });

  test('3.4 an import meets no condition: the verdicts, the baseline and what may be accepted stay as they were', async () => {
    const fresh = await tiny();
    await fresh.run('pact', 'sign', { as: 'erin' });
    const perfect = { ...promptfoo({ results: promptfooRows.slice(0, 2), stats: {}, prompts: [] }) };
    writeFileSync(fresh.path('perfect.json'), JSON.stringify(perfect));
    await fresh.run('baseline', 'import', { measures: ['tone=people-not-dropped'] }, ['perfect.json']);
    expect(await findingOf(fresh, 'baseline.verdicts')).toMatchObject({ is: 'unknown', because: 'no run yet' });
    expect(await fresh.fault('baseline', 'accept', { as: 'erin' })).toMatchObject({ code: 'EVIDENCE_MISSING' });
    expect(await fresh.run('baseline', 'show')).toMatchObject({ headline: expect.stringContaining('decides no condition'), next: 'agentctl baseline run' });
    const one = base.copy();
    const before = await findingOf(one, 'baseline.verdicts');
    await one.run('baseline', 'import', {}, ['results.json']);
    expect(await findingOf(one, 'baseline.verdicts')).toEqual(before);
  });

  test('3.4 the probe and the page of the step tell of each import', async () => {
    const one = base.copy();
    expect(await findingOf(one, 'baseline.imported')).toMatchObject({ is: 'not-applicable', because: 'nothing was imported' });
    one.edit('results.json', (text) => text.replace('"successes": 2', '"successes": 3'));
    await one.run('baseline', 'import', {}, ['results.json']);
    expect(await findingOf(one, 'baseline.imported')).toMatchObject({ is: 'yes', severity: 'should', because: 'promptfoo 0.121.20 on openai:gpt-x: 2 pass, 1 fail, 1 neither, of 3 cases, incomplete; of this build: unknown; no condition is met by them' });
    const shown = await one.run('baseline', 'show');
    expect(shown.tables?.find(({ title }) => title === 'Imported')?.rows).toEqual([['promptfoo 0.121.20', 'openai:gpt-x', '3 x 2', '2', '1', '1', 'no', 'unknown']]);
    expect(shown.tables?.find(({ title }) => title === 'Imported scores')?.rows).toContainEqual(['promptfoo 0.121.20', 'tone', '3', '0.500000', '-']);
  });

  test('3.4 that it was this build, an operator may sign; the signature speaks for that build alone', async () => {
    const one = base.copy();
    for (const options of [{ ofThisBuild: true }, { as: 'erin' }]) expect(await one.fault('baseline', 'import', options, ['results.json'])).toMatchObject({ code: 'USAGE', hint: '--of-this-build --as <operator>' });
    expect(await one.fault('baseline', 'import', { ofThisBuild: true, as: 'lena' }, ['results.json'])).toMatchObject({ code: 'NOT_ALLOWED' });
    expect(await imported(one)).toEqual([]);
    await one.run('baseline', 'import', { ofThisBuild: true, as: 'erin' }, ['results.json']);
    expect((await imported(one))[0]).toMatchObject({ build: 'attested', operator: 'erin', ceremony: 'scripted' });
    expect(await findingOf(one, 'baseline.imported')).toMatchObject({ is: 'yes', because: expect.stringContaining('of this build: attested by Erin Engineer (scripted);') });
    one.edit('prompts/policy.txt', (text) => `${text}\n`);
    expect(await findingOf(one, 'baseline.imported')).toMatchObject({ because: expect.stringContaining('attested by Erin Engineer (scripted) for another build') });
  });

  test('twin: an entry that borrows an act about another file is false', async () => {
    const one = base.copy();
    await one.run('baseline', 'import', { ofThisBuild: true, as: 'erin' }, ['results.json']);
    const [signed] = await one.entries('baseline.imported');
    await one.withSession((session) => session.store.append(session.chain, [{ type: 'baseline.imported', agent: session.agent, actor: signed?.actor ?? '', inputs: signed?.inputs ?? {}, data: { ...signed?.data, subject: `sha256:${'0'.repeat(64)}` } }]));
    expect(await one.withSession(async (session) => (await computeStates(session, await gateTime(session))).steps.find((step) => step.id === 'baseline'), false)).toMatchObject({ state: 'untrustworthy', because: expect.stringContaining('signed something else') });
  });

  test('the data set that the cases are of is held against its bytes and its ids', async () => {
    const one = base.copy();
    const id = (JSON.parse(readFileSync(one.path('data/held-out.jsonl'), 'utf8').split('\n')[0] ?? '') as { id: string }).id;
    writeFileSync(one.path('r.csv'), `case,outcome\n${id},pass\nother,fail\n`);
    await one.run('baseline', 'import', { asDataset: 'held-out' }, ['r.csv']);
    expect((await imported(one))[0]?.['dataset']).toMatchObject({ id: 'held-out', matched: 1 });
    expect(await one.fault('baseline', 'import', { asDataset: 'held-out' }, ['results.json'])).toMatchObject({ code: 'DATASET_INVALID', message: 'none of the cases is of data set held-out' });
    expect(await one.fault('baseline', 'import', { asDataset: 'nothing' }, ['r.csv'])).toMatchObject({ code: 'DATASET_INVALID', at: '--as-dataset' });
  });

  test('the same said twice is refused; said of another build, or with more to it, it is not', async () => {
    const one = base.copy();
    await one.run('baseline', 'import', {}, ['results.json']);
    expect(await one.fault('baseline', 'import', { from: 'promptfoo' }, ['results.json'])).toMatchObject({ code: 'REFUSED', exit: 1, message: 'these results are on record already' });
    await one.run('baseline', 'import', { ofThisBuild: true, as: 'erin' }, ['results.json']);
    expect(await one.fault('baseline', 'import', { ofThisBuild: true, as: 'erin' }, ['results.json'])).toMatchObject({ code: 'REFUSED' });
    one.edit('prompts/policy.txt', (text) => `${text}\n`);
    await one.run('baseline', 'import', {}, ['results.json']);
    expect(await imported(one)).toHaveLength(3);
  });

  test('bytes are kept up to a size, and not at all if nobody wants them; names from outside become plain text', async () => {
    const one = base.copy();
    await one.run('baseline', 'import', { digestOnly: true }, ['results.json']);
    writeFileSync(one.path('r.jsonl'), `${JSON.stringify({ results: 'agentctl-results/1', tool: 'T\u202e\u001b[31mool ü' })}\n${JSON.stringify({ case: 'a', outcome: 'pass', scores: { 'é\n': 1 } })}\n${' '.repeat(8 * 1024 * 1024)}\n`);
    await one.run('baseline', 'import', {}, [one.path('r.jsonl')]);
    const [first, second] = await imported(one);
    expect([first?.['kept'], second?.['kept']]).toEqual([false, false]);
    expect(second).toMatchObject({ origin: { tool: 'T\\u202e\\x1b[31mool ?' }, scores: [{ name: '?\\n', n: 1, mean: '1.000000', condition: null }] });
    const db = new Database(one.path('.agentctl/ledger.db'), { readonly: true });
    expect(db.prepare('SELECT count(*) AS n FROM blobs WHERE length(bytes) > 1000000').get()).toEqual({ n: 0 });
    db.close();
  });

  test.each<[string, JsonObject, RegExp]>([
    ['a format that is none', { from: 'xlsx' }, /--from "xlsx"/], ['a cut-off that nothing needs', { passFrom: '0.5' }, /say themselves what passed/], ['a cut-off that is none', { passFrom: 'high' }, /--pass-from "high"/], ['a measure without condition', { measures: ['tone'] }, /names no condition/],
    ['a condition that is none', { measures: ['tone=nothing'] }, /no condition "nothing"/], ['a score that is not there', { measures: ['nothing=people-not-dropped'] }, /no score "nothing"/],
  ])('%s is refused, and nothing is recorded', async (_what, options, message) => {
    const one = base.copy();
    expect(await one.fault('baseline', 'import', options as Record<string, string>, ['results.json'])).toMatchObject({ code: 'USAGE', exit: 2, message: expect.stringMatching(message) });
    expect(await imported(one)).toEqual([]);
  });
});

test('3.4 typed at a desk: flags, the answer for people and for programs, and one mistake with its place', async () => {
  const at = await desk('bare');
  writeFileSync(at.path('r.jsonl'), `${JSON.stringify({ case: 'a', outcome: 'pass', scores: { tone: 1 } })}\n`);
  const words = ['baseline', 'import', 'r.jsonl', '--from', 'jsonl', '--measures', 'tone=people-not-dropped'];
  expect((await at.expect(0, ...words)).stdout).toMatch(/1 results of not stated imported[\s\S]*tone +1 +1\.000000 +people-not-dropped: no verdict[\s\S]*meets no condition/);
  expect(JSON.parse((await at.expect(0, ...words, '--digest-only', '--json')).stdout)).toMatchObject({ ok: true, report: { data: { kept: false, build: 'unknown' } } });
  writeFileSync(at.path('r.jsonl'), '{"case":"a"}\n');
  expect((await at.expect(2, 'baseline', 'import', 'r.jsonl')).stderr).toMatch(/INPUT_INVALID/);
}, 120_000);

describe('export', () => {
  test.each(['promptfoo', 'otel', 'junit', 'jsonl', 'csv'])('3.4 a run that goes out as %s comes back with the same outcomes, and scores no better for it', async (format) => {
    const one = base.copy();
    const answer = await one.run('baseline', 'export', { to: format, out: 'out.file' });
    expect(answer).toMatchObject({ exit: 0, data: { rows: 88, digest: sha256(one.path('out.file')) } });
    await one.run('baseline', 'import', {}, ['out.file']);
    const [finished] = await one.entries('evaluation.finished');
    const [data] = await imported(one);
    const outcomes = data?.['outcomes'] as Record<string, number>;
    expect([data?.['format'], data?.['rows'], data?.['doubts'], Number(outcomes['pass']) + Number(outcomes['fail']), outcomes['abstain'], outcomes['infrastructure']]).toEqual([format, 88, [], finished?.data['answered'], finished?.data['abstained'], finished?.data['errors']]);
    expect(await findingOf(one, 'baseline.imported')).toMatchObject({ because: expect.stringContaining('of this build: unknown') });
  });

  test('refuses an unknown form or run, and never writes over a file', async () => {
    const one = base.copy();
    expect(await one.fault('baseline', 'export', { to: 'xlsx', out: 'o' })).toMatchObject({ code: 'USAGE', hint: '--to promptfoo, otel, junit, jsonl, csv' });
    expect(await one.fault('baseline', 'export', { to: 'toString', out: 'o' })).toMatchObject({ code: 'USAGE' });
    expect(await one.fault('baseline', 'export', { to: 'csv' })).toMatchObject({ code: 'USAGE', message: '--out is missing' });
    expect(await one.fault('baseline', 'export', { to: 'csv', out: 'agent.yaml' })).toMatchObject({ code: 'REFUSED' });
    expect(await one.fault('baseline', 'export', { to: 'csv', out: 'o', run: 'run-x' })).toMatchObject({ code: 'EVIDENCE_MISSING', hint: expect.stringMatching(/^finished runs: run-/) });
    expect(existsSync(one.path('o'))).toBe(false);
  });

  test('twin: rows that were changed in the store do not go out', async () => {
    const one = base.copy();
    const [batch] = await one.entries('evaluation.batch');
    const db = new Database(one.path('.agentctl/ledger.db'));
    const digest = String(batch?.data['results']);
    const { bytes } = db.prepare('SELECT bytes FROM blobs WHERE digest = ?').get(digest) as { bytes: Buffer };
    const changed = Buffer.from(bytes.toString().replace(/"outcome":"\w+"/, '"outcome":"fail"'));
    expect(changed.equals(bytes)).toBe(false);
    for (const { name } of db.prepare("SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'blobs'").all() as { name: string }[]) db.exec(`DROP TRIGGER ${name}`);
    db.prepare('UPDATE blobs SET bytes = ? WHERE digest = ?').run(changed, digest);
    db.close();
    expect(await one.fault('baseline', 'export', { to: 'csv', out: 'o.csv' })).toMatchObject({ code: 'DIGEST_MISMATCH', exit: 4 });
    expect(existsSync(one.path('o.csv'))).toBe(false);
  });
});

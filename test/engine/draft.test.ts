/** Drafts on the tiny agent: thresholds are bounds of what was measured, and what the cases cannot decide is said. */
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { parse } from 'yaml';
import { digestBytes } from '../../src/domain/digest.js';
import type { Report } from '../../src/domain/report.js';
import type { VerbCard } from '../../src/domain/step.js';
import { runVerb } from '../../src/engine/run-verb.js';
import { judgeConditions } from '../../src/evaluation/judge.js';
import { rowsOf } from '../../src/engine/evaluation/rows.js';
import { lintPacts } from '../../src/evaluation/lint.js';
import { METRICS, type Metric, type Pacts } from '../../src/evaluation/condition.js';
import { stepById } from '../../src/steps/index.js';
import { removeTinies, tiny, type Tiny } from '../support/tiny.js';

let bare: Tiny;
let measured: Tiny;
beforeAll(async () => {
  bare = await tiny();
  measured = bare.copy();
  await measured.run('pact', 'sign', { as: 'erin' });
  await measured.run('baseline', 'run');
}, 60_000);
afterAll(removeTinies);

const draft = async (one: Tiny, options: Record<string, string | boolean> = {}, args: readonly string[] = []): Promise<{ readonly text: string; readonly pacts: Pacts }> => {
  const report: Report = await runVerb(one.world, { yes: true }, 'pact', stepById('pact')?.verbs.find((verb) => verb.name === 'draft') as VerbCard, { args, options });
  if (report.kind !== 'text') throw new Error(`a draft answered with a ${report.kind}`);
  return { text: report.data.text, pacts: (parse(report.data.text) as { pacts: Pacts }).pacts };
};
const declared = (one: Tiny) => (parse(readFileSync(one.path('agent.yaml'), 'utf8')) as { pacts: Pacts }).pacts.datasets.map(({ id, sha256 }) => [id, sha256]);
const conditionsOf = ({ agreements }: Pacts) => agreements.flatMap(({ conditions }) => conditions);
const byId = (pacts: Pacts) => Object.fromEntries(conditionsOf(pacts).map((one) => [one.id, one]));

describe('2.6 a draft from a run', () => {
  test('thresholds are one-sided bounds rounded to the safe side, never the values; the same rows meet them all', async () => {
    const { pacts } = await draft(measured);
    const drafts = byId(pacts);
    // recall of "drop": 42 of 44, lower bound 0.863741; asks 4 of 88, upper bound 0.101001.
    expect(drafts['drop-found']).toMatchObject({ metric: 'recall', label: 'drop', operator: '>=', threshold: '0.86', kind: 'happy-path' });
    expect(drafts['asks-seldom']).toMatchObject({ operator: '<=', threshold: '0.11', kind: 'failure-mode' });
    expect(drafts['drop-found']?.because).toMatch(/^drafted from run-[0-9a-f]{16} on held-out: value 0\.954545, lower bound 0\.8637, 44 cases; cost of a breach: TBD$/);
    expect(drafts['keep-not-mistaken']).toMatchObject({ metric: 'share', among: { expected: 'keep' }, outputs: ['drop'], kind: 'failure-mode', threshold: '0.07' });
    const [batch] = await measured.entries('evaluation.batch');
    await measured.withSession(async (session) => {
      const rows = batch ? await rowsOf(session, batch) : [];
      for (const one of judgeConditions(pacts, rows)) expect([one.id, one.verdict]).toEqual([one.id, 'met']);
    }, false);
  });

  test('lint asks for the cost arguments, and for nothing else; agent.yaml stays as it is', async () => {
    const before = readFileSync(measured.path('agent.yaml'), 'utf8');
    const { pacts, text } = await draft(measured);
    expect(readFileSync(measured.path('agent.yaml'), 'utf8')).toBe(before);
    expect([...new Set(lintPacts(pacts, [{ id: 'sorting' }]).map(({ rule }) => rule))]).toEqual(['pact.cost-argument']);
    const written = { ...pacts, agreements: pacts.agreements.map((one) => ({ ...one, conditions: one.conditions.map((condition) => ({ ...condition, because: condition.because.replace('TBD', 'EUR 2.50 for each') })) })) };
    expect(lintPacts(written, [{ id: 'sorting' }])).toEqual([]);
    expect(text).toContain('# A verdict on the same cases that a threshold was chosen on is flattered: prefer fresh ones over held-out.');
    // No wrong answer was given, so nothing tells how confidence ranks.
    expect(text).toMatch(/# Not drafted: confidence-ranks: .+/);
  });

  test('too few cases: said, with how many would do', async () => {
    const one = bare.copy();
    const lines = readFileSync(one.path('data/held-out.jsonl'), 'utf8').trimEnd().split('\n');
    const few = `${lines.filter((line) => line.includes('"keep"')).slice(0, 30).join('\n')}\n${lines.filter((line) => line.includes('"drop"')).slice(0, 4).join('\n')}\n`;
    writeFileSync(one.path('few.jsonl'), few);
    const { text, pacts } = await draft(one, {}, ['few.jsonl']);
    expect(Object.keys(byId(pacts))).toEqual(['answers-right', 'keep-found', 'keep-not-mistaken', 'answers-at-all']);
    expect(text).toContain('# Not drafted: drop-found: underpowered: 4 cases put the bound at 0.47, far from 1.00; about 29 would put it within 0.1');
    expect(text).toContain('# No run on these cases is in the ledger: thresholds are the most that so many cases can show.');
    expect(byId(pacts)['keep-found']).toMatchObject({ threshold: '0.90', because: expect.stringContaining('30 cases can show no more than 0.9050, and nothing was measured') });
    expect(pacts.datasets.at(-1)).toEqual({ id: 'few', file: 'few.jsonl', sha256: digestBytes(few), use: 'held-out' });
  });

  test('tuning data give thresholds that are measured on held-out data', async () => {
    const { pacts, text } = await draft(bare, {}, ['watch']);
    expect(new Set(conditionsOf(pacts).map(({ dataset }) => dataset))).toEqual(new Set(['held-out']));
    expect(text).toContain('# Drafted on tuning data, to be measured on held-out.');
  });

  test('to a file, which is not overwritten; the draft can be compared with what was signed', async () => {
    const one = measured.copy();
    expect(await one.run('pact', 'draft', { out: 'draft.yaml' })).toMatchObject({ exit: 0, next: expect.stringContaining('agentctl pact lint') });
    expect(await one.fault('pact', 'draft', { out: 'draft.yaml' })).toMatchObject({ code: 'REFUSED', exit: 1 });
    expect(await one.run('pact', 'diff', {}, ['signed', 'draft.yaml'])).toMatchObject({ exit: 0, data: { version: 'major' } });
  });

  test.each<[string, Record<string, string>, readonly string[], object]>([
    ['a data set that is nowhere', {}, ['nowhere'], { code: 'DATASET_INVALID', exit: 2 }],
    ['a run that never asked these cases', { run: 'run-0' }, [], { code: 'EVIDENCE_MISSING', exit: 3 }],
    ['a capability that is not declared', { capability: 'flying' }, [], { code: 'USAGE', exit: 2, hint: 'one of sorting' }],
  ])('nothing is drafted from %s', async (_name, options, args, expected) => {
    expect(await measured.fault('pact', 'draft', options, args)).toMatchObject(expected);
  });
});

describe('2.6 every metric is drafted where the data support it, or named with the reason', () => {
  const named = ({ text, pacts }: { readonly text: string; readonly pacts: Pacts }) => {
    const drafted = new Set<string>(conditionsOf(pacts).map(({ metric }) => metric));
    const skipped = [...text.matchAll(/^# Not drafted: ([\w-]+): (.+)$/gm)].map(([, id = '', why = '']) => [id, why] as const);
    return { drafted, skipped };
  };
  /** Ids under which a metric that was tried and failed is named. */
  const TRIED: Readonly<Partial<Record<Metric, RegExp>>> = { 'confidence-auroc': /^confidence-ranks$/, brier: /^confidence-honest$/, ece: /^confidence-close$/, 'latency-p50': /^answers-soon$/, 'latency-p99': /^answers-seldom-late$/, 'cost-mean': /^costs-little$/, 'tokens-mean': /^takes-few-tokens$/ };

  test.each<[string, () => Promise<{ readonly text: string; readonly pacts: Pacts }>]>([
    ['from a run', () => draft(measured)], ['without one', () => draft(bare, {}, ['held-out'])], ['of a file', async () => draft(bare, {}, ['data/shift.jsonl'])],
  ])('%s', async (_how, made) => {
    const { drafted, skipped } = named(await made());
    const told = METRICS.filter((metric) => drafted.has(metric) || skipped.some(([id, why]) => why.length > 8 && (id === metric || TRIED[metric]?.test(id) === true)));
    expect(told).toEqual([...METRICS]);
  });

  test('precision, F1, times, and what needs usage, confidence or a scorer, from a run that tells them; and the same rows meet them', async () => {
    const condition = (id: string, metric: string, verification: string) => `        - { id: ${id}, statement: "at least 50 % of the notes pass", kind: happy-path, dimension: accuracy, severity: minor, metric: ${metric}, scorer: ${id}, operator: ">=", threshold: "0.50", dataset: held-out, window: P90D, verification: ${verification}, minimumCases: 30, because: a wrong decision costs EUR 1.00 and a question less, consequence: alert }\n`;
    const one = await tiny((text) => text
      .replace('      conditions:\n', `      scorers: [{ id: same, kind: exact, output: /decision }, { id: alike, kind: similarity, output: /decision, measure: edit, threshold: "0.9" }]\n      conditions:\n${condition('same', 'pass-rate', 'deterministic')}${condition('alike', 'score-mean', 'heuristic').replace('50 % of the notes pass', '0.50 is the mean score')}`));
    one.edit('agent.js', (text) => text.replace('return { output:', "return { usage: { inputTokens: 20 + note.charCodeAt(2) % 3, cost: note.charCodeAt(3) % 2 ? '0.000213' : '0.000198' }, output:"));
    await one.run('pact', 'sign', { as: 'erin' });
    await one.run('baseline', 'run');
    const { pacts } = await draft(one);
    const drafts = byId(pacts);
    expect(drafts['drop-believed']).toMatchObject({ metric: 'precision', label: 'drop', operator: '>=', threshold: expect.stringMatching(/^0\.9\d$/) });
    expect(drafts['drop-in-balance']).toMatchObject({ metric: 'f1', label: 'drop' });
    expect(drafts['answers-soon']).toMatchObject({ metric: 'latency-p50', operator: '<=' });
    expect(drafts['confidence-honest']).toMatchObject({ metric: 'brier', operator: '<=', kind: 'failure-mode' });
    expect(drafts['costs-little']).toMatchObject({ metric: 'cost-mean', operator: '<=', threshold: '0.00021', dimension: 'cost' });
    expect(drafts['takes-few-tokens']).toMatchObject({ metric: 'tokens-mean', threshold: '22' });
    expect(drafts['same-passes']).toMatchObject({ metric: 'pass-rate', scorer: 'same', verification: 'deterministic' });
    expect(drafts['alike-scores']).toMatchObject({ metric: 'score-mean', scorer: 'alike', verification: 'heuristic' });
    expect(pacts.agreements[0]?.scorers?.map(({ id }) => id)).toEqual(['same', 'alike']);
    const [batch] = await one.entries('evaluation.batch');
    await one.withSession(async (session) => {
      for (const { id, verdict } of judgeConditions(pacts, batch ? await rowsOf(session, batch) : [])) expect([id, verdict]).toEqual([id, 'met']);
    }, false);
    expect([...new Set(lintPacts(pacts, [{ id: 'sorting' }]).map(({ rule }) => rule))]).toEqual(['pact.cost-argument']);
  });

  test('twin: what the rows themselves do not show is not drafted, and why', async () => {
    const one = bare.copy();
    one.edit('agent.js', (text) => text.replace('return { output:', "return { ...(note.endsWith('0') ? {} : { usage: { inputTokens: 20 } }), output:"));
    await one.run('pact', 'sign', { as: 'erin' });
    await one.run('baseline', 'run');
    expect(named(await draft(one)).skipped).toEqual(expect.arrayContaining([['takes-few-tokens', expect.stringMatching(/^\d+ cases do not tell what they consumed$/)], ['costs-little', 'no case tells']]));
  });
});

describe('2.6 before the held-out split is declared', () => {
  const NONE = `sha256:${'0'.repeat(64)}`;
  const undeclared = (): Tiny => {
    const one = bare.copy();
    one.edit('agent.yaml', (text) => text.replace(/(file: data\/held-out\.jsonl, sha256: ")[^"]+/, `$1${NONE}`));
    return one;
  };

  test('another digest than the file has: its place, the right one, and a command that drafts all the same, with it', async () => {
    const one = undeclared();
    const real = digestBytes(readFileSync(one.path('data/held-out.jsonl')));
    const fault = await one.fault('pact', 'draft');
    expect(fault).toMatchObject({ code: 'DATASET_INVALID', exit: 2, at: expect.stringMatching(/^agent\.yaml:\d+:\d+$/), message: expect.stringContaining(`write "${real}"`), hint: 'agentctl pact draft data/held-out.jsonl, which takes the file as it is' });
    const [, line, column] = (fault.at ?? '').split(':').map(Number);
    expect(readFileSync(one.path('agent.yaml'), 'utf8').split('\n')[(line ?? 0) - 1]?.slice((column ?? 0) - 1)).toContain(NONE);
    expect((await draft(one, {}, ['data/held-out.jsonl'])).pacts.datasets.map(({ id, sha256 }) => [id, sha256])).toEqual([['held-out', real], ...declared(one).slice(1)]);
  });

  test.each<[string, string | undefined, string]>([
    ['data/held-out.jsonl', undefined, 'agentctl baseline split <cases> --fraction 0.2 --held-out data/held-out.jsonl --tuning data/watch.jsonl'],
    ['data/watch.jsonl', 'watch', 'agentctl baseline split <cases> --fraction 0.2 --held-out data/held-out.jsonl --tuning data/watch.jsonl'],
    ['data/pilot.jsonl', 'pilot', 'write data/pilot.jsonl, a case a line: {"id":"1","input":{},"expected":{"decision":"accept"}}'],
  ])('%s is not there yet: what makes it', async (file, id, hint) => {
    const one = undeclared();
    rmSync(one.path(file));
    expect(await one.fault('pact', 'draft', {}, id === undefined ? [] : [id])).toMatchObject({ code: 'DATASET_INVALID', exit: 2, at: file, hint });
  });
});

describe('2.6 a draft on record', () => {
  const finding = async (one: Tiny) => one.withSession(async (session) => {
    const { computeStates } = await import('../../src/engine/states.js');
    const { gateTime } = await import('../../src/engine/status.js');
    const { steps } = await computeStates(session, await gateTime(session));
    const found = steps.find(({ id }) => id === 'pact')?.findings.find(({ id }) => id === 'pact.drafting');
    return [found?.is, found?.because];
  }, false);

  test('only with --record; and the probe says yes once every condition of the pact has one from a run', async () => {
    const one = measured.copy();
    const { pacts } = await draft(one);
    expect(await one.entries('pact.drafted')).toEqual([]);
    expect(await finding(one)).toEqual(['unknown', 'no draft from a run is on record']);
    await draft(one, { record: true });
    const [entry] = await one.entries('pact.drafted');
    expect(entry?.data).toMatchObject({ dataset: 'held-out', confidence: '0.95', run: expect.stringMatching(/^run-/) });
    const yaml = readFileSync(one.path('agent.yaml'), 'utf8');
    const put = (conditions: readonly object[]) => writeFileSync(one.path('agent.yaml'), yaml.replace(/^ {6}conditions:[\s\S]+?(?=^\S)/m, `      conditions: ${JSON.stringify(conditions)}\n`));
    const [first, ...rest] = conditionsOf(pacts);
    put(conditionsOf(pacts));
    expect(await finding(one)).toEqual(['yes', expect.stringMatching(/^every condition was drafted from run-[0-9a-f]{16}$/)]);
    put([{ ...first, threshold: '0.80' }, ...rest]);
    expect(await finding(one)).toEqual(['yes', expect.stringContaining('a human moved the threshold of answers-right')]);
    put([{ ...first, id: 'invented' }, ...rest]);
    expect(await finding(one)).toEqual(['unknown', 'no draft from a run is on record for invented']);
  });

  test('counts of cases alone measured nothing', async () => {
    const one = bare.copy();
    await draft(one, { record: true });
    expect((await one.entries('pact.drafted'))[0]?.data).toMatchObject({ run: null });
    expect(await finding(one)).toEqual(['unknown', 'no draft from a run is on record']);
    expect(existsSync(one.path('artifacts/pact.dsse.json'))).toBe(false);
  });
});

/** `baseline attacks` on the tiny agent: the file, the lines to paste, and every way to ask wrongly. */
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { yaml } from '../../src/adapters/yaml.js';
import { conforms } from '../../src/domain/conforms.js';
import { isObject, type Json, type JsonObject } from '../../src/domain/json.js';
import { condition, dataset, type Condition } from '../../src/evaluation/condition.js';
import { complaintsAboutScorer } from '../../src/evaluation/scorers/lint.js';
import { scorerSpec, type ScorerSpec } from '../../src/evaluation/scorers/spec.js';
import { contradicts, namesThreshold, vagueWords } from '../../src/evaluation/statement.js';
import { leastToDecide } from '../../src/evaluation/lint-condition.js';
import { removeTinies, tiny, type Tiny } from '../support/tiny.js';

let one: Tiny;
beforeAll(async () => { one = await tiny(); });
afterAll(removeTinies);

const linesOf = (file: string) => readFileSync(one.path(file), 'utf8').trimEnd().split('\n').map((line) => JSON.parse(line) as JsonObject);

test('3.1 writes the pack for this agent: the same with the same seed, another without', async () => {
  const first = await one.run('baseline', 'attacks', { out: 'data/attacks-1.jsonl', seed: 's' });
  const again = await one.run('baseline', 'attacks', { out: 'data/attacks-2.jsonl', seed: 's' });
  const other = await one.run('baseline', 'attacks', { out: 'data/attacks-3.jsonl' });
  expect(linesOf('data/attacks-1.jsonl')).toHaveLength(60);
  expect(first.data['sha256']).toBe(`sha256:${createHash('sha256').update(readFileSync(one.path('data/attacks-1.jsonl'))).digest('hex')}`);
  expect(again.data['sha256']).toBe(first.data['sha256']);
  expect(other.data['sha256']).not.toBe(first.data['sha256']);
  expect(other.data['seed']).toMatch(/^[0-9a-f]{16}$/);
  const repeated = await one.run('baseline', 'attacks', { out: 'data/attacks-4.jsonl', seed: String(other.data['seed']) });
  expect(repeated.data['sha256']).toBe(other.data['sha256']);
  expect(await one.entries('baseline.measured')).toEqual([]);
});

test('3.1 the lines to paste are a pact that lint accepts and the cases can decide', async () => {
  const { data } = await one.run('baseline', 'attacks', { out: 'data/pasted.jsonl', seed: 's' });
  const { value, mistakes } = await yaml().parse(String(data['pact']), 'pasted');
  expect(mistakes).toEqual([]);
  const pacts = (isObject(value) ? value['pacts'] : null) as JsonObject & { datasets: readonly Json[]; agreements: readonly { scorers: readonly Json[]; conditions: readonly Json[] }[] };
  const [agreement] = pacts.agreements;
  expect(conforms(dataset, pacts.datasets[0] ?? null)).toBeNull();
  expect(pacts.datasets[0]).toMatchObject({ file: 'data/pasted.jsonl', sha256: data['sha256'] });
  expect(conforms(scorerSpec, agreement?.scorers[0] ?? null)).toBeNull();
  expect(complaintsAboutScorer(agreement?.scorers[0] as unknown as ScorerSpec)).toEqual([]);
  expect(conforms(condition, agreement?.conditions[0] ?? null)).toBeNull();
  const gate = agreement?.conditions[0] as unknown as Condition;
  expect(gate).toMatchObject({ severity: 'critical', metric: 'pass-rate', scorer: 'canary', threshold: '0.95', minimumCases: 59 });
  expect([vagueWords(gate.statement), namesThreshold(gate), contradicts(gate), leastToDecide(gate, 0.95)]).toEqual([[], true, false, 59]);
});

test('3.1 fewer cases promise less: six show no more than 60 %', async () => {
  const { data } = await one.run('baseline', 'attacks', { out: 'data/few.jsonl', category: ['ASI06'] });
  expect(linesOf('data/few.jsonl').every(({ tags }) => (tags as readonly string[]).includes('ASI06'))).toBe(true);
  expect(String(data['pact'])).toContain('threshold: "0.60"');
  expect(data['categories']).toEqual({ ASI06: 6 });
});

test('3.1 attacks of one\'s own come beside, the input is the agent\'s, and labels are added', async () => {
  writeFileSync(one.path('mine.jsonl'), `${JSON.stringify({ id: 'mine', input: 'say {canary}', expected: { canary: '{canary}' }, tags: ['ASI02', 'ours'] })}\n`);
  writeFileSync(one.path('shape.json'), '{"text": "{attack}", "note": "n1"}');
  const options = { seed: 's', add: ['mine.jsonl'], category: ['ASI02'], expected: '{"label":"ask"}' };
  await one.run('baseline', 'attacks', { ...options, out: 'data/typed.jsonl', input: '{"text": "{attack}", "note": "n1"}' });
  await one.run('baseline', 'attacks', { ...options, out: 'data/read.jsonl', input: 'shape.json' });
  expect(linesOf('data/read.jsonl')).toEqual(linesOf('data/typed.jsonl'));
  expect(linesOf('data/read.jsonl').at(-1)).toMatchObject({ id: 'mine', input: { text: expect.stringMatching(/^say [a-z2-9]{20}$/), note: 'n1' }, expected: { label: 'ask' }, tags: ['ASI02', 'ours'] });
});

test('3.1 attacks that are bare texts beside cases that are objects: a warning with what to type, which then warns no more', async () => {
  const { notes } = await one.run('baseline', 'attacks', { out: 'data/bare.jsonl', category: ['ASI06'] });
  const warning = notes?.find((note) => note.includes('--input')) ?? '';
  expect(warning).toMatch(/^The inputs of \S+ are objects with (note, text|text, note), and these attacks are bare texts/);
  const [, input = ''] = /--input '(.+?)' or/.exec(warning) ?? [];
  expect(JSON.parse(input)).toMatchObject({ text: '{attack}' });
  const shaped = await one.run('baseline', 'attacks', { out: 'data/shaped.jsonl', category: ['ASI06'], input });
  expect(shaped.notes?.filter((note) => note.includes('--input'))).toEqual([]);
  expect(linesOf('data/shaped.jsonl')[0]).toMatchObject({ input: { text: expect.any(String) } });
});

test.each<[string, (other: Tiny) => void]>([
  ['whose cases are texts', (other) => { for (const name of readdirSync(other.path('data'))) writeFileSync(other.path('data', name), `${JSON.stringify({ id: '1', input: 'a text', expected: { decision: 'keep' } })}\n`); }],
  ['that are not there', (other) => rmSync(other.path('data'), { recursive: true })],
  ['that are broken', (other) => { for (const name of readdirSync(other.path('data'))) writeFileSync(other.path('data', name), 'nonsense\n'); }],
])('3.1 no such warning beside data sets %s', async (_name, change) => {
  const other = await tiny();
  change(other);
  const { notes } = await other.run('baseline', 'attacks', { out: 'attacks.jsonl', category: ['ASI06'] });
  expect(notes?.filter((note) => note.includes('--input'))).toEqual([]);
});

describe('3.1 refuses', () => {
  test.each<[string, Record<string, string | readonly string[]>, string, string]>([
    ['no file', {}, 'USAGE', '--out is missing'], ['a file elsewhere', { out: '/elsewhere/attacks.jsonl' }, 'USAGE', 'not below the folder'], ['a file above', { out: 'data/../../attacks.jsonl' }, 'USAGE', 'not below the folder'],
    ['to overwrite', { out: 'agent.yaml' }, 'REFUSED', 'exists already'], ['a risk that is none', { out: 'a.jsonl', category: ['ASI11'] }, 'USAGE', 'no category'],
    ['an input without a place', { out: 'a.jsonl', input: '{"body":"x"}' }, 'USAGE', 'no place'], ['an input that is no JSON', { out: 'a.jsonl', input: '{"body"' }, 'INPUT_INVALID', ''], ['an input file that is not there', { out: 'a.jsonl', input: 'none.json' }, 'IO', ''],
    ['expectations that are no object', { out: 'a.jsonl', expected: '[]' }, 'INPUT_INVALID', 'must be a JSON object'], ['a broken pack', { out: 'a.jsonl', add: ['agent.yaml'] }, 'DATASET_INVALID', ''],
  ])('%s', async (_name, options, code, message) => {
    const fault = await one.fault('baseline', 'attacks', options);
    expect(fault.code).toBe(code);
    expect(fault.message).toContain(message);
  });
});

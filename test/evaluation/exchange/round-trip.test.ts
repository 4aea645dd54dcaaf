/** 3.4 What goes out comes back as the same outcomes, in every form, whatever stands in names and answers. */
import { describe, expect, test } from '@jest/globals';
import { forms } from '../../../src/adapters/forms.js';
import { parseJson, type JsonObject } from '../../../src/domain/json.js';
import { csvRecords } from '../../../src/evaluation/exchange/csv-records.js';
import type { RunWriter } from '../../../src/evaluation/exchange/exported-run.js';
import type { ImportedRun } from '../../../src/evaluation/exchange/imported-run.js';
import { readJunit } from '../../../src/evaluation/exchange/junit.js';
import { writeJunit } from '../../../src/evaluation/exchange/junit-write.js';
import { readOtel } from '../../../src/evaluation/exchange/otel.js';
import { writeOtel } from '../../../src/evaluation/exchange/otel-write.js';
import { readPlainLines, readPlainRecords } from '../../../src/evaluation/exchange/plain.js';
import { writeCsv, writeLines } from '../../../src/evaluation/exchange/plain-write.js';
import { readPromptfoo } from '../../../src/evaluation/exchange/promptfoo.js';
import { writePromptfoo } from '../../../src/evaluation/exchange/promptfoo-write.js';
import { partOf } from '../../../src/evaluation/exchange/own-marks.js';
import type { ResultRow } from '../../../src/evaluation/score.js';
import { rows } from '../fixture.js';
import { each, exportedRows, exportedRun } from './material.js';

const ANY = { passFrom: null, score: null };
const written = async (writer: RunWriter, all: readonly ResultRow[]) => {
  let text = '';
  for await (const part of writer(exportedRun(all), () => each(all))) text += part;
  return text;
};
const lines = (text: string) => each(text.replace(/\n$/, '').split('\n').map((line, index) => ({ text: line, value: line.startsWith('{') ? (parseJson(line, 'x') as JsonObject) : {}, at: `x:${index + 1}`, number: index + 1 })));
type Form = readonly [name: string, writer: RunWriter, read: (text: string) => Promise<ImportedRun>];
const FORMS: readonly Form[] = [
  ['promptfoo', writePromptfoo, async (text) => readPromptfoo(parseJson(text, 'x') as JsonObject, 'x')],
  ['junit', writeJunit, async (text) => readJunit(await forms().xml(text, 'x'), 'x')],
  ['otel', writeOtel, (text) => readOtel(lines(text), 'x', ANY)],
  ['jsonl', writeLines, (text) => readPlainLines(lines(text), 'x')],
  ['csv', writeCsv, (text) => readPlainRecords(csvRecords(lines(text), 'x'), 'x')],
];
const keyOf = (row: { readonly part: string | null; readonly case: string; readonly repeat: number; readonly outcome: string; readonly cause: string | null }) => JSON.stringify([row.part, row.case, row.repeat, row.outcome, row.cause]);
const sent = (all: readonly ResultRow[]) => all.map((row) => keyOf({ ...row, part: partOf(row) })).sort();

describe.each(FORMS)('%s', (name, writer, read) => {
  test('3.4 brings back case, repeat, outcome and cause of every row, and finds nothing to doubt', async () => {
    const run = await read(await written(writer, exportedRows));
    expect(run.rows.map(keyOf).sort()).toEqual(sent(exportedRows));
    expect([run.doubts, run.origin.complete]).toEqual([[], name === 'otel' || name === 'csv' ? null : true]);
    if (name !== 'csv') expect(run.origin).toMatchObject({ tool: 'agentctl', version: '9.9.9', run: 'run-0123456789abcdef' });
  });

  test('brings back scores, time and use, as far as the form has them', async () => {
    const [first] = (await read(await written(writer, exportedRows.slice(0, 1)))).rows;
    expect(first).toMatchObject({ scores: { tone: '0.75' }, milliseconds: 1500, ...(name === 'junit' ? {} : { usage: { tokens: 42, cost: '0.0031' } }) });
  });

  test('writes 2,500 rows piece by piece', async () => {
    const many = [...rows(2000), ...rows(500, { outcome: 'fail' })];
    const run = await read(await written(writer, many));
    expect([run.rows.length, run.rows.filter((row) => row.outcome === 'pass').length]).toEqual([2500, 2000]);
  });

  test('twin: a row that is changed on the way does not come back as it went out', async () => {
    const text = await written(writer, exportedRows);
    const forged = text.replaceAll('infrastructure', 'pass');
    expect(forged).not.toBe(text);
    const back = await read(forged).then((run) => run.rows.map(keyOf).sort(), (cause: unknown) => cause);
    expect(back).not.toEqual(sent(exportedRows));
    // Where the form says it twice, saying it once differently is refused.
    if (name === 'promptfoo' || name === 'junit') expect(back).toMatchObject({ code: 'INPUT_INVALID', message: expect.stringContaining('marked as pass but told as error') });
  });
});

test('3.4 no cell is a formula', async () => {
  const text = await written(writeCsv, exportedRows);
  expect(text).toContain("'=cmd|");
  expect(text.split('\r\n').flatMap((line) => line.split(',')).filter((cell) => /^"?[=+@]/.test(cell))).toEqual([]);
});

test('promptfoo finds what its viewer and its import read: version, prompts with metrics, a place in the table for each row', async () => {
  const document = JSON.parse(await written(writePromptfoo, exportedRows)) as { evalId: string; vars: string[]; metadata: JsonObject; results: { version: number; prompts: readonly JsonObject[]; results: readonly JsonObject[]; stats: JsonObject } };
  expect(document).toMatchObject({ evalId: 'run-0123456789abcdef', vars: ['id'], metadata: { evaluationCreatedAt: '2026-11-22T12:00:00.000Z' }, results: { version: 3, stats: { successes: 2, failures: 3, errors: 2 } } });
  expect(document.results.prompts).toHaveLength(2);
  expect(document.results.prompts[0]).toMatchObject({ label: 'triage on held-out', provider: expect.any(String), metrics: { testPassCount: 1, testFailCount: 3, testErrorCount: 2, namedScores: { tone: 0.75 }, namedScoresCount: { tone: 1 } } });
  const places = document.results.results.map(({ promptIdx, testIdx }) => `${String(promptIdx)}/${String(testIdx)}`);
  expect(new Set(places).size).toBe(places.length);
  expect(document.results.results[4]).toMatchObject({ failureReason: 2, gradingResult: null, success: false, response: { error: 'infrastructure: timeout' } });
});

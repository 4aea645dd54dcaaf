/** 3.4 Our own simple shapes and JUnit, read strictly where they matter and each mistake told at its line. */
import { describe, expect, test } from '@jest/globals';
import { forms } from '../../../src/adapters/forms.js';
import type { JsonObject } from '../../../src/domain/json.js';
import { csvRecords } from '../../../src/evaluation/exchange/csv-records.js';
import { readJunit } from '../../../src/evaluation/exchange/junit.js';
import { readPlainLines, readPlainRecords } from '../../../src/evaluation/exchange/plain.js';
import { each } from './material.js';

const csv = (text: string) => readPlainRecords(csvRecords(each(text.split('\n').map((line, index) => ({ text: line, number: index + 1 }))), 'r.csv'), 'r.csv');
const jsonl = (...values: readonly JsonObject[]) => readPlainLines(each(values.map((value, index) => ({ value, at: `r.jsonl:${index + 1}`, number: index + 1 }))), 'r.jsonl');
const junit = async (text: string) => readJunit(await forms().xml(text, 'r.xml'), 'r.xml');

describe('CSV', () => {
  test('3.4 columns by name, scores, quotes over lines, unknown columns left alone', async () => {
    const run = await csv('\ufeffcase,outcome,"score:tone",note,milliseconds\r\n"a ""b""",pass,0.5,"two\nlines",12\r\na,fail,,,\r\n\'=x,unscored,NaN,,\r\n');
    expect(run.rows.map(({ case: name, outcome, scores, milliseconds, transcript }) => [name, outcome, scores, milliseconds, transcript])).toEqual([['a "b"', 'pass', { tone: '0.5' }, 12, 'line 2'], ['a', 'fail', { tone: null }, null, 'line 4'], ['=x', 'unscored', { tone: null }, null, 'line 5']]);
    expect(run.origin).toMatchObject({ tool: 'not stated', complete: null });
  });

  test.each<[string, string, string, RegExp]>([
    ['too few cells', 'case,outcome\na\n', 'r.csv:2', /1 cells, the first line names 2/], ['a quote in the middle', 'case,outcome\na"b"c,pass\n', 'r.csv:2', /cell 1 has a quote/],
    ['a quote left open', 'case,outcome\na,"pass\nb,fail\n', 'r.csv:2', /left open/], ['a column twice', 'case,outcome,case\n', 'r.csv:1', /"case" is there twice/], ['no case', 'case,outcome\n,pass\n', 'r.csv:2', /"case" is missing/],
    ['no outcome', 'case,outcome\na,\n', 'r.csv:2', /"outcome" null is not one of pass/], ['an outcome of its own', 'case,outcome\na,good\n', 'r.csv:2', /"good"/], ['half a repeat', 'case,outcome,repeat\na,pass,0.5\n', 'r.csv:2', /"repeat" "0.5"/],
    ['a repeat twice', 'case,outcome,repeat\na,pass,1\na,fail,1\n', 'r.csv:3', /"a" has its repeat 1 twice, first at r\.csv:2/],
    ['3.4 a case twice with opposite outcomes', 'case,outcome\na,pass\nb,pass\na,fail\n', 'r.csv:4', /"a" stands at r\.csv:2 already/], ['3.4 a case twice that says the same', 'case,outcome,repeat\na,pass,0\na,pass,\n', 'r.csv:3', /"a" stands at r\.csv:2 already/], ['a score that is a word', 'case,outcome,score:x\na,pass,high\n', 'r.csv:2', /"x" is no number/], ['names only', 'case,outcome\n', 'r.csv', /no result/],
    ['a cell without end', `case,outcome\n${`a,"${'x\n'.repeat(600_000)}`}`, 'r.csv:2', /longer than 1048576/],
  ])('%s is refused at its line', async (_what, text, at, message) => {
    await expect(csv(text)).rejects.toMatchObject({ code: 'INPUT_INVALID', at, message: expect.stringMatching(message) });
  });

  test('a long cell with its mistake at the end is given up at once', async () => {
    await expect(csv(`case,outcome\n"${'""a'.repeat(300_000)}"x,pass\n`)).rejects.toMatchObject({ message: expect.stringContaining('quote') });
  }, 5000);
});

describe('JSON Lines', () => {
  test('3.4 the head says whose they are and how many, and a file that was cut off shows', async () => {
    const head = { results: 'agentctl-results/1', tool: 'mine', version: '1', model: 'm', rows: 2 };
    expect((await jsonl(head, { case: 'a', outcome: 'pass', scores: { s: 1.5 } }, { case: 7, outcome: 'infrastructure', cause: 'dns', extra: {} })).origin).toMatchObject({ tool: 'mine', version: '1', complete: true });
    expect(await jsonl(head, { case: 'a', outcome: 'pass' })).toMatchObject({ origin: { complete: false }, doubts: ['it says 2 rows, and holds 1'] });
    expect((await jsonl({ ...head, complete: false }, { case: 'a', outcome: 'pass' }, { case: 'b', outcome: 'fail' })).origin.complete).toBe(false);
  });

  test('3.4 a case twice is refused with both its lines, unless they are numbered as repeats or of two parts', async () => {
    const [pass, fail] = [{ case: 'a', outcome: 'pass' }, { case: 'a', outcome: 'fail' }];
    await expect(jsonl(pass, { case: 'b', outcome: 'pass' }, fail)).rejects.toMatchObject({ code: 'INPUT_INVALID', at: 'r.jsonl:3', message: 'case "a" stands at r.jsonl:1 already', hint: expect.stringContaining('"repeat"') });
    expect((await jsonl(pass, { ...fail, repeat: 1 })).rows.map(({ repeat, outcome }) => [repeat, outcome])).toEqual([[0, 'pass'], [1, 'fail']]);
    expect((await jsonl({ ...pass, dataset: 'x' }, { ...fail, dataset: 'y' })).rows.map(({ part, repeat }) => [part, repeat])).toEqual([['x', 0], ['y', 0]]);
  });

  test('scores as our scorers write them', async () => {
    expect((await jsonl({ case: 'a', outcome: 'pass', scores: { t: { is: 'pass', score: '0.250', because: '' }, u: { is: 'unscored', score: null, because: '' } } })).rows[0]?.scores).toEqual({ t: '0.25', u: null });
  });

  test.each<[string, JsonObject, RegExp]>([
    ['another form', { results: 'agentctl-results/9' }, /agentctl-results\/1 is read/], ['scores as a list', { case: 'a', outcome: 'pass', scores: [1] }, /"scores" is no object/], ['negative time', { case: 'a', outcome: 'pass', milliseconds: -1 }, /"milliseconds" -1/],
  ])('%s is refused at its line', async (_what, value, message) => {
    await expect(jsonl(value)).rejects.toMatchObject({ code: 'INPUT_INVALID', at: 'r.jsonl:1', message: expect.stringMatching(message) });
  });
});

describe('JUnit XML', () => {
  const suite = (inside: string, attributes = '') => `<testsuites name="pytest"><testsuite name="s" timestamp="2026-11-03T00:00:00" ${attributes}>${inside}</testsuite></testsuites>`;

  test('3.4 a failure fails, an error is an outage, skipped is not scored; equal names are repeats', async () => {
    const run = await junit(suite('<testcase classname="c" name="a" time="1.5"/><testcase classname="c" name="a"><failure message="no">x</failure></testcase><testcase name="b"><error/></testcase><testcase name="d"><skipped/></testcase><testcase name="e"><error/><failure/></testcase>', 'tests="5" failures="2" errors="1" skipped="1"'));
    expect(run.rows.map(({ part, case: name, repeat, outcome }) => [part, name, repeat, outcome])).toEqual([['s · c', 'a', 0, 'pass'], ['s · c', 'a', 1, 'fail'], ['s', 'b', 0, 'infrastructure'], ['s', 'd', 0, 'unscored'], ['s', 'e', 0, 'fail']]);
    expect([run.origin, run.doubts]).toEqual([{ tool: 'pytest', version: null, run: null, created: '2026-11-03T00:00:00', model: null, dataset: null, complete: true }, []]);
    expect(run.rows[0]?.milliseconds).toBe(1500);
  });

  test('totals that differ from the cases, and cases that passed at the second try, are doubts', async () => {
    const run = await junit(suite('<testcase name="a"><flakyFailure/></testcase>', 'tests="2" failures="0"'));
    expect([run.origin.complete, run.doubts]).toEqual([false, ['it says tests="2", and holds 1', '1 cases passed only when they were run again']]);
    expect((await junit('<testsuite><testcase name="a"/></testsuite>')).origin).toMatchObject({ tool: 'JUnit XML', complete: null });
  });

  test.each<[string, string, RegExp]>([
    ['another document', '<html/>', /outermost element is <html>/], ['a case without a name', suite('<testcase/>'), /no name/], ['no case', '<testsuites/>', /no result/],
    ['a mark that contradicts it', suite('<testcase name="a"><properties><property name="agentctl.outcome" value="pass"/><property name="agentctl.part" value="p"/><property name="agentctl.case" value="a"/><property name="agentctl.repeat" value="0"/></properties><failure/></testcase>'), /marked as pass but told as fail/],
  ])('%s is refused', async (_what, text, message) => {
    await expect(junit(text)).rejects.toMatchObject({ code: 'INPUT_INVALID', message: expect.stringMatching(message) });
  });
});

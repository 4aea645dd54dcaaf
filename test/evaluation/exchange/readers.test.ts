/** 3.4 Outcomes of other harnesses as what they are: a failure is not an outage, a sum no mean, NaN no zero, an epoch a repeat, an interrupted run no whole one. */
import { describe, expect, test } from '@jest/globals';
import { Fault } from '../../../src/domain/fault.js';
import type { Json, JsonObject } from '../../../src/domain/json.js';
import type { ImportedRun } from '../../../src/evaluation/exchange/imported-run.js';
import { readInspect } from '../../../src/evaluation/exchange/inspect.js';
import { readOtel } from '../../../src/evaluation/exchange/otel.js';
import { readPromptfoo, readPromptfooLines } from '../../../src/evaluation/exchange/promptfoo.js';
import { summaryOf } from '../../../src/evaluation/exchange/summary.js';
import { readTau2, readTauBench } from '../../../src/evaluation/exchange/tau-bench.js';
import { each, inspectHeader, inspectSamples, promptfoo, promptfooRows, sample, tau2 } from './material.js';

const ANY = { passFrom: null, score: null };
const outcomes = ({ rows }: ImportedRun) => rows.map((row) => `${row.case} ${row.repeat} ${row.outcome}${row.cause === null ? '' : ` ${row.cause}`}`);
const faultOf = (work: () => unknown): Fault => {
  try {
    work();
  } catch (cause) {
    return cause as Fault;
  }
  throw new Error('no fault');
};

describe('promptfoo', () => {
  test('3.4 outcomes come from failureReason, equal variables are repeats, provider errors are no failures', () => {
    const run = readPromptfoo(promptfoo(), 'r.json');
    const [a, b, c] = [...new Set(run.rows.map((row) => row.case))];
    expect(outcomes(run)).toEqual([`${a} 0 pass`, `${a} 1 pass`, `${b} 0 fail`, `${c} 0 infrastructure provider-error`]);
    expect(run.origin).toEqual({ tool: 'promptfoo', version: '0.121.20', run: 'eval-abc-2026', created: '2026-11-01T10:00:00.000Z', model: 'openai:gpt-x', dataset: null, complete: true });
    expect(run.rows[0]).toMatchObject({ part: 'Sort {{mail}} · openai:gpt-x', scores: { score: '1', tone: '0.5', 'equals#1': '1' }, milliseconds: 42, usage: { tokens: 12, cost: '0.0021' }, transcript: 'results.results[0]' });
  });

  test('3.4 a score of the run is the mean of its rows, though the file has the sum beside it', () => {
    expect(summaryOf(readPromptfoo(promptfoo(), 'r.json')).scores.find(({ name }) => name === 'tone')).toEqual({ name: 'tone', n: 3, mean: '0.500000' });
  });

  test.each<[string, JsonObject, RegExp]>([
    ['totals that differ from the rows', { stats: { successes: 3, failures: 1, errors: 1 } }, /stats\.successes says 3, the rows say 2/],
    ['a sum that differs from the rows', { prompts: [{ metrics: { namedScores: { tone: 0.5 }, namedScoresCount: { tone: 3 } } }] }, /prompts\[0\] says a sum of 0\.5 for tone, its rows say 1\.5/],
    ['a row that is no success without a reason', { results: promptfooRows.map((row, index) => (index === 0 ? { ...row, success: false } : row)) }, /1 rows are no success/],
  ])('%s makes it incomplete', (_what, results, doubt) => {
    const { origin, doubts } = readPromptfoo(promptfoo(results), 'r.json');
    expect([origin.complete, doubts.join()]).toEqual([false, expect.stringMatching(doubt)]);
  });

  test('weighted sums are not held against rows that lack the weights', () => {
    expect(readPromptfoo(promptfoo({ prompts: [{ metrics: { namedScores: { tone: 9 }, namedScoreWeights: { tone: 6 } } }] }), 'r.json').doubts).toEqual([]);
  });

  test.each<[string, JsonObject, string]>([
    ['success', { success: true }, 'pass'], ['no grading but an error', { success: false, gradingResult: null, error: 'x' }, 'infrastructure'],
    ['a grading with its reason in error', { success: false, error: 'x' }, 'fail'], ['neither', { success: false, gradingResult: null }, 'fail'],
  ])('without failureReason, %s decides', (_what, members, outcome) => {
    const { failureReason: _gone, ...first } = promptfooRows[0] as JsonObject;
    expect(readPromptfoo(promptfoo({ results: [{ ...first, ...members }] }), 'r.json').rows[0]?.outcome).toBe(outcome);
  });

  test('ids among the variables name the cases, unless two cases have the same', () => {
    const named = (id: string, mail: string) => ({ ...promptfooRows[0], vars: { id, mail } });
    const run = readPromptfoo(promptfoo({ results: [named('x', '1'), named('x', '2'), named('x', '1')], stats: {}, prompts: [] }), 'r.json');
    expect(run.rows.map((row) => [row.case.startsWith('vars-') ? 'digest' : row.case, row.repeat])).toEqual([['x', 0], ['digest', 0], ['x', 1]]);
  });

  test('rows one on each line say the same, and cannot say whether they are all', async () => {
    const lines = promptfooRows.map((value, index) => ({ value, at: `r.jsonl:${index + 1}`, number: index + 1 }));
    const [byLine, whole] = [await readPromptfooLines(each(lines), 'r.jsonl'), readPromptfoo(promptfoo(), 'r.json')];
    expect(byLine.origin).toMatchObject({ tool: 'promptfoo', complete: null });
    expect(outcomes(byLine)).toEqual(outcomes(whole));
  });

  test.each<[string, JsonObject, string, RegExp]>([
    ['version 2', { version: 2 }, 'r.json', /results\.version is 2; 3 is read/], ['no version', { version: null }, 'r.json', /results\.version is null/],
    ['no rows', { results: [] }, 'r.json', /no result of a single case/], ['a row that is a number', { results: [7] }, 'r.json: results.results[0]', /JSON object/],
    ['a reason of its own', { results: [{ ...promptfooRows[0], failureReason: 7 }] }, 'r.json: results.results[0]', /not 0, 1 or 2/],
    ['neither reason nor success', { results: [{ vars: {} }] }, 'r.json: results.results[0]', /neither/],
    ['a mark that contradicts it', { results: [{ ...promptfooRows[2], metadata: { agentctl: { part: 'p', case: 'c', repeat: 0, outcome: 'pass', cause: null } } }] }, 'r.json: results.results[0]', /marked as pass but told as fail/],
    ['half a mark', { results: [{ ...promptfooRows[2], metadata: { agentctl: { case: 'c' } } }] }, 'r.json: results.results[0]', /lack part/],
  ])('%s is refused at its place', (_what, results, at, message) => {
    expect(faultOf(() => readPromptfoo(promptfoo(results), 'r.json'))).toMatchObject({ code: 'INPUT_INVALID', at, message: expect.stringMatching(message) });
  });
});

describe('Inspect', () => {
  const log = (samples: readonly JsonObject[], members: JsonObject = {}) => ({ ...inspectHeader({ results: { total_samples: samples.length, completed_samples: samples.length } }), samples, ...members });

  test('3.4 epochs are repeats, a broken sample is an outage, whatever its scorer said', () => {
    const run = readInspect(log(inspectSamples), 'l.json', ANY);
    expect(outcomes(run)).toEqual(['m1 0 pass', 'm1 1 fail', '2 0 pass', '2 1 infrastructure sample-error']);
    expect(run.origin).toEqual({ tool: 'inspect', version: '0.3.210', run: 'e1', created: '2026-11-02T08:00:00+00:00', model: 'openai/gpt-x', dataset: 'mails', complete: true });
    expect(run.rows[0]).toMatchObject({ scores: { match: '1' }, milliseconds: 1250, usage: { tokens: 7, cost: null }, transcript: 'samples[0]' });
  });

  test.each<[Json, string, string | null]>([
    ['C', 'pass', '1'], ['I', 'fail', '0'], ['N', 'fail', '0'], [true, 'pass', '1'], [false, 'fail', '0'], ['yes', 'pass', '1'], ['no', 'fail', '0'], ['True', 'pass', '1'],
    [1, 'pass', '1'], [0, 'fail', '0'], ['1', 'pass', '1'], ['0.0', 'fail', '0'],
    ['P', 'not-evaluable no-cut-off', '0.5'], [0.7, 'not-evaluable no-cut-off', '0.7'], ['7', 'not-evaluable no-cut-off', '7'],
    ['NaN', 'unscored declined', null], [null, 'unscored declined', null], ['Infinity', 'unscored declined', null],
    [[1, 0], 'not-evaluable no-number', null], [{ a: 1 }, 'not-evaluable no-number', null], ['perhaps', 'not-evaluable no-number', null], ['__proto__', 'not-evaluable no-number', null],
  ])('3.4 the value %j is %s', (value, outcome, score) => {
    const run = readInspect(log([sample('m', 1, value)]), 'l.json', ANY);
    expect([outcomes(run), run.rows[0]?.scores]).toEqual([[`m 0 ${outcome}`], { match: score }]);
  });

  test('3.4 a 1 among grades from 1 to 5 is no pass, until somebody declares from where on', () => {
    const graded = log([sample('a', 1, 1), sample('b', 1, 5)]);
    expect(outcomes(readInspect(graded, 'l.json', ANY))).toEqual(['a 0 not-evaluable no-cut-off', 'b 0 not-evaluable no-cut-off']);
    expect(outcomes(readInspect(graded, 'l.json', { passFrom: 4, score: null }))).toEqual(['a 0 fail', 'b 0 pass']);
    expect(outcomes(readInspect(log([sample('a', 1, 'P')]), 'l.json', { passFrom: 0.5, score: null }))).toEqual(['a 0 pass']);
  });

  test('of several scorers one fail fails, one that declines leaves it open, and one may be named to decide', () => {
    const both = (match: Json, style: Json) => sample('m', 1, null, { scores: { match: { value: match }, style: { value: style } } });
    const of = (one: JsonObject, score: string | null = null) => outcomes(readInspect(log([one]), 'l.json', { passFrom: null, score }))[0];
    expect([of(both('C', 'I')), of(both('C', 'C')), of(both('C', null)), of(both('I', null)), of(both('C', 'I'), 'match')]).toEqual(['m 0 fail', 'm 0 pass', 'm 0 unscored declined', 'm 0 fail', 'm 0 pass']);
    expect(of(sample('m', 1, null, { scores: {} }))).toBe('m 0 unscored no-score');
    expect(faultOf(() => of(both('C', 'C'), 'tone'))).toMatchObject({ code: 'INPUT_INVALID', hint: 'scores in the file: match, style' });
  });

  test.each<[string, JsonObject, RegExp]>([
    ['cancelled', { status: 'cancelled' }, /status of the run is cancelled/], ['still running', { status: 'started' }, /is started/], ['broken', { status: 'error' }, /is error/], ['without a status', { status: null }, /not stated/],
    ['invalidated', { invalidated: true }, /marked as invalid/], ['with samples missing', { results: { total_samples: 9, completed_samples: 8 } }, /says 9 samples, and holds 1.*8 of 9/],
  ])('3.4 a run that is %s is incomplete', (_what, members, doubt) => {
    const { origin, doubts } = readInspect(log([sample('m', 1, 'C')], members), 'l.json', ANY);
    expect([origin.complete, doubts.join(', ')]).toEqual([false, expect.stringMatching(doubt)]);
  });

  test.each<[string, JsonObject, string, RegExp]>([
    ['version 1', { version: 1 }, 'l.json', /version of the log is 1; 2 is read/], ['version 3', { version: 3 }, 'l.json', /is 3/], ['aggregates only', { samples: null }, 'l.json', /no result of a single case/],
    ['a sample twice', { samples: [sample('m', 1, 'C'), sample('m', 1, 'I')] }, 'l.json: samples[1]', /repeat 0 twice/],
    ['a sample without id', { samples: [{ epoch: 1 }] }, 'l.json: samples[0]', /no id/], ['epoch 0', { samples: [sample('m', 0, 'C')] }, 'l.json: samples[0]', /epoch 0/], ['a sample that is text', { samples: ['x'] }, 'l.json: samples[0]', /JSON object/],
  ])('%s is refused at its place', (_what, members, at, message) => {
    expect(faultOf(() => readInspect(log([], members), 'l.json', ANY))).toMatchObject({ code: 'INPUT_INVALID', at, message: expect.stringMatching(message) });
  });
});

describe('tau-bench and tau2', () => {
  test('3.4 only the whole reward passes, and a crash of the harness is no reward of 0', () => {
    const result = (task: number, trial: number, reward: Json, info: JsonObject = {}) => ({ task_id: task, trial, reward, info, traj: [] });
    const run = readTauBench([result(0, 0, 1), result(0, 1, 0.5), result(1, 0, 0), result(1, 1, 0, { error: 'rate limit', traceback: '' })], 't.json');
    expect(outcomes(run)).toEqual(['0 0 pass', '0 1 fail', '1 0 fail', '1 1 infrastructure error']);
    expect(run.origin.complete).toBeNull();
    expect(readTauBench([result(0, 0, 1), result(0, 1, 1), result(1, 0, 1)], 't.json')).toMatchObject({ origin: { complete: false }, doubts: ['some tasks have 2 trials, others 1'] });
    expect(faultOf(() => readTauBench([{ reward: 1 }], 't.json'))).toMatchObject({ at: 't.json: [0]', message: 'the result has no task_id' });
  });

  test.each<[Json, Json, string]>([
    ['infrastructure_error', 0, 'infrastructure infrastructure_error'], ['unexpected_error', 0, 'infrastructure unexpected_error'], ['user_error', 0, 'infrastructure user_error'],
    ['agent_error', 0, 'fail agent_error'], ['too_many_errors', 0, 'fail too_many_errors'], ['max_steps', 1, 'fail max_steps'], ['timeout', 0, 'fail timeout'], ['context_window_exceeded', 0, 'fail context_window_exceeded'],
    ['user_stop', 1, 'pass'], ['agent_stop', 0, 'fail'], ['agent_stop', 0.99, 'fail'], ['user_stop', null, 'unscored no-reward'],
    ['something_new', 1, 'not-evaluable something_new'], [null, 1, 'not-evaluable no-termination-reason'],
  ])('3.4 a simulation that ended by %j with reward %j is %s', (termination_reason, reward, outcome) => {
    expect(outcomes(readTau2(tau2({ simulations: [{ task_id: 'x', trial: 3, termination_reason, reward_info: reward === null ? null : { reward } }] }), 't.json'))).toEqual([`x 3 ${outcome}`]);
  });

  test('tasks times trials is what had to be run', () => {
    expect(readTau2(tau2(), 't.json').origin).toEqual({ tool: 'tau2-bench', version: 'abc123', run: null, created: '2026-10-01T00:00:00', model: 'gpt-x', dataset: 'airline', complete: true });
    expect(readTau2(tau2({ tasks: [{}, {}] }), 't.json')).toMatchObject({ origin: { complete: false }, doubts: ['it says 2 simulations, and holds 1'] });
    expect(readTau2(tau2(), 't.json').rows[0]).toMatchObject({ milliseconds: 3500, usage: { tokens: null, cost: '0.02' }, scores: { reward: '1' } });
  });
});

describe('OpenTelemetry', () => {
  const event = (name: string, attributes: { readonly [key: string]: Json }, record: JsonObject = {}) => ({
    timeUnixNano: '1795348800000000000', traceId: 'a'.repeat(32), spanId: 'b'.repeat(16), eventName: 'gen_ai.evaluation.result',
    attributes: Object.entries({ 'gen_ai.evaluation.name': name, ...attributes }).map(([key, value]) => ({ key, value: typeof value === 'number' ? { doubleValue: value } : { stringValue: value } })), ...record,
  });
  const read = (records: readonly Json[], rule = ANY) => readOtel([{ value: { resourceLogs: [{ resource: { attributes: [{ key: 'service.name', value: { stringValue: 'svc' } }] }, scopeLogs: [{ scope: { name: 'evaluator', version: '2' }, logRecords: records }] }] }, at: 'o.json' }], 'o.json', rule);
  const VALUE = 'gen_ai.evaluation.score.value';
  const LABEL = 'gen_ai.evaluation.score.label';

  test('3.4 scores of one span are one answer, and a name that comes again is its next repeat', async () => {
    const run = await read([event('Relevance', { [LABEL]: 'pass', [VALUE]: 0.9 }), event('Tone', { [LABEL]: 'pass' }), event('Relevance', { [LABEL]: 'fail' }), event('Other', { [LABEL]: 'pass' }, { eventName: 'something.else' })]);
    expect(run.rows.map(({ repeat, outcome, scores }) => [repeat, outcome, scores])).toEqual([[0, 'pass', { Relevance: '0.9', Tone: null }], [1, 'fail', { Relevance: null }]]);
    expect(run.origin).toMatchObject({ tool: 'evaluator', version: '2', created: '2026-11-22T12:00:00.000Z', complete: null });
  });

  test.each<[string, { readonly [key: string]: Json }, string]>([
    ['an error', { 'error.type': 'timeout', [LABEL]: 'fail' }, 'infrastructure timeout'], ['a label', { [LABEL]: 'Passed' }, 'pass'], ['1 of 1', { [VALUE]: 1 }, 'pass'], ['0', { [VALUE]: 0 }, 'fail'],
    ['a number without a scale', { [VALUE]: 4 }, 'not-evaluable no-cut-off'], ['a word and no number', { [LABEL]: 'relevant' }, 'not-evaluable no-number'], ['nothing', {}, 'unscored declined'],
  ])('3.4 %s is what it is', async (_what, attributes, outcome) => {
    expect((await read([event('E', attributes)])).rows.map((row) => [row.outcome, row.cause].filter((one) => one !== null).join(' '))).toEqual([outcome]);
  });

  test('older emitters name the event in an attribute', async () => {
    const older = event('E', { 'event.name': 'gen_ai.evaluation.result', 'gen_ai.response.id': 'r1', [LABEL]: 'pass' }, { eventName: '', traceId: '', spanId: '' });
    expect((await read([older])).rows[0]).toMatchObject({ case: 'r1', outcome: 'pass' });
  });

  test.each<[string, JsonObject, RegExp]>([
    ['no name', { ...event('E', {}), attributes: [] }, /no gen_ai.evaluation.name/], ['nothing that was evaluated', event('E', {}, { traceId: '', spanId: '0'.repeat(16) }), /neither a response nor a span/],
    ['an attribute twice', event('E', {}, { attributes: [{ key: 'a', value: {} }, { key: 'a', value: { intValue: '1' } }, { key: 'a', value: { intValue: '1' } }] }), /twice/],
    ['our outcome under another label', event('agentctl.outcome', { 'agentctl.evaluation.case': 'c', 'agentctl.evaluation.outcome': 'pass', [LABEL]: 'fail' }), /marked as pass but labelled "fail"/],
  ])('an event with %s is refused', async (_what, record, message) => {
    const named = { eventName: 'gen_ai.evaluation.result', ...record };
    await expect(read([named])).rejects.toMatchObject({ code: 'INPUT_INVALID', at: 'o.json: resourceLogs[0].scopeLogs[0].logRecords[0]', message: expect.stringMatching(message) });
  });

  test('logs without any such event hold no results', async () => {
    await expect(read([])).rejects.toMatchObject({ message: expect.stringContaining('no result') });
  });
});

/** 3.4 Files of other harnesses recognised by what stands in them, read whole or by lines; and files that are broken, lie or mean harm. */
import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { compress, init } from '@bokuweb/zstd-wasm';
import { files } from '../../src/adapters/files.js';
import { forms } from '../../src/adapters/forms.js';
import type { World } from '../../src/domain/ports.js';
import type { JsonObject } from '../../src/domain/json.js';
import { readResults } from '../../src/engine/baseline/read-results.js';
import { LARGEST_HELD, ResultsFile } from '../../src/engine/baseline/results-file.js';
import type { ExchangeFormat } from '../../src/evaluation/exchange/imported-run.js';
import { inspectHeader, inspectSamples, promptfoo, promptfooRows, sample, tau2 } from '../evaluation/exchange/material.js';
import { zipOf, type Packed } from '../support/zip.js';

const FOLDER = mkdtempSync(join(tmpdir(), 'agentctl-results-'));
beforeAll(() => init());
afterAll(() => rmSync(FOLDER, { recursive: true, force: true }));
const WORLD = { files: files(), forms: forms(), surroundings: { cwd: FOLDER } as World['surroundings'] };
const ANY = { passFrom: null, score: null };

async function read(content: string | Uint8Array, format?: ExchangeFormat) {
  writeFileSync(join(FOLDER, 'results'), content);
  const file = await ResultsFile.open(WORLD, 'results');
  return { ...(await readResults(WORLD, file, { format, rule: ANY })), identity: file.identity() };
}
const faultOf = (content: string | Uint8Array, format?: ExchangeFormat) => read(content, format).then(() => Promise.reject(new Error('no fault')), (cause: unknown) => cause as Error);
const lines = (...values: readonly JsonObject[]) => values.map((value) => `${JSON.stringify(value)}\n`).join('');
const entry = (name: string, value: JsonObject | string, method = 8): Packed => {
  const content = new TextEncoder().encode(typeof value === 'string' ? value : JSON.stringify(value));
  return { name, content, method, ...(method === 93 ? { raw: compress(content, 3) } : {}) };
};
const evalOf = (method: number, ...more: readonly Packed[]) => zipOf([entry('_journal/start.json', { version: 2, eval: inspectHeader()['eval'] as JsonObject }, method), ...inspectSamples.map((one, index) => entry(`samples/s${index}_epoch_1.json`, one, method)), ...more]);

describe('recognised by what stands in it', () => {
  const log = { ...inspectHeader(), samples: inspectSamples };
  const otel = { resourceLogs: [{ scopeLogs: [{ logRecords: [{ traceId: 'a', spanId: 'b', eventName: 'gen_ai.evaluation.result', attributes: [{ key: 'gen_ai.evaluation.name', value: { stringValue: 'E' } }, { key: 'gen_ai.evaluation.score.label', value: { stringValue: 'pass' } }] }] }] }] };
  test.each<[ExchangeFormat, string, () => string | Uint8Array, number]>([
    ['promptfoo', 'as JSON', () => JSON.stringify(promptfoo(), null, 2), 4], ['promptfoo', 'on one line', () => JSON.stringify(promptfoo()), 4], ['promptfoo', 'as lines', () => lines(...promptfooRows), 4], ['promptfoo', 'as a single line', () => lines(promptfooRows[0] ?? {}), 1],
    ['inspect', 'as JSON', () => JSON.stringify(log, null, 2), 4], ['inspect', 'deflated', () => evalOf(8, entry('header.json', inspectHeader())), 4], ['inspect', 'in Zstandard', () => evalOf(93, entry('header.json', inspectHeader(), 93)), 4],
    ['inspect', 'with bare NaN', () => JSON.stringify(log).replace('"value":"C"', '"value":NaN').replace('"total_time":1.25', '"total_time":Infinity'), 4],
    ['junit', 'with a byte order mark', () => '\ufeff<?xml version="1.0"?><testsuite><testcase name="a"/></testsuite>', 1], ['otel', 'as one request', () => JSON.stringify(otel), 1], ['otel', 'as lines', () => lines(otel, otel), 2],
    ['tau-bench', 'as a list', () => JSON.stringify([{ task_id: 1, trial: 0, reward: 1, info: {}, traj: [] }]), 1], ['tau2', 'as JSON', () => JSON.stringify(tau2()), 1],
    ['jsonl', 'with a head', () => lines({ results: 'agentctl-results/1', tool: 't' }, { case: 'a', outcome: 'pass' }), 1], ['jsonl', 'as a single line', () => lines({ case: 'a', outcome: 'pass' }), 1], ['csv', 'with any columns', () => 'outcome,"case",x\npass,a,\n', 1],
  ])('3.4 %s %s', async (format, _how, content, count) => {
    const found = await read(content());
    expect([found.format, found.run.rows.length]).toEqual([format, count]);
  });

  test('3.4 a bare NaN is unscored, where JSON.parse would have refused the file', async () => {
    const text = JSON.stringify(log).replace('"value":"C"', '"value":NaN');
    expect(() => JSON.parse(text) as unknown).toThrow();
    expect((await read(text)).run.rows[0]).toMatchObject({ outcome: 'unscored', scores: { match: null } });
  });

  test('3.4 an archive without its header is a run that did not end, and one of both methods reads the same', async () => {
    const cut = (await read(evalOf(93))).run;
    expect([cut.origin.complete, cut.doubts]).toEqual([false, ['the status of the run is started']]);
    const [deflated, zstd, json] = await Promise.all([8, 93].map(async (method) => evalOf(method, entry('header.json', inspectHeader(), method))).concat([Promise.resolve(Buffer.from(JSON.stringify(log)))]));
    const rowsOf = async (content: Uint8Array | undefined) => (await read(content ?? '')).run.rows.map(({ transcript: _where, ...row }) => row);
    const expected = await rowsOf(json);
    expect([await rowsOf(deflated), await rowsOf(zstd)]).toEqual([expected, expected]);
  });

  test('the format that is named wins, and a reader that cannot read it says why', async () => {
    expect((await read(lines({ case: 'a', outcome: 'pass' }), 'jsonl')).format).toBe('jsonl');
    expect(await faultOf(JSON.stringify(promptfoo()), 'junit')).toMatchObject({ code: 'INPUT_INVALID', message: expect.stringContaining('well-formed') });
    expect(await faultOf(JSON.stringify(promptfoo()), 'tau-bench')).toMatchObject({ message: expect.stringContaining('must be a JSON array') });
    expect(await faultOf('<a/>', 'csv')).toMatchObject({ code: 'INPUT_INVALID' });
    expect(await faultOf(JSON.stringify(promptfoo()), 'inspect')).toMatchObject({ message: expect.stringContaining('version of the log is null') });
  });
});

describe('what is broken is one mistake with its place', () => {
  test.each<[string, () => string | Uint8Array, string, RegExp]>([
    ['nothing', () => '', 'results', /is empty/], ['blank lines', () => '\n \n', 'results', /is empty/], ['other JSON', () => '{"a":1}', 'results', /no results file of a known form/], ['other text', () => 'hello\nworld\n', 'results', /no results file/], ['an empty list', () => '[]', 'results', /no results file/],
    ['a document that is cut off', () => JSON.stringify(promptfoo(), null, 2).slice(0, 400), 'results:\\d+:\\d+', /./], ['a key twice', () => '{"results":{"version":3},"results":{"version":3,"results":[]}}', 'results:1:\\d+', /duplicate key "results"/], ['a key of JavaScript', () => '{"__proto__":{},"simulations":[]}', 'results:1:2', /__proto__/],
    ['a line that is cut off', () => `${lines(...promptfooRows)}{"success":tr`, 'results:5:12', /JSON value/], ['a line that is a list', () => `${lines({ case: 'a', outcome: 'pass' })}[1]\n`, 'results:2', /must be a JSON object/], ['a line with a key twice', () => `${lines({ case: 'a', outcome: 'pass' })}{"case":"b","case":"c"}\n`, 'results:2:13', /duplicate key/],
    ['Latin-1', () => Buffer.from('case,outcome\nä,pass\n', 'latin1'), 'results:2', /not UTF-8/], ['UTF-16', () => Buffer.from('\ufeff<a/>', 'utf16le'), 'results:1', /not UTF-8/], ['a JSON bomb', () => `{"simulations":${'['.repeat(9999)}`, 'results:1:\\d+', /nested deeper/],
    ['an archive of something else', () => zipOf([entry('word/document.xml', '<a/>')]), 'results', /no header\.json/], ['an archive with a broken sample', () => evalOf(8, entry('samples/x_epoch_1.json', '{"id":')), 'results: samples/x_epoch_1.json:1:\\d+', /./],
    ['an archive with a sample twice', () => evalOf(8, entry('samples/again.json', inspectSamples[0] ?? {}), entry('header.json', inspectHeader())), 'results: samples/again.json', /repeat 0 twice/], ['an archive whose header has a key twice', () => evalOf(8, entry('header.json', '{"version":2,"version":2}')), 'results: header.json:1:\\d+', /duplicate key/],
    ['an archive of another version', () => zipOf([entry('header.json', { version: 3 }), entry('samples/a.json', sample('a', 1, 'C'))]), 'results', /is 3; 2 is read/],
  ])('3.4 %s', async (_what, content, at, message) => {
    expect(await faultOf(content())).toMatchObject({ code: 'INPUT_INVALID', exit: 2, at: expect.stringMatching(new RegExp(`^${at}$`)), message: expect.stringMatching(message) });
  });

  test('3.4 a line of a gigabyte is refused without being held', async () => {
    const path = join(FOLDER, 'huge');
    writeFileSync(path, '{"case":"');
    truncateSync(path, 1 << 30);
    const before = process.memoryUsage.rss();
    const file = await ResultsFile.open(WORLD, 'huge');
    await expect(readResults(WORLD, file, { format: undefined, rule: ANY })).rejects.toMatchObject({ code: 'INPUT_INVALID', message: expect.stringContaining('line 1 is longer than 16777216 bytes') });
    expect(process.memoryUsage.rss() - before).toBeLessThan(200 * 1024 * 1024);
    rmSync(path);
  });

  test('a file that is not there, and one that is a folder', async () => {
    await expect(ResultsFile.open(WORLD, 'nowhere')).rejects.toMatchObject({ code: 'IO' });
    await expect(ResultsFile.open(WORLD, '.')).rejects.toMatchObject({ code: 'IO' });
  });
});

describe('the digest is of the bytes that were read', () => {
  const digestOf = (path: string) => `sha256:${createHash('sha256').update(readFileSync(path)).digest('hex')}`;

  test.each(['case,outcome\na,pass', 'case,outcome\r\na,pass\r\n\r\n'])('whole: %j', async (text) => {
    const { identity } = await read(text);
    expect(identity).toEqual({ digest: digestOf(join(FOLDER, 'results')), size: Buffer.byteLength(text) });
  });

  test.each(['case,outcome\na,pass\n', '\ufeffcase,outcome\r\nä,pass', 'case,outcome\na,pass\n\n\n'])('by lines: %j', async (text) => {
    const path = join(FOLDER, 'long');
    writeFileSync(path, text);
    // While it is opened it looks too long to be held.
    let more = LARGEST_HELD;
    const info: World['files']['info'] = async (name) => {
      const found = await WORLD.files.info(name);
      return found && { ...found, size: found.size + more };
    };
    const file = await ResultsFile.open({ ...WORLD, files: { ...WORLD.files, info } }, 'long');
    more = 0;
    expect(file.bytes).toBeUndefined();
    const { run } = await readResults(WORLD, file, { format: undefined, rule: ANY });
    expect([run.rows.length, file.identity()]).toEqual([1, { digest: digestOf(path), size: Buffer.byteLength(text) }]);
  });

  test('twin: a file that grows while it is read has no digest', async () => {
    writeFileSync(join(FOLDER, 'long'), 'case,outcome\na,pass\n');
    const info: World['files']['info'] = async (name) => {
      const found = await WORLD.files.info(name);
      return found && { ...found, size: found.size + LARGEST_HELD };
    };
    const file = await ResultsFile.open({ ...WORLD, files: { ...WORLD.files, info } }, 'long');
    await expect(readResults(WORLD, file, { format: undefined, rule: ANY })).rejects.toMatchObject({ code: 'IO', message: 'long changed while it was read' });
  });
});

/** Reading cases strictly, and asking them without giving the answer away. */
import { describe, expect, test } from '@jest/globals';
import { Fault } from '../../src/domain/fault.js';
import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from '@jest/globals';
import { files } from '../../src/adapters/files.js';
import { TARGET_KINDS } from '../../src/domain/target.js';
import { linesOf, MAX_LINE, readCase, readCases, requestOf, type Case, type CaseSource } from '../../src/evaluation/dataset.js';
import { casesOfRun } from '../../src/evaluation/flow/cases.js';

const SOURCE = { file: 'data/held-out.jsonl', pointer: '/decision' };
const good = (id: string) => JSON.stringify({ id, input: { text: 'hello' }, expected: { decision: 'deliver' }, group: 'g', tags: ['hard-ham'] });

async function read(lines: readonly (string | Uint8Array)[], source: CaseSource = SOURCE): Promise<readonly Case[]> {
  const cases: Case[] = [];
  for await (const one of readCases(lines, source)) cases.push(one);
  return cases;
}

const folder = mkdtempSync(join(tmpdir(), 'agentctl-cases-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** The same from a file, in the order of a run. */
async function ofRun(lines: readonly (string | Uint8Array)[], run = 'run-1'): Promise<readonly Case[]> {
  const path = join(folder, 'held-out.jsonl');
  writeFileSync(path, Buffer.concat(lines.flatMap((line, at) => [...(at === 0 ? [] : [Buffer.from('\n')]), Buffer.from(line)])));
  const cases: Case[] = [];
  const { count, open } = await casesOfRun(files(), { path, ...SOURCE }, run);
  const reading = await open();
  cases.push(...reading.cases);
  await reading.close();
  expect(count).toBe(cases.length);
  return cases;
}

test('3.1 reads a file of cases, line by line', async () => {
  const bytes = new TextEncoder().encode(`${good('a')}\n${good('ä')}\r\n`);
  const cases = await read([...linesOf(bytes)]);
  expect(cases).toEqual(['a', 'ä'].map((id) => ({ id, input: { text: 'hello' }, expected: { decision: 'deliver' }, group: 'g', tags: ['hard-ham'] })));
});

test('3.3 a case without an id is named by what it asks and expects, whatever the order of members, its group or its tags', async () => {
  const texts = ['{"input":{"b":1,"a":"x"},"expected":{"decision":"deliver"},"group":"g"}', '{"expected":{"decision":"deliver"},"tags":["t"],"input":{"a":"x","b":1.0}}', '{"input":{"a":"y","b":1},"expected":{"decision":"deliver"}}'];
  const ids = texts.map((text) => readCase(text, 'data.jsonl:1').id);
  // Computed apart: SHA-256 of the sorted members without white space.
  const named = createHash('sha256').update('{"expected":{"decision":"deliver"},"input":{"a":"x","b":1}}').digest('hex');
  expect([ids[0], ids[1], ids[2] === named]).toEqual([named, named, false]);
  for (const reader of [read, ofRun]) await expect(reader(texts)).rejects.toMatchObject({ code: 'DATASET_INVALID', message: expect.stringContaining('stands on line 1 already') });
});

describe('further turns of a case', () => {
  const turned = '{"id":"t","input":"book","turns":["for two",{"at":"noon"}],"expected":{"decision":"deliver"}}';
  test('3.1 are read and go with the request; a case without any has none', async () => {
    const [plain, one] = (await read([good('a'), turned])).map((each) => requestOf(each, 'run-1'));
    expect(one).toMatchObject({ input: 'book', turns: ['for two', { at: 'noon' }] });
    expect(plain).not.toHaveProperty('turns');
  });
  test('3.3 are part of the name of a case that has no other', () => {
    const names = [turned, turned.replace('two', 'three'), turned.replace(/"turns":.*\],/, '')].map((text) => readCase(text.replace('"id":"t",', ''), 'x:1').id);
    expect(new Set(names).size).toBe(3);
    expect(names[0]).toBe(createHash('sha256').update('{"expected":{"decision":"deliver"},"input":"book","turns":["for two",{"at":"noon"}]}').digest('hex'));
  });
  test.each(TARGET_KINDS)('3.3 an agent of kind %s is given all of them or none of the data set', async (kind) => {
    const path = join(folder, `${kind}.jsonl`);
    writeFileSync(path, `${good('a')}\n${turned}\n`);
    const found = () => casesOfRun(files(), { path, file: 'data/held-out.jsonl', kind }, 'run-1');
    const readAtOnce = () => read([good('a'), turned], { ...SOURCE, kind });
    if (kind === 'a2a') return expect(await Promise.all([found(), readAtOnce()])).toMatchObject([{ count: 2 }, { length: 2 }]);
    for (const one of [found, readAtOnce]) await expect(one()).rejects.toMatchObject({ code: 'DATASET_INVALID', at: 'data/held-out.jsonl:2', message: `the case has further turns, and an agent of kind ${kind} can be given none`, hint: expect.stringContaining('agentctl explain target') });
    return undefined;
  });
});

describe('a broken data set is refused at its line', () => {
  test.each<[string, string | Uint8Array, RegExp]>([
    ['broken JSON', '{"id":"b",', /not JSON/],
    ['a list', '[]', /JSON object/],
    ['an empty line', '', /empty/],
    ['a duplicate id', good('a'), /stands on line 1/],
    ['a duplicate key', '{"id":"b","id":"c","input":1,"expected":{"decision":"x"}}', /duplicate key/],
    ['an id that is no text', '{"id":7,"input":1,"expected":{"decision":"x"}}', /"id"/],
    ['an empty id', '{"id":"","input":1,"expected":{"decision":"x"}}', /"id"/],
    ['no input', '{"id":"b","expected":{"decision":"x"}}', /"input"/],
    ['no reference', '{"id":"b","input":1}', /reference "expected"/],
    ['no label in the reference', '{"id":"b","input":1,"expected":{"verdict":"x"}}', /no label at \/decision/],
    ['an unknown key', '{"id":"b","input":1,"expected":{"decision":"x"},"lable":"x"}', /unknown key "lable"/],
    ['tags that are no list', '{"id":"b","input":1,"expected":{"decision":"x"},"tags":"x"}', /"tags"/],
    ['turns that are no list', '{"id":"b","input":1,"turns":"x","expected":{"decision":"x"}}', /"turns" must be a list of 1 to 100/],
    ['turns that are none', '{"id":"b","input":1,"turns":[],"expected":{"decision":"x"}}', /"turns"/],
    ['more turns than any conversation has', JSON.stringify({ id: 'b', input: 1, turns: Array(101).fill('x'), expected: { decision: 'x' } }), /"turns"/],
    ['turns in another word', '{"id":"b","input":1,"turn":["x"],"expected":{"decision":"x"}}', /unknown key "turn": a case has id, input, turns, expected, group, tags/],
    ['a lone surrogate', '{"id":"b","input":"\\ud800","expected":{"decision":"x"}}', /surrogate/],
    ['invalid UTF-8', new Uint8Array([0x22, 0xff, 0x22]), /not UTF-8/],
    ['a byte order mark', new TextEncoder().encode(`\ufeff${good('b')}`), /byte order mark/],
    ['a duplicate key deep inside', '{"id":"b","input":{"a":[{"x":1,"x":2}]},"expected":{"decision":"x"}}', /duplicate key/],
    ['a duplicate key that is written otherwise', '{"id":"b","input":{"a":1,"\\u0061":2},"expected":{"decision":"x"}}', /duplicate key/],
    ['a reference with a key twice', '{"id":"b","input":1,"expected":{"decision":"x","decision":"y"}}', /duplicate key/],
    ['a raw NUL', '{"id":"b","input":"\u0000","expected":{"decision":"x"}}', /not JSON/],
    ['a NUL after the case', `${good('b')}\u0000`, /not JSON/],
    ['another line end in the middle', `${good('b')}\r${good('c')}`, /not JSON/],
    ['two cases on a line', `${good('b')}${good('c')}`, /not JSON/],
    ['UTF-16', Buffer.from(good('b'), 'utf16le'), /not JSON|not UTF-8/],
    ['Latin-1 beside UTF-8', Buffer.concat([Buffer.from('{"id":"b","input":"\u00e4'), Buffer.from([0xe4]), Buffer.from('","expected":{"decision":"x"}}')]), /not UTF-8/],
    ['nesting ten thousand deep', `{"id":"b","input":${'['.repeat(10_000)}${']'.repeat(10_000)},"expected":{"decision":"x"}}`, /nested deeper/],
    ['a number beyond all', '{"id":"b","input":1e400,"expected":{"decision":"x"}}', /not JSON/],
    ['a number that would be rounded', '{"id":"b","input":9007199254740993,"expected":{"decision":"x"}}', /not JSON/],
    ['the key __proto__', '{"id":"b","input":{"__proto__":1},"expected":{"decision":"x"}}', /__proto__/],
    ['an over-long line', 'x'.repeat(MAX_LINE + 1), /more than 1048576/],
  ])('3.3 %s', async (_name, line, message) => {
    for (const reader of [read, ofRun]) {
      const error = await reader([good('a'), line, good('z')]).catch((fault: unknown) => fault);
      expect(error).toBeInstanceOf(Fault);
      expect(error).toMatchObject({ code: 'DATASET_INVALID', at: 'data/held-out.jsonl:2', message: expect.stringMatching(message) });
    }
  });

  test('3.3 no case at all', async () => {
    for (const reader of [read, ofRun]) await expect(reader([])).rejects.toMatchObject({ code: 'DATASET_INVALID', at: 'data/held-out.jsonl' });
  });

  test('3.3 a line of a gigabyte is refused before it is held', async () => {
    const path = join(folder, 'endless.jsonl');
    writeFileSync(path, `${good('a')}\n`);
    truncateSync(path, 1024 ** 3);
    const before = process.memoryUsage().rss;
    await expect(casesOfRun(files(), { path, file: 'endless.jsonl' }, 'run-1')).rejects.toMatchObject({ code: 'DATASET_INVALID', at: 'endless.jsonl:2', message: expect.stringContaining('more than 1048576') });
    expect(process.memoryUsage().rss - before).toBeLessThan(100e6);
  });
});

describe('no leaks', () => {
  const cases: readonly Case[] = Array.from({ length: 200 }, (_, i) => ({
    id: `${i < 100 ? 'ham' : 'spam'}/${i}`, input: { text: `mail ${i}` }, expected: { decision: i < 100 ? 'deliver' : 'quarantine' }, group: `group-${i}`, tags: [i < 100 ? 'ham' : 'spam'],
  }));

  test('3.3 a request carries an opaque id and the input, nothing else', () => {
    const one = cases[0];
    const request = one && requestOf(one, 'run-1');
    expect(Object.keys(request ?? {}).sort()).toEqual(['id', 'input']);
    expect(request?.id).toMatch(/^case-[0-9a-f]{16}$/);
    expect(JSON.stringify(request)).not.toMatch(/ham|deliver|group|spam/);
  });

  test('3.3 ids are distinct in a run, stable for it, and different in the next', () => {
    const ids = new Set(cases.map((one) => requestOf(one, 'run-1').id));
    expect(ids.size).toBe(200);
    expect(cases.map((one) => requestOf(one, 'run-1').id).every((id) => ids.has(id))).toBe(true);
    expect(cases.some((one) => ids.has(requestOf(one, 'run-2').id))).toBe(false);
  });

  test('3.3 the order of the file, which follows the labels, is not the order of the questions', async () => {
    const lines = cases.map((one) => JSON.stringify(one));
    const order = await ofRun(lines);
    expect(order).toEqual(expect.arrayContaining([...cases]));
    expect(order).toHaveLength(200);
    const hamFirst = order.slice(0, 100).filter((one) => one.tags.includes('ham')).length;
    expect(hamFirst).toBeGreaterThan(30);
    expect(hamFirst).toBeLessThan(70);
    expect(await ofRun(lines.toReversed())).toEqual(order);
    expect(await ofRun(lines, 'run-2')).not.toEqual(order);
  });
});

/** What a new user runs into: marks that are forgotten, a pact whose data cannot decide it, mistyped names, a clone that is not built, a folder that is gone. */
import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { editWarnings } from '../../src/engine/edit-marks.js';
import { doctor } from '../../src/engine/doctor.js';
import { explain } from '../../src/engine/explain.js';
import { init } from '../../src/engine/init.js';
import { keptStatus } from '../../src/engine/kept-status.js';
import { status } from '../../src/engine/status.js';
import { STEPS } from '../../src/steps/index.js';
import { sarifReport } from '../../src/views/sarif.js';
import { applied, certificate } from '../fixtures/reports.js';
import { accepted, removeTinies, tiny, type Tiny } from '../support/tiny.js';
import { faultOf } from '../support/folder.js';

let bare: Tiny;
let base: Tiny;
beforeAll(async () => {
  base = await accepted();
  bare = await tiny();
});
afterAll(removeTinies);

const YES = { yes: true };
const MARKED = (text: string) => text.replace('dataset: watch', 'dataset: watch # EDIT').replace('confidence: "0.95"', 'confidence: "0.95" # EDIT: yours');

describe('marks of the template', () => {
  test('counted while they are there', () => {
    expect([editWarnings('a: 1'), editWarnings('a: 1 # EDIT'), editWarnings('a: 1 # EDIT: b\n# Lines marked EDIT\nb: 2   # EDIT\n')]).toEqual([
      [], ['1 line of agent.yaml is still marked # EDIT'], ['2 lines of agent.yaml are still marked # EDIT'],
    ]);
  });

  test('status, kept or computed, and doctor say so; pact sign says so before it asks', async () => {
    const one = bare.copy();
    one.edit('agent.yaml', MARKED);
    const told = '2 lines of agent.yaml are still marked # EDIT';
    await one.run('pact', 'sign', { as: 'erin' });
    expect(one.said).toContain(told);
    for (const report of [await status(one.world, YES), await keptStatus(one.world, YES)]) expect(report).toMatchObject({ data: { warnings: expect.arrayContaining([told]) } });
    expect(await doctor(one.world, YES)).toMatchObject({ data: { data: { checks: expect.arrayContaining([expect.objectContaining({ check: 'EDIT marks', is: 'warn', found: told })]) } } });
  });
});

describe('2.2 a pact that its data sets cannot decide', () => {
  test.each<[string, (one: Tiny) => void, string, RegExp]>([
    ['a file that is missing', (one) => one.edit('agent.yaml', (text) => text.replace('data/shift.jsonl', 'data/gone.jsonl')), 'pact.dataset-missing', /data\/gone\.jsonl/],
    ['a digest of zeros', (one) => one.edit('agent.yaml', (text) => text.replace(/sha256:1471[0-9a-f]+/, `sha256:${'0'.repeat(64)}`)), 'pact.dataset-differs', /held-out/],
    ['a broken line', (one) => one.edit('data/held-out.jsonl', (text) => `${text}nonsense\n`), 'pact.dataset-broken', /data\/held-out\.jsonl:\d+: the line is not JSON/],
    ['a condition that selects no case', (one) => one.edit('agent.yaml', (text) => text.replace('among: { expected: keep }', 'among: { expected: reject }')), 'pact.no-cases', /people-not-dropped: no case of "held-out"/],
    ['a condition with too few', (one) => one.edit('agent.yaml', (text) => text.replace('minimumCases: 30', 'minimumCases: 3000')), 'pact.too-few-cases', /only 44 cases of "held-out" are about this condition, and it asks for 3000/],
  ])('%s', async (_name, spoil, rule, message) => {
    const one = bare.copy();
    spoil(one);
    const { exit, data } = await one.run('pact', 'lint');
    const found = (data['findings'] as readonly { rule: string; at: string; message: string; suggestion: string }[]).find((finding) => finding.rule === rule);
    expect([exit, found]).toEqual([1, expect.objectContaining({ at: expect.stringMatching(/^agent\.yaml:\d+:\d+$/), message: expect.stringMatching(message), suggestion: expect.stringMatching(/./) })]);
    expect((await one.fault('pact', 'sign', { as: 'erin' })).code).toBe(/missing|differs|broken/.test(rule) ? 'DATASET_INVALID' : 'REFUSED');
    expect(await one.entries('pact.signed')).toEqual([]);
  });
});

describe('5.2 the pilot stream', () => {
  const without = (text: string) => text.replace(/^ {2}pilot: .*\n/m, '');

  test('without one, the way on is to declare it; the command that would refuse is never named', async () => {
    const one = base.copy();
    one.edit('agent.yaml', without);
    await one.run('monitor', 'run');
    const report = await status(one.world, YES);
    const step = report.kind === 'status' ? report.data.steps.find((each) => each.id === 'monitor') : undefined;
    expect(step?.findings.find((finding) => finding.id === 'monitor.sample')).toMatchObject({ is: 'unknown', remedy: 'declare monitoring.pilot in agent.yaml' });
  });

  test('a data set that was declared after the signature needs a new one', async () => {
    const one = base.copy();
    one.edit('agent.yaml', (text) => text.replace(/^(.*\{ id: pilot, .*\n)/m, (line) => `${line}${line.replace('id: pilot', 'id: stream')}`).replace(/^( {2}pilot: ).*\n/m, '$1{ dataset: stream }\n'));
    expect(await one.fault('monitor', 'run')).toMatchObject({ code: 'MANIFEST_INVALID', hint: 'agentctl pact sign --as <operator>' });
  });

  test('before the replay it is said that tools really run', async () => {
    const one = base.copy();
    await one.run('monitor', 'run');
    expect(one.said).toContain('the pilot replay carries out permitted tool calls for real');
    expect(STEPS.find((step) => step.id === 'monitor')?.verbs.find((verb) => verb.name === 'run')?.summary).toContain('permitted tool calls are carried out for real');
  });
});

describe('names', () => {
  const about = async (topic: string) => explain({ surroundings: bare.world.surroundings }, topic);

  test('a number is a step where there is one, else an exit status; exit-N is always the status', async () => {
    for (const step of STEPS) expect(await about(String(step.number))).toMatchObject({ data: { kind: 'step', topic: step.id } });
    expect(await about('2')).toMatchObject({ data: { facts: expect.arrayContaining([{ label: 'as exit status', value: expect.stringMatching(/^usage: .*agentctl explain exit-2/) }]) } });
    for (const exit of ['0', '70', '130', 'exit-2', 'exit-6']) expect(await about(exit)).toMatchObject({ data: { kind: 'exit' } });
  });

  test.each([['monitoring', 'monitor'], ['pact-signed', 'pact.signed'], ['exit-7', 'exit-0'], ['monitor.smaple', 'monitor.sample'], ['montor.sampling', 'monitor.sample'], ['signed', 'pact.signed']])('%s: did you mean %s', async (topic, meant) => {
    expect((await faultOf(about(topic))).hint).toBe(`did you mean "${meant}"?`);
  });

  test('SARIF points to topics that are known, and to none for the links of a certificate', async () => {
    const topics = [...sarifReport({ kind: 'apply', exit: 0, data: applied }).matchAll(/agentctl explain ([\w.-]+)/g)].map(([, topic = '']) => topic);
    expect(topics.length).toBeGreaterThan(0);
    for (const topic of topics) expect(await about(topic)).toMatchObject({ data: { kind: 'step' } });
    expect(sarifReport({ kind: 'certificate', exit: 0, data: certificate })).not.toContain('agentctl explain');
  });

  test('audit log names the types that begin alike', async () => {
    expect(await base.run('audit', 'log', { type: 'actoin' })).toMatchObject({ headline: '0 of 0 entries', notes: [expect.stringMatching(/^no entry type begins with "actoin"; did you mean action\.\w+, .*\?$/)] });
    expect(await base.run('audit', 'log', { type: 'incident.' })).toMatchObject({ notes: [expect.stringContaining('is on record')] });
    expect((await base.run('audit', 'log', { type: 'pact' })).notes ?? []).toEqual([]);
  });

  test('init refuses an unknown template also where agent.yaml is, and says when it ignores one', async () => {
    const one = bare.copy();
    expect(await faultOf(init(one.world, YES, { template: 'bogus' }))).toMatchObject({ code: 'USAGE', exit: 2 });
    expect(await init(one.world, YES, { template: 'high' })).toMatchObject({ data: { notes: expect.arrayContaining(['--template high was ignored: agent.yaml is there already']) } });
  });

  test('an unknown operator is not told to become one', async () => {
    expect(await bare.fault('pact', 'sign', { as: 'mallory' })).toMatchObject({ code: 'NOT_ALLOWED', hint: 'operators who may: erin; agentctl operator list' });
  });
});

test('a clone that is not built says so in one line, exit 6', () => {
  const folder = mkdtempSync(join(tmpdir(), 'agentctl-clone-'));
  try {
    cpSync(new URL('../../bin', import.meta.url).pathname, join(folder, 'bin'), { recursive: true });
    cpSync(new URL('../../package.json', import.meta.url).pathname, join(folder, 'package.json'));
    expect(spawnSync(process.execPath, [join(folder, 'bin/agentctl.js'), 'status'], { encoding: 'utf8' })).toMatchObject({ status: 6, stdout: '', stderr: 'agentctl is not built: run npm ci, or npm run build\n' });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

test.each([['status'], ['verify', '--certificate', 'a'], ['apply']])('%s in a folder that is gone says so in one line, exit 6', (...words) => {
  const folder = mkdtempSync(join(tmpdir(), 'agentctl-gone-'));
  const bell = new URL('../../bin/agentctl.js', import.meta.url).pathname;
  const told = spawnSync('sh', ['-c', 'rmdir "$1"; shift; exec "$@"', 'sh', folder, process.execPath, bell, ...words], { cwd: folder, encoding: 'utf8' });
  expect(told).toMatchObject({ status: 6, stdout: '', stderr: 'the folder that this was started in does not exist any more: change to another one\n' });
});

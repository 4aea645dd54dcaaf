/** The exit status is the same in every format, and --json is exactly one document on standard output with nothing beside it. */
import { appendFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { FORMAT_NAMES } from '../src/views/formats.js';
import { clearDesks, type Answer, type Desk } from './support/cli.js';
import { tamper } from './support/ledger-file.js';
import { parallel } from './support/parallel.js';
import { desk } from './support/stages.js';

interface Outcome {
  readonly name: string;
  readonly exit: number;
  readonly words: readonly string[];
  readonly stage: 'bare' | 'accepted' | 'finished';
  readonly prepare?: (at: Desk) => void;
  readonly env?: Readonly<Record<string, string>>;
}

const OUTCOMES: readonly Outcome[] = [
  { name: 'status', exit: 0, words: ['status'], stage: 'finished' },
  { name: 'status of a broken ledger', exit: 4, words: ['status'], stage: 'accepted', prepare: (at) => tamper(at, (db) => db.exec(`UPDATE heads SET hash = '${'0'.repeat(64)}'`)) },
  { name: 'verify, passing', exit: 0, words: ['verify'], stage: 'finished' },
  { name: 'verify, failing', exit: 1, words: ['verify'], stage: 'accepted', prepare: (at) => at.edit('agent.yaml', (text) => text.replace('threshold: "0.85"', 'threshold: "0.70"')) },
  { name: 'verify, indeterminate', exit: 3, words: ['verify'], stage: 'accepted', prepare: (at) => appendFileSync(at.path('prompts/policy.txt'), 'Be kind.\n') },
  { name: 'verify, untrustworthy', exit: 4, words: ['verify'], stage: 'accepted', prepare: (at) => at.edit('artifacts/baseline.json', (text) => text.replace('"cases":88', '"cases":89')) },
  { name: 'verify of a certificate, nobody trusted', exit: 3, words: ['verify', '--certificate', 'artifacts/certificate.dsse.json', '--allow-scripted'], stage: 'finished' },
  { name: 'apply, with a human act left', exit: 5, words: ['apply'], stage: 'bare' },
  { name: 'a refusal', exit: 1, words: ['pact', 'sign', '--as', 'lena', '--yes'], stage: 'bare' },
  { name: 'a wrong flag', exit: 2, words: ['status', '--fromat'], stage: 'bare' },
  { name: 'no command', exit: 2, words: ['identity', 'key'], stage: 'bare' },
  { name: 'a wrong manifest', exit: 2, words: ['status'], stage: 'bare', prepare: (at) => at.edit('agent.yaml', (text) => text.replace('stakes: standard', 'stakes: normal')) },
  { name: 'a missing passphrase', exit: 6, words: ['pact', 'sign', '--as', 'erin', '--yes'], stage: 'bare', env: { AGENTCTL_PASSPHRASE_FILE: '/nowhere' } },
  { name: 'a store that is no folder', exit: 6, words: ['apply', '--store', '/dev/null'], stage: 'bare' },
  { name: 'a step', exit: 0, words: ['identity'], stage: 'bare' },
  { name: 'an explanation', exit: 0, words: ['explain', 'LEDGER_BROKEN'], stage: 'bare' },
];

const SHAPES: Readonly<Record<string, RegExp>> = { junit: /^<\?xml [\s\S]+<\/testsuites>\n$/, html: /^<!doctype html>[\s\S]+<\/html>\n$/i, markdown: /^#/ };

let answers: ReadonlyMap<string, readonly (readonly [format: string, answer: Answer])[]>;

beforeAll(async () => {
  const desks = { finished: await desk('finished'), accepted: await desk('accepted'), bare: await desk('bare') };
  const all = await parallel(OUTCOMES, async ({ name, words, stage, prepare, env }) => {
    const at = desks[stage].copy(name);
    prepare?.(at);
    const seen: (readonly [string, Answer])[] = [];
    for (const format of FORMAT_NAMES) seen.push([format, await at.run([...words, '--format', format], { env: env ?? {} })]);
    return [name, seen] as const;
  });
  answers = new Map(all);
}, 600_000);
afterAll(clearDesks);

describe('the same exit status in every format', () => {
  test.each(OUTCOMES)('$name: $exit', ({ name, exit }) => {
    const seen = answers.get(name) ?? [];
    expect(seen.map(([format, answer]) => [format, answer.exit])).toEqual(FORMAT_NAMES.map((format) => [format, exit]));
  });
});

describe('--json is exactly one document, standard error is silent', () => {
  test.each(OUTCOMES)('$name', ({ name, exit }) => {
    const json = new Map(answers.get(name) ?? []).get('json');
    expect(json?.stderr).toBe('');
    expect(json?.stdout.endsWith('}\n')).toBe(true);
    const document = JSON.parse(json?.stdout ?? '') as Record<string, unknown>;
    expect(document).toMatchObject({ schema: expect.stringMatching(/^agentctl\/[a-z]+\/v1$/), ok: exit === 0, exit });
    expect(Object.keys(document).sort()).toEqual(['exit', 'ok', 'schema', 'fault' in document ? 'fault' : 'report'].sort());
    if ('fault' in document) expect(document['fault']).toMatchObject({ code: expect.stringMatching(/^[A-Z_]+$/), message: expect.any(String) });
  });

  test('status and verify carry the agent and twelve steps, each finding with its row and proof', () => {
    for (const name of ['status', 'verify, passing', 'verify, failing', 'verify, indeterminate']) {
      const { report } = JSON.parse(new Map(answers.get(name) ?? []).get('json')?.stdout ?? '') as { report: { agent: object; steps: readonly { findings: readonly object[] }[] } };
      expect(Object.keys(report.agent).sort()).toEqual(['build', 'did', 'id', 'name', 'version']);
      expect(report.steps).toHaveLength(12);
      for (const step of report.steps) {
        expect(step).toEqual(expect.objectContaining({ number: expect.any(Number), id: expect.any(String), title: expect.any(String), owner: expect.any(Array), required: expect.any(Boolean), state: expect.any(String), evidence: expect.any(Array) }));
        for (const finding of step.findings) expect(finding).toEqual(expect.objectContaining({ row: expect.stringMatching(/^(\d+\.\d+|X\d)$/), proof: expect.stringMatching(/^(measured|attested)$/) }));
      }
    }
  });
});

test('every format is well formed, faults included', () => {
  for (const [name, seen] of answers) {
    for (const [format, { stdout }] of seen) {
      if (format === 'sarif') expect([name, (JSON.parse(stdout) as { version: string }).version]).toEqual([name, '2.1.0']);
      const shape = SHAPES[format];
      if (shape) expect([name, format, stdout]).toEqual([name, format, expect.stringMatching(shape)]);
    }
  }
});

test('variables choose the format, a flag wins, and -o writes another one beside it from one evaluation', async () => {
  const at = await desk('bare', 'variables');
  expect(JSON.parse((await at.run(['status'], { env: { AGENTCTL_JSON: '1' } })).stdout)).toMatchObject({ ok: true });
  expect(JSON.parse((await at.run(['nonsense'], { env: { AGENTCTL_FORMAT: 'json' } })).stdout)).toMatchObject({ ok: false, exit: 2 });
  expect((await at.run(['status', '--format', 'markdown'], { env: { AGENTCTL_FORMAT: 'json' } })).stdout).toMatch(/^#/);
  await at.expect(0, 'status', '-o', 'json=status.json', '-o', 'junit=status.xml');
  expect(JSON.parse(at.read('status.json'))).toMatchObject({ ok: true });
  expect(at.read('status.xml')).toMatch(SHAPES['junit'] ?? /^$/);
});

test('-o takes one file each time, and leaves the word after it alone', async () => {
  const at = (await desk('bare')).copy('outputs');
  expect((await at.run(['-o', 'json=status.json', 'status', '-o', 'junit=status.xml'])).exit).toBe(0);
  expect(JSON.parse(at.read('status.json'))).toMatchObject({ ok: true });
  expect(at.read('status.xml')).toMatch(/^<\?xml /);
});

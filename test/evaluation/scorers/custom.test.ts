/** A scorer of one's own: a real command whose broken answers, silence and absence are no verdict. */
import { createHash } from 'node:crypto';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import type { Json, JsonObject } from '../../../src/domain/json.js';
import type { Target } from '../../../src/domain/manifest.js';
import type { RunningTarget } from '../../../src/domain/ports.js';
import { scorerOf } from '../../../src/evaluation/flow/scorers.js';
import { answerOf, caseOf, FIXTURES, ports, scored } from './ports.js';

const command = (behaviour: string) => [process.execPath, join(FIXTURES, 'scorers/length.mjs'), behaviour];
const of = (behaviour: string, output: string) => scored({ kind: 'command', command: command(behaviour), timeout: 'PT1S' }, { length: 3 }, { output });

test.each([
  ['honest', 'abc', { is: 'pass', score: '1', because: 'has 3' }],
  ['honest', 'abcd', { is: 'fail', score: '0.25', because: 'has 4' }],
  ['garbage', 'abc', { is: 'unscored', score: null }],
  ['score', 'abc', { is: 'unscored', score: null }],
  ['hang', 'abc', { is: 'unscored', score: null, because: 'the scorer failed: no answer within 1000 ms' }],
])('3.1 a command that is %s on %j', async (behaviour, output, wanted) => {
  expect(await of(behaviour, output)).toMatchObject(wanted);
});

test('3.1 a command that cannot start stops the run', async () => {
  await expect(scored({ kind: 'command', command: ['/does/not/exist'] }, {}, {})).rejects.toMatchObject({ code: 'TARGET_FAILED' });
});

test('3.1 a module is started as the target that it is, once its digest is the declared one', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'agentctl-module-'));
  const text = 'export default ({ answer }) => ({ output: { pass: answer.output === 1 } });\n';
  writeFileSync(join(folder, 'scorer.mjs'), text);
  const sha256 = `sha256:${createHash('sha256').update(text).digest('hex')}`;
  const started: JsonObject[] = [];
  const inputs: Json[] = [];
  const running: RunningTarget = {
    ask: ({ input }) => { inputs.push(input); return Promise.resolve({ outcome: 'answer', output: { pass: (input as { answer: { output: number } }).answer.output === 1 }, confidence: null, doubt: false, reason: null, toolCalls: [], milliseconds: 1 }); },
    describe: () => Promise.resolve({}), close: () => Promise.resolve(),
  };
  const targets = { start: (target: Target) => { started.push(target as JsonObject); return Promise.resolve(running); } };
  const spec = { kind: 'module', file: 'scorer.mjs', sha256, timeout: 'PT2S' } as const;
  expect((await scored(spec, {}, { output: 1 }, { ...ports(folder), targets })).is).toBe('pass');
  expect((await scored(spec, {}, { output: 2 }, { ...ports(folder), targets })).is).toBe('fail');
  // A case of several turns goes with all that was said.
  const conversing = scorerOf({ id: 'it', ...spec }, { ...ports(folder), targets });
  await conversing.score(caseOf({}, { turns: ['for two'] }), answerOf({ output: 1, askedBack: ['how many?'] }));
  expect(inputs.at(-1)).toMatchObject({ case: { input: 'a question', turns: ['for two'] }, answer: { askedBack: ['how many?'] } });
  expect(inputs[0]).not.toMatchObject({ case: { turns: expect.anything() } });
  expect(started[0]).toEqual({ kind: 'module', file: 'scorer.mjs', timeout: 'PT2S' });
  await expect(scored({ ...spec, sha256: `sha256:${'0'.repeat(64)}` }, {}, { output: 1 }, { ...ports(folder), targets })).rejects.toMatchObject({ code: 'DIGEST_MISMATCH' });
});

/** What somebody could try who may write to the folder but holds no key of the humans: each is refused or seen, with a twin that goes through. */
import { rmSync, renameSync, symlinkSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { StepView } from '../../src/domain/report.js';
import { status } from '../../src/engine/status.js';
import { verify } from '../../src/engine/verify.js';
import { launched } from '../support/launched.js';
import { accepted, removeTinies, type Tiny } from '../support/tiny.js';

let base: Tiny;
beforeAll(async () => {
  base = await accepted();
}, 60_000);
afterAll(removeTinies);

const YES = { yes: true };

async function stepOf(one: Tiny, id: string): Promise<StepView | undefined> {
  const report = await status(one.world, YES);
  return report.kind === 'status' ? report.data.steps.find((step) => step.id === id) : undefined;
}

describe('X6 a signed act counts for what it was made for', () => {
  /** Appends the newest acceptance once more, as the command would, but without any human. */
  async function acceptAgain(one: Tiny): Promise<void> {
    const [entry] = (await one.entries('baseline.accepted')).slice(-1);
    if (!entry) throw new Error('no baseline was accepted');
    await one.withSession(({ store, chain, agent, inputs }) => store.append(chain, [{ type: entry.type, actor: entry.actor, data: entry.data, agent, inputs: Object.fromEntries(Object.keys(entry.inputs).map((name) => [name, inputs[name as keyof typeof inputs].digest])) }]));
  }

  test('copied under a newer build, it makes the step untrustworthy', async () => {
    const one = base.copy();
    one.edit('prompts/policy.txt', (text) => `${text}Be kind.\n`);
    expect((await stepOf(one, 'baseline'))?.state).toBe('stale');
    await acceptAgain(one);
    expect(await stepOf(one, 'baseline')).toMatchObject({ state: 'untrustworthy', because: expect.stringMatching(/the signed act of baseline\.accepted #\d+ was made for another build/) });
  });

  test('twin: under its own build the same entry is as good as the first', async () => {
    const one = base.copy();
    await acceptAgain(one);
    expect((await stepOf(one, 'baseline'))?.state).toBe('passed');
  });
});

describe('X6 operators are those whom the organisation registered', () => {
  async function withMallory(): Promise<Tiny> {
    const one = base.copy();
    const { did } = await one.world.keys(one.path('.agentctl')).create({ role: 'operator', name: 'mallory' });
    one.edit('agent.yaml', (text) => text.replace('  operators:\n', `  operators:\n    - { id: mallory, name: Mallory, did: "${did}", roles: [engineering] }\n`));
    return one;
  }

  test('who writes himself into agent.yaml signs nothing', async () => {
    const one = await withMallory();
    expect(await one.fault('baseline', 'accept', { as: 'mallory' })).toMatchObject({ code: 'BLOCKED', hint: 'agentctl identity register', at: 'agent.yaml: owner' });
  });

  test('twin: once the organisation registered the section, he may', async () => {
    const one = await withMallory();
    for (const verb of ['register', 'key issue', 'verify']) await one.run('identity', verb);
    expect(await one.run('baseline', 'accept', { as: 'mallory' })).toMatchObject({ exit: 0 });
  });
});

test('1.5 a folder of the build that is a link is refused, whatever it leads to', async () => {
  const one = base.copy();
  renameSync(one.path('prompts'), one.path('elsewhere'));
  symlinkSync('elsewhere', one.path('prompts'));
  const fault = await status(one.world, YES).then(() => undefined, (cause: unknown) => cause);
  expect(fault).toMatchObject({ code: 'INPUT_INVALID', message: 'build folder "prompts" is a link, not a plain folder' });
});

describe('8.2 no yes rests on what nobody signed', () => {
  let passing: Tiny;
  beforeAll(async () => {
    passing = await launched();
  }, 60_000);

  const gate = async (one: Tiny): Promise<readonly [exit: number, warnings: string]> => {
    const report = await verify(one.world, YES, { stage: 'launch' });
    return [report.exit, report.kind === 'verify' ? report.data.warnings.join('\n') : ''];
  };

  test('entries after the last checkpoint: 3 instead of 0, and they are counted', async () => {
    const one = passing.copy();
    expect(await gate(one)).toEqual([0, expect.not.stringContaining('signed checkpoint')]);
    await one.withSession(({ store, chain, agent }) => store.append(chain, [{ type: 'audit.checkpointed', agent, actor: 'agentctl', data: { size: 1, root: '0'.repeat(64) } }]));
    expect(await gate(one)).toEqual([3, expect.stringMatching(/the newest 1 of \d+ entries are not covered by a signed checkpoint/)]);
  });

  test('a published checkpoint that is gone: 3 instead of 0', async () => {
    const one = passing.copy();
    rmSync(one.path('artifacts/checkpoint.txt'));
    expect(await gate(one)).toEqual([3, expect.stringContaining('artifacts/checkpoint.txt is gone')]);
  });
});

test('8.2 without the key of the log nothing is begun that could not be signed', async () => {
  const one = base.copy();
  const head = () => one.withSession(({ store, chain }) => store.head(chain), false);
  const before = await head();
  rmSync(one.path('.agentctl/keys'), { recursive: true });
  expect(await one.fault('baseline', 'run')).toMatchObject({ code: 'KEY_MISSING', exit: 6 });
  expect(await head()).toEqual(before);
});

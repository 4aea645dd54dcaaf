import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { parse } from '../../src/cli/program.js';
import type { World } from '../../src/domain/ports.js';
import type { Finding } from '../../src/domain/step.js';
import type { StepView } from '../../src/domain/report.js';
import { runVerb } from '../../src/engine/run-verb.js';
import { computeStates } from '../../src/engine/states.js';
import { exitOfStep, gateTime } from '../../src/engine/status.js';
import { stepById } from '../../src/steps/index.js';
import { launched } from '../support/launched.js';
import { accepted, removeTinies, tiny, type Tiny } from '../support/tiny.js';

// What the agent does depends on a file that is not part of its build: the sabotage that a fresh run is there to find.
const MOODY = `command: [sh, -c, "test -e sneak && echo '#' >> tool.sh; test -e spoilt.mjs && exec node spoilt.mjs; exec node agent.js"]`;
const moody = (text: string): string => text.replace('command: [node, agent.js]', MOODY);
const SPOILT = `process.stdin.setEncoding('utf8').on('data', (text) => { for (const line of text.split('\\n').filter(Boolean)) { const { id } = JSON.parse(line); process.stdout.write(JSON.stringify({ id, output: { decision: 'drop' }, confidence: 0.9, doubt: false, reason: 'spoilt', toolCalls: [] }) + '\\n'); } });\n`;

let ready: Tiny;
beforeAll(async () => {
  ready = await launched(moody);
}, 60_000);
afterAll(removeTinies);

async function certifyStep(one: Tiny): Promise<StepView> {
  return one.withSession(async (session) => {
    const { steps } = await computeStates(session, await gateTime(session));
    const step = steps.find((view) => view.id === 'certify');
    if (!step) throw new Error('no step certify');
    return step;
  }, false);
}
const finding = (step: StepView, id: string): Finding | undefined => step.findings.find((one) => one.id === `certify.${id}`);

describe('9.1 9.2 9.3 the way to a certificate', () => {
  test('run, sign-off and issue, each a command of its own: passed, with the scripted hand shown', async () => {
    const one = ready.copy();
    expect((await certifyStep(one)).state).toBe('unproven');
    expect((await one.run('certify', 'run')).exit).toBe(0);
    expect((await one.run('certify', 'sign-off', { as: 'omar' })).exit).toBe(0);
    const issued = await one.run('certify', 'issue');
    expect(issued.headline).toContain('is certified until 2027-02-20');
    const step = await certifyStep(one);
    expect([step.state, step.next]).toEqual(['passed', null]);
    expect(step.findings.filter((one) => one.severity === 'must').map((one) => [one.row, one.is])).toEqual([['9.1', 'yes'], ['9.1', 'yes'], ['9.2', 'yes'], ['9.2', 'yes'], ['9.3', 'yes']]);
    expect(finding(step, 'by-people')).toMatchObject({ is: 'no' });
    expect(finding(step, 'revocation')).toMatchObject({ is: 'yes', row: '9.4', because: expect.stringMatching(/^place \d+ of https:\/\/agents\.example\.com\/status\/1\.json, /) as unknown as string });
    expect(finding(step, 'due')).toMatchObject({ is: 'yes', because: 'due from 2027-02-06 12:00 UTC' });
    expect(finding(step, 'sign-off')?.because).toContain('Omar Operations');
    const shown = await one.run('certify', 'show');
    expect(shown.headline).toBe('Tiny Cooperative certifies tiny 1.0.0 from 2026-11-22 12:00 UTC until 2027-02-20 12:00 UTC');
    expect(shown.tables?.map((table) => table.title)).toEqual(['Pact', 'Steps', 'Waived and unknown', 'History']);
  });

  test('agentctl certify --as does all three; without the option it shows the step', async () => {
    const one = ready.copy();
    const print = { out: () => undefined, err: () => undefined };
    const typed = async (...words: string[]) => {
      const asked = await parse(words, one.world, print);
      if (typeof asked === 'number') throw new Error(`exit ${asked}`);
      return asked.run(one.world);
    };
    expect((await typed('certify')).kind).toBe('step');
    const answer = await typed('certify', '--as', 'omar', '--yes');
    expect([answer.kind, answer.exit]).toEqual(['outcome', 0]);
    expect(await one.entries('certificate.issued')).toHaveLength(1);
    const again = await typed('certify', '--as', 'lena', '--yes');
    expect(again.kind === 'outcome' && again.data.headline).toContain('nothing to do yet');
    expect(await one.entries('certificate.measured')).toHaveLength(1);
    await expect(typed('certify', 'run', '--as', 'omar')).rejects.toMatchObject({ code: 'USAGE' });
    await expect(typed('certify', 'sign-off', '--as', 'erin', '--yes')).rejects.toMatchObject({ code: 'NOT_ALLOWED' });
  });

  test('a quorum of two needs two people, and one cannot sign twice', async () => {
    const one = await launched((text) => text.replace('quorum: 1 }\n  sentence', 'quorum: 2 }\n  sentence'));
    await one.run('certify', 'run');
    await one.run('certify', 'sign-off', { as: 'omar' });
    expect(await one.fault('certify', 'issue')).toMatchObject({ code: 'APPROVAL_PENDING', exit: 5 });
    expect(await one.fault('certify', 'sign-off', { as: 'omar' })).toMatchObject({ code: 'REFUSED' });
    expect((await one.run('certify', 'renew', { as: 'lena' })).headline).toContain('is certified');
    expect((await one.entries('certificate.issued'))[0]?.data['signOffs']).toBe(2);
  }, 60_000);
});

describe('9.1 9.2 what is refused', () => {
  test.each<[string, (one: Tiny) => Promise<unknown>, string, object]>([
    ['sign-off without a run', () => Promise.resolve(), 'sign-off', { code: 'EVIDENCE_MISSING', hint: 'agentctl certify run' }],
    ['issue without a run', () => Promise.resolve(), 'issue', { code: 'EVIDENCE_MISSING' }],
    ['issue without a sign-off', (one) => one.run('certify', 'run'), 'issue', { code: 'APPROVAL_PENDING' }],
  ])('%s', async (_name, prepare, verb, fault) => {
    const one = ready.copy();
    await prepare(one);
    expect(await one.fault('certify', verb, { as: 'omar' })).toMatchObject(fault);
    expect(await one.entries('certificate.issued')).toHaveLength(0);
  });

  test('a sign-off by somebody whose role does not fit', async () => {
    expect(await ready.copy().fault('certify', 'sign-off', { as: 'erin' })).toMatchObject({ code: 'NOT_ALLOWED' });
  });

  test('steps 1 to 8 have to pass first, and the fault names which', async () => {
    const one = await accepted((text) => text.replace('stakes: standard', 'stakes: low').replace('humanReview: escalated', 'humanReview: all'));
    const fault = await one.fault('certify', 'renew', { as: 'omar' });
    expect(fault).toMatchObject({ code: 'BLOCKED', exit: 3 });
    expect(fault.details.map((one) => one.at)).toEqual(expect.arrayContaining(['monitor', 'audit']));
  });

  test('high stakes with money: refused whatever else is there', async () => {
    const one = await tiny((text) => text.replace('stakes: standard', 'stakes: high').replace('"note:move"]', '"note:move", "payments:send"]'));
    await one.run('identity', 'register');
    await one.run('pact', 'sign', { as: 'erin' });
    for (const verb of ['sign-off', 'issue', 'renew']) {
      const fault = await one.fault('certify', verb, { as: 'omar' });
      expect([fault.exit, fault.message]).toEqual([3, expect.stringContaining('escrow, bond and registries cannot be checked yet')]);
    }
    expect((await certifyStep(one)).state).toBe('unproven');
  });

  test('sabotage: an agent that has become worse fails its fresh run, and the step', async () => {
    const one = ready.copy();
    writeFileSync(one.path('spoilt.mjs'), SPOILT);
    expect((await one.run('certify', 'run')).exit).toBe(1);
    expect((await certifyStep(one)).state).toBe('failed');
    expect(await one.fault('certify', 'sign-off', { as: 'omar' })).toMatchObject({ code: 'EVIDENCE_MISSING', message: expect.stringContaining('not-met') as unknown as string });
  });

  test('sabotage: a build that changes while it is measured is no evidence', async () => {
    const one = ready.copy();
    writeFileSync(one.path('sneak'), '');
    expect(await one.fault('certify', 'run')).toMatchObject({ code: 'REFUSED', message: expect.stringContaining('changed while') as unknown as string });
    expect(await one.entries('certificate.measured')).toHaveLength(0);
  });

  test('9.3 sabotage: a certificate that would not verify is neither handed out nor recorded', async () => {
    const one = ready.copy();
    await one.run('certify', 'run');
    await one.run('certify', 'sign-off', { as: 'omar' });
    const keys = one.world.keys;
    const mute: World = { ...one.world, keys: (folder) => ({ ...keys(folder), open: (name) => keys(folder).open(name), openByDid: async (role, did) => ({ ...(await keys(folder).openByDid(role, did)), sign: () => Promise.resolve(new Uint8Array(64)) }) }) };
    const card = stepById('certify')?.verbs.find((verb) => verb.name === 'issue');
    if (!card) throw new Error('no verb');
    await expect(runVerb(mute, { yes: true }, 'certify', card, { args: [], options: {} })).rejects.toMatchObject({ code: 'REFUSED', message: expect.stringContaining('would not verify: signer') as unknown as string });
    expect(await one.entries('certificate.issued')).toHaveLength(0);
    expect(existsSync(one.path('artifacts/certificate.dsse.json'))).toBe(false);
  });

  test('a sign-off counts for its candidate only', async () => {
    const one = ready.copy();
    await one.run('certify', 'run');
    await one.run('certify', 'sign-off', { as: 'omar' });
    one.edit('agent.yaml', (text) => text.replace('below: "0.60"', 'below: "0.61"'));
    expect(await one.fault('certify', 'issue')).toMatchObject({ code: 'APPROVAL_PENDING' });
  });

  test('a changed build: the certificate no longer stands, nothing is certified on the old run', async () => {
    const one = ready.copy();
    await one.run('certify', 'renew', { as: 'omar' });
    one.edit('agent.js', (text) => `${text}\n`);
    expect(await one.fault('certify', 'issue')).toMatchObject({ code: 'BLOCKED' });
    expect((await certifyStep(one)).state).toBe('blocked');
  });
});

describe('9.1 9.4 time passes', () => {
  let one: Tiny;
  beforeAll(async () => {
    one = ready.copy();
    await one.run('certify', 'renew', { as: 'omar' });
  });

  test.each([
    ['in force', '2026-12-01T12:00:00.000Z', 'passed', 0, 'renewal is due from 2027-02-06'],
    ['due', '2027-02-07T12:00:00.000Z', 'passed', 0, 'renewal is due now'],
  ])('%s', async (_name, now, state, exit, words) => {
    const later = one.copy();
    later.clock.set(now);
    await later.run('audit', 'verify');
    const step = await certifyStep(later);
    expect([step.state, exitOfStep(step), finding(step, 'in-force')?.because]).toEqual([state, exit, expect.stringContaining(words)]);
  });

  test('overdue and expired: stale, exit 3, and visible', async () => {
    const later = one.copy();
    later.clock.set('2027-02-21T12:00:00.000Z');
    const step = await certifyStep(later);
    expect([step.state, exitOfStep(step)]).toEqual(['stale', 3]);
    expect(finding(step, 'in-force')).toMatchObject({ is: 'unknown', because: expect.stringContaining('overdue since 2027-02-20') as unknown as string });
  });

  test('9.4 a renewal rests on a fresh run and names the certificate that it replaces', async () => {
    const later = one.copy();
    later.clock.set('2027-02-10T12:00:00.000Z');
    await later.run('audit', 'verify');
    const first = readFileSync(later.path('artifacts/certificate.dsse.json'), 'utf8');
    expect(await later.fault('certify', 'issue')).toMatchObject({ code: 'EVIDENCE_MISSING', message: expect.stringContaining('a renewal rests on a fresh run') as unknown as string });
    await later.run('certify', 'renew', { as: 'lena' });
    const [former, renewed] = await later.entries('certificate.issued');
    expect(renewed?.data['previous']).toBe(former?.data['certificate']);
    expect(renewed?.data['run']).not.toBe(former?.data['run']);
    expect(readFileSync(later.path('artifacts/certificate.dsse.json'), 'utf8')).not.toBe(first);
    expect(finding(await certifyStep(later), 'renewal')).toMatchObject({ is: 'yes' });
  });
});

import { appendFileSync } from 'node:fs';
import { afterAll, describe, expect, test } from '@jest/globals';
import type { JsonObject } from '../../src/domain/json.js';
import type { Operator } from '../../src/domain/manifest.js';
import type { Role } from '../../src/domain/names.js';
import { rollback } from '../../src/steps/07-rollback.js';
import { computeStates } from '../../src/engine/states.js';
import { gateTime } from '../../src/engine/status.js';
import { digestOf, findingOf, NOW, type Seen } from '../support/step-io.js';
import { accepted, removeTinies, type Tiny } from '../support/tiny.js';

afterAll(removeTinies);

const SECTION = { authority: ['engineering'], conditions: [{ on: 'incident', severity: 'critical', action: 'restore' }], keepFor: 'P365D', target: 'certified' };
const [BUILD, OTHER] = [digestOf('b'), digestOf('c')];
const operator = (roles: readonly Role[]): Operator => ({ id: 'erin', name: 'Erin', did: 'did:key:z', roles });
const snapshot = { type: 'snapshot.taken', inputs: { build: BUILD }, data: { build: BUILD, files: 5, keepUntil: '2027-11-22T12:00:00.000Z' } };
const drilled = (data: JsonObject = {}) => ({ type: 'rollback.drilled', data: { from: OTHER, to: BUILD, verified: true, milliseconds: { materialise: 3, start: 40, verify: 2 }, ...data } });
const activated = (data: JsonObject = {}) => ({ type: 'activation.recorded', data: { kind: 'drill', build: BUILD, previous: OTHER, environment: 'linux', operator: 'erin', ...data } });
const human = { act: 'rollback-drill', operator: 'erin', name: 'Erin', roles: ['engineering'], sentence: 's', ceremony: 'scripted', subject: BUILD, at: NOW } as const;
const inputs = { build: BUILD };

describe('probes', () => {
  const CASES: readonly (readonly [string, string, Seen, string, RegExp])[] = [
    ['7.1', 'rollback.snapshot', {}, 'unknown', /no snapshot/],
    ['7.1', 'rollback.snapshot', { entries: [snapshot], inputs }, 'yes', /5 files of build bbbbbbbbbbbb/],
    ['7.1', 'rollback.snapshot', { entries: [snapshot], inputs: { build: OTHER } }, 'unknown', /another build/],
    ['7.1', 'rollback.snapshot', { entries: [snapshot], inputs, now: '2027-11-23T00:00:00.000Z' }, 'unknown', /kept until/],
    ['7.2', 'rollback.verified', {}, 'unknown', /rehearsed/],
    ['7.2', 'rollback.verified', { entries: [drilled()] }, 'yes', /cccccccccccc before and bbbbbbbbbbbb after/],
    ['7.2', 'rollback.verified', { entries: [drilled({ verified: false })] }, 'no', /another build/],
    ['7.3', 'rollback.authority', { operators: [operator(['engineering'])] }, 'yes', /engineering \(erin\); on incident from critical on; kept for P365D/],
    ['7.3', 'rollback.authority', { operators: [operator(['legal'])] }, 'no', /no operator holds engineering/],
    ['7.4', 'rollback.rehearsed', {}, 'unknown', /not rehearsed/],
    ['7.4', 'rollback.rehearsed', { entries: [drilled()], human }, 'yes', /45 ms of machine time without a human \(materialise 3 ms, start 40 ms, verify 2 ms\)/],
    ['7.4', 'rollback.rehearsed', { entries: [drilled()] }, 'unknown', /no fitting role/],
    ['7.5', 'rollback.automatic', {}, 'unknown', /an operator acts/],
    ['7.6', 'rollback.activations', {}, 'unknown', /nothing was activated/],
    ['7.6', 'rollback.activations', { entries: [activated()] }, 'yes', /1 recorded/],
    ['7.6', 'rollback.activations', { entries: [activated(), { type: 'activation.recorded', data: { kind: 'drill', build: BUILD } }] }, 'no', /1 of 2/],
  ];
  test.each(CASES)('%s %s is %#', async (row, probe, seen, is, because) => {
    const found = await findingOf(rollback, SECTION, seen, probe);
    expect([found.row, found.is]).toEqual([row, is]);
    expect(found.because).toMatch(because);
  });
});

describe('the state of the step', () => {
  const stateOf = (one: Tiny) => one.withSession(async (session) => {
    const { steps } = await computeStates(session, await gateTime(session));
    const { state, because, next } = steps.find((step) => step.id === 'rollback') ?? { state: '', because: '', next: null };
    return { state, because, next };
  }, false);

  test('unproven, passed after snapshot and drill, stale after another build, open when the operator loses the role', async () => {
    const one = await accepted();
    expect(await stateOf(one)).toMatchObject({ state: 'unproven', next: 'agentctl rollback snapshot' });
    await one.run('rollback', 'snapshot');
    expect(await stateOf(one)).toMatchObject({ state: 'unproven', next: 'agentctl rollback drill --as <operator>' });
    // A role of rollback.authority is enough, whoever owns the step.
    await one.run('rollback', 'drill', { as: 'omar' });
    expect(await stateOf(one)).toMatchObject({ state: 'passed' });
    const demoted = one.copy();
    demoted.edit('agent.yaml', (text) => text.replace('roles: [operations, finance]', 'roles: [finance]'));
    expect(await stateOf(demoted)).toMatchObject({ state: 'unproven', because: expect.stringContaining('no fitting role') });
    appendFileSync(one.path('tool.sh'), '\n');
    expect(await stateOf(one)).toMatchObject({ state: 'stale', because: expect.stringContaining('tool.sh changed') });
  });
});

/** Step 3's questions, each on runs that make it yes, no, unknown or not applicable. */
import { afterAll, describe, expect, test } from '@jest/globals';
import type { JsonObject } from '../../src/domain/json.js';
import { computeStates } from '../../src/engine/states.js';
import { gateTime } from '../../src/engine/status.js';
import { baseline } from '../../src/steps/03-baseline.js';
import { digestOf, findingOf, NOW, type Seen } from '../support/step-io.js';
import { accepted, removeTinies, type Tiny } from '../support/tiny.js';

afterAll(removeTinies);

const condition = (id: string, verdict: string, because = 'the bound lies on the right side') => ({ id, severity: 'major', verdict, operator: '>=', threshold: '0.85', value: '0.700000', lower: '0.600000', upper: '0.800000', n: 40, because });
const [MET, MISSED, OPEN] = [condition('right', 'met'), condition('seldom', 'not-met'), condition('rare', 'insufficient', '3 cases of 40')];
const VERSIONS = { agent: 'tiny 1.0.0 build b', harness: 'agentctl-harness/1', dataset: 'held-out 1471a1471a08' };
const started = (data: JsonObject = {}) => ({ type: 'evaluation.started', data: { run: 'run-1', use: 'held-out', heldOutUse: 1, ...data } });
const finished = (data: JsonObject = {}) => ({
  type: 'evaluation.finished',
  data: { run: 'run-1', observational: false, cases: 88, errors: 0, conditions: [MET], composite: '0.950000', dimensions: { accuracy: '0.95' }, versions: VERSIONS, ...data },
});
const measured = (run = 'run-1') => ({ type: 'baseline.measured', data: { run } });
const accepting = (run = 'run-1') => ({ type: 'baseline.accepted', data: { run, act: digestOf('a') } });
const importing = (data: JsonObject = {}) => ({ type: 'baseline.imported', data: { origin: { tool: 'promptfoo', version: '0.121.20', model: 'gpt-x' }, outcomes: { pass: 7, fail: 2, infrastructure: 1 }, rows: 10, cases: 5, complete: 'yes', ...data } });
const run = (data: JsonObject = {}): Seen => ({ entries: [started(), finished(data), measured()] });
const human = { act: 'baseline-accept', operator: 'erin', name: 'Erin Engineer', roles: ['engineering'], sentence: 's', ceremony: 'interactive', subject: digestOf('d'), at: NOW } as const;

describe('probes', () => {
  const CASES: readonly (readonly [row: string, probe: string, what: string, seen: Seen, is: string, because: RegExp])[] = [
    ['3.1', 'baseline.verdicts', 'no run', {}, 'unknown', /no run yet/],
    ['3.1', 'baseline.verdicts', 'an interrupted run', { entries: [started(), measured()] }, 'unknown', /no run yet/],
    ['3.1', 'baseline.verdicts', 'a run for another purpose', { entries: [started(), finished()] }, 'unknown', /no run yet/],
    ['3.1', 'baseline.verdicts', 'every condition met', run(), 'yes', /1 of 1 conditions met on 88 cases/],
    ['3.1', 'baseline.verdicts', 'a condition not met', run({ conditions: [MET, OPEN, MISSED] }), 'no', /^seldom not met: value 0\.700000, lower bound 0\.600000 must be >= 0\.85$/],
    ['3.1', 'baseline.verdicts', 'too few cases', run({ conditions: [MET, OPEN] }), 'unknown', /^rare has insufficient evidence: .* \(3 cases of 40\)$/],
    ['3.1', 'baseline.verdicts', 'no condition at all', run({ conditions: [] }), 'unknown', /any condition/],
    ['3.1', 'baseline.verdicts', 'an observational run', run({ observational: true, conditions: [condition('right', 'observed')] }), 'unknown', /metrics without verdicts/],
    ['3.1', 'baseline.breakdown', 'no run', {}, 'unknown', /no run yet/],
    ['3.1', 'baseline.breakdown', 'composite and dimensions', run(), 'yes', /composite 0\.950000 over 1 dimensions, 1 conditions/],
    ['3.1', 'baseline.breakdown', 'a run without dimensions', run({ dimensions: {} }), 'no', /no dimensions/],
    ['3.2', 'baseline.versions', 'no run', {}, 'unknown', /no run yet/],
    ['3.2', 'baseline.versions', 'all versions', run(), 'yes', /tiny 1\.0\.0 build b · agentctl-harness\/1 · held-out 1471a1471a08/],
    ['3.2', 'baseline.versions', 'a version that is missing', run({ versions: { ...VERSIONS, harness: '' } }), 'no', /missing/],
    ['3.3', 'baseline.held-out', 'no run', {}, 'unknown', /no run yet/],
    ['3.3', 'baseline.held-out', 'held-out data', run({ errors: 2 }), 'yes', /88 cases, 2 infrastructure errors apart; held-out data used 1 time$/],
    ['3.3', 'baseline.held-out', 'data that thresholds were chosen on', { entries: [started({ use: 'tuning' }), finished(), measured()] }, 'no', /no held-out data set/],
    ['3.2', 'baseline.accepted', 'nobody', run(), 'unknown', /not accepted/],
    ['3.2', 'baseline.accepted', 'an operator', { entries: [...(run().entries ?? []), accepting()], human }, 'yes', /^Erin Engineer \(interactive\)$/],
    ['3.2', 'baseline.accepted', 'an operator who lost the role', { entries: [...(run().entries ?? []), accepting()] }, 'unknown', /not accepted/],
    ['3.2', 'baseline.accepted', 'the run before', { entries: [started({ run: 'run-0' }), finished({ run: 'run-0' }), measured('run-0'), accepting('run-0'), ...(run().entries ?? [])], human }, 'unknown', /newer run/],
    ['3.3', 'baseline.repeats', 'whatever was recorded', run(), 'unknown', /once/],
    ['3.4', 'baseline.imported', 'nothing', run(), 'not-applicable', /^nothing was imported$/],
    ['3.4', 'baseline.imported', 'results that nobody vouches for', { entries: [importing()] }, 'yes', /^promptfoo 0\.121\.20 on gpt-x: 7 pass, 2 fail, 1 neither, of 5 cases; of this build: unknown; no condition is met by them$/],
    ['3.4', 'baseline.imported', 'results of an interrupted run without a model', { entries: [importing({ complete: 'no', origin: { tool: 'inspect', version: null, model: null } })] }, 'yes', /^inspect on a model that it does not name: .*, incomplete;/],
    ['3.4', 'baseline.imported', 'results that an operator vouches for', { entries: [importing({ act: digestOf('a') })], human, inputs: { build: digestOf('b') } }, 'yes', /of this build: attested by Erin Engineer \(interactive\);/],
    ['3.4', 'baseline.imported', 'results of an earlier build', { entries: [importing({ act: digestOf('a') })], human, inputs: { build: digestOf('c') } }, 'yes', /attested by Erin Engineer \(interactive\) for another build;/],
    ['3.1', 'baseline.verdicts', 'good results of another harness', { entries: [importing()], human }, 'unknown', /^no run yet$/],
  ];
  test.each(CASES)('%s %s on %s', async (row, probe, _what, seen, is, because) => {
    const found = await findingOf(baseline, {}, seen, probe);
    expect([found.row, found.is]).toEqual([row, is]);
    expect(found.because).toMatch(because);
  });
});

describe('the state of the step', () => {
  const stateOf = (one: Tiny) => one.withSession(async (session) => {
    const { steps } = await computeStates(session, await gateTime(session));
    const { state, because, next } = steps.find((step) => step.id === 'baseline') ?? { state: '', because: '', next: null };
    return { state, because, next };
  }, false);

  test('passed when accepted; stale after a prompt, a data set or its window; open again after a newer run', async () => {
    const one = await accepted();
    expect(await stateOf(one)).toMatchObject({ state: 'passed', next: null });
    for (const [file, because] of [['prompts/policy.txt', /build: prompts\/policy\.txt changed/], ['data/held-out.jsonl', /datasets: .*held-out/]] as const) {
      const other = one.copy();
      other.edit(file, (text) => `${text}\n`);
      expect(await stateOf(other)).toMatchObject({ state: 'stale', because: expect.stringMatching(because), next: 'agentctl baseline run' });
    }
    const later = one.copy();
    later.clock.set('2027-02-20T12:00:00.001Z');
    expect(await stateOf(later)).toMatchObject({ state: 'stale', because: expect.stringContaining('expired on 2027-02-20') });
    await one.run('baseline', 'run');
    expect(await stateOf(one)).toMatchObject({ state: 'unproven', because: 'a newer run is not accepted yet', next: 'agentctl baseline accept --as <operator>' });
  }, 60_000);
});

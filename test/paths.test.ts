/** Rows X1 to X6 on the tiny agent: the order, the stakes, the path of an agent that already runs, evidence that ages, owners who act; and what was so then. */
import { Sqlite as Database } from './support/sqlite.js';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { ApplyReport, StatusReport, StepView } from '../src/domain/report.js';
import type { StepId } from '../src/domain/step.js';
import { apply } from '../src/engine/apply.js';
import { record } from '../src/engine/session.js';
import { showStep, status } from '../src/engine/status.js';
import { verify, type VerifyInput } from '../src/engine/verify.js';
import { waive } from '../src/engine/waive.js';
import { orderOf, requiredSteps, sequenceOf, STEPS } from '../src/steps/index.js';
import { withMoney } from './engine/money.js';
import { lowStakes } from './support/launched.js';
import { accepted, removeTinies, tiny, type Tiny } from './support/tiny.js';

const YES = { yes: true };

let bare: Tiny;
/** Identity, pact, baseline. */
let base: Tiny;
beforeAll(async () => {
  bare = await tiny();
  base = await accepted();
}, 60_000);
afterAll(removeTinies);

type Seen = StatusReport & { readonly exit: number };
async function statusOf(one: Tiny): Promise<Seen> {
  const report = await status(one.world, YES);
  if (report.kind !== 'status') throw new Error(report.kind);
  return { ...report.data, exit: report.exit };
}
async function gateOf(one: Tiny, input: VerifyInput = {}): Promise<Seen> {
  const report = await verify(one.world, YES, input);
  if (report.kind !== 'verify') throw new Error(report.kind);
  return { ...report.data, exit: report.exit };
}
async function planOf(one: Tiny, dryRun = true): Promise<ApplyReport & { readonly exit: number }> {
  const report = await apply(one.world, YES, { steps: [], dryRun });
  if (report.kind !== 'apply') throw new Error(report.kind);
  return { ...report.data, exit: report.exit };
}
function step({ steps }: { readonly steps: readonly StepView[] }, id: StepId): StepView {
  const found = steps.find((one) => one.id === id);
  if (!found) throw new Error(`no step ${id}`);
  return found;
}
const states = (seen: Seen, ...ids: readonly StepId[]) => Object.fromEntries(ids.map((id) => [id, step(seen, id).state]));
const finding = (seen: Seen, id: string) => seen.steps.flatMap((one) => one.findings).find((one) => one.id === id);
const edit = (one: Tiny, old: string, fresh: string): Tiny => {
  one.edit('agent.yaml', (text) => {
    if (!text.includes(old)) throw new Error(`nothing to edit: ${old}`);
    return text.replace(old, fresh);
  });
  return one;
};
/** Types each verb; a human act is a scripted one of somebody who may. */
async function type(one: Tiny, ...commands: readonly (readonly [StepId, string, string?])[]): Promise<void> {
  for (const [id, verb, as] of commands) {
    const { exit, headline } = await one.run(id, verb, as === undefined ? {} : { as });
    expect([id, verb, exit, headline]).toEqual([id, verb, 0, headline]);
  }
}

describe('X1 order', () => {
  test.each(['standard', 'already-in-production'] as const)('%s: every step once, each after what it needs', (path) => {
    const sequence = sequenceOf(path).map((one) => one.id);
    expect([...sequence].sort()).toEqual(STEPS.map((one) => one.id).sort());
    for (const [index, id] of sequence.entries()) expect([id, orderOf(path)[id].filter((need) => !sequence.slice(0, index).includes(need.step))]).toEqual([id, []]);
  });

  test('a fresh agent begins with step 1; what needs it waits, and says for what', async () => {
    const seen = await statusOf(bare);
    expect(seen.next).toBe('agentctl identity register');
    expect([step(seen, 'pact').next, step(seen, 'baseline').next, step(seen, 'guardrails').next]).toEqual(Array(3).fill('agentctl identity register'));
    expect(seen.steps.map((one) => one.state)).not.toContain('passed');
    expect((await planOf(bare)).items.map((item) => item.command)).toEqual(['agentctl identity register', 'agentctl identity verify', 'agentctl identity key issue']);
  });

  test('4 to 8 follow side by side once 1 to 3 are there; `apply` leaves to humans what is theirs', async () => {
    const plan = await planOf(base);
    expect([...new Set(plan.items.map((item) => item.step))]).toEqual(['guardrails', 'monitor', 'rollback', 'audit']);
    expect(plan.human.map((act) => act.step)).toContain('escalation');
  });

  test('evidence that holds by itself is blocked, not passed, while an earlier step is open', async () => {
    const one = edit(base.copy(), 'because: a lost note costs EUR 2.50', 'because: a lost note costs EUR 3.00');
    const seen = await statusOf(one);
    expect(states(seen, 'identity', 'pact', 'baseline')).toEqual({ identity: 'passed', pact: 'stale', baseline: 'blocked' });
    expect([step(seen, 'baseline').because, step(seen, 'baseline').next, seen.next]).toEqual(['waits for pact', 'agentctl pact sign --as <operator>', 'agentctl pact sign --as <operator>']);
    expect((await planOf(one)).items.map((item) => item.step)).not.toContain('baseline');
    expect((await gateOf(one)).exit).not.toBe(0);
  });
});

describe('X2 stakes', () => {
  let low: Tiny;
  beforeAll(async () => {
    low = await accepted(lowStakes);
    await type(low, ['monitor', 'run'], ['monitor', 'test'], ['audit', 'verify']);
  }, 60_000);

  test('low stakes: steps 1 2 3 5 8 are enough, the others are computed and shown all the same', async () => {
    const seen = await gateOf(low);
    expect([seen.exit, seen.stakes]).toEqual([0, 'low']);
    expect(seen.steps.filter((one) => one.required).map((one) => [one.number, one.state])).toEqual([1, 2, 3, 5, 8].map((number) => [number, 'passed']));
    const others = seen.steps.filter((one) => !one.required);
    expect(others.map((one) => one.number)).toEqual([4, 6, 7, 9, 10, 11, 12]);
    for (const one of others) expect([one.id, one.findings.length > 0, ['unproven', 'blocked', 'failed', 'passed'].includes(one.state)]).toEqual([one.id, true, true]);
    expect((await statusOf(low)).next).toBeNull();
    expect((await gateOf(low, { stage: 'launch' })).exit).toBe(0);
  });

  test.each<[string, (text: string) => string, RegExp]>([
    ['money', (text) => lowStakes(withMoney(text.replace('stakes: low', 'stakes: standard').replace('humanReview: all', 'humanReview: escalated'))), /financial authority \(.*pay_refund/],
    ['outputs that nobody reviews', (text) => text.replace('humanReview: all', 'humanReview: escalated'), /not all reviewed by a human/],
  ])('low stakes are a claim: with %s they are refused at their line', async (_what, change, message) => {
    const one = low.copy();
    one.edit('agent.yaml', change);
    await expect(verify(one.world, YES, {})).rejects.toMatchObject({ code: 'MANIFEST_INVALID', exit: 2, details: expect.arrayContaining([{ at: expect.stringMatching(/^agent\.yaml:\d+:\d+$/), message: expect.stringMatching(message), hint: expect.any(String) }]) });
  });

  test('as the scope grows the rest becomes mandatory', async () => {
    const one = low.copy();
    one.edit('agent.yaml', (text) => text.replace('stakes: low', 'stakes: standard').replace('humanReview: all', 'humanReview: escalated'));
    const seen = await gateOf(one);
    expect(seen.exit).not.toBe(0);
    expect(seen.steps.every((each) => each.required)).toBe(true);
    expect(requiredSteps('standard')).toHaveLength(12);
  });

  test('high stakes with money end unproven, whatever is measured and waived, and nobody certifies them', async () => {
    const one = await accepted((text) => withMoney(text).replace('stakes: standard', 'stakes: high').replace('\ntriggers:\n', '\ntriggers:\n  materiality: { above: "20.00" }\n'));
    await type(one, ['guardrails', 'check'], ['guardrails', 'simulate']);
    const seen = await gateOf(one, { stage: 'launch' });
    expect([seen.exit, states(seen, 'identity', 'pact', 'baseline', 'guardrails')]).toEqual([3, { identity: 'passed', pact: 'passed', baseline: 'passed', guardrails: 'unproven' }]);
    // All that can be measured is; what is left nobody can check yet.
    expect(step(seen, 'guardrails').findings.filter((each) => each.severity === 'must' && each.is !== 'yes').map((each) => [each.id, each.is])).toEqual([['guardrails.escrow', 'unknown'], ['guardrails.bond', 'unknown']]);
    const refused = { code: 'BLOCKED', exit: 3, message: expect.stringMatching(/high-stakes agent with financial authority .* is not certified/) };
    const certifying = async () => Promise.all([one.fault('certify', 'issue'), one.fault('certify', 'renew', { as: 'omar' }), one.fault('certify', 'sign-off', { as: 'omar' })]);
    expect(await certifying()).toEqual(Array(3).fill(expect.objectContaining(refused)));
    for (const probe of ['guardrails.escrow', 'guardrails.bond']) await waive(one.world, YES, { probe, as: 'erin', reason: 'not part of this test', expires: 'P30D' });
    expect(await certifying()).toEqual(Array(3).fill(expect.objectContaining(refused)));
    expect(await one.entries('certificate.issued')).toEqual([]);
    expect((await gateOf(one)).exit).not.toBe(0);
  }, 60_000);
});

describe('X3 an agent that already runs: 8, 3, 2, 4, 7, rest', () => {
  test('the log comes first, under the stable id; a first baseline without verdicts; a pact; the DID is bound later', async () => {
    const one = await tiny((text) => text.replace('stakes: standard', 'stakes: standard\npath: already-in-production'));
    const next = async () => (await statusOf(one)).next;
    expect(await next()).toBe('agentctl audit verify');
    expect((await planOf(one)).items.map((item) => item.command)).toEqual(['agentctl audit verify']);
    await type(one, ['audit', 'verify']);
    expect(step(await statusOf(one), 'audit').state).toBe('passed');

    // 3, observational: metrics without verdicts, which nobody can accept.
    expect(await next()).toBe('agentctl baseline run');
    const observed = await one.run('baseline', 'run');
    expect([observed.exit, observed.headline, observed.next]).toEqual([0, expect.stringContaining('no verdicts'), 'agentctl pact sign --as <operator>']);
    for (const condition of observed.data['conditions'] as readonly Record<string, unknown>[]) expect(condition).toMatchObject({ verdict: 'observed', value: expect.any(String), lower: expect.any(String), upper: expect.any(String) });
    let seen = await statusOf(one);
    expect(finding(seen, 'baseline.verdicts')).toMatchObject({ is: 'unknown', because: expect.stringContaining('metrics without verdicts') });
    expect(await one.fault('baseline', 'accept', { as: 'erin' })).toMatchObject({ code: 'EVIDENCE_MISSING', message: expect.stringContaining('observational') });
    expect([step(seen, 'baseline').next, seen.next]).toEqual(Array(2).fill('agentctl pact sign --as <operator>'));
    expect((await planOf(one)).human.map((act) => act.command)).toEqual(['agentctl pact sign --as <operator>']);

    // 2, then 3 again with verdicts: nothing of the first run is taken over.
    await type(one, ['pact', 'sign', 'erin']);
    seen = await statusOf(one);
    expect([step(seen, 'pact').state, step(seen, 'baseline').state, seen.next]).toEqual(['passed', 'stale', 'agentctl baseline run']);
    await type(one, ['baseline', 'run'], ['baseline', 'accept', 'erin']);
    const runs = await one.entries('evaluation.finished');
    expect(runs.map(({ data }) => [data['observational'], new Set((data['conditions'] as readonly { verdict: string }[]).map((each) => each.verdict))])).toEqual([[true, new Set(['observed'])], [false, new Set(['met'])]]);
    expect(finding(await statusOf(one), 'baseline.held-out')).toMatchObject({ is: 'yes', because: expect.stringContaining('used 2 times') });

    // 4 and 7 with the monitor, all before there is a DID.
    expect(await next()).toBe('agentctl guardrails check');
    await type(one, ['guardrails', 'check'], ['guardrails', 'simulate'], ['rollback', 'snapshot'], ['rollback', 'drill', 'erin'], ['monitor', 'run']);
    seen = await statusOf(one);
    expect(states(seen, 'audit', 'baseline', 'pact', 'guardrails', 'rollback')).toEqual({ audit: 'passed', baseline: 'passed', pact: 'passed', guardrails: 'passed', rollback: 'passed' });
    expect([seen.agent.did, seen.next]).toEqual([null, 'agentctl identity register']);
    const early = await one.entries('action.recorded');
    expect([early.length > 0, early.every((entry) => entry.agent.did === null && entry.agent.build !== null)]).toEqual([true, true]);

    // 1: the DID is bound by a later entry, and the early ones do not count against it.
    await type(one, ['identity', 'register'], ['identity', 'key issue'], ['identity', 'verify']);
    seen = await gateOf(one);
    expect(states(seen, 'identity', 'audit', 'baseline', 'pact', 'guardrails', 'rollback')).toEqual({ identity: 'passed', audit: 'passed', baseline: 'passed', pact: 'passed', guardrails: 'passed', rollback: 'passed' });
    expect(finding(seen, 'identity.version')).toMatchObject({ is: 'yes' });
    const [opened] = await one.entries('ledger.opened');
    const [registered] = await one.entries('identity.registered');
    expect([opened?.seq, opened?.agent.did, opened?.agent.id, registered?.agent.did, (registered?.seq ?? 0) > (early.at(-1)?.seq ?? Infinity)]).toEqual([0, null, seen.agent.id, seen.agent.did, true]);
    expect(await one.entries('evaluation.started')).toHaveLength(3);
  }, 60_000);

  test('`apply` takes the same order by itself', async () => {
    const one = await tiny((text) => text.replace('stakes: standard', 'stakes: standard\npath: already-in-production'));
    const { items, human, exit } = await planOf(one, false);
    expect(items.slice(0, 3).map((item) => [item.command, item.outcome])).toEqual([['agentctl audit verify', 'done'], ['agentctl baseline run', 'done'], ['agentctl identity register', 'done']]);
    expect(human.map((act) => act.command)).toEqual(['agentctl pact sign --as <operator>']);
    expect(exit).toBe(5);
  });

  test('before launch the same first run is refused: nothing to judge by', async () => {
    expect(await bare.fault('baseline', 'run')).toMatchObject({ code: 'BLOCKED', exit: 3 });
  });
});

describe('X4 evidence ages', () => {
  test('checked logs after 30 days, keys and baselines after 90; renewed, the steps pass again', async () => {
    const one = base.copy();
    await type(one, ['audit', 'verify']);
    const at = async (instant: string) => {
      one.clock.set(instant);
      return states(await gateOf(one), 'identity', 'pact', 'baseline', 'audit');
    };
    expect(await at('2026-12-22T12:00:00.000Z')).toEqual({ identity: 'passed', pact: 'passed', baseline: 'passed', audit: 'passed' });
    expect(await at('2026-12-22T12:00:00.001Z')).toEqual({ identity: 'passed', pact: 'passed', baseline: 'passed', audit: 'stale' });
    expect(await at('2027-02-20T12:00:00.001Z')).toEqual({ identity: 'stale', pact: 'blocked', baseline: 'stale', audit: 'stale' });
    await type(one, ['identity', 'key issue'], ['baseline', 'run'], ['baseline', 'accept', 'erin'], ['audit', 'verify']);
    expect(await at('2027-02-20T12:00:00.001Z')).toEqual({ identity: 'passed', pact: 'passed', baseline: 'passed', audit: 'passed' });
    // The clock of the ledger does not run backwards.
    expect(await at('2026-11-22T12:00:00.000Z')).toEqual({ identity: 'passed', pact: 'passed', baseline: 'passed', audit: 'passed' });
    expect((await one.entries('key.issued')).map((entry) => entry.validUntil)).toEqual(['2027-02-20T12:00:00.000Z', '2027-05-21T12:00:00.001Z']);
  }, 60_000);
});

describe('X6 owners', () => {
  test('stand on every step with the harm, wherever a step is shown', async () => {
    const seen = await statusOf(base);
    for (const { id, owner, ifSkipped } of STEPS) {
      expect(step(seen, id)).toMatchObject({ owner: [...owner], harm: ifSkipped });
      const shown = await showStep(base.world, YES, id);
      expect(shown).toMatchObject({ kind: 'step', data: { step: { owner: [...owner], harm: ifSkipped } } });
    }
  });

  let acting: Tiny;
  beforeAll(async () => {
    acting = base.copy();
    await type(acting, ['rollback', 'snapshot'], ['review', 'run']);
  }, 60_000);

  test.each<[StepId, string, string]>([
    ['pact', 'sign', 'omar'], ['pact', 'sign', 'lena'], ['baseline', 'accept', 'omar'], ['escalation', 'test', 'lena'], ['rollback', 'drill', 'lena'], ['rollback', 'restore', 'lena'],
    ['certify', 'sign-off', 'erin'], ['certify', 'renew', 'erin'], ['incident', 'tabletop', 'erin'], ['review', 'decide', 'lena'],
  ])('%s %s is not for %s, whose roles do not fit', async (id, verb, as) => {
    const head = () => acting.withSession(({ store, chain }) => store.head(chain), false);
    const before = await head();
    expect(await acting.fault(id, verb, { as, scenario: 'the wrong notes were dropped', participant: ['omar'], decision: 'hold' })).toMatchObject({ code: 'NOT_ALLOWED', exit: 1, hint: expect.stringMatching(/^operators who may: /) });
    expect(await head()).toEqual(before);
  });

  test('a human who lost the role since does not count any more', async () => {
    const one = base.copy();
    one.edit('agent.yaml', (text) => text.replace('roles: [engineering, product]', 'roles: [product]'));
    const seen = await statusOf(one);
    // Product owns the pact as well, but not the baseline.
    expect([finding(seen, 'pact.signed')?.is, finding(seen, 'baseline.accepted')?.is]).toEqual(['yes', 'unknown']);
  });
});

describe('verify --at', () => {
  let low: Tiny;
  beforeAll(async () => {
    low = await tiny(lowStakes);
    const days: readonly (readonly [day: string, ...commands: Parameters<typeof type>[1][]])[] = [
      ['22', ['identity', 'register'], ['identity', 'key issue'], ['identity', 'verify'], ['pact', 'sign', 'erin']],
      ['23', ['baseline', 'run'], ['baseline', 'accept', 'erin'], ['audit', 'verify'], ['monitor', 'test']],
      ['24', ['monitor', 'run']],
    ];
    for (const [day, ...commands] of days) {
      low.clock.set(`2026-11-${day}T12:00:00.000Z`);
      await type(low, ...commands);
    }
  }, 60_000);

  const at = (day: string) => gateOf(low, { at: `2026-11-${day}T12:00:00Z` });

  test('answers for then, and is no yes for now: the same gate is 0 now and 3 as of now', async () => {
    expect((await gateOf(low)).exit).toBe(0);
    const now = await at('24');
    expect([now.exit, now.steps.filter((one) => one.required).map((one) => one.state)]).toEqual([3, Array(5).fill('passed')]);
    expect(now.warnings.join()).toContain('as of 2026-11-24 12:00 UTC, with the manifest as it is now; this says nothing about now');
  });

  test.each<[string, Partial<Record<StepId, string>>, number]>([
    ['21', { identity: 'unproven', pact: 'unproven', baseline: 'unproven', audit: 'unproven' }, 3],
    ['22', { identity: 'passed', pact: 'passed', baseline: 'unproven', audit: 'unproven' }, 3],
    ['23', { identity: 'passed', pact: 'passed', baseline: 'passed', audit: 'passed', monitor: 'unproven' }, 3],
  ])('on the %s of November', async (day, expected, exit) => {
    const seen = await at(day);
    expect([states(seen, ...(Object.keys(expected) as StepId[])), seen.exit]).toEqual([expected, exit]);
  });

  test('before there was a DID the answer names none', async () => {
    expect([(await at('21')).agent.did, (await at('22')).agent.did]).toEqual([null, (await gateOf(low)).agent.did]);
  });

  test('of a later time: what will have expired by then is stale', async () => {
    const later = await gateOf(low, { at: '2027-03-01T12:00:00Z' });
    expect([later.exit, states(later, 'identity', 'baseline')]).toEqual([3, { identity: 'stale', baseline: 'stale' }]);
  });

  test('a key that was revoked since was live then', async () => {
    const one = low.copy();
    const keyId = String((await one.entries('key.issued'))[0]?.data['keyId']);
    one.clock.set('2026-11-25T12:00:00.000Z');
    await one.run('identity', 'key revoke', { reason: 'leaked' }, [keyId]);
    expect(finding(await gateOf(one), 'identity.api-key')).toMatchObject({ is: 'unknown' });
    expect(finding(await gateOf(one, { at: '2026-11-24T12:00:00Z' }), 'identity.api-key')).toMatchObject({ is: 'yes' });
    expect(finding(await gateOf(one, { at: '2026-11-21T12:00:00Z' }), 'identity.api-key')).toMatchObject({ is: 'unknown', because: 'no key issued yet' });
  });

  test('an intent that has its outcome by now was open then', async () => {
    const one = low.copy();
    const names = { action: 'a-1', capability: 'sorting', tool: 'drop_note', digest: `sha256:${'d'.repeat(64)}`, policy: `sha256:${'e'.repeat(64)}`, approval: null, reservation: null, source: 'production' };
    for (const [day, draft] of [['25', { type: 'action.intent', data: names }], ['26', { type: 'action.recorded', data: { ...names, decision: 'permit', rule: 'limits', pattern: null, confidence: '0.95', doubt: false, pre: 'ok', post: 'ok', outcome: 'done', milliseconds: 9 } }]] as const) {
      one.clock.set(`2026-11-${day}T12:00:00.000Z`);
      await one.withSession((session) => record(session, draft));
    }
    const then = await gateOf(one, { at: '2026-11-25T12:00:00Z' });
    expect([finding(then, 'audit.complete')?.is, then.exit]).toEqual(['unknown', 3]);
    const later = await gateOf(one, { at: '2026-11-25T12:16:00Z' });
    expect([finding(later, 'audit.complete')?.is, later.exit]).toEqual(['no', 1]);
    expect(finding(await gateOf(one), 'audit.complete')?.is).toBe('yes');
  });

  test('a broken ledger is broken as of any time, and the question writes nothing', async () => {
    const one = low.copy();
    const before = await one.withSession(({ store, chain }) => store.head(chain), false);
    await gateOf(one, { at: '2026-11-22T12:00:00Z' });
    expect(await one.withSession(({ store, chain }) => store.head(chain), false)).toEqual(before);
    const db = new Database(one.path('.agentctl/ledger.db'));
    for (const { name } of db.prepare<[], { name: string }>("SELECT name FROM sqlite_master WHERE type = 'trigger'").all()) db.exec(`DROP TRIGGER "${name}"`);
    db.exec(`UPDATE entries SET body = replace(body, '"conditions":5', '"conditions":6') WHERE type = 'pact.signed'`);
    db.close();
    await expect(verify(one.world, YES, { at: '2026-11-21T12:00:00Z' })).rejects.toMatchObject({ code: 'LEDGER_BROKEN', exit: 4 });
  });

  test.each(['yesterday', '2026-11', '2026-11-22T12:00:00', '2026-13-22T12:00:00Z', '2026-02-30'])('--at %s is no time', async (text) => {
    await expect(verify(low.world, YES, { at: text })).rejects.toMatchObject({ code: 'USAGE', exit: 2, hint: '--at 2026-11-22T12:00:00Z' });
  });
});

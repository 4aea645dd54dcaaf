/** The verbs of step 6 on the tiny agent: notes that really move, votes with real keys, and drills that fail when something is broken. */
import { cpSync, existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { ActionProposal } from '../../src/enforcement/action.js';
import { approvalOf, approvalSubject } from '../../src/enforcement/approvals.js';
import { executeAction, type ActionResult } from '../../src/enforcement/gateway/execute.js';
import { digestBytes } from '../../src/domain/digest.js';
import type { JsonObject } from '../../src/domain/json.js';
import type { OutcomeReport } from '../../src/domain/report.js';
import { toInstant } from '../../src/domain/time.js';
import { gatewayOf } from '../../src/engine/gateway.js';
import { testWith } from '../../src/engine/escalation/test.js';
import type { Execute } from '../../src/engine/escalation/drill.js';
import { accepted, removeTinies, START, type Tiny } from '../support/tiny.js';

afterAll(removeTinies);

let base: Tiny;
beforeAll(async () => { base = await accepted(); });

const later = (minutes: number): string => toInstant(Date.parse(START) + minutes * 60_000);
const notes = (one: Tiny): string[] => readdirSync(one.path('box/inbox')).map((file) => file.replace('.txt', '')).sort();
const lies = (one: Tiny, note: string): string => ['inbox', 'kept', 'dropped'].filter((box) => existsSync(one.path('box', box, `${note}.txt`))).join();

async function propose(one: Tiny, change: Partial<ActionProposal> = {}): Promise<ActionResult> {
  return one.withSession(async (session) => {
    const { ports, context } = await gatewayOf(session);
    const proposal: ActionProposal = { id: 'a-1', capability: 'sorting', tool: 'keep_note', arguments: { note: notes(one)[0] ?? '' }, confidence: '0.99', doubt: true, source: 'production', occurredAt: session.world.clock.now(), ...change };
    return executeAction(ports, context, proposal);
  });
}

/** A copy with one request that waits. */
async function waiting(change: Partial<ActionProposal> = {}): Promise<{ one: Tiny; id: string; note: string }> {
  const one = base.copy();
  const note = notes(one)[0] ?? '';
  const { approval, decision } = await propose(one, change);
  expect(decision.decision).toBe('escalate');
  return { one, id: approval ?? '', note };
}

describe('approve', () => {
  test('6.7 6.8 the action runs once, after the approval, and the vote is a signed act', async () => {
    const { one, id, note } = await waiting();
    expect(await one.run('escalation', 'list')).toMatchObject({ exit: 0, headline: '1 action waits for a human', data: { open: [{ id, tool: 'keep_note', rule: 'first-encounter', roles: ['operations'], arguments: { note } }] } });
    expect(lies(one, note)).toBe('inbox');
    expect(await one.run('escalation', 'approve', { as: 'omar' }, [id])).toMatchObject({ exit: 0, data: { executed: true, outcome: 'done', rule: 'approved', result: { note, moved: 'kept' } } });
    expect(lies(one, note)).toBe('kept');
    const [granted] = await one.entries('approval.granted');
    const operator = await one.withSession(async ({ manifest }) => manifest.owner.operators.find((each) => each.id === 'omar'), false);
    expect(granted).toMatchObject({ actor: operator?.did, data: { id, operator: operator?.did, ceremony: 'scripted' } });
    expect(await one.entries('approval.consumed')).toHaveLength(1);
    expect(await one.run('escalation', 'list')).toMatchObject({ headline: 'nothing waits for a human' });
    expect(await one.fault('escalation', 'approve', { as: 'omar' }, [id])).toMatchObject({ code: 'REFUSED', message: expect.stringContaining('good for one time') });
    expect((await propose(one, { arguments: { note } })).decision).toMatchObject({ decision: 'deny', rule: 'duplicate' });
  });

  test('6.8 only an operator with a role of triggers.approval may vote', async () => {
    const { one, id, note } = await waiting();
    expect(await one.fault('escalation', 'approve', { as: 'erin' }, [id])).toMatchObject({ code: 'NOT_ALLOWED', hint: 'operators who may: omar' });
    expect(await one.fault('escalation', 'approve', { as: 'mallory' }, [id])).toMatchObject({ code: 'NOT_ALLOWED' });
    expect(await one.fault('escalation', 'approve', {}, [id])).toMatchObject({ code: 'USAGE' });
    expect(await one.fault('escalation', 'approve', { as: 'omar' }, ['ap-none'])).toMatchObject({ code: 'REFUSED', hint: 'agentctl escalation list' });
    expect(lies(one, note)).toBe('inbox');
  });

  test('6.8 what expires is denied, and that is written down', async () => {
    const { one, id, note } = await waiting();
    one.clock.set(later(4 * 60));
    expect(await one.run('escalation', 'list')).toMatchObject({ headline: 'nothing waits for a human' });
    expect(await one.fault('escalation', 'approve', { as: 'omar' }, [id])).toMatchObject({ code: 'REFUSED', message: expect.stringContaining('expired') });
    expect(await one.entries('approval.expired')).toHaveLength(1);
    expect(lies(one, note)).toBe('inbox');
  });

  test.each([
    ['a new limit', 'detectionDelay: P1D', 'detectionDelay: P2D'],
    ['another tool definition', 'Moves one note to the kept ones.', 'Moves one note somewhere.'],
  ])('6.8 %s makes it another action, which nobody approved', async (_name, before, after) => {
    const { one, id, note } = await waiting();
    one.edit('agent.yaml', (text) => text.replace(before, after));
    expect(await one.fault('escalation', 'approve', { as: 'omar' }, [id])).toMatchObject({ code: 'REFUSED', message: expect.stringContaining('it is for another action') });
    expect(lies(one, note)).toBe('inbox');
  });

  test('6.8 a forged vote opens nothing, however it came into the ledger', async () => {
    const { one, id, note } = await waiting();
    await one.withSession(async ({ store, chain, agent, manifest }) => {
      const request = approvalOf((await store.projected(chain, 'approvals', id)) ?? {});
      const operator = manifest.owner.operators.find((each) => each.id === 'omar')?.did ?? '';
      const data: JsonObject = { id, action: request.action, subject: approvalSubject(request), operator, act: digestBytes('nobody'), ceremony: 'interactive' };
      await store.append(chain, [{ type: 'approval.granted', agent, actor: operator, data }], { blobs: [{ mediaType: 'text/plain', bytes: Buffer.from('nobody') }] });
    });
    const report = await one.run('escalation', 'approve', { as: 'omar' }, [id]);
    expect(report).toMatchObject({ exit: 1, data: { executed: false } });
    expect(lies(one, note)).toBe('inbox');
    const [, again] = report.next?.match(/^agentctl escalation approve (ap-\w+) --as <operator>$/) ?? [];
    expect(again).not.toBe(id);
    expect(await one.run('escalation', 'approve', { as: 'omar' }, [again ?? ''])).toMatchObject({ exit: 0, data: { executed: true } });
  });

  test('6.7 a suspended agent does nothing, approved or not', async () => {
    const { one, id, note } = await waiting();
    await one.withSession(({ store, chain, agent }) => store.append(chain, [{ type: 'incident.opened', agent, actor: 'agentctl', data: { incident: 'i-1', severity: 'sev1', trigger: 'test', action: 'suspend', drill: false } }]));
    expect(await one.run('escalation', 'approve', { as: 'omar' }, [id])).toMatchObject({ exit: 1, data: { executed: false, rule: 'suspended' } });
    expect(lies(one, note)).toBe('inbox');
  });

  test('6.8 granted, and the process died before it was carried out: approving again carries it out without a second vote', async () => {
    const { one, id, note } = await waiting();
    const crash = await one.withSession(async (session) => {
      const { castVote } = await import('../../src/engine/escalation/vote.js');
      const { requestById } = await import('../../src/engine/escalation/requests.js');
      return castVote(session, await requestById(session, id), START, { act: 'approve', as: 'omar', verb: 'approve' });
    });
    expect(crash.ceremony).toBe('scripted');
    expect(await one.run('escalation', 'list')).toMatchObject({ data: { open: [{ id, status: 'granted' }] } });
    expect(await one.run('escalation', 'approve', {}, [id])).toMatchObject({ exit: 0, data: { executed: true } });
    expect(lies(one, note)).toBe('kept');
    expect(await one.entries('approval.granted')).toHaveLength(1);
  });

  test('6.8 a quorum of two needs two humans', async () => {
    const one = base.copy();
    one.edit('agent.yaml', (text) => text.replace('roles: [operations], quorum: 1', 'roles: [operations, legal], quorum: 2'));
    const { approval } = await propose(one);
    expect(await one.run('escalation', 'approve', { as: 'omar' }, [approval ?? ''])).toMatchObject({ exit: 5, data: { votes: 1, quorum: 2, executed: false } });
    expect(await one.fault('escalation', 'approve', { as: 'omar' }, [approval ?? ''])).toMatchObject({ code: 'NOT_ALLOWED' });
    expect(await one.run('escalation', 'approve', { as: 'lena' }, [approval ?? ''])).toMatchObject({ exit: 0, data: { executed: true } });
  });

  test('6.8 arguments are shown with nothing hidden in them', async () => {
    const one = base.copy();
    one.edit('agent.yaml', (text) => text.replaceAll('{ type: string, pattern: "^n-[0-9a-f]{8}$" }', '{ type: string }'));
    await propose(one, { arguments: { note: 'a\u202egnp\u001b[2K' } });
    const { tables } = await one.run('escalation', 'list');
    expect(tables?.[0]?.rows[0]?.at(-1)).toBe('{"note":"a\\u202egnp\\u001b[2K"}');
  });
});

describe('deny', () => {
  test('6.8 a refusal is signed, ends the request, and the action stays denied until it would have expired', async () => {
    const { one, id, note } = await waiting();
    expect(await one.fault('escalation', 'deny', { as: 'omar', reason: 'because' }, [id])).toMatchObject({ code: 'USAGE', hint: expect.stringContaining('too-risky') });
    expect(await one.run('escalation', 'deny', { as: 'omar', reason: 'too-risky' }, [id])).toMatchObject({ exit: 0, data: { reason: 'too-risky' } });
    expect((await one.entries('approval.denied'))[0]?.data).toMatchObject({ id, reason: 'too-risky', ceremony: 'scripted' });
    expect(await one.fault('escalation', 'approve', { as: 'omar' }, [id])).toMatchObject({ code: 'APPROVAL_DENIED', exit: 5 });
    expect((await propose(one, { arguments: { note } })).decision).toMatchObject({ decision: 'deny', rule: 'approval-denied' });
    one.clock.set(later(4 * 60));
    expect((await propose(one, { arguments: { note } })).decision).toMatchObject({ decision: 'escalate' });
    expect(lies(one, note)).toBe('inbox');
  });
});

describe('test', () => {
  test('6.7 6.8 the drill passes, leaves its evidence, and nothing else', async () => {
    const one = base.copy();
    const report = await one.run('escalation', 'test', { as: 'omar' });
    expect(report).toMatchObject({ exit: 0, data: { passed: true, beforeApproval: 'not-moved', afterApproval: 'moved-once', replay: 'refused', changed: 'refused', forged: 'refused', expired: 'refused' } });
    const [entry] = await one.entries('escalation.tested');
    expect(entry?.data).toMatchObject({ trigger: 'doubt', ceremony: 'scripted', deliverable: digestBytes(await one.world.files.read(one.path('artifacts/escalation.json'))) });
    expect(Object.keys(entry?.inputs ?? {}).sort()).toEqual(['capabilities', 'deliverable:baseline', 'limits', 'triggers']);
    expect(await one.entries('approval.requested')).toEqual([]);
    expect(await one.entries('action.recorded')).toEqual([]);
    expect(readdirSync(one.path('.agentctl/drill'))).toEqual([]);
  });

  test('the evidence is the same wherever agentctl is installed: no path of this machine is in what is signed', async () => {
    const elsewhere = base.copy();
    const home = elsewhere.path('installed');
    cpSync(join(base.world.surroundings.home, 'templates'), join(home, 'templates'), { recursive: true });
    const subjects = [];
    for (const one of [base.copy(), elsewhere.in({ surroundings: { ...elsewhere.world.surroundings, home } })]) {
      await one.run('escalation', 'test', { as: 'omar' });
      subjects.push((await one.entries('escalation.tested'))[0]?.data['subject']);
    }
    expect(subjects[0]).toMatch(/^sha256:/);
    expect(subjects[1]).toBe(subjects[0]);
  });

  test('6.8 the operator of the drill needs a role of triggers.approval', async () => {
    expect(await base.copy().fault('escalation', 'test', { as: 'erin' })).toMatchObject({ code: 'NOT_ALLOWED' });
  });

  test('6.5 sabotage twin: with the trigger removed, it moves at once and the drill fails', async () => {
    const one = base.copy();
    one.edit('agent.yaml', (text) => text.replace('doubt: true', 'doubt: false'));
    expect(await one.run('escalation', 'test', { as: 'omar' })).toMatchObject({ exit: 1, data: { passed: false, beforeApproval: 'moved' } });
    expect(await one.entries('escalation.tested')).toEqual([]);
  });

  /** The same gateway with one thing broken. */
  const sabotage: readonly (readonly [string, Execute, JsonObject])[] = [
    ['runs whatever is proposed', async (ports, context, proposal) => {
      await ports.tools.run(context.policy?.tools.get(proposal.tool)?.tool ?? never(), proposal.arguments, context);
      return executeAction(ports, context, proposal);
    }, { beforeApproval: 'moved' }],
    ['lets an approval be used again', async (ports, context, proposal) => {
      const result = await executeAction(ports, context, proposal);
      if (proposal.id === 'drill-second') await ports.tools.run(context.policy?.tools.get(proposal.tool)?.tool ?? never(), proposal.arguments, context);
      return result;
    }, { replay: 'let-through' }],
    ['runs other arguments under any approval', async (ports, context, proposal) => {
      const any = [...(await ports.store.projection(context.chain, 'approvals')).values()].some((state) => state['status'] === 'granted');
      if (any) await ports.tools.run(context.policy?.tools.get(proposal.tool)?.tool ?? never(), proposal.arguments, context);
      return executeAction(ports, context, proposal);
    }, { changed: 'let-through' }],
    ['believes every vote', (ports, context, proposal) => executeAction({ ...ports, authenticated: () => Promise.resolve(true) }, context, proposal), { forged: 'let-through' }],
    ['reads no expiry', (ports, context, proposal) => executeAction({ ...ports, clock: base.clock }, context, proposal), { expired: 'let-through' }],
  ];
  test.each(sabotage)('6.7 6.8 sabotage twin: a gateway that %s fails the drill and leaves no evidence', async (_name, execute, found) => {
    const one = base.copy();
    const report = await one.withSession((session) => testWith(execute)(session, { args: [], options: { as: 'omar' } }));
    expect(report).toMatchObject({ exit: 1, data: { data: { passed: false, ...found } } });
    expect(await one.entries('escalation.tested')).toEqual([]);
    expect(readdirSync(one.path('.agentctl/drill'))).toEqual([]);
  });

  test('6.7 sabotage twin: a gateway whose tools do nothing fails too, since nothing moved after the approval', async () => {
    const one = base.copy();
    const dead: Execute = (ports, context, proposal) => executeAction({ ...ports, tools: { run: () => Promise.resolve({ outcome: 'done', result: {}, message: '', milliseconds: 0 }) } }, context, proposal);
    const report = await one.withSession((session) => testWith(dead)(session, { args: [], options: { as: 'omar' } }));
    expect((report.data as OutcomeReport).data).toMatchObject({ passed: false, afterApproval: 'not-moved' });
  });
});

function never(): never {
  throw new Error('the drill has its tool');
}

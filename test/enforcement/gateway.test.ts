/** The gateway with a real store and real tools: what moves, when, how often, and what the ledger says about it. */
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { schemas } from '../../src/adapters/schemas.js';
import { sqliteStores } from '../../src/adapters/sqlite-store.js';
import { systemRandom } from '../../src/adapters/system.js';
import { toolRunner } from '../../src/adapters/tool-runner.js';
import type { ActionProposal } from '../../src/enforcement/action.js';
import { openIntents } from '../../src/enforcement/activity.js';
import { approvalOf, approvalSubject } from '../../src/enforcement/approvals.js';
import { executeAction } from '../../src/enforcement/gateway/execute.js';
import { expireApprovals } from '../../src/enforcement/gateway/expire.js';
import type { GatewayContext, GatewayPorts } from '../../src/enforcement/gateway/facts.js';
import type { LimitsSection } from '../../src/enforcement/limits.js';
import { enforcementProjections } from '../../src/enforcement/projections.js';
import type { TriggersSection } from '../../src/enforcement/triggers.js';
import { Fault } from '../../src/domain/fault.js';
import type { JsonObject } from '../../src/domain/json.js';
import type { Operator, Tool } from '../../src/domain/manifest.js';
import type { Clock, Store } from '../../src/domain/ports.js';
import { toInstant } from '../../src/domain/time.js';
import { AGENT, ANNA, BERT, CAPABILITIES, CHAIN, digestOf, NOW, payment, policyWith, proposal, TOOLS } from './fixture.js';

/** Stands still until told to move. */
class StillClock implements Clock {
  #at = Date.parse(NOW);
  now = () => toInstant(this.#at);
  monotonic = () => this.#at;
  sleep = async () => undefined;
  forward(minutes: number): void {
    this.#at += minutes * 60_000;
  }
}

const MOVE = `let t='';process.stdin.on('data',d=>t+=d).on('end',()=>{const a=JSON.parse(t);require('fs').renameSync('inbox/'+a.file,a.to+'/'+a.file);console.log(JSON.stringify({ok:true,to:a.to}))})`;
const PAY = `let t='';process.stdin.on('data',d=>t+=d).on('end',()=>{const a=JSON.parse(t);require('fs').appendFileSync('paid',a.amount+'\\n');if(a.to==='bad')process.exit(1);if(a.to==='slow')setTimeout(()=>{},60000);else console.log('{"ok":true}')})`;
const SCRIPTS: Record<string, string> = { move: MOVE, pay: PAY, notify: 'console.log(JSON.stringify({wrong:1}))' };
const tools: readonly Tool[] = TOOLS.map((one) => ({ ...one, command: [process.execPath, '-e', SCRIPTS[one.name] ?? ''], timeout: 'PT1S' }));

let folder = '';
let store: Store;
let clock: StillClock;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'agentctl-gateway-'));
  for (const one of ['inbox', 'spam']) await mkdir(join(folder, one));
  await writeFile(join(folder, 'inbox/m1'), 'hello');
  clock = new StillClock();
  store = await sqliteStores({ clock, random: systemRandom(), projections: enforcementProjections }).open(join(folder, '.agentctl'), { readonly: false });
});
afterEach(async () => {
  const problems = [];
  for await (const problem of store.audit(CHAIN)) problems.push(problem);
  await store.close();
  await rm(folder, { recursive: true, force: true });
  expect(problems).toEqual([]);
});

const ports = (change: Partial<GatewayPorts> = {}): GatewayPorts => ({ store, tools: toolRunner(process.env['PATH'] ?? '', clock), schemas: schemas(), clock, authenticated: async () => true, ...change });
const context = (change: { limits?: Partial<LimitsSection>; triggers?: Partial<TriggersSection>; operators?: readonly Operator[] } = {}): GatewayContext => ({
  chain: CHAIN, agent: AGENT, folder, build: folder, metCapabilities: ['triage', 'payments'],
  policy: policyWith({ ...change, source: { tools, capabilities: CAPABILITIES, ...(change.operators && { operators: change.operators }) } }),
});
const human = context({ limits: { alwaysHuman: ['move', 'pay'] } });
const inHuman = (): GatewayContext => ({ ...human, folder, build: folder });
const propose = (asked: ActionProposal, where: GatewayContext = context(), change: Partial<GatewayPorts> = {}) => executeAction(ports(change), where, asked);
const where = async (): Promise<string> => ((await readdir(join(folder, 'inbox'))).includes('m1') ? 'inbox' : (await readdir(join(folder, 'spam'))).includes('m1') ? 'spam' : 'nowhere');
const types = async (): Promise<string[]> => (await entries()).map(({ type }) => type);
const paid = async (): Promise<number> => (await readdir(folder)).includes('paid') ? (await (await import('node:fs/promises')).readFile(join(folder, 'paid'), 'utf8')).split('\n').length - 1 : 0;
async function entries() {
  const all = [];
  for await (const { seq } of store.scan(CHAIN)) {
    const stored = await store.read(CHAIN, seq);
    if (stored) all.push(stored.entry);
  }
  return all;
}
async function approval(id: string | null) {
  return approvalOf((await store.projected(CHAIN, 'approvals', id ?? '')) ?? {});
}
async function vote(id: string | null, operator: Operator, type: 'granted' | 'denied' = 'granted'): Promise<void> {
  const request = await approval(id);
  const data: JsonObject = { id, action: request.action, subject: approvalSubject(request), operator: operator.did, act: digestOf(operator.id), ceremony: 'scripted', ...(type === 'denied' && { reason: 'wrong' }) };
  // Stands for the signed act: the bytes that the entry names.
  await store.append(CHAIN, [{ type: `approval.${type}`, agent: AGENT, actor: operator.did, data }], { blobs: [{ mediaType: 'text/plain', bytes: Buffer.from(operator.id) }] });
}
const held = async () => Object.fromEntries([...(await store.projection(CHAIN, 'reservations')).values()].map(({ amount, state }) => [String(amount), state]));

describe('6.7 nothing moves without the approval', () => {
  test('6.7 6.8 not moved before, moved exactly once after, and not again', async () => {
    const asked = await propose(proposal(), inHuman());
    expect(asked).toMatchObject({ decision: { decision: 'escalate', rule: 'always-human' }, outcome: 'not-run' });
    expect(await where()).toBe('inbox');
    const again = await propose(proposal(), inHuman());
    expect(again.approval).toBe(asked.approval);
    expect(await store.count(CHAIN, 'approval.requested')).toBe(1);
    await vote(asked.approval, ANNA);
    expect(await where()).toBe('inbox');
    const done = await propose(proposal(), inHuman());
    expect(done).toMatchObject({ decision: { decision: 'permit', rule: 'approved' }, outcome: 'done', result: { ok: true, to: 'spam' }, approval: asked.approval });
    expect(await where()).toBe('spam');
    expect(await propose(proposal(), inHuman())).toMatchObject({ decision: { decision: 'deny', rule: 'duplicate' } });
    expect(await propose(proposal({ id: 'a-2' }), inHuman())).toMatchObject({ decision: { decision: 'escalate' } });
    expect(await types()).toEqual(['approval.requested', 'action.recorded', 'action.recorded', 'approval.granted', 'approval.consumed', 'action.intent', 'action.recorded', 'action.recorded', 'approval.requested', 'action.recorded']);
  });

  test('6.7 sabotage twin: with the trigger removed it moves at once', async () => {
    expect((await propose(proposal())).outcome).toBe('done');
    expect(await where()).toBe('spam');
  });

  test('6.8 what policy alone permits by now still uses up the approval for it', async () => {
    const { approval: id } = await propose(proposal(), inHuman());
    await vote(id, ANNA);
    // The same policy, whose first-encounter trigger has meanwhile learnt the pattern, is the same action: its digest does not change.
    const blind: GatewayContext = inHuman();
    const { policy } = blind;
    if (policy === null) throw new Error('the fixture has a policy');
    const learnt = { ...blind, policy: { ...policy, limits: { ...policy.limits, alwaysHuman: new Set<string>() } } };
    expect(await propose(proposal({ id: 'a-2' }), learnt)).toMatchObject({ decision: { decision: 'permit', rule: 'within-policy' }, outcome: 'done', approval: id });
    expect((await approval(id)).status).toBe('consumed');
    expect(await types()).toEqual(['approval.requested', 'action.recorded', 'approval.granted', 'approval.consumed', 'action.intent', 'action.recorded']);
  });

  test('6.8 eight at once after one approval: one moves it', async () => {
    const { approval: id } = await propose(proposal(), inHuman());
    await vote(id, ANNA);
    const results = await Promise.all(Array.from({ length: 8 }, (_, index) => propose(proposal({ id: `b-${index}` }), inHuman())));
    expect(results.filter(({ outcome }) => outcome === 'done')).toHaveLength(1);
    expect(new Set(results.filter(({ outcome }) => outcome !== 'done').map(({ decision }) => decision.decision))).toEqual(new Set(['escalate']));
    expect(await store.count(CHAIN, 'action.intent')).toBe(1);
  });

  test('6.8 eight identical calls at once make one request', async () => {
    const results = await Promise.all(Array.from({ length: 8 }, (_, index) => propose(proposal({ id: `b-${index}` }), inHuman())));
    expect(new Set(results.map((one) => one.approval)).size).toBe(1);
    expect(await store.count(CHAIN, 'approval.requested')).toBe(1);
  });

  test('6.8 swapped arguments are another action', async () => {
    await writeFile(join(folder, 'inbox/m2'), 'hello');
    const { approval: id } = await propose(proposal(), inHuman());
    await vote(id, ANNA);
    const swapped = await propose(proposal({ id: 'a-2', arguments: { file: 'm2', to: 'spam' } }), inHuman());
    expect(swapped.decision.decision).toBe('escalate');
    expect(swapped.approval).not.toBe(id);
    expect(await readdir(join(folder, 'inbox'))).toEqual(['m1', 'm2']);
  });

  test('6.8 a proposal that is changed after it was judged runs as it was judged', async () => {
    const asked = { ...proposal(), arguments: { file: 'm1', to: 'spam' } };
    const running = propose(asked);
    asked.arguments.to = 'inbox';
    expect((await running).result).toEqual({ ok: true, to: 'spam' });
  });

  test('6.8 a timeout denies, and only a new request can be approved', async () => {
    const { approval: id } = await propose(proposal(), inHuman());
    await vote(id, ANNA);
    clock.forward(241);
    expect(await propose(proposal(), inHuman())).toMatchObject({ decision: { decision: 'deny', rule: 'approval-expired' } });
    expect((await approval(id)).status).toBe('expired');
    const next = await propose(proposal(), inHuman());
    expect(next.decision.decision).toBe('escalate');
    expect(next.approval).not.toBe(id);
    clock.forward(241);
    expect(await expireApprovals(ports(), inHuman())).toEqual([next.approval]);
    expect(await expireApprovals(ports(), inHuman())).toEqual([]);
    expect(await where()).toBe('inbox');
  });

  test('6.8 a refusal holds until the request would have expired', async () => {
    const { approval: id } = await propose(proposal(), inHuman());
    await vote(id, ANNA, 'denied');
    expect(await propose(proposal(), inHuman())).toMatchObject({ decision: { decision: 'deny', rule: 'approval-denied' } });
    clock.forward(241);
    expect((await propose(proposal(), inHuman())).decision.decision).toBe('escalate');
  });

  test('6.8 a vote without a genuine signature, or of somebody who left, is no vote', async () => {
    const { approval: id } = await propose(proposal(), inHuman());
    await vote(id, ANNA);
    expect((await propose(proposal(), inHuman(), { authenticated: async () => false })).decision.decision).toBe('escalate');
    const other = await propose(proposal(), inHuman());
    await vote(other.approval, ANNA);
    const without = context({ limits: { alwaysHuman: ['move', 'pay'] }, operators: [BERT] });
    expect((await propose(proposal(), without)).decision.decision).toBe('escalate');
    expect(await where()).toBe('inbox');
  });

  test('6.8 a quorum of two needs two people, and survives a restart', async () => {
    const two = () => context({ limits: { alwaysHuman: ['move'] }, triggers: { approval: { expires: 'PT4H', roles: ['finance'], quorum: 2 } } });
    const { approval: id } = await propose(proposal(), two());
    await vote(id, ANNA);
    await vote(id, ANNA);
    expect(await propose(proposal(), two())).toMatchObject({ decision: { decision: 'escalate' }, approval: id });
    await store.close();
    store = await sqliteStores({ clock, random: systemRandom(), projections: enforcementProjections }).open(join(folder, '.agentctl'), { readonly: false });
    await vote(id, BERT);
    expect((await propose(proposal(), two())).outcome).toBe('done');
  });
});

describe('10.3 suspension is real', () => {
  const incident = (type: string, more: JsonObject = {}) => store.append(CHAIN, [{ type: `incident.${type}`, agent: AGENT, actor: 'agentctl', data: { incident: 'i1', ...more } }]);
  const open = () => incident('opened', { severity: 'sev2', trigger: 'manual', action: 'suspend', drill: false });
  test('denied at once, also with an approval in hand, and again allowed when lifted', async () => {
    const { approval: id } = await propose(proposal(), inHuman());
    await vote(id, ANNA);
    await open();
    expect(await propose(proposal(), inHuman())).toMatchObject({ decision: { decision: 'deny', rule: 'suspended' } });
    await incident('lifted');
    expect((await propose(proposal(), inHuman())).outcome).toBe('done');
  });

  test('an incident between the decision and the start still stops it', async () => {
    let opened = false;
    const racing: Store = new Proxy(store, {
      get(target, key) {
        const value: unknown = Reflect.get(target, key, target);
        if (typeof value !== 'function') return value;
        if (key !== 'append') return value.bind(target);
        return async (...args: Parameters<Store['append']>) => {
          if (!opened && args[1].some(({ type }) => type === 'action.intent')) {
            opened = true;
            await open();
          }
          return target.append(...args);
        };
      },
    });
    expect(await propose(payment('5'), context(), { store: racing })).toMatchObject({ decision: { decision: 'deny', rule: 'suspended' } });
    expect(await paid()).toBe(0);
    expect(await held()).toEqual({ 500: 'voided' });
  });
});

describe('4.2 money', () => {
  test('reserved before, booked after; the limit is exact', async () => {
    const results = [];
    for (let index = 0; index < 4; index += 1) results.push(await propose(payment('90.00', { id: `p-${index}` })));
    expect(results.map(({ decision }) => decision.rule)).toEqual(['within-policy', 'within-policy', 'over-daily-limit', 'over-daily-limit']);
    expect(await paid()).toBe(2);
    expect(await propose(payment('70.00', { id: 'p-9' }))).toMatchObject({ outcome: 'done' });
    expect(await propose(payment('0.01', { id: 'p-10' }))).toMatchObject({ decision: { rule: 'over-daily-limit' } });
    clock.forward(24 * 60 + 1);
    expect(await propose(payment('90.00', { id: 'p-11' }))).toMatchObject({ outcome: 'done' });
    const sequence = (await types()).slice(0, 4);
    expect(sequence).toEqual(['reservation.made', 'action.intent', 'action.recorded', 'reservation.posted']);
  });

  test('done books, failed frees, unknown keeps holding', async () => {
    expect((await propose(payment('1', { id: 'p-1' }))).outcome).toBe('done');
    expect((await propose(payment('2', { id: 'p-2', arguments: { amount: '2', to: 'bad' } }))).outcome).toBe('failed');
    expect((await propose(payment('3', { id: 'p-3', arguments: { amount: '3', to: 'slow' } }))).outcome).toBe('unknown');
    expect(await held()).toEqual({ 100: 'posted', 200: 'voided', 300: 'held' });
    clock.forward(60);
    expect(await store.expire(CHAIN, AGENT)).toBe(0);
  });

  test('the store is gone at the reservation: denied, nothing paid', async () => {
    const broken = new Proxy(store, { get: (target, key) => (key === 'reserve' ? async () => { throw new Fault('STORE_LOCKED', 'locked'); } : bound(target, key)) });
    expect(await propose(payment('1'), context(), { store: broken })).toMatchObject({ decision: { decision: 'deny', rule: 'reservation-failed' } });
    expect(await paid()).toBe(0);
  });

  test('no human is asked for what will be refused', async () => {
    await propose(payment('100', { id: 'p-1' }));
    await propose(payment('100', { id: 'p-2' }));
    expect(await propose(payment('51', { id: 'p-3' }), inHuman())).toMatchObject({ decision: { decision: 'deny', rule: 'over-daily-limit' } });
    expect(await store.count(CHAIN, 'approval.requested')).toBe(0);
  });

  test('4.1 the hourly number of actions is exact under concurrency', async () => {
    const three = context({ limits: { maximumActionsPerHour: 3 } });
    const results = await Promise.all(Array.from({ length: 6 }, (_, index) => propose(payment('1', { id: `p-${index}` }), three)));
    expect(results.filter(({ outcome }) => outcome === 'done').length).toBe(3);
    expect(await store.count(CHAIN, 'action.intent')).toBe(3);
    clock.forward(62);
    expect((await propose(payment('1', { id: 'p-9' }), three)).outcome).toBe('done');
  });
});

describe('8.1 8.6 the record', () => {
  test('8.1 inputs, outputs, validation before and after, confidence, in one entry', async () => {
    const { seq } = await propose(proposal());
    const stored = await store.read(CHAIN, seq);
    expect(stored?.entry).toMatchObject({ agent: AGENT, data: { action: 'a-1', decision: 'permit', pre: 'ok', post: 'ok', outcome: 'done', confidence: '0.99', doubt: false, source: 'production' } });
    expect(await store.payload(CHAIN, seq)).toMatchObject({ arguments: { file: 'm1', to: 'spam' }, result: { ok: true, to: 'spam' }, issues: [] });
  });

  test('a result against the schema is recorded as such', async () => {
    const { seq } = await propose(proposal({ tool: 'notify', arguments: { to: 'x' } }));
    expect((await store.read(CHAIN, seq))?.entry.data).toMatchObject({ outcome: 'done', post: 'failed' });
  });

  test.each<[string, Partial<ActionProposal>, string, string]>([
    ['arguments against the schema', { arguments: { file: 7, to: 'spam' } }, 'arguments-invalid', 'failed'],
    ['an argument too many', { arguments: { file: 'm1', to: 'spam', shell: 'x' } }, 'arguments-invalid', 'failed'],
    ['an unknown tool with an endless name', { tool: 'x'.repeat(5000) }, 'tool-unlisted', 'none'],
    ['an empty tool name', { tool: '' }, 'tool-unlisted', 'none'],
  ])('denied and recorded: %s', async (_name, change, rule, pre) => {
    const { seq, decision } = await propose(proposal(change));
    expect(decision).toMatchObject({ decision: 'deny', rule });
    expect((await store.read(CHAIN, seq))?.entry.data).toMatchObject({ pre, outcome: 'not-run', rule });
    expect(await where()).toBe('inbox');
  });

  test('no policy: everything is denied and recorded', async () => {
    expect(await propose(proposal(), { ...context(), policy: null })).toMatchObject({ decision: { decision: 'deny', rule: 'policy-missing' } });
    expect(await where()).toBe('inbox');
  });

  test('unreadable facts: denied', async () => {
    const broken = new Proxy(store, { get: (target, key) => (key === 'projected' ? async () => { throw new Fault('STORE_LOCKED', 'locked'); } : bound(target, key)) });
    expect(await propose(proposal(), context(), { store: broken })).toMatchObject({ decision: { decision: 'deny', rule: 'facts-unreadable' } });
    expect(await where()).toBe('inbox');
  });

  test('8.6 a crash after the start leaves an intent that is found, and no second start', async () => {
    const dying = new Proxy(store, {
      get: (target, key) => key !== 'append' ? bound(target, key) : async (...args: Parameters<Store['append']>) => {
        if (args[1].some(({ data }) => data['outcome'] === 'done')) throw new Fault('IO', 'disk full');
        return target.append(...args);
      },
    });
    await expect(propose(proposal(), context(), { store: dying })).rejects.toMatchObject({ code: 'IO' });
    expect(openIntents(await entries()).map(({ data }) => data['action'])).toEqual(['a-1']);
    expect(await propose(proposal())).toMatchObject({ decision: { decision: 'deny', rule: 'duplicate' } });
    expect(openIntents(await entries())).toHaveLength(1);
  });
});

function bound(target: Store, key: string | symbol): unknown {
  const value: unknown = Reflect.get(target, key, target);
  return typeof value === 'function' ? value.bind(target) : value;
}

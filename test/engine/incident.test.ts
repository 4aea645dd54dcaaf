/** Incidents as a whole: the suspension is real, the scope is counted, notices arrive, a human closes; and every twin of the drill must fail. */
import { createServer, type Server } from 'node:http';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { decide } from '../../src/enforcement/decision.js';
import { executeAction } from '../../src/enforcement/gateway/execute.js';
import { drillWith } from '../../src/engine/incident/drill.js';
import { fill, unknownPlaceholders } from '../../src/engine/incident/notices.js';
import type { Judge } from '../../src/engine/incident/rehearse.js';
import { gatewayOf } from '../../src/engine/gateway.js';
import { computeStates } from '../../src/engine/states.js';
import { gateTime, status } from '../../src/engine/status.js';
import { record, type Session } from '../../src/engine/session.js';
import { accepted, isThere, removeTinies, type Tiny } from '../support/tiny.js';

let base: Tiny;
beforeAll(async () => {
  base = await accepted();
  await base.run('monitor', 'run');
});
afterAll(removeTinies);

const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) server.close();
});

/** One more note moved through the real gateway, with the real tool. */
async function act(one: Tiny, note: string) {
  return one.withSession(async (session) => {
    const { ports, context } = await gatewayOf(session);
    return executeAction(ports, context, { id: `act-${note}-${(await one.entries('action.recorded')).length}`, capability: 'sorting', tool: 'keep_note', arguments: { note }, confidence: '0.95', doubt: false, source: 'production', occurredAt: one.clock.now() });
  });
}

const notes = (one: Tiny) => readdirSync(one.path('box/inbox')).map((file) => file.replace('.txt', ''));
const idOf = (report: { data: unknown }) => String((report.data as { incident: string }).incident);

describe('10.3 the suspension is real', () => {
  test('10.2 10.3 an open incident denies at once what was permitted, and closing it lifts that', async () => {
    const one = base.copy();
    const [first = '', second = ''] = notes(one);
    expect((await act(one, first)).decision.decision).toBe('permit');
    const opened = await one.run('incident', 'open', { trigger: 'manual' });
    expect(opened).toMatchObject({ exit: 0, data: { severity: 'sev1', action: 'suspend', suspended: true } });
    const denied = await act(one, second);
    expect(denied).toMatchObject({ outcome: 'not-run', decision: { decision: 'deny', rule: 'suspended' } });
    expect(isThere(one, 'box/inbox', `${second}.txt`)).toBe(true);
    expect(await status(one.world, { yes: true })).toMatchObject({ data: { warnings: expect.arrayContaining([expect.stringContaining(`suspended by ${idOf(opened)}: every action is denied`)]) } });
    await one.run('incident', 'scope', {}, [idOf(opened)]);
    await one.run('incident', 'close', { as: 'omar' }, [idOf(opened)]);
    expect((await act(one, second)).outcome).toBe('done');
    expect(isThere(one, 'box/inbox', `${second}.txt`)).toBe(false);
  });

  test('two incidents: closing one leaves the agent suspended by the other', async () => {
    const one = base.copy();
    const first = idOf(await one.run('incident', 'open', { trigger: 'manual' }));
    const second = idOf(await one.run('incident', 'open', { trigger: 'alert' }));
    await one.run('incident', 'scope', {}, [first]);
    const closed = await one.run('incident', 'close', { as: 'omar' }, [first]);
    expect(closed.facts).toContainEqual({ label: 'agent', value: `still suspended by ${second}` });
    expect((await act(one, notes(one)[0] ?? '')).decision.rule).toBe('suspended');
  });

  test('investigate leaves the agent running', async () => {
    const one = base.copy();
    const opened = await one.run('incident', 'open', { trigger: 'escalation' });
    expect(opened).toMatchObject({ data: { severity: 'sev3', action: 'investigate', suspended: false } });
    expect((await act(one, notes(one)[0] ?? '')).decision.decision).toBe('permit');
  });

  test.each([
    [{ trigger: 'weather' }, /--trigger "weather"/], [{ trigger: 'manual', severity: 'sev4' }, /--severity "sev4"/], [{ trigger: 'manual', action: 'pray' }, /--action "pray"/], [{}, /--trigger is missing/],
  ])('open %j is refused by name, and opens nothing', async (options, message) => {
    const one = base.copy();
    const fault = await one.fault('incident', 'open', options);
    expect([fault.code, fault.message]).toEqual(['USAGE', expect.stringMatching(message)]);
    expect(await one.entries('incident.opened')).toHaveLength(0);
  });
});

describe('10.4 scope', () => {
  test('counts by build, since a time, by tool, decision and outcome; drills left out', async () => {
    const one = base.copy();
    const recorded = (await one.entries('action.recorded')).length;
    one.clock.set('2026-11-22T13:00:00.000Z');
    await act(one, notes(one)[0] ?? '');
    await one.run('incident', 'drill');
    const id = idOf(await one.run('incident', 'open', { trigger: 'manual' }));
    const all = await one.run('incident', 'scope', {}, [id]);
    expect(all).toMatchObject({ exit: 0, data: { affected: recorded + 1 } });
    const rows = all.tables?.[0]?.rows ?? [];
    expect(rows.reduce((sum, row) => sum + Number(row[3]), 0)).toBe(recorded + 1);
    const late = await one.run('incident', 'scope', { since: '2026-11-22T13:00:00Z' }, [id]);
    expect(late).toMatchObject({ data: { affected: 1, executed: 1, counts: [{ tool: 'keep_note', decision: 'permit', outcome: 'done', count: 1 }] } });
    const [entry] = (await one.entries('incident.scoped')).slice(-1);
    expect(entry?.data).toMatchObject({ incident: id, since: '2026-11-22T13:00:00.000Z', build: null, affected: 1, executed: 1 });
    expect(entry?.data['first']).toBe(entry?.data['last']);
  });

  test.each([
    [{ since: 'yesterday' }, /--since "yesterday"/], [{ build: 'ffffff' }, /no build that has acted/],
  ])('scope %j is refused', async (options, message) => {
    const one = base.copy();
    const id = idOf(await one.run('incident', 'open', { trigger: 'manual' }));
    expect((await one.fault('incident', 'scope', options, [id])).message).toMatch(message);
  });

  test('an incident that does not exist is named, with those that are open', async () => {
    const one = base.copy();
    const id = idOf(await one.run('incident', 'open', { trigger: 'manual' }));
    const fault = await one.fault('incident', 'scope', {}, ['inc-none']);
    expect([fault.code, fault.hint]).toEqual(['EVIDENCE_MISSING', `open: ${id}`]);
  });
});

describe('10.5 notices', () => {
  test('10.1 10.5 are filled from the facts, written, and read back from every contact', async () => {
    const one = base.copy();
    const id = idOf(await one.run('incident', 'open', { trigger: 'manual' }));
    await one.run('incident', 'scope', {}, [id]);
    const report = await one.run('incident', 'notify', {}, [id]);
    expect(report).toMatchObject({ exit: 0, data: { notices: 2, delivered: 2, files: ['internal-operations.md', 'customer-legal.txt'] } });
    const text = readFileSync(one.path('artifacts/incidents', id, 'internal-operations.md'), 'utf8');
    expect(text).toContain('# sev1: tiny 1.0.0');
    expect(text).toContain(`2026-11-22 12:00 UTC, ${id}`);
    expect(text).toMatch(/Affected: \d+ actions on record, \d+ of them executed/);
    expect(text).toContain('Duty desk (operations)');
    expect(text).not.toContain('{{');
    expect(readFileSync(one.path('outbox/operations.txt'), 'utf8')).toContain(text.trimEnd());
    expect((await one.entries('incident.notified'))[0]?.data).toEqual({ incident: id, notices: 2, delivered: 2 });
  });

  test('an unknown placeholder is refused at its line, and nothing is sent', async () => {
    const one = base.copy();
    one.edit('notices/customer.txt', (text) => `${text}Call {{lawyer}}.\n`);
    const id = idOf(await one.run('incident', 'open', { trigger: 'manual' }));
    const fault = await one.fault('incident', 'notify', {}, [id]);
    expect([fault.code, fault.at, fault.message]).toEqual(['INPUT_INVALID', 'notices/customer.txt:3', 'unknown placeholder {{lawyer}}']);
    expect(existsSync(one.path('outbox'))).toBe(false);
    expect(await one.entries('incident.notified')).toHaveLength(0);
  });

  test('a webhook that answers 500 counts as not delivered, and the others are told all the same', async () => {
    const one = base.copy();
    const got: string[] = [];
    const server = createServer((request, response) => {
      request.on('data', (chunk: Buffer) => got.push(chunk.toString())).on('end', () => response.writeHead(500).end());
    });
    servers.push(server);
    await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready));
    const { port } = server.address() as AddressInfo;
    one.edit('agent.yaml', (text) => text.replace('via: { kind: file, path: outbox/legal.txt }', `via: { kind: webhook, url: "http://127.0.0.1:${port}/secret-path" }`));
    const id = idOf(await one.run('incident', 'open', { trigger: 'manual' }));
    const report = await one.run('incident', 'notify', {}, [id]);
    expect(report).toMatchObject({ exit: 6, data: { notices: 2, delivered: 1 } });
    expect(JSON.parse(got.join('')) as object).toMatchObject({ incident: id, notice: 'customer', to: { role: 'legal' } });
    expect(JSON.stringify(report)).not.toContain('secret-path');
    expect(await one.entries('request.signed')).toHaveLength(1);
  });

  test('the shipped templates have known placeholders only', () => {
    const folder = new URL('../../templates/incident-notices/', import.meta.url).pathname;
    expect(readdirSync(folder).flatMap((file) => unknownPlaceholders(readFileSync(folder + file, 'utf8'), file))).toEqual([]);
  });

  test('what is filled in cannot move a cursor or add a line', () => {
    const facts = { agent: 'a\u001b[2J\nb', severity: '', opened: '', affected: '', build: '', action: '', contact: '', incident: '' };
    expect(fill('{{agent}} {{ agent }}', facts)).toBe('a\\x1b[2J\\nb a\\x1b[2J\\nb');
  });
});

describe('10.6 closing', () => {
  test('is a human act over the incident, and sets the date of the review', async () => {
    const one = base.copy();
    const id = idOf(await one.run('incident', 'open', { trigger: 'manual' }));
    expect((await one.fault('incident', 'close', { as: 'omar' }, [id])).hint).toBe(`agentctl incident scope ${id}`);
    await one.run('incident', 'scope', {}, [id]);
    expect((await one.fault('incident', 'close', { as: 'erin' }, [id])).code).toBe('NOT_ALLOWED');
    const closed = await one.run('incident', 'close', { as: 'omar' }, [id]);
    expect(closed).toMatchObject({ data: { reviewDue: '2026-11-29T12:00:00.000Z', suspended: false, ceremony: 'scripted' } });
    const [entry] = await one.entries('incident.closed');
    expect(entry?.data).toMatchObject({ incident: id, operator: 'omar', subject: expect.stringMatching(/^sha256:/), act: expect.stringMatching(/^sha256:/) });
    expect((await one.fault('incident', 'close', { as: 'omar' }, [id])).code).toBe('REFUSED');
  });
});

describe('10.7 the drill', () => {
  test('suspends, is refused by the gateway, lifts, and leaves evidence with its times', async () => {
    const one = base.copy();
    const before = notes(one).length;
    const report = await one.run('incident', 'drill');
    expect(report).toMatchObject({ exit: 0, data: { passed: true, before: 'permit', notices: 4, templates: 2 } });
    const [drilled] = await one.entries('incident.drilled');
    expect(drilled).toMatchObject({ validUntil: '2027-02-20T12:00:00.000Z', data: { deniedWhileSuspended: 'yes', lifted: 'yes', milliseconds: { detect: expect.any(Number), suspend: expect.any(Number), lift: expect.any(Number) } } });
    const drill = (await one.entries('action.recorded')).filter((entry) => entry.data['source'] === 'drill');
    expect(drill.map((entry) => [entry.data['decision'], entry.data['rule'], entry.data['outcome']])).toEqual([['deny', 'suspended', 'not-run']]);
    expect(notes(one)).toHaveLength(before);
    expect((await one.entries('incident.lifted')).map((entry) => entry.data['incident'])).toEqual([drilled?.data['incident']]);
    expect(readFileSync(one.path('artifacts/incident.json'), 'utf8')).toContain('"sev1"');
    expect(isThere(one, 'outbox')).toBe(false);
    expect((await act(one, notes(one)[0] ?? '')).decision.decision).toBe('permit');
  });

  /** A decision function that does not look at the suspension. */
  const blind: Judge = (policy, proposal, facts) => decide(policy, proposal, 'unreadable' in facts ? facts : { ...facts, suspended: null });

  test('sabotage: a decision function that ignores the suspension fails it, without evidence, and lifted', async () => {
    const one = base.copy();
    const report = await one.withSession((session) => drillWith(session, blind));
    expect(report).toMatchObject({ exit: 1, data: { headline: expect.stringContaining('the decision was permit') } });
    expect(await one.entries('incident.drilled')).toHaveLength(0);
    expect((await act(one, notes(one)[0] ?? '')).decision.decision).toBe('permit');
  });

  test('sabotage: a decision function that denies everything for another reason fails it', async () => {
    const one = base.copy();
    let calls = 0;
    const sulky: Judge = (policy, proposal, facts) => ((calls += 1) === 1 ? decide(policy, proposal, facts) : decide(null, proposal, facts));
    const report = await one.withSession((session) => drillWith(session, sulky));
    expect(report).toMatchObject({ exit: 1, data: { headline: expect.stringContaining('policy-missing') } });
  });

  test('sabotage: a gateway that reads no suspension fails it, and no tool runs', async () => {
    const one = base.copy();
    const before = notes(one).length;
    const report = await one.withSession((session) => {
      // From the moment at which the suspension was decided upon, nothing is seen of it.
      let blind = false;
      const judge: Judge = (policy, proposal, facts) => {
        const decision = decide(policy, proposal, facts);
        blind ||= decision.rule === 'suspended';
        return decision;
      };
      const store: Session['store'] = new Proxy(session.store, {
        get(target, name) {
          const member = Reflect.get(target, name) as unknown;
          if (name === 'projected') return (chain: string, projection: string, key: string) => (blind && projection === 'suspension' ? Promise.resolve(undefined) : target.projected(chain, projection, key));
          return typeof member === 'function' ? (member as (...args: unknown[]) => unknown).bind(target) : member;
        },
      });
      return drillWith({ ...session, store }, judge);
    });
    expect(report).toMatchObject({ exit: 1, data: { headline: expect.stringContaining('the gateway answered') } });
    expect(notes(one)).toHaveLength(before);
    expect(await one.entries('incident.drilled')).toHaveLength(0);
  });

  test('sabotage: a suspension that does not lift fails it', async () => {
    const one = base.copy();
    const report = await one.withSession((session) => {
      const store: Session['store'] = new Proxy(session.store, {
        get(target, name) {
          const member = Reflect.get(target, name) as unknown;
          if (name === 'append') return (...[chain, drafts, options]: Parameters<typeof target.append>) => (drafts[0]?.type === 'incident.lifted' ? target.append(chain, drafts.map((draft) => ({ ...draft, data: { incident: 'drill-other' } })), options) : target.append(chain, drafts, options));
          return typeof member === 'function' ? (member as (...args: unknown[]) => unknown).bind(target) : member;
        },
      });
      return drillWith({ ...session, store }, decide);
    });
    expect(report).toMatchObject({ exit: 1, data: { headline: expect.stringContaining('suspension was lifted, but') } });
    // The next drill lifts what this one left behind.
    expect((await one.run('incident', 'drill')).exit).toBe(0);
  });

  test('a drill that was killed half-way is lifted by the next one', async () => {
    const one = base.copy();
    await one.withSession((session) => record(session, { type: 'incident.opened', data: { incident: 'drill-killed', severity: 'sev1', trigger: 'drill', action: 'suspend', drill: true } }));
    expect((await one.run('incident', 'drill')).exit).toBe(0);
  });

  test('while a real incident suspends the agent a drill is refused: it would prove nothing', async () => {
    const one = base.copy();
    const id = idOf(await one.run('incident', 'open', { trigger: 'manual' }));
    const fault = await one.fault('incident', 'drill');
    expect([fault.code, fault.hint]).toEqual(['REFUSED', `agentctl incident close ${id} --as <operator>`]);
  });

  test('a template that is gone is found before the agent is touched', async () => {
    const one = base.copy();
    one.edit('agent.yaml', (text) => text.replace('notices/customer.txt', 'notices/gone.txt'));
    expect(await one.fault('incident', 'drill')).toMatchObject({ code: 'INPUT_INVALID', at: 'notices/gone.txt' });
    expect(await one.entries('incident.opened')).toHaveLength(0);
  });

  test('10.5 a notice that was edited makes the drill stale, and the state says which', async () => {
    const one = base.copy();
    await one.run('incident', 'drill');
    one.edit('notices/customer.txt', (text) => `${text}Sorry.\n`);
    const state = await one.withSession(async (session) => (await computeStates(session, await gateTime(session))).steps.find((step) => step.id === 'incident'), false);
    expect(state?.evidence[0]?.stale).toEqual([expect.stringContaining('notices.customer')]);
    expect((await one.run('incident', 'drill')).exit).toBe(0);
  });

  test('10.7 without an action on record that would be let through, a made-up one shows the same, and nothing runs', async () => {
    const fresh = await accepted();
    const before = notes(fresh);
    expect(await fresh.run('incident', 'drill')).toMatchObject({ exit: 0, data: { passed: true, before: 'permit' } });
    expect((await fresh.entries('incident.drilled'))[0]?.data).toMatchObject({ before: 'permit', deniedWhileSuspended: 'yes', lifted: 'yes', tried: expect.stringMatching(/^(made up|drill tool)$/) });
    expect((await fresh.entries('action.recorded')).map(({ data }) => [data['source'], data['decision'], data['rule']])).toEqual([['drill', 'deny', 'suspended']]);
    expect(notes(fresh)).toEqual(before);
  });

  test('10.7 a tabletop is attested; names and scenario stay in the payload', async () => {
    const one = base.copy();
    expect((await one.fault('incident', 'tabletop', { as: 'omar', scenario: 'x' })).message).toMatch(/--participant is missing/);
    await one.run('incident', 'tabletop', { as: 'omar', participant: ['Omar', 'Lena', 'Lena'], scenario: 'all notes of Tuesday were dropped' });
    const [entry] = await one.entries('incident.tabletop');
    expect(entry?.data).toMatchObject({ participants: 2, operator: 'omar', ceremony: 'scripted' });
    expect(JSON.stringify(entry)).not.toMatch(/Lena|Tuesday/);
  });
});

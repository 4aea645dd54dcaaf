/** What `explain` says of each kind of target is what its adapter does: every example is sent, answered and run. */
import { spawn } from 'node:child_process';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, test } from '@jest/globals';
import { surroundings } from '../../src/adapters/surroundings.js';
import { parseJson, type Json, type JsonObject } from '../../src/domain/json.js';
import { ANSWER_MEMBERS, EXAMPLE_CASE, TARGET_PROTOCOLS } from '../../src/domain/target-protocol.js';
import { KIND_WORDS, TARGET_KINDS, type Target, type TargetKind } from '../../src/domain/target.js';
import { readCase } from '../../src/evaluation/dataset.js';
import { SCORERS } from '../../src/evaluation/scorers/index.js';
import { explain } from '../../src/engine/explain.js';
import { answers, closeAll, closing, freshFolder, service, start, type Received } from '../adapters/targets/fixture.js';

afterEach(closeAll);

const thread = new URL('../../dist/module-thread.cjs', import.meta.url);
const about = async (topic: string) => {
  const report = await explain({ surroundings: surroundings() }, topic);
  if (report.kind !== 'explain') throw new Error('no explanation');
  return report.data;
};
const node = process.execPath;
const bodyOf = (received: readonly Received[]) => JSON.parse(received.at(-1)?.body ?? '') as JsonObject;
const answered = (kind: TargetKind) => TARGET_PROTOCOLS[kind].answered.what;

/** How the kind asks the example, as its adapter does it, with an agent that answers as the example says. */
const ASKED: Readonly<Record<TargetKind, () => Promise<{ readonly asked: Json; readonly reply: unknown }>>> = {
  jsonl: async () => {
    const folder = freshFolder({ 'a.mjs': 'for await (const line of (await import("node:readline")).createInterface({ input: process.stdin })) console.log(JSON.stringify({ id: JSON.parse(line).id, output: line }));', 'b.mjs': `process.stdin.once("data", () => console.log(${JSON.stringify(answered('jsonl'))})); setInterval(() => 0, 1000);` });
    const heard = await (await start({ kind: 'jsonl', command: [node, 'a.mjs'] }, { folder })).ask(EXAMPLE_CASE);
    return { asked: 'output' in heard ? JSON.parse(String(heard.output)) as Json : null, reply: await (await start({ kind: 'jsonl', command: [node, 'b.mjs'] }, { folder })).ask(EXAMPLE_CASE) };
  },
  exec: async () => {
    const heard = await (await start({ kind: 'exec', command: ['cat'], answer: { format: 'text' } })).ask(EXAMPLE_CASE);
    return { asked: 'output' in heard ? JSON.parse(String(heard.output)) as Json : null, reply: await (await start({ kind: 'exec', command: ['echo', answered('exec')] })).ask(EXAMPLE_CASE) };
  },
  module: async () => {
    const folder = freshFolder({ 'a.mjs': 'export default (input) => ({ output: input });', 'b.mjs': `export default async () => (${answered('module')});` });
    const heard = await (await start({ kind: 'module', file: 'a.mjs' }, { folder, thread })).ask(EXAMPLE_CASE);
    return { asked: 'output' in heard ? heard.output : null, reply: await (await start({ kind: 'module', file: 'b.mjs' }, { folder, thread })).ask(EXAMPLE_CASE) };
  },
  http: async () => {
    const { url, received } = await service(answers(answered('http')));
    const reply = await (await start({ kind: 'http', url })).ask(EXAMPLE_CASE);
    return { asked: bodyOf(received), reply };
  },
  'openai-chat': async () => {
    const { url, received } = await service(answers(answered('openai-chat')));
    const reply = await (await start({ kind: 'openai-chat', url, model: 'some-model' })).ask(EXAMPLE_CASE);
    return { asked: bodyOf(received), reply };
  },
  a2a: async () => {
    const card: { url: string } = { url: '' };
    const { url, received } = await service(({ method, body }, response) => {
      const result = method === 'GET' ? { name: 'a', supportedInterfaces: [{ url: card.url, protocolBinding: 'JSONRPC', protocolVersion: '1.0' }] } : { jsonrpc: '2.0', id: (JSON.parse(body) as JsonObject)['id'], result: JSON.parse(answered('a2a')) as Json };
      response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(result));
    });
    card.url = `${url}/rpc`;
    const reply = await (await start({ kind: 'a2a', url })).ask(EXAMPLE_CASE);
    const { messageId: _new, ...message } = (bodyOf(received)['params'] as { message: JsonObject }).message;
    return { asked: message, reply };
  },
  mcp: async () => {
    const results: Readonly<Record<string, Json>> = { initialize: { protocolVersion: '2025-11-25', capabilities: {} }, 'tools/list': { tools: [{ name: 'answer', inputSchema: { type: 'object' } }] }, 'tools/call': JSON.parse(answered('mcp')) as Json };
    const { url, received } = await service(({ body }, response) => {
      const { id, method } = JSON.parse(body) as { id?: string; method: string };
      if (id === undefined) return response.writeHead(202).end();
      response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ jsonrpc: '2.0', id, result: results[method] }));
    });
    const reply = await (await start({ kind: 'mcp', url, tool: 'answer' })).ask(EXAMPLE_CASE);
    return { asked: bodyOf(received.filter(({ body }) => body.includes('tools/call')))['params'] as Json, reply };
  },
};

describe('3.1 explain says of each kind what its adapter does', () => {
  test.each(TARGET_KINDS)('%s: how it asks, and the answer that it reads', async (kind) => {
    const { asked, reply } = await ASKED[kind]();
    expect(asked).toEqual(parseJson(TARGET_PROTOCOLS[kind].asked.what, kind));
    expect(reply).toMatchObject({ outcome: 'answer', output: kind === 'openai-chat' ? 'keep' : { decision: 'keep' } });
  });

  test.each(TARGET_KINDS.filter((kind) => TARGET_PROTOCOLS[kind].agent !== undefined))('%s: the agent to paste has three lines, and answers', async (kind) => {
    const { agent } = TARGET_PROTOCOLS[kind];
    const { example } = await about(kind);
    expect(agent?.lines).toHaveLength(3);
    if (kind !== 'module') expect(example?.lines).toEqual(agent?.lines);
    const port = kind === 'http' ? await freePort() : 0;
    const folder = freshFolder({ [agent?.file ?? '']: `${agent?.lines.join('\n')}\n`.replace('8080', String(port)) });
    const targets: Readonly<Partial<Record<TargetKind, Target>>> = { jsonl: { kind, command: [node, 'agent.mjs'] }, exec: { kind, command: [node, 'agent.mjs'] }, module: { kind, file: 'agent.mjs' }, http: { kind, url: `http://127.0.0.1:${port}/answer`, retries: 10 } };
    if (kind === 'http') {
      const child = spawn(node, ['server.mjs'], { cwd: folder, stdio: 'ignore' });
      closing(() => child.kill());
    }
    const running = await start(targets[kind] ?? { kind }, { folder, thread, ...(kind === 'http' ? { clock: patient } : {}) });
    expect(await running.ask(EXAMPLE_CASE)).toMatchObject({ outcome: 'answer', output: { decision: 'keep' }, confidence: '0.98' });
    expect(await running.ask({ id: 'case-2', input: { text: 'buy now' } })).toMatchObject({ outcome: 'answer', output: { decision: 'drop' } });
  });

  test('every member of an answer is read, and refused when it is something else', async () => {
    const { error, ...members } = ANSWER_MEMBERS;
    const right = Object.fromEntries(Object.entries(members).map(([name, { example }]) => [name, example as Json]));
    const ask = async (body: JsonObject) => {
      const { url } = await service(answers(body));
      return (await start({ kind: 'http', url, retries: 0 })).ask(EXAMPLE_CASE);
    };
    const { output, ...more } = right;
    expect(await ask(right)).toMatchObject({ outcome: 'answer', output, ...more });
    for (const name of [...Object.keys(more), 'error']) expect([name, await ask({ ...right, [name]: [7] })]).toEqual([name, expect.objectContaining({ outcome: 'fault', cause: 'garbage', message: expect.stringContaining(name) })]);
    expect(await ask({ error: error.example })).toMatchObject({ outcome: 'fault', cause: 'agent-error' });
    expect(await ask({})).toMatchObject({ outcome: 'fault', cause: 'garbage' });
  });
});

describe('3.1 every kind of target can be explained', () => {
  test('all of them at once', async () => {
    const { tables } = await about('target');
    expect(tables?.[0]?.rows.map(([kind, is]) => [kind, is])).toEqual(TARGET_KINDS.map((kind) => [kind, KIND_WORDS[kind]]));
    expect(tables?.[1]?.rows.map(([name]) => name)).toEqual(Object.keys(ANSWER_MEMBERS));
    // Each example is a case that the reader takes.
    const [, , cases] = tables ?? [];
    const example = Object.fromEntries((cases?.rows ?? []).map(([name, , such = '']) => [name, JSON.parse(such) as Json]));
    expect(readCase(JSON.stringify(example), 'x:1')).toEqual(example);
    expect(Object.keys(example)).toContain('turns');
    expect((await about('baseline')).facts).toContainEqual({ label: 'more', value: expect.stringContaining('agentctl explain target') });
    expect(await about('targets')).toEqual(await about('target'));
  });

  test.each(TARGET_KINDS)('%s', async (kind) => {
    const { tables = [], facts } = await about(kind);
    const text = JSON.stringify([facts, tables]);
    for (const one of [TARGET_PROTOCOLS[kind].asked.what, TARGET_PROTOCOLS[kind].answered.what]) expect(text).toContain(JSON.stringify(one).slice(1, -1));
    expect(tables.map(({ title }) => title)).toEqual(expect.arrayContaining(['rules', 'members of an answer', 'members of target in agent.yaml']));
  });

  test.each(TARGET_KINDS)('%s: each member of target says what it holds', async (kind) => {
    const members = (await about(kind)).tables?.find(({ title }) => title === 'members of target in agent.yaml');
    for (const [member, , holds] of members?.rows ?? []) expect([member, holds]).toEqual([member, expect.stringMatching(/\w{3}/)]);
    expect(members?.rows.length).toBeGreaterThan(3);
  });

  test('a module may be the agent or a scorer: both are told', async () => {
    expect(await about('module')).toMatchObject({ kind: 'scorer', facts: expect.arrayContaining([{ label: 'cannot see', value: SCORERS.module.card.blind }]), example: { lines: TARGET_PROTOCOLS.module.agent?.lines } });
  });
});

const patient = { now: () => new Date().toISOString(), monotonic: () => performance.now(), sleep: (milliseconds: number) => new Promise<void>((done) => { setTimeout(done, Math.min(milliseconds, 300)); }), pauses: [] };

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((done) => { server.listen(0, '127.0.0.1', done); });
  const { port } = server.address() as AddressInfo;
  await new Promise((done) => { server.close(done); });
  return port;
}

/** The mail-triage example: its data give nothing away, its agent and tools keep their protocol, its pact tells it from eight cheats. */
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cpSync, existsSync, mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { schemas } from '../../src/adapters/schemas.js';
import { yaml } from '../../src/adapters/yaml.js';
import type { Json, JsonObject } from '../../src/domain/json.js';
import { commonSections } from '../../src/domain/manifest.js';
import { object } from '../../src/domain/schema.js';
import { pacts as pactsSchema, type Agreement, type Pacts } from '../../src/evaluation/condition.js';
import { linesOf, readCases, requestOf, type Case } from '../../src/evaluation/dataset.js';
import { decidedBy } from '../../src/evaluation/decided-by.js';
import { judgeConditions } from '../../src/evaluation/judge.js';
import { askScorers, scoreReply, type ResultRow } from '../../src/evaluation/score.js';
import { SCORERS } from '../../src/evaluation/scorers/index.js';
import type { Scorer } from '../../src/evaluation/scorers/scorer.js';
import { splitPlace } from '../../src/evaluation/split.js';

const example = resolve('examples/mail-triage');
const cheats = resolve('test/fixtures/agents');
const scratch = mkdtempSync(join(tmpdir(), 'mail-triage-'));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

const digest = (path: string) => `sha256:${createHash('sha256').update(readFileSync(path)).digest('hex')}`;
const prepare = (folder: string) => execFileSync(process.execPath, ['prepare.js', '--out', folder, '--maildir', join(folder, 'mailbox')], { cwd: example, encoding: 'utf8' });

async function casesOf(name: string): Promise<readonly Case[]> {
  const file = join(scratch, 'data', `${name}.jsonl`);
  const cases: Case[] = [];
  for await (const one of readCases(linesOf(readFileSync(file)), { file, pointer: '/decision' })) cases.push(one);
  return cases;
}

async function manifest(): Promise<{ readonly value: JsonObject; readonly pacts: Pacts }> {
  const text = readFileSync(join(example, 'agent.yaml'), 'utf8').replaceAll('did:key:REPLACED-BY-INIT', `did:key:z6Mk${'a'.repeat(44)}`);
  const document = await yaml().parse(text, 'agent.yaml');
  expect(document.mistakes).toEqual([]);
  const value = document.value as JsonObject;
  return { value, pacts: value.pacts as unknown as Pacts };
}

interface Reply {
  readonly id: string;
  readonly output: { readonly decision: string };
  readonly confidence: string;
  readonly doubt: boolean;
  readonly reason: string;
  readonly toolCalls: readonly { readonly tool: string; readonly arguments: { readonly message: string } }[];
  readonly error?: string;
  readonly build?: { readonly files: Readonly<Record<string, string>> };
  readonly milliseconds: number;
}

/** Asks an agent as agentctl does: one child, cleared environment, four requests in flight. */
async function ask(agent: string, requests: readonly Json[]): Promise<readonly Reply[]> {
  const child = spawn(process.execPath, [agent], { cwd: example, env: { PATH: process.env.PATH }, stdio: ['pipe', 'pipe', 'inherit'] });
  const replies: Reply[] = [];
  const started: number[] = [];
  const send = () => {
    const next = requests[started.length];
    if (next === undefined) return;
    started.push(Date.now());
    child.stdin.write(`${JSON.stringify(next)}\n`);
  };
  for (let i = 0; i < 4; i += 1) send();
  let begun = '';
  child.stdout.setEncoding('utf8');
  for await (const chunk of child.stdout) {
    const lines = `${begun}${String(chunk)}`.split('\n');
    begun = lines.pop() ?? '';
    for (const line of lines) {
      // The example answers in order, so the oldest request is the one answered.
      replies.push({ ...(JSON.parse(line) as Reply), milliseconds: Date.now() - (started[replies.length] ?? 0) });
      send();
    }
    if (replies.length === requests.length) child.stdin.end();
  }
  return replies;
}

let printed = '';
beforeAll(() => {
  printed = prepare(scratch);
}, 60_000);

describe('data', () => {
  test('digests are those of agent.yaml, and a second run gives the same bytes', async () => {
    const { pacts } = await manifest();
    const again = join(scratch, 'again');
    prepare(again);
    expect(pacts.datasets.map((one) => one.id)).toEqual(['held-out', 'tuning', 'shift', 'pilot', 'attacks']);
    for (const { id, file, sha256 } of pacts.datasets) {
      expect([id, digest(join(scratch, file))]).toEqual([id, sha256]);
      expect([id, digest(join(again, file))]).toEqual([id, sha256]);
      expect(printed).toContain(`${file}  ${sha256}`);
    }
    expect(readdirSync(join(again, 'mailbox/inbox/new')).sort()).toEqual((await casesOf('pilot')).map((one) => (one.input as JsonObject).message).sort());
  }, 60_000);

  test('3.3 at least 2,000 held-out mails, hard ham among them; no group stands in two splits', async () => {
    const [heldOut, tuning, pilot, shift] = await Promise.all(['held-out', 'tuning', 'pilot', 'shift'].map(casesOf));
    expect(heldOut?.length).toBeGreaterThanOrEqual(2000);
    expect(heldOut?.filter((one) => one.tags.includes('hard-ham')).length).toBeGreaterThanOrEqual(100);
    const groups = [heldOut, tuning, pilot].map((cases) => new Set(cases?.map((one) => one.group)));
    expect(new Set(groups.flatMap((set) => [...set])).size).toBe(groups.reduce((sum, set) => sum + set.size, 0));
    const ids = [heldOut, tuning, pilot].flatMap((cases) => cases?.map((one) => one.id) ?? []);
    expect(new Set(ids).size).toBe(ids.length);
    const tuned = new Set(tuning?.map((one) => one.id));
    expect(shift?.every((one) => tuned.has(one.id) && one.tags.includes('hard-ham'))).toBe(true);
  });

  test('3.3 the split is the published salted hash, and README.md commits to the salt', async () => {
    const salt = /SALT = '([0-9a-f]{64})'/.exec(readFileSync(join(example, 'corpus/split.js'), 'utf8'))?.[1] ?? '';
    expect(readFileSync(join(example, 'README.md'), 'utf8')).toContain(createHash('sha256').update(salt).digest('hex'));
    for (const [name, from, below] of [['held-out', 0, 0.69], ['pilot', 0.69, 0.79], ['tuning', 0.79, 1]] as const) {
      const places = (await casesOf(name)).map((one) => splitPlace(one, salt));
      expect(places.every((place) => place >= from && place < below)).toBe(true);
    }
  });

  test('a request carries no label, group, path or header, under any name', async () => {
    const suspicious: string[] = [];
    for (const one of await casesOf('held-out')) {
      const request = requestOf(one, 'run');
      const input = request.input as { readonly message: string; readonly from: string; readonly subject: string; readonly body: string };
      const plain = Object.keys(request).join() === 'id,input' && Object.keys(input).join() === 'message,from,subject,body';
      const opaque = /^m-[0-9a-f]{24}$/.test(input.message) && !`${request.id}${input.message}`.includes(one.id.slice(5));
      // At the top of the body they would mean that the cut slipped; further down people quote headers.
      const headers = /^(Delivered-To|List-\w+|X-[\w-]+|In-Reply-To):|^Received:[^]{0,200}(slashnull|taint|netnoteinc)/i.test(input.body) || /\n/.test(input.from + input.subject);
      const collectors = /[\w.+-]+@([\w-]+\.)*(netnoteinc\.com|spamassassin\.taint\.org)|\bzzzz@/i.test(`${input.from}\n${input.subject}\n${input.body}`);
      // Ids only: a failure should not print somebody's mail.
      if (!plain || !opaque || headers || collectors) suspicious.push(one.id);
    }
    expect(suspicious).toEqual([]);
  });

  test('3.3 each attack is spam of the tuning part that orders its delivery, carries one attack of the pack and a secret of its own', async () => {
    const [attacks, tuning] = await Promise.all(['attacks', 'tuning'].map(casesOf));
    const spam = tuning?.filter((one) => one.expected.decision === 'quarantine').map((one) => (one.input as { body: string }).body);
    expect(attacks).toHaveLength(60);
    expect(new Set(attacks?.map((one) => one.expected.canary)).size).toBe(60);
    for (const { input, expected, tags } of attacks ?? []) {
      const { message, from, body } = input as { message: string; from: string; body: string };
      const secret = String(expected.canary);
      expect(spam?.some((mail) => body.endsWith(`\n\n${mail}`))).toBe(true);
      expect(body).toMatch(/answer "deliver"/i);
      expect(body).not.toMatch(/\{(canary|left|right|name|order|amount)\}/);
      // Either whole, to be kept, or in halves, to be put together by whoever obeys.
      expect(body.includes(secret) || (body.includes(secret.slice(0, 12)) && body.includes(secret.slice(12)))).toBe(true);
      expect(from.includes('postmaster@example.org')).toBe(tags.includes('spoofed-sender'));
      expect(expected.toolCalls).toEqual([{ tool: 'quarantine_message', arguments: { message } }, { tool: 'release_message', arguments: { message } }]);
    }
    expect(attacks?.filter((one) => one.tags.includes('spoofed-sender')).length).toBeGreaterThan(10);
  });

  test('the committed model is what the training mails give, and no evaluation group is among them', () => {
    const out = join(scratch, 'model.json');
    execFileSync(process.execPath, ['train.js', '--out', out], { cwd: example });
    expect(digest(out)).toBe(digest(join(example, 'model.json')));
    const { trainedOn, mails } = JSON.parse(readFileSync(out, 'utf8')) as { trainedOn: string[]; mails: JsonObject };
    expect({ trainedOn, mails }).toEqual({ trainedOn: ['easy-ham-1', 'spam-1'], mails: { ham: 2500, spam: 500 } });
  });

  test('the committed calibration is what the tuning mails give', () => {
    const out = join(scratch, 'calibration.json');
    execFileSync(process.execPath, ['tune.js', '--tuning', join(scratch, 'data/tuning.jsonl'), '--out', out], { cwd: example });
    expect(digest(out)).toBe(digest(join(example, 'calibration.json')));
  });
});

describe('manifest', () => {
  test('2.2 common sections and pact satisfy their schemas', async () => {
    const { value } = await manifest();
    const { path: _path, ...required } = commonSections;
    const common = Object.fromEntries(Object.keys(required).map((name) => [name, value[name] ?? null]));
    expect(await schemas().check(object(required), common)).toEqual([]);
    expect(await schemas().check(pactsSchema, value.pacts ?? null)).toEqual([]);
  });
});

describe('agent', () => {
  const input = { message: `m-${'0'.repeat(24)}`, from: 'a@example.org', subject: 'Re: [dev] kernel module fails to build', body: '> It fails with the current kernel headers.\u2028> Any idea?\n\nThe header moved. I wrote a patch for the Makefile and it compiles here; could you test it on Debian before we put it into CVS?' };

  test('1.5 describe reports the digest of every file it loads, as they lie on disk', async () => {
    const [reply] = await ask('agent.js', [{ id: 'd', control: 'describe' }]);
    const files = reply?.build?.files ?? {};
    const code = readdirSync(join(example, 'lib')).map((name) => `lib/${name}`);
    expect(Object.keys(files).sort()).toEqual(['agent.js', 'calibration.json', 'model.json', 'prompts/policy.json', ...code].sort());
    for (const [name, stated] of Object.entries(files)) expect([name, stated]).toEqual([name, digest(join(example, name))]);
  });

  test('1.5 another model file is another digest', async () => {
    const copy = join(scratch, 'copy');
    cpSync(example, copy, { recursive: true });
    execFileSync('sh', ['-c', 'printf " " >> model.json'], { cwd: copy });
    const [original] = await ask('agent.js', [{ id: 'd', control: 'describe' }]);
    const [changed] = await ask(join(copy, 'agent.js'), [{ id: 'd', control: 'describe' }]);
    expect(changed?.build?.files['model.json']).not.toBe(original?.build?.files['model.json']);
    expect(changed?.build?.files['agent.js']).toBe(original?.build?.files['agent.js']);
  });

  test('an answer has decision, confidence, doubt, reason and the proposed move', async () => {
    const [reply] = await ask('agent.js', [{ id: 'case-1', input, context: {} }]);
    expect(reply).toMatchObject({ id: 'case-1', output: { decision: 'deliver' }, doubt: false, toolCalls: [{ tool: 'release_message', arguments: { message: input.message } }] });
    expect(reply?.confidence).toMatch(/^0\.\d{6}$/);
    expect(reply?.reason).not.toMatch(/kernel|patch/);
  });

  test('6.5 in doubt it asks, says so, and proposes its best guess', async () => {
    const asked = (await ask('agent.js', (await casesOf('shift')).map((one) => ({ id: one.id, input: one.input })))).filter((one) => one.doubt);
    expect(asked.length).toBeGreaterThan(5);
    for (const reply of asked) {
      expect(reply.output.decision).toBe('ask-human');
      expect(reply.toolCalls).toHaveLength(1);
      expect(['release_message', 'quarantine_message']).toContain(reply.toolCalls[0]?.tool);
    }
  });

  test.each([
    ['not JSON', null, /not JSON/],
    ['no body', { id: 'x', input: { subject: 's' } }, /subject and a body/],
    ['no input', { id: 'x' }, /subject and a body/],
    ['unknown control', { id: 'x', control: 'stop' }, /unknown control/],
  ])('%s is an error reply, and the next request is answered', async (_name, request, error) => {
    const text = `${request === null ? '{nope' : JSON.stringify(request)}\n${JSON.stringify({ id: 'next', input })}\n`;
    const { stdout } = spawnSync(process.execPath, ['agent.js'], { cwd: example, env: { PATH: process.env.PATH }, input: text, encoding: 'utf8' });
    const [first, second] = stdout.trimEnd().split('\n').map((line) => JSON.parse(line) as Reply);
    expect(first?.error).toMatch(error);
    expect(second).toMatchObject({ id: 'next', output: { decision: 'deliver' } });
  });
});

describe('pact', () => {
  /** The real triager but for one thing, so that they fail one condition and no other. */
  const ONE_FAULT: ReadonlySet<string> = new Set(['constant-confidence', 'obedient', 'meddling', 'persuaded']);

  async function verdicts(agent: string): Promise<Readonly<Record<string, string>>> {
    const { pacts } = await manifest();
    const [agreement] = pacts.agreements;
    if (!agreement) throw new Error('the pact has no agreement');
    const rows = [...(await rowsOf(agent, agreement, 'held-out')), ...(await rowsOf(agent, agreement, 'attacks'))];
    return Object.fromEntries(judgeConditions(pacts, rows).map((one) => [one.id, one.verdict]));
  }

  async function rowsOf(agent: string, agreement: Agreement, dataset: string): Promise<readonly ResultRow[]> {
    const { output: rule, scorers: declared } = decidedBy(agreement, dataset);
    const scorers = new Map(declared.map((spec): [string, Scorer] => {
      const score = SCORERS[spec.kind].make?.(spec);
      if (!score) throw new Error(`the scorer ${spec.id} needs a port`);
      return [spec.id, { score }];
    }));
    const cases = await casesOf(dataset);
    const requests = cases.map((one) => requestOf(one, 'test'));
    const replies = await ask(agent, requests.map((request) => ({ ...request, context: {} })));
    return Promise.all(cases.map(async (one, i) => {
      const [reply, request] = [replies[i], requests[i]];
      if (!reply || !request || reply.id !== request.id) throw new Error(`no reply to case ${i}`);
      const { output, confidence, doubt, reason, toolCalls, milliseconds } = reply;
      const answer = { outcome: 'answer' as const, output, confidence, doubt, reason, toolCalls, milliseconds };
      return scoreReply({ one, repeat: 0, request, alone: false }, answer, { capability: 'triage', dataset, ...(rule && { output: rule }), scorers }, await askScorers(scorers, one, answer));
    }));
  }

  test('3.1 the agent meets every condition', async () => {
    const found = await verdicts('agent.js');
    expect(Object.entries(found).filter(([, verdict]) => verdict !== 'met')).toEqual([]);
    expect(Object.keys(found)).toHaveLength(16);
  }, 120_000);

  test.each([
    ['always-ask', 'asks-seldom'],
    ['always-deliver', 'spam-caught'],
    ['random', 'answers-right'],
    ['constant-confidence', 'confidence-ranks'],
    ['leak-reader', 'hard-ham-not-quarantined'],
    ['obedient', 'attacks-resisted'],
    ['meddling', 'attacks-move-nothing-else'],
    ['persuaded', 'attacks-not-obeyed'],
  ])('2.3 %s fails on %s', async (cheat, condition) => {
    const found = await verdicts(join(cheats, `mail-${cheat}.js`));
    expect(found[condition]).toBe('not-met');
    if (ONE_FAULT.has(cheat)) expect(Object.entries(found).filter(([, verdict]) => verdict !== 'met')).toEqual([[condition, 'not-met']]);
  }, 120_000);

  test('2.3 the leak reader would read a label that leaked: the test of the request has teeth', async () => {
    const [heldOut] = await casesOf('held-out');
    const input = heldOut?.input as JsonObject;
    const leaks = [{ input: { ...input, path: 'spam-2/00001.txt' } }, { input, context: { group: 'hard-ham-1' } }, { input, expected: { decision: 'deliver' } }, { input: { ...input, headers: { 'X-Spam-Status': 'Yes' } } }];
    const replies = await ask(join(cheats, 'mail-leak-reader.js'), leaks.map((leak, i) => ({ id: `case-${i}`, ...leak })));
    expect(replies.map((reply) => reply.output.decision)).toEqual(['quarantine', 'deliver', 'deliver', 'quarantine']);
    expect(replies.every((reply) => reply.reason === 'read in the request')).toBe(true);
  });
});

describe('mailbox', () => {
  const tool = join(example, 'tools/mailbox.js');
  const box = () => join(scratch, 'mailbox');
  const use = (verb: string, args: Json, maildir = box()) => {
    const { status, stdout } = spawnSync(process.execPath, [tool, verb, '--maildir', maildir], { input: JSON.stringify(args), encoding: 'utf8', env: { PATH: process.env.PATH } });
    return { status, result: JSON.parse(stdout) as { readonly error?: { readonly code: string } } };
  };
  const places = (message: string) => ['inbox', 'quarantine', 'delivered'].filter((name) => existsSync(join(box(), name, 'new', message)));
  const inbox = () => readdirSync(join(box(), 'inbox/new')).sort();

  test.each([['quarantine', 'quarantine'], ['release', 'delivered']])('%s moves a mail once, and says so when it is gone', (verb, to) => {
    const [message = ''] = inbox();
    const before = readFileSync(join(box(), 'inbox/new', message));
    expect(use(verb, { message })).toEqual({ status: 0, result: { message, moved: `${to}/new` } });
    expect(places(message)).toEqual([to]);
    expect(readFileSync(join(box(), to, 'new', message))).toEqual(before);
    for (const again of ['quarantine', 'release']) {
      expect(use(again, { message })).toMatchObject({ status: 1, result: { error: { code: again === verb ? 'already-there' : 'not-there' } } });
    }
    expect(places(message)).toEqual([to]);
  });

  test('of two movers at once, one moves', async () => {
    const [message = ''] = inbox();
    const exits = await Promise.all(['quarantine', 'release', 'quarantine', 'release'].map((verb) => new Promise<number | null>((done) => {
      const child = spawn(process.execPath, [tool, verb, '--maildir', box()], { stdio: ['pipe', 'ignore', 'ignore'] });
      child.on('close', done);
      child.stdin.end(JSON.stringify({ message }));
    })));
    expect(exits.filter((exit) => exit === 0)).toHaveLength(1);
    expect(places(message)).toHaveLength(1);
  });

  test('notify appends', () => {
    const [message = ''] = inbox();
    expect(use('notify', { message, text: 'please look' }).status).toBe(0);
    expect(use('notify', { message, text: 'again' }).status).toBe(0);
    expect(readFileSync(join(box(), 'owner/notes.jsonl'), 'utf8')).toBe(`${JSON.stringify({ message, text: 'please look' })}\n${JSON.stringify({ message, text: 'again' })}\n`);
    expect(places(message)).toEqual(['inbox']);
  });

  test.each<[string, string, Json]>([
    ['a path upwards', 'release', { message: '../../etc/passwd' }],
    ['a path in a handle', 'release', { message: `m-${'0'.repeat(23)}/` }],
    ['a line feed', 'release', { message: `m-${'0'.repeat(24)}\n` }],
    ['a list', 'release', [`m-${'0'.repeat(24)}`]],
    ['no message', 'quarantine', {}],
    ['another key', 'quarantine', { message: `m-${'0'.repeat(24)}`, to: '/tmp' }],
    ['a note without text', 'notify', { message: `m-${'0'.repeat(24)}`, text: '' }],
    ['another verb', 'constructor', { message: `m-${'0'.repeat(24)}` }],
  ])('refuses %s', (_name, verb, args) => {
    const before = inbox();
    const { status, result } = use(verb, args);
    expect(status).toBe(1);
    expect(['invalid', 'usage']).toContain(result.error?.code);
    expect(inbox()).toEqual(before);
  });
});

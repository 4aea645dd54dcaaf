/** Step 3's verbs on the tiny agent: what a run records, when it goes on where it stopped, and every way in which it says no. */
import { createHash, createPublicKey, verify } from 'node:crypto';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { dsse } from '@sigstore/core';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { pemOf } from '../../src/attestation/sigstore-bundle.js';
import { status } from '../../src/engine/status.js';
import { digestBytes } from '../../src/domain/digest.js';
import type { JsonObject } from '../../src/domain/json.js';
import { keyOfDid } from '../../src/identity/did-key.js';
import { rowsOf, transcriptsOf } from '../../src/engine/evaluation/rows.js';
import { removeTinies, tiny, type Tiny } from '../support/tiny.js';
import { withMoney } from './money.js';

let bare: Tiny;
/** Signed, not measured. */
let ready: Tiny;
/** Measured, not accepted. */
let measured: Tiny;
beforeAll(async () => {
  bare = await tiny();
  ready = bare.copy();
  await ready.run('pact', 'sign', { as: 'erin' });
  measured = ready.copy();
  await measured.run('baseline', 'run');
}, 60_000);
afterAll(removeTinies);

type Conditions = readonly (JsonObject & { readonly id: string; readonly verdict: string; readonly n: number; readonly errors: number })[];
const conditionsOf = ({ data }: { readonly data: JsonObject }) => data['conditions'] as unknown as Conditions;
const verdictsOf = (answer: { readonly data: JsonObject }) => Object.fromEntries(conditionsOf(answer).map((one) => [one.id, one.verdict]));
const newest = async (one: Tiny, type: string) => (await one.entries(type)).at(-1);
const edited = (one: Tiny, file: string, old: string | RegExp, fresh: string): Tiny => {
  one.edit(file, (text) => {
    if (text.replace(old, fresh) === text) throw new Error(`nothing to edit: ${String(old)}`);
    return text.replace(old, fresh);
  });
  return one;
};
/** Writes down what the agent is asked, in a file that is no part of its build. */
const logging = (one: Tiny) => edited(one, 'agent.js', "import { readFileSync } from 'node:fs';", "import { appendFileSync, readFileSync } from 'node:fs';").edit('agent.js', (text) => text.replace("  const { id, input, control } = JSON.parse(line);\n", "  const { id, input, control } = JSON.parse(line);\n  appendFileSync('asked.log', `${id}\\n`);\n"));
const asked = (one: Tiny): readonly string[] => readFileSync(one.path('asked.log'), 'utf8').trimEnd().split('\n');

describe('baseline run', () => {
  test('3.1 3.2 3.3 every case asked once: value, n, interval and verdict per condition, composite, dimensions, versions, held-out use', async () => {
    const [finished, started, entry] = await Promise.all(['evaluation.finished', 'evaluation.started', 'baseline.measured'].map((type) => newest(measured, type)));
    expect(started?.data).toMatchObject({ purpose: 'baseline', dataset: 'held-out', use: 'held-out', heldOutUse: 1, cases: 88 });
    expect(finished?.data).toMatchObject({
      cases: 88, errors: 0, observational: false, composite: expect.stringMatching(/^0\.\d{6}$|^1\.000000$/), dimensions: { accuracy: expect.any(String), safety: expect.any(String), reliability: expect.any(String), 'scope-honesty': expect.any(String) },
      versions: { agent: expect.stringMatching(/^tiny 1\.0\.0 build [0-9a-f]{12}/), harness: expect.stringContaining('agentctl-harness/2'), profile: 'agentctl-score/1', dataset: 'held-out 1471a1471a08', scorer: expect.any(String) },
    });
    for (const one of finished?.data['conditions'] as Conditions) expect(one).toMatchObject({ value: expect.stringMatching(/^\d/), lower: expect.stringMatching(/^\d/), upper: expect.stringMatching(/^\d/), verdict: 'met' });
    // The evidence counts as long as the shortest window of the pact.
    expect(entry).toMatchObject({ validUntil: '2027-02-20T12:00:00.000Z', data: { run: started?.data['run'], observational: false } });
    expect(Object.keys(entry?.inputs ?? {}).sort()).toEqual(['build', 'datasets', 'deliverable:pact', 'harness', 'target']);
  });

  test('3.3 every result row is committed to, and none carries more than an opaque request id', async () => {
    const [batch] = await measured.entries('evaluation.batch');
    await measured.withSession(async (session) => {
      const rows = batch ? await rowsOf(session, batch) : [];
      expect(rows).toHaveLength(88);
      const said = batch ? await transcriptsOf(session, batch) : [];
      expect(said.map(({ request, case: id }) => [request, id])).toEqual(rows.map((row) => [row.request, row.case]));
      expect(said[0]).toMatchObject({ output: { decision: expect.any(String) }, message: null, toolCalls: expect.any(Array) });
      for (const { request } of rows) expect(request).toMatch(/^case-\d+|^[0-9a-z-]+$/);
      expect(rows.some(({ request }) => request.includes('keep') || request.includes('drop'))).toBe(false);
    }, false);
  });

  test('without a signed pact, or with another one in agent.yaml, there is nothing to judge by', async () => {
    expect(await bare.fault('baseline', 'run')).toMatchObject({ code: 'BLOCKED', exit: 3, hint: 'agentctl pact sign --as <operator>' });
    const one = edited(ready.copy(), 'agent.yaml', 'minimumCases: 20', 'minimumCases: 25');
    expect(await one.fault('baseline', 'run')).toMatchObject({ code: 'BLOCKED', exit: 3, message: expect.stringContaining('not the signed one') });
  });

  test('3.3 the same data set with other bytes is refused, declared or not', async () => {
    const one = ready.copy();
    one.edit('data/held-out.jsonl', (text) => text.replace('lunch', 'dinner'));
    expect(await one.fault('baseline', 'run')).toMatchObject({ code: 'DATASET_INVALID', exit: 2, at: 'data/held-out.jsonl' });
    edited(one, 'agent.yaml', /sha256:1471[0-9a-f]+/, digestBytes(readFileSync(one.path('data/held-out.jsonl'))));
    expect(await one.fault('baseline', 'run')).toMatchObject({ code: 'BLOCKED', exit: 3 });
    expect(await one.entries('evaluation.started')).toEqual([]);
  });

  test('3.1 a worse agent: not met, exit 1, and the step has failed in so many words', async () => {
    const one = edited(ready.copy(), 'rules.json', /"drop": .*/, '"drop": [],');
    const answer = await one.run('baseline', 'run');
    expect([answer.exit, answer.next]).toEqual([1, 'agentctl baseline show']);
    expect(verdictsOf(answer)).toMatchObject({ 'advertising-dropped': 'not-met', 'asks-seldom': 'met' });
    expect(answer.headline).toMatch(/advertising-dropped not met: value \S+, lower bound \S+ must be >= \S+/);
    expect(await one.fault('baseline', 'accept', { as: 'erin' })).toMatchObject({ code: 'REFUSED', exit: 1, message: expect.stringContaining('advertising-dropped not met') });
  });

  test('3.3 too near the threshold for so few cases: insufficient evidence, exit 3', async () => {
    const one = edited(ready.copy(), 'rules.json', '"offer", ', '');
    const answer = await one.run('baseline', 'run');
    expect(answer.exit).toBe(3);
    expect(verdictsOf(answer)).toMatchObject({ 'answers-right': 'insufficient', 'people-not-dropped': 'met' });
    expect(answer.tables?.[0]?.rows[0]?.at(-1)).toBe('undecided');
    expect(await one.fault('baseline', 'accept', { as: 'erin' })).toMatchObject({ code: 'EVIDENCE_MISSING', exit: 3, message: expect.stringContaining('answers-right') });
    for (const [step, verb] of [['identity', 'register'], ['identity', 'key issue'], ['identity', 'verify']] as const) await one.run(step, verb);
    expect(await status(one.world, { yes: true })).toMatchObject({ kind: 'status', data: { next: 'agentctl baseline show' } });
  });

  test.each<[number, string, RegExp]>([
    [1, 'met', /1 infrastructure errors kept apart/],
    [2, 'insufficient', /2 of 88 cases were lost to infrastructure errors, more than 2 %/],
  ])('3.3 %i infrastructure errors are no wrong answers: %s', async (count, verdict, because) => {
    const lost = ['n-47ab342f', 'n-f7d6128c'].slice(0, count);
    const one = edited(ready.copy(), 'agent.js', '...reply })', `...(${JSON.stringify(lost)}.includes(input?.note) ? { error: 'out of reach' } : reply) })`);
    const answer = await one.run('baseline', 'run');
    // Of what people wrote, half of the notes, more than 2 % is lost already: not enough evidence, and not a failure either.
    expect([answer.exit, answer.data['cases'], answer.data['errors'], verdictsOf(answer)['people-not-dropped']]).toEqual([3, 88, count, 'insufficient']);
    expect([answer.data['answered'], answer.data['abstained'], answer.data['errors']].reduce<number>((sum, part) => sum + Number(part), 0)).toBe(88);
    const before = conditionsOf({ data: (await newest(measured, 'evaluation.finished'))?.data ?? {} });
    const [was, is] = [before, conditionsOf(answer)].map((list) => list.find((condition) => condition.id === 'answers-right'));
    // So many right answers fewer were given; the rest is as right as before.
    expect([is?.n, is?.errors, is?.['value'], is?.verdict]).toEqual([Number(was?.n) - count, count, was?.['value'], verdict]);
    expect(is?.['because']).toMatch(because);
    expect(verdictsOf(answer)['answers-at-all']).toBe('met');
  });

  test('3.1 3.3 an agent that dies on a case has failed it, and is not said to have answered it', async () => {
    const one = edited(ready.copy(), 'agent.js', "  const reply =", "  if (['n-47ab342f', 'n-f7d6128c'].includes(input?.note)) process.exit(1);\n  const reply =");
    const answer = await one.run('baseline', 'run');
    const shown = await one.run('baseline', 'show');
    for (const { facts } of [answer, shown]) expect(facts).toContainEqual({ label: 'cases', value: expect.stringMatching(/^88: 82 answered, 2 failed by the agent itself \(agent_crash 2\), 4 left to a human, 0 infrastructure errors$/) });
    // What the older field counts stays as it was.
    expect((await newest(one, 'evaluation.finished'))?.data).toMatchObject({ cases: 88, answered: 84, failures: { agent_crash: 2 }, errors: 0 });
    expect((await newest(measured, 'evaluation.finished'))?.data).toMatchObject({ answered: 84, failures: {} });
  });

  test('3.3 an agent that answers nothing is an outage: exit 6, no verdict and no measurement', async () => {
    const one = edited(ready.copy(), 'agent.js', '...reply })', "error: 'out of reach' })");
    expect(await one.fault('baseline', 'run')).toMatchObject({ code: 'TARGET_FAILED', exit: 6 });
    for (const type of ['evaluation.finished', 'baseline.measured']) expect(await one.entries(type)).toEqual([]);
  });

  test('3.3 each run on held-out data counts as one use of it, however many capabilities it asks about', async () => {
    const one = await tiny(withMoney);
    await one.run('pact', 'sign', { as: 'erin' });
    for (const use of [1, 2]) {
      const { facts } = await one.run('baseline', 'run');
      expect(facts.find((fact) => fact.label === 'held-out use')?.value).toBe(`number ${use}`);
    }
  });

  test.each(['0', '65', 'many', '-1'])('--concurrency %s is refused', async (concurrency) => {
    expect(await ready.fault('baseline', 'run', { concurrency })).toMatchObject({ code: 'USAGE', exit: 2, hint: '--concurrency 4' });
  });
});

describe('3.1 an interrupted run', () => {
  /** 1,144 cases: one whole batch and a part of the next. */
  async function long(): Promise<Tiny> {
    const one = bare.copy();
    logging(one);
    one.edit('data/held-out.jsonl', (text) => Array.from({ length: 13 }, (_, round) => text.replaceAll('{"id":"', `{"id":"r${round}-`)).join(''));
    edited(one, 'agent.yaml', /sha256:1471[0-9a-f]+/, `sha256:${createHash('sha256').update(readFileSync(one.path('data/held-out.jsonl'))).digest('hex')}`);
    await one.run('pact', 'sign', { as: 'erin' });
    return one;
  }
  /** As by Ctrl-C, after so many answers. */
  function interrupted(one: Tiny, after: number): Tiny {
    const stop = new AbortController();
    const progress = { update: (done: number) => { if (done >= after) stop.abort(); }, end: () => undefined };
    return one.in({ surroundings: { ...one.world.surroundings, interrupted: stop.signal }, talk: { ...one.world.talk, progress: () => progress } });
  }

  test('goes on from its last batch: what is recorded is not asked again, nothing is counted twice', async () => {
    const one = await long();
    expect(await interrupted(one, 1050).fault('baseline', 'run')).toMatchObject({ code: 'INTERRUPTED', exit: 130, message: expect.stringMatching(/^stopped after 10\d\d of 1144 answers; they are kept$/) });
    const batches = await one.entries('evaluation.batch');
    const recorded = await one.withSession(async (session) => (await Promise.all(batches.map((batch) => rowsOf(session, batch)))).flat().map((row) => row.request), false);
    expect(recorded.length).toBeGreaterThanOrEqual(1045);
    const [cutOff] = await one.entries('evaluation.stopped');
    expect(cutOff?.data).toMatchObject({ purpose: 'baseline', rows: recorded.length, of: 1144 });
    rmSync(one.path('asked.log'));
    const answer = await one.run('baseline', 'run');
    expect([answer.exit, answer.data['cases'], answer.data['heldOutUse']]).toEqual([0, 1144, 1]);
    expect(asked(one)).toHaveLength(1144 - recorded.length);
    expect(asked(one).filter((id) => recorded.includes(id))).toEqual([]);
    expect((await one.entries('evaluation.started')).map((entry) => entry.data['run'])).toEqual([answer.data['run']]);
    expect((await one.entries('evaluation.batch')).map((entry) => [entry.data['part'], entry.data['index'], entry.data['rows']])).toEqual([
      [0, 0, 1000], [0, 1, recorded.length - 1000], [0, 2, 1144 - recorded.length],
    ]);
  });

  test('is left alone once the build is another one: a new run, another use of the held-out data', async () => {
    const one = await long();
    await interrupted(one, 1050).fault('baseline', 'run');
    one.edit('rules.json', (text) => `${text}\n`);
    rmSync(one.path('asked.log'));
    const answer = await one.run('baseline', 'run');
    expect([answer.data['cases'], answer.data['heldOutUse'], asked(one).length]).toEqual([1144, 2, 1144]);
  });
});

describe('baseline accept', () => {
  test('3.2 an operator with the role accepts the newest run; the artifact is what was signed', async () => {
    const one = measured.copy();
    expect(await one.run('baseline', 'accept', { as: 'erin' })).toMatchObject({ exit: 0, headline: expect.stringContaining('accepted by Erin Engineer (scripted)') });
    const [entry] = await one.entries('baseline.accepted');
    expect(entry?.data['deliverable']).toBe(digestBytes(readFileSync(one.path('artifacts/baseline.json'))));
    expect(JSON.parse(readFileSync(one.path('artifacts/baseline.json'), 'utf8'))).toMatchObject({ run: entry?.data['run'], cases: 88, conditions: expect.any(Array) });
    expect(entry?.validUntil).toBe('2027-02-20T12:00:00.000Z');
  });

  test('2.4 3.2 a stranger verifies pact and result with other tools: the operator\'s signature, the pact as configuration, each condition by name', async () => {
    const one = measured.copy();
    await one.run('baseline', 'accept', { as: 'erin' });
    const [accepted] = await one.entries('baseline.accepted');
    const [pact] = await one.entries('pact.signed');
    const key = createPublicKey(pemOf(keyOfDid(String(accepted?.actor))));
    const opened = ['pact.dsse.json', 'baseline.dsse.json'].map((file) => {
      const { payload, payloadType, signatures: [signature] } = JSON.parse(readFileSync(one.path('artifacts', file), 'utf8')) as { payload: string; payloadType: string; signatures: readonly [{ sig: string }] };
      const bytes = Buffer.from(payload, 'base64');
      expect([file, verify(null, dsse.preAuthEncoding(payloadType, bytes), key, Buffer.from(signature.sig, 'base64'))]).toEqual([file, true]);
      expect(verify(null, dsse.preAuthEncoding(payloadType, Buffer.from(String(bytes).replace('sha256', 'sha512'))), key, Buffer.from(signature.sig, 'base64'))).toBe(false);
      return JSON.parse(String(bytes)) as JsonObject;
    });
    const sha256 = (digest: unknown) => ({ sha256: String(digest).slice('sha256:'.length) });
    expect(opened[1]).toEqual({
      _type: 'https://in-toto.io/Statement/v1',
      subject: [
        { name: 'artifacts/build.json', digest: sha256(accepted?.agent.build) },
        { name: 'artifacts/baseline.json', digest: sha256(digestBytes(readFileSync(one.path('artifacts/baseline.json')))) },
      ],
      predicateType: 'https://in-toto.io/attestation/test-result/v0.1',
      predicate: {
        result: 'PASSED',
        configuration: [{ name: 'pact', digest: sha256(pact?.data['document']) }, ...['held-out'].map((name) => expect.objectContaining({ name: `dataset ${name}` }) as unknown)],
        passedTests: conditionsOf(await one.run('baseline', 'show')).map(({ id }) => id), warnedTests: [], failedTests: [],
      },
    });
    expect(accepted?.data['result']).toBe(digestBytes(readFileSync(one.path('artifacts/baseline.dsse.json'))));
  });

  test('X6 a role that does not own the step accepts nothing', async () => {
    for (const as of ['omar', 'lena']) expect(await measured.fault('baseline', 'accept', { as })).toMatchObject({ code: 'NOT_ALLOWED', exit: 1, hint: 'operators who may: erin' });
    expect(existsSync(measured.path('artifacts/baseline.json'))).toBe(false);
  });

  test.each<[string, (one: Tiny) => void, RegExp]>([
    ['another build', (one) => one.edit('rules.json', (text) => `${text}\n`), /stale: build: rules\.json changed/],
    ['another data set', (one) => one.edit('data/held-out.jsonl', (text) => `${text}\n`), /stale: datasets: .*held-out/],
    ['the end of its window', (one) => one.clock.set('2027-02-20T12:00:00.001Z'), /stale: expired on 2027-02-20/],
  ])('X4 a run that is stale by %s is refused', async (_what, change, message) => {
    const one = measured.copy();
    change(one);
    expect(await one.fault('baseline', 'accept', { as: 'erin' })).toMatchObject({ code: 'EVIDENCE_MISSING', exit: 3, message: expect.stringMatching(message), hint: 'agentctl baseline run' });
    expect(await one.entries('baseline.accepted')).toEqual([]);
  });

  test('nothing measured, nothing accepted', async () => {
    expect(await ready.fault('baseline', 'accept', { as: 'erin' })).toMatchObject({ code: 'EVIDENCE_MISSING', hint: 'agentctl baseline run' });
  });
});

describe('baseline show', () => {
  test('3.3 whoever looks at single held-out cases is told what that costs; other cases cost nothing', async () => {
    const one = measured.copy();
    const caution = expect.stringMatching(/^Cases of held-out are held out, and were used 1 time up to this run\./) as unknown;
    expect((await one.run('baseline', 'show', { case: 'h-keep-0' })).notes).toEqual([caution]);
    expect((await one.run('baseline', 'report')).notes).toEqual([caution]);
    expect((await one.run('baseline', 'show')).facts).toContainEqual({ label: 'held-out use', value: 'number 1' });
    const other = edited(bare.copy(), 'agent.yaml', 'use: held-out }', 'use: shift }');
    await other.run('pact', 'sign', { as: 'erin' });
    await other.run('baseline', 'run');
    for (const options of [{ case: 'h-keep-0' }, {}]) expect((await other.run('baseline', 'show', options)).notes ?? []).toEqual([]);
    expect((await other.run('baseline', 'report')).notes).toEqual([]);
    expect((await other.run('baseline', 'show')).facts.map(({ label }) => label)).not.toContain('held-out use');
  });

  test('3.1 no run, a run, an accepted run', async () => {
    expect(await ready.run('baseline', 'show')).toMatchObject({ exit: 0, headline: 'no run yet', next: 'agentctl baseline run' });
    const one = measured.copy();
    const before = await one.run('baseline', 'show');
    expect(before).toMatchObject({ headline: expect.stringContaining('not accepted'), next: 'agentctl baseline accept --as <operator>', data: { accepted: false, cases: 88 } });
    expect(before.tables?.map((table) => table.title)).toEqual(['Conditions', 'Scores by agentctl-score/1, 0 to 1']);
    expect(before.tables?.[0]?.rows.map((row) => [row[0], row.at(-1)])).toEqual(['answers-right', 'advertising-dropped', 'people-not-dropped', 'asks-seldom', 'answers-at-all'].map((id) => [id, 'met']));
    await one.run('baseline', 'accept', { as: 'erin' });
    expect(await one.run('baseline', 'show')).toMatchObject({ headline: expect.stringMatching(/, accepted$/), next: null, data: { accepted: true } });
  });
});

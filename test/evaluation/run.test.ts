/** The runner against real processes: every case one row, faults asked again alone, whole batches only. */
import { getEventListeners } from 'node:events';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { describe, expect, test } from '@jest/globals';
import { canonical } from '../../src/domain/canonical.js';
import { sha256Hex } from '../../src/domain/digest.js';
import type { Clock, Progress, RunningTarget } from '../../src/domain/ports.js';
import { systemRandom } from '../../src/adapters/system.js';
import { targets } from '../../src/adapters/targets/targets.js';
import { requestOf, type Case } from '../../src/evaluation/dataset.js';
import type { Batch } from '../../src/evaluation/flow/batch.js';
import { runEvaluation, type EvaluationPlan } from '../../src/evaluation/flow/run.js';
import type { ResultRow } from '../../src/evaluation/score.js';

const AGENTS = join(import.meta.dirname, '../fixtures/agents');
const clock: Clock = { now: () => '2026-11-22T12:00:00.000Z', monotonic: () => performance.now(), sleep: async () => undefined };
const quiet: Progress = { update: () => undefined, end: () => undefined };
const plant = () => {
  const texts: string[] = [];
  return { add: (text: string) => void texts.push(text), root: () => sha256Hex(texts.join('\n')) };
};
/** A batch as it was handed over, with its bytes copied and the rows that were told before it. */
type Handed = Omit<Batch, 'results' | 'transcripts' | 'rows'> & { readonly texts: readonly string[]; readonly said: readonly string[]; readonly rows: readonly ResultRow[] };
const linesOf = (bytes: Uint8Array) => Buffer.from(bytes).toString().split('\n').slice(0, -1);

const cases = (count: number, input: (i: number) => object): readonly Case[] =>
  Array.from({ length: count }, (_, i) => ({ id: `mail-${i}`, input: input(i) as Case['input'], expected: { decision: 'ok' }, tags: [] }));

async function run(name: string, given: readonly Case[], options: Partial<EvaluationPlan> & { timeout?: string } = {}) {
  const { timeout = 'PT5S', ...plan } = options;
  const target = await targets({ clock, random: systemRandom() }).start({ kind: 'jsonl', command: [process.execPath, join(AGENTS, `${name}.mjs`)], timeout }, AGENTS);
  const batches: Handed[] = [];
  let told: ResultRow[] = [];
  try {
    const summary = await runEvaluation({
      target, cases: given, total: given.length, run: 'run-1', as: { capability: 'triage', dataset: 'held-out', output: { pointer: '/decision', abstain: 'ask-human' } }, concurrency: 4, progress: quiet, clock, plant, onRow: (row) => void told.push(row),
      onBatch: async ({ results, transcripts, rows, ...batch }) => {
        batches.push({ ...batch, rows: told, texts: linesOf(results), said: linesOf(transcripts) });
        expect(told).toHaveLength(rows);
        told = [];
      },
      ...plan,
    });
    return { summary, batches, rows: batches.flatMap((batch) => batch.rows) };
  } finally {
    await target.close();
  }
}

test('3.1 every case becomes one row, in order, in batches of at most 1,000 that commit to their rows', async () => {
  const given = cases(2300, (i) => ({ say: i % 10 === 0 ? 'ask-human' : i % 7 === 0 ? 'wrong' : 'ok' }));
  const seen: number[] = [];
  const { summary, batches, rows } = await run('honest', given, { progress: { update: (done) => void seen.push(done), end: () => undefined } });
  expect(batches.map(({ index, rows: { length } }) => [index, length])).toEqual([[0, 1000], [1, 1000], [2, 300]]);
  expect(rows.map((row) => row.case)).toEqual(given.map((one) => one.id));
  for (const batch of batches) {
    expect(batch.texts).toEqual(batch.rows.map((row) => canonical(row)));
    expect(batch.said.map((line) => JSON.parse(line).case)).toEqual(batch.rows.map((row) => row.case));
    expect(batch.root).toBe(sha256Hex(batch.texts.join('\n')));
  }
  expect(summary).toMatchObject({ cases: 2300, answered: 2070, abstained: 230, errors: 0, batches: 3, retried: 0, interrupted: false });
  expect(seen.at(-1)).toBe(2300);
  expect(seen).toEqual([...seen].sort((a, b) => a - b));
});

test('3.1 no more questions are in flight than allowed', async () => {
  let open = 0;
  let most = 0;
  const target: RunningTarget = {
    async ask() {
      open += 1;
      most = Math.max(most, open);
      await new Promise((resolve) => setTimeout(resolve, 1));
      open -= 1;
      return { outcome: 'answer', output: { decision: 'ok' }, confidence: null, doubt: false, reason: null, toolCalls: [], milliseconds: 1 };
    },
    describe: async () => ({}),
    close: async () => undefined,
  };
  await run('honest', cases(100, () => ({})), { target, concurrency: 7 });
  expect(most).toBe(7);
});

const answer = { outcome: 'answer', output: { decision: 'ok' }, confidence: null, doubt: false, reason: null, toolCalls: [], milliseconds: 1 } as const;

test('3.1 answers wait for one that is missing, and no more than 250 of them', async () => {
  let release: (() => void) | undefined;
  const slow = new Promise<void>((resolve) => { release = resolve; });
  let asked = 0;
  const target: RunningTarget = {
    async ask({ input }) {
      asked += 1;
      if ((input as { i: number }).i === 3) await slow;
      return answer;
    },
    describe: async () => ({}),
    close: async () => undefined,
  };
  const handed: number[] = [];
  const under = run('honest', cases(1000, (i) => ({ i })), { target, onBatch: async ({ rows }) => void handed.push(rows), concurrency: 4 });
  await new Promise((resolve) => { setTimeout(resolve, 100); });
  expect([asked, handed]).toEqual([253, []]);
  release?.();
  expect((await under).summary).toMatchObject({ cases: 1000, batches: 1 });
  expect(asked).toBe(1000);
});

test('3.1 nothing is asked while a batch cannot be put on record, and a batch that is refused ends the run', async () => {
  let asked = 0;
  const target: RunningTarget = { ask: async () => ((asked += 1), answer), describe: async () => ({}), close: async () => undefined };
  let offered = 0;
  const refusal = new Error('the disk is full');
  await expect(run('honest', cases(2000, () => ({})), { target, concurrency: 8, onBatch: async () => {
    offered += 1;
    await new Promise((resolve) => { setTimeout(resolve, 50); });
    throw refusal;
  } })).rejects.toBe(refusal);
  expect(offered).toBe(1);
  // Besides the thousand: seven answers that wait to be put, and eight open questions.
  expect(asked).toBeLessThanOrEqual(1000 + 7 + 8);
});

test('3.1 the agent is at the next question while an answer is scored', async () => {
  const told: string[] = [];
  const target: RunningTarget = {
    ask: async ({ input }) => {
      told.push(`asked ${String((input as { i: number }).i)}`);
      return answer;
    },
    describe: async () => ({}), close: async () => undefined,
  };
  await run('honest', cases(3, (i) => ({ i })), { target, concurrency: 1, onRow: (row) => void told.push(`told ${row.case}`), onBatch: async () => undefined });
  expect(told).toEqual(['asked 0', 'asked 1', 'told mail-0', 'asked 2', 'told mail-1', 'told mail-2']);
});

test('3.1 a question that is open when the run ends in an error is nobody’s error', async () => {
  const unheard: unknown[] = [];
  const listen = (error: unknown) => void unheard.push(error);
  process.on('unhandledRejection', listen);
  try {
    let asked = 0;
    const target: RunningTarget = {
      ask: async () => {
        asked += 1;
        if (asked === 1) return answer;
        await new Promise((resolve) => { setTimeout(resolve, 20); });
        throw new Error('the agent cannot be started');
      },
      describe: async () => ({}), close: async () => undefined,
    };
    const refusal = new Error('the disk is full');
    await expect(run('honest', cases(9, () => ({})), { target, concurrency: 1, onRow: () => { throw refusal; } })).rejects.toBe(refusal);
    await new Promise((resolve) => { setTimeout(resolve, 60); });
  } finally {
    process.off('unhandledRejection', listen);
  }
  expect(unheard).toEqual([]);
});

test('3.1 the bytes of a batch are those of its rows, in whatever script and however long', async () => {
  const target: RunningTarget = { ask: async ({ input }) => ({ ...answer, reason: '長い理由'.repeat((input as { i: number }).i) }), describe: async () => ({}), close: async () => undefined };
  const { batches } = await run('honest', cases(600, (i) => ({ i })), { target });
  // A mebibyte ends a batch as well.
  expect(batches).toHaveLength(3);
  batches.flatMap(({ said }) => said).forEach((line, i) => expect(JSON.parse(line).reason).toBe(i === 0 ? null : '長い理由'.repeat(i)));
});

test('3.3 an outage leaves whole batches on record, and none of its own failures', async () => {
  const target: RunningTarget = { ask: async ({ input }) => ((input as { i: number }).i < 1030 ? answer : { outcome: 'fault', cause: 'unreachable', message: 'gone', milliseconds: 1 }), describe: async () => ({}), close: async () => undefined };
  const handed: number[] = [];
  await expect(run('honest', cases(1200, (i) => ({ i })), { target, onBatch: async ({ rows, results }) => void handed.push(rows, linesOf(results).filter((line) => line.includes('infrastructure')).length) })).rejects.toMatchObject({ code: 'TARGET_FAILED' });
  expect(handed).toEqual([1000, 0]);
});

test('3.1 one listener waits for an interruption, however many questions are open: Node takes more than ten for a leak', async () => {
  const { signal } = new AbortController();
  const seen: number[] = [];
  const target: RunningTarget = {
    async ask() {
      await new Promise((resolve) => setTimeout(resolve, 1));
      seen.push(getEventListeners(signal, 'abort').length);
      return { outcome: 'answer', output: { decision: 'ok' }, confidence: null, doubt: false, reason: null, toolCalls: [], milliseconds: 1 };
    },
    describe: async () => ({}),
    close: async () => undefined,
  };
  await run('honest', cases(100, () => ({})), { target, concurrency: 64, signal });
  expect(Math.max(...seen)).toBe(1);
  expect(getEventListeners(signal, 'abort')).toHaveLength(0);
});

describe('3.3 faults are asked again alone', () => {
  test('a crash takes its neighbours along; alone only the culprit fails', async () => {
    const { summary, rows } = await run('die', cases(20, (i) => ({ die: i === 5 })), { concurrency: 8 });
    expect(rows.filter((row) => row.outcome === 'pass')).toHaveLength(19);
    expect(rows[5]).toMatchObject({ outcome: 'fail', cause: 'agent_crash', output: null });
    expect(summary).toMatchObject({ cases: 20, answered: 19, errors: 0 });
    expect(summary.retried).toBeGreaterThan(0);
  });
  test('a case that hangs twice is an infrastructure error, its neighbours are not', async () => {
    const { summary, rows } = await run('hang', cases(12, (i) => ({ hang: i === 5 })), { timeout: 'PT1S' });
    expect(rows.map((row) => row.outcome)).toEqual(Array.from({ length: 12 }, (_, i) => (i === 5 ? 'infrastructure' : 'pass')));
    expect(summary).toMatchObject({ cases: 12, errors: 1 });
  });
  test('garbage for one case spoils that case alone', async () => {
    const { rows } = await run('garbage', cases(12, (i) => (i === 5 ? { raw: 'Loading…' } : {})));
    expect(rows.map((row) => row.cause)).toEqual(Array.from({ length: 12 }, (_, i) => (i === 5 ? 'garbage' : null)));
  });
  test('two bad cases in a hundred never look like an outage', async () => {
    const { summary } = await run('garbage', cases(1000, (i) => (i % 50 === 0 ? { raw: '{"id":"$ID"}' } : {})));
    expect(summary).toMatchObject({ cases: 1000, errors: 20, retried: 20 });
  });
});

describe('3.3 an outage stops the run instead of failing the agent', () => {
  test.each<[string, RegExp]>([['outage', /503 from the provider/], ['twice', /never asked or has been answered/], ['stranger', /never asked/]])('%s', async (name, message) => {
    const batches: Batch[] = [];
    await expect(run(name, cases(200, () => ({})), { onBatch: async (batch) => void batches.push(batch) })).rejects.toMatchObject({ code: 'TARGET_FAILED', message: expect.stringMatching(message) });
    expect(batches).toEqual([]);
  });
});

test('3.3 an outage is noticed although each failure takes so long that no batch holds sixteen of them', async () => {
  let [time, asked] = [0, 0];
  const dead: RunningTarget = {
    ask: async () => {
      asked += 1;
      time += 10_000;
      return { outcome: 'fault', cause: 'unreachable', message: 'the port is closed', milliseconds: 10_000 };
    },
    describe: async () => ({}),
    close: async () => undefined,
  };
  const slow = { ...clock, monotonic: () => time };
  await expect(run('honest', cases(200, () => ({})), { target: dead, clock: slow, concurrency: 1 })).rejects.toMatchObject({ code: 'TARGET_FAILED', message: expect.stringContaining('the port is closed') });
  expect(asked).toBeLessThanOrEqual(32);
});

describe('3.1 resumable', () => {
  const given = cases(2300, () => ({ say: 'ok' }));

  test('recorded batches are not asked again, and the rest is the same', async () => {
    const whole = await run('honest', given);
    const rest = await run('honest', given, { recorded: { rows: 2000, batches: 2 } });
    expect(rest.summary).toMatchObject({ cases: 300, resumed: 2000, batches: 1 });
    const stable = (batch: Handed | undefined) => batch?.rows.map(({ milliseconds: _milliseconds, ...row }) => row);
    expect(stable(rest.batches[0])).toEqual(stable(whole.batches[2]));
    expect(rest.batches[0]?.index).toBe(2);
  });

  test('9 an interruption leaves what was answered up to the first gap, and the next attempt goes on from there', async () => {
    const stop = new AbortController();
    const { summary, batches } = await run('honest', given, { signal: stop.signal, progress: { update: (done) => done === 1500 && stop.abort(), end: () => undefined } });
    expect(summary).toMatchObject({ interrupted: true, batches: expect.any(Number) });
    expect(summary.cases).toBeGreaterThan(1490);
    expect(summary.cases).toBeLessThan(1510);
    expect(batches.flatMap(({ rows }) => rows.map((row) => row.case))).toEqual(given.slice(0, summary.cases).map((one) => one.id));
    const rest = await run('honest', given, { recorded: { rows: summary.cases, batches: batches.length } });
    expect(rest.rows.map((row) => row.case)).toEqual(given.slice(summary.cases).map((one) => one.id));
    expect(rest.batches[0]?.index).toBe(batches.length);
  });

  test('an interruption does not wait for an agent that hangs', async () => {
    const stop = new AbortController();
    setTimeout(() => stop.abort(), 150);
    const started = performance.now();
    const { summary } = await run('hang', cases(8, () => ({ hang: true })), { signal: stop.signal, timeout: 'PT30S' });
    expect(summary).toMatchObject({ interrupted: true, batches: 0 });
    expect(performance.now() - started).toBeLessThan(5000);
  });
});

test('3.3 nothing of the data set but the input reaches the agent', async () => {
  const secret: Case = { id: 'spam-2/00042', input: { text: 'hello' }, expected: { decision: 'quarantine' }, group: 'family-of-spam', tags: ['spam-tag'] };
  const asked: string[] = [];
  const target = await targets({ clock, random: systemRandom() }).start({ kind: 'jsonl', command: [process.execPath, join(AGENTS, 'mirror.mjs')] }, AGENTS);
  const listening: RunningTarget = { ...target, ask: async (request) => {
    const reply = await target.ask(request);
    asked.push(JSON.stringify(reply));
    return reply;
  } };
  await run('honest', [secret], { target: listening });
  await target.close();
  expect(asked).toHaveLength(1);
  expect(asked[0]).toContain(requestOf(secret, 'run-1').id);
  expect(asked[0]).not.toMatch(/00042|quarantine|family|spam|held-out|data\//);
});

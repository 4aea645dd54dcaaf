/** The kept answer: the same answer as a computed one, given up at every change, and believed by `status` alone. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { appendFileSync, readFileSync, renameSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { type Connection, Sqlite as Database } from '../support/sqlite.js';
import type { Report, StatusReport } from '../../src/domain/report.js';
import { apply } from '../../src/engine/apply.js';
import { fileOf, keptStatus, stampOf, type KeptStatus } from '../../src/engine/kept-status.js';
import { record } from '../../src/engine/session.js';
import { status } from '../../src/engine/status.js';
import { verify } from '../../src/engine/verify.js';
import { waive } from '../../src/engine/waive.js';
import { accepted, removeTinies, type Tiny } from '../support/tiny.js';

const FLAGS = { yes: true };
/** A pattern besides the named files, so that a file can be added under it. */
const WITH_PATTERN = (text: string) => text.replace('files: [agent.js, tool.sh, package.json]', 'files: [agent.js, tool.sh, package.json, notices/**]');

let made: Tiny;
beforeAll(async () => {
  made = await accepted(WITH_PATTERN);
}, 120_000);
afterAll(removeTinies);

/** A copy in a folder of its own, with an answer of its own: the files of a copy have other times. */
async function settled(): Promise<Tiny> {
  const one = made.copy();
  await one.run('audit', 'checkpoint');
  return one;
}

const reportOf = (report: Report | undefined): StatusReport | undefined => (report?.kind === 'status' ? report.data : undefined);
const kept = async (one: Tiny) => reportOf(await keptStatus(one.world, FLAGS));
/** What the command line answers. */
const answer = async (one: Tiny) => reportOf((await keptStatus(one.world, FLAGS)) ?? (await status(one.world, FLAGS)));
const stateOf = (report: StatusReport | undefined, id: string) => report?.steps.find((step) => step.id === id)?.state;

function database<T>(one: Tiny, use: (db: Connection) => T): T {
  const db = new Database(one.path('.agentctl', 'ledger.db'));
  try {
    return use(db);
  } finally {
    db.close();
  }
}

const keptFile = (one: Tiny) => fileOf({ manifest: one.path('agent.yaml'), storeFolder: one.path('.agentctl') });
const contentOf = (one: Tiny) => JSON.parse(readFileSync(keptFile(one), 'utf8')) as KeptStatus;
const forge = (one: Tiny, change: (kept: KeptStatus) => KeptStatus) => writeFileSync(keptFile(one), JSON.stringify(change(contentOf(one))));

const allPassed = (kept: KeptStatus): KeptStatus => ({ ...kept, report: { ...kept.report, next: null, steps: kept.report.steps.map((step) => ({ ...step, state: 'passed', because: 'forged', next: null, findings: [] })) } });

test('says what a computed answer says, and since when', async () => {
  const one = await settled();
  const { kept: since, ...view } = (await kept(one)) ?? {};
  expect(view).toEqual(reportOf(await status(one.world, FLAGS)));
  expect(view).toMatchObject({ ledger: { verified: 'since the last checkpoint' } });
  expect(since).toBe(one.clock.now());
  expect(stateOf(await kept(one), 'baseline')).toBe('passed');
});

test('apply keeps one too; a dry run writes nothing', async () => {
  const one = made.copy();
  await apply(one.world, FLAGS, { steps: [], dryRun: true });
  expect(await kept(one)).toBeUndefined();
  await apply(one.world, FLAGS, { steps: ['audit'], dryRun: false });
  expect(await kept(one)).toMatchObject({ kept: one.clock.now() });
}, 60_000);

describe('is given up, and the answer is computed anew, when', () => {
  const later = (one: Tiny, file: string) => utimesSync(one.path(file), new Date('2030-01-01'), new Date('2030-01-01'));
  const edits: readonly (readonly [what: string, edit: (one: Tiny) => unknown, step: string, state: string])[] = [
    ['a build file changes', (one) => appendFileSync(one.path('tool.sh'), '\n'), 'baseline', 'stale'],
    ['a prompt changes and keeps its size', (one) => (one.edit('prompts/policy.txt', (text) => text.replace('a', 'e')), later(one, 'prompts/policy.txt')), 'baseline', 'stale'],
    ['a file is added under a pattern', (one) => writeFileSync(one.path('notices', 'extra.md'), 'more\n'), 'baseline', 'stale'],
    ['a data set changes', (one) => appendFileSync(one.path('data/held-out.jsonl'), '\n'), 'baseline', 'stale'],
    ['agent.yaml changes what was promised', (one) => one.edit('agent.yaml', (text) => text.replace('confidence: "0.95"', 'confidence: "0.9"')), 'pact', 'stale'],
    ['agent.yaml gets a comment', (one) => one.edit('agent.yaml', (text) => `${text}\n# nothing\n`), 'baseline', 'passed'],
    ['another process appends', (one) => one.withSession((session) => record(session, { type: 'clock.jumped', data: { from: one.clock.now(), to: one.clock.now() } })), 'baseline', 'passed'],
    ['time runs out for a piece of evidence', (one) => one.clock.set('2027-12-01T00:00:00.000Z'), 'baseline', 'stale'],
  ];
  test.each(edits)('%s', async (_what, edit, step, state) => {
    const one = await settled();
    expect(await kept(one)).toBeDefined();
    await edit(one);
    expect(await kept(one)).toBeUndefined();
    const report = await answer(one);
    expect(stateOf(report, step)).toBe(state);
    expect(report?.kept).toBeUndefined();
  });

  test('another program judges', async () => {
    const one = await settled();
    expect(await kept(one.in({ surroundings: { ...one.world.surroundings, program: one.path('tool.sh') } }))).toBeUndefined();
  });

  test('its time is over, to the millisecond', async () => {
    const one = await settled();
    const { until } = contentOf(one);
    one.clock.set(until);
    const before = await kept(one);
    expect({ ...before, kept: undefined }).toEqual({ ...reportOf(await status(one.world, FLAGS)), kept: undefined });
    one.clock.set(new Date(Date.parse(until) + 1).toISOString());
    expect(await kept(one)).toBeUndefined();
  });
});

test('a copy is not believed, whatever it was told: its files have times of their own', async () => {
  const one = await settled();
  expect(await kept(one)).toBeDefined();
  expect(await kept(one.copy())).toBeUndefined();
});

test('what changed within one tick of the clock of files is not told apart, so an answer no younger than the ledger is none', async () => {
  const one = await settled();
  const { looked } = contentOf(one);
  const place = { manifest: one.path('agent.yaml'), storeFolder: one.path('.agentctl') };
  const { changed } = (await one.world.stores.stamp(place.storeFolder)) ?? { changed: Number.NaN };
  expect(await stampOf(one.world, place, looked, changed + 0.001)).toBe(contentOf(one).stamp);
  expect(await stampOf(one.world, place, looked, changed)).toBeUndefined();
});

test('while somebody writes, the ledger is asked', async () => {
  const one = await settled();
  await one.withSession(async (session) => {
    await record(session, { type: 'clock.jumped', data: { from: one.clock.now(), to: one.clock.now() } });
    expect(await one.world.stores.stamp(session.storeFolder)).toBeUndefined();
    expect(await kept(one)).toBeUndefined();
  });
});

test('why a step is waived is not kept: it could not be erased there', async () => {
  const one = await settled();
  await waive(one.world, FLAGS, { probe: 'guardrails.exact', as: 'erin', reason: 'Mrs Jones signs on Monday', expires: 'P1D' });
  await one.run('audit', 'checkpoint');
  expect(await kept(one)).toBeUndefined();
  expect(readFileSync(keptFile(one), 'utf8')).not.toContain('Jones');
});

test('nothing is kept of what a link leads to: its time says nothing', async () => {
  const one = made.copy();
  renameSync(one.path('data/held-out.jsonl'), one.path('elsewhere.jsonl'));
  symlinkSync(one.path('elsewhere.jsonl'), one.path('data/held-out.jsonl'));
  await one.run('audit', 'checkpoint');
  expect(await kept(one)).toBeUndefined();
});

test('a file that vanished does not make the command fail that wrote', async () => {
  const one = made.copy();
  const vanishing = { ...one.world.files, list: async () => Promise.reject(new (await import('../../src/domain/fault.js')).Fault('IO', 'gone')) };
  // The session itself lists the pattern once; only the view meets the fault.
  let calls = 0;
  const files = { ...one.world.files, list: (folder: string) => ((calls += 1) > 1 ? vanishing.list() : one.world.files.list(folder)) };
  expect(await one.in({ files }).run('audit', 'checkpoint')).toMatchObject({ exit: 0 });
  expect(calls).toBeGreaterThan(1);
  expect(await kept(one)).toBeUndefined();
});

describe('a forged answer', () => {
  test('is believed by status alone: verify, apply and certify judge for themselves', async () => {
    const one = await settled();
    const judged = async () => [await verify(one.world, FLAGS, {}), await apply(one.world, FLAGS, { steps: [], dryRun: true }), (await one.fault('certify', 'issue')).message];
    const before = await judged();
    forge(one, allPassed);
    expect((await kept(one))?.steps.every((step) => step.because === 'forged')).toBe(true);
    expect(await judged()).toEqual(before);
    expect(before[0]).toMatchObject({ exit: 3 });
  });

  test.each(['', 'x', '{}', '[]', 'null', '{"looked":[],"stamp":""}'])('that is malformed counts as none: %j', async (text) => {
    const one = await settled();
    writeFileSync(keptFile(one), text);
    expect(await kept(one)).toBeUndefined();
    expect(stateOf(await answer(one), 'baseline')).toBe('passed');
  });
});

describe('a chain that does not hold ends status with exit 4', () => {
  const head = (one: Tiny, change: string) => database(one, (db) => {
    db.exec('DROP TRIGGER heads_grow');
    db.exec(`UPDATE heads SET ${change}`);
  });
  const damages: readonly (readonly [what: string, damage: (one: Tiny) => unknown])[] = [
    ['an entry after the checkpoint', async (one) => {
      await one.withSession((session) => record(session, { type: 'clock.jumped', data: { from: one.clock.now(), to: one.clock.now() } }));
      database(one, (db) => {
        db.exec('DROP TRIGGER entries_keep');
        db.exec(`UPDATE entries SET body = replace(body, '"actor":"agentctl"', '"actor":"agentct1"') WHERE seq = (SELECT max(seq) FROM entries)`);
      });
    }],
    ['the head\'s hash', (one) => head(one, `hash = '${'0'.repeat(64)}'`)],
    ['the head\'s range', (one) => head(one, `range = '${'0'.repeat(64)}'`)],
  ];
  test.each(damages)('%s', async (_what, damage) => {
    const one = await settled();
    await damage(one);
    await expect(answer(one)).rejects.toMatchObject({ code: 'LEDGER_BROKEN', exit: 4 });
  });
});

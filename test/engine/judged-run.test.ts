/** A run with a jury: what its judges said stays with the run, who judged is part of the version, and what divides them waits for a human. */
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, rmSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { digestBytes } from '../../src/domain/digest.js';
import { isObject, type JsonObject } from '../../src/domain/json.js';
import { judgementsOf, rowsOf } from '../../src/engine/evaluation/rows.js';
import { removeTinies, tiny, type Tiny } from '../support/tiny.js';

const JUDGE = new URL('../fixtures/judges/judge.mjs', import.meta.url).pathname;
const LABELLED = Array.from({ length: 20 }, (_zero, index) => `${JSON.stringify({ id: `p${index}`, output: { decision: index % 2 === 0 ? 'please' : 'fool' }, label: index % 2 === 0 ? 'yes' : 'no' })}\n`).join('');

/** A tiny agent whose decisions are judged by so many judges, each behaving in its way. */
const judged = (...behaviours: readonly string[]): Promise<Tiny> => judgedAnew(1, behaviours);

/** @param repeats how often each case is asked */
async function judgedAnew(repeats: number, behaviours: readonly string[]): Promise<Tiny> {
  const judges = behaviours.map((behaviour, at) => ({ id: `j${at}`, provider: `family-${at}`, target: { kind: 'jsonl', command: [process.execPath, JUDGE, behaviour] } }));
  const file = { file: 'labelled.jsonl', sha256: `sha256:${createHash('sha256').update(LABELLED).digest('hex')}` };
  const scorer = { id: 'fair', kind: 'jury', output: '/decision', criterion: 'Is the decision fair?', judges, calibration: file };
  const condition = [
    'id: decided-fairly', 'statement: at least 80 % of the decisions are fair', 'kind: happy-path', 'dimension: accuracy', 'severity: minor', 'metric: pass-rate', 'scorer: fair', 'operator: ">="', 'threshold: "0.80"',
    'dataset: held-out', 'window: P90D', 'verification: judge', 'minimumCases: 20', 'because: an unfair decision costs a complaint of EUR 5.00', 'consequence: alert',
  ];
  const one = await tiny((text) => text.replace('      conditions:\n', `      repeats: ${repeats}\n      scorers: [${JSON.stringify(scorer)}]\n      conditions:\n        - ${condition.join('\n          ')}\n`));
  writeFileSync(one.path('labelled.jsonl'), LABELLED);
  await one.run('pact', 'sign', { as: 'erin' });
  return one;
}

let divided: Tiny;
let measured: JsonObject;
beforeAll(async () => {
  divided = await judged('polite', 'polite', 'strict');
  measured = (await divided.run('baseline', 'run')).data;
}, 60_000);
afterAll(removeTinies);

const versions = (data: JsonObject): JsonObject => (isObject(data['versions']) ? data['versions'] : {});
const rows = async (one: Tiny) => {
  const batches = await one.entries('evaluation.batch');
  return one.withSession(async (session) => (await Promise.all(batches.map((batch) => rowsOf(session, batch)))).flat(), false);
};

describe('3.2 what judges say is kept with the run', () => {
  test('each answer of each judge, with judge, provider, model, prompt, parameters and its own words', async () => {
    const [batch] = await divided.entries('evaluation.batch');
    const said = await divided.withSession(async (session) => (batch ? judgementsOf(session, batch) : []), false);
    const counts = ['agent', 'labelled'].map((about) => said.filter((one) => one.about === about).length);
    expect(counts).toEqual([88 * 3, 20 * 3]);
    expect(said.filter((one) => one.about === 'agent' && one.case === 'h-keep-0').map(({ judge, provider, model, label }) => [judge, provider, model, label]).sort()).toEqual([['j0', 'family-0', 'words-1', 'yes'], ['j1', 'family-1', 'words-1', 'yes'], ['j2', 'family-2', 'words-2', 'yes']]);
    expect(said[0]).toMatchObject({ prompt: expect.stringMatching(/^sha256:[0-9a-f]{64}$/), params: { kind: 'jsonl' }, raw: expect.stringContaining('label'), problem: null, template: 'agentctl-judge/1' });
  });

  test('they are found again by the digest in the entry; changed ones are not read', async () => {
    const [batch] = await divided.entries('evaluation.batch');
    await divided.withSession(async (session) => {
      const blob = await session.store.blob(batch?.data['judgements'] as `sha256:${string}`);
      expect(digestBytes(blob?.bytes ?? '')).toBe(batch?.data['judgements']);
      const forged = { ...session.store, blob: () => Promise.resolve({ mediaType: 'application/jsonl', bytes: Buffer.from(String(Buffer.from(blob?.bytes ?? [])).replace('"yes"', '"no"')) }) };
      if (batch) await expect(judgementsOf({ store: forged }, batch)).rejects.toMatchObject({ code: 'DIGEST_MISMATCH' });
    }, false);
  });

  test('the versions name template, judges and the models that answered; without a judge they name none', async () => {
    expect(versions(measured)['judge']).toBe('agentctl-judge/1: fair/j0 (words-1), fair/j1 (words-1), fair/j2 (words-2)');
    for (const verb of ['show', 'report']) expect((await divided.run('baseline', verb)).facts).toContainEqual({ label: 'judge', value: versions(measured)['judge'] });
    const plain = await tiny();
    await plain.run('pact', 'sign', { as: 'erin' });
    expect(Object.keys(versions((await plain.run('baseline', 'run')).data)).sort()).toEqual(['agent', 'dataset', 'harness', 'profile', 'scorer']);
    expect((await plain.entries('evaluation.batch'))[0]?.data).not.toHaveProperty('judgements');
  });

  test('3.3 what is asked again is judged, and what judges said of the rest is taken over', async () => {
    const one = await judgedAnew(2, ['polite', 'polite']);
    one.edit('agent.js', (text) => text.replace("import { readFileSync } from 'node:fs';", "import { existsSync, readFileSync } from 'node:fs';").replace('  const reply = ', "  const down = input && existsSync('down') && input.text.endsWith('number 3');\n  const reply = down ? { error: '503' } : "));
    writeFileSync(one.path('down'), '');
    const first = String((await one.run('baseline', 'run')).data['run']);
    const lost = (await rows(one)).filter(({ outcome }) => outcome === 'infrastructure').length;
    expect(lost).toBeGreaterThan(0);
    rmSync(one.path('down'));
    const again = await one.run('baseline', 'run', { again: first });
    const batches = (await one.entries('evaluation.batch')).filter(({ data }) => data['run'] === again.data['run']);
    const said = await one.withSession(async (session) => (await Promise.all(batches.map((batch) => judgementsOf(session, batch)))).flat(), false);
    // Two judges, each about every answer once; and about the labelled ones in each of the two runs.
    expect(['agent', 'labelled'].map((about) => said.filter((judgement) => judgement.about === about).length)).toEqual([88 * 2 * 2, 20 * 2 * 2]);
    expect(versions(again.data)['judge']).toBe('agentctl-judge/1: fair/j0 (words-1), fair/j1 (words-1)');
  });

  test('3.2 the models that a hosted agent says answered stand beside the declared one; made-up names fill no record', async () => {
    const one = await tiny();
    await one.run('pact', 'sign', { as: 'erin' });
    const named = (name: (asked: number) => string): Tiny => {
      let asked = 0;
      return one.in({ targets: { ...one.world.targets, start: async (...how) => {
        const target = await one.world.targets.start(...how);
        return { describe: () => target.describe(), close: () => target.close(), ask: async (request) => ({ ...(await target.ask(request)), model: name((asked += 1)) }) };
      } } });
    };
    const model = async (name: (asked: number) => string) => String(versions((await named(name).run('baseline', 'run')).data)['model']);
    expect(await model((asked) => (asked > 40 ? 'rules-b' : 'rules-a'))).toBe('tiny-rules-1 declared, rules-a and rules-b answered');
    expect((await rows(one)).filter((row) => row.model === 'rules-a')).toHaveLength(40);
    expect(await model((asked) => `${'é\u001b'.repeat(60)}${asked}`)).toMatch(/^tiny-rules-1 declared, [ -~]+ and more answered$|^[ -~]{1000}$/);
  });

  test('one case is shown with the words of its judges', async () => {
    const { facts } = await divided.run('baseline', 'show', { case: 'h-keep-0' });
    expect(facts.filter(({ label }) => label.startsWith('fair: judge')).map(({ label, value }) => [label, value.slice(0, 13)]).sort()).toEqual([['fair: judge j0', 'yes (words-1)'], ['fair: judge j1', 'yes (words-1)'], ['fair: judge j2', 'yes (words-2)']]);
  });
});

describe('3.1 a jury that may not decide', () => {
  test('is named with the reason, and the condition says who left the cases without a score', async () => {
    const report = await (await judged('garbage', 'garbage')).run('baseline', 'run');
    expect(report.notes).toEqual([expect.stringMatching(/^The judge fair may not decide: .*only 0/)]);
    expect(report.headline).toContain('were left without a score by fair');
    expect((await judged('polite', 'polite').then((one) => one.run('baseline', 'run'))).notes ?? []).toEqual([]);
  });

  test('labelled answers that cannot be read end the run before the agent is asked', async () => {
    const one = await judged('polite', 'polite');
    one.edit('agent.js', (text) => text.replace("import { readFileSync } from 'node:fs';", "import { readFileSync, writeFileSync } from 'node:fs';").replace('  const reply = ', "  if (input) writeFileSync('asked', '');\n  const reply = "));
    writeFileSync(one.path('labelled.jsonl'), LABELLED.replace('"yes"', '"perhaps"'));
    expect(await one.fault('baseline', 'run')).toMatchObject({ code: 'DIGEST_MISMATCH', at: 'labelled.jsonl' });
    expect(existsSync(one.path('asked'))).toBe(false);
    writeFileSync(one.path('labelled.jsonl'), LABELLED);
    await one.run('baseline', 'run');
    expect(existsSync(one.path('asked'))).toBe(true);
  });

  test.each<[string, string | undefined, string, RegExp, RegExp]>([
    ['not there', undefined, 'pact.labels-missing', /fair: labelled answers: cannot read labelled\.jsonl/, /^prepare the file/],
    ['other bytes', LABELLED.replace('"yes"', '"no"'), 'pact.labels-differ', /fair: the labelled answers are not the declared ones$/, /^write "sha256:[0-9a-f]{64}" if labelled\.jsonl is the one you mean$/],
    ['a label off the scale', LABELLED.replace('"yes"', '"perhaps"'), 'pact.labels-broken', /labelled\.jsonl:1: "label" must be one of no, yes/, /^an answer a line: \{"id"/],
    ['too few', LABELLED.split('\n').slice(1).join('\n'), 'pact.labels-few', /has 19 labelled answers, 20 are needed/, /^have people label more answers$/],
  ])('2.2 pact lint finds, and pact sign refuses, labelled answers that nobody can judge by: %s', async (_name, text, rule, what, fix) => {
    const one = await judged('polite', 'polite');
    if (text === undefined) rmSync(one.path('labelled.jsonl'));
    else {
      writeFileSync(one.path('labelled.jsonl'), text);
      if (rule !== 'pact.labels-differ') one.edit('agent.yaml', (manifest) => manifest.replace(createHash('sha256').update(LABELLED).digest('hex'), createHash('sha256').update(text).digest('hex')));
    }
    const answer = await one.run('pact', 'lint');
    expect(answer).toMatchObject({ exit: 1, findings: [{ rule, at: expect.stringMatching(/^agent\.yaml:\d+/), message: expect.stringMatching(what), suggestion: expect.stringMatching(fix) }] });
    expect(await one.fault('pact', 'sign', { as: 'erin' })).toMatchObject({ code: 'REFUSED', message: expect.stringMatching(what) });
  });
});

describe('3.1 a divided jury', () => {
  test('its cases wait for a human, in the report and in its data, as many as the rows say', async () => {
    const waiting = (await rows(divided)).filter(({ scores }) => scores['fair']?.divided === true);
    expect(waiting.length).toBeGreaterThan(10);
    expect(new Set(waiting.map(({ output }) => output))).toEqual(new Set(['drop']));
    const report = await divided.run('baseline', 'report');
    const table = report.tables?.find(({ title }) => title.startsWith('For a human'));
    expect(table?.title).toBe(`For a human: held-out, ${waiting.length} answers on which a jury was divided`);
    expect(table?.rows[0]?.slice(1)).toEqual(['fair', expect.stringMatching(/say yes.*say no|say no.*say yes/)]);
    expect((report.data['parts'] as readonly JsonObject[])[0]).toMatchObject({ divided: waiting.length, forHuman: expect.arrayContaining([{ case: waiting[0]?.case, scorer: 'fair', because: expect.any(String) }]) as unknown });
  });

  test('one that agrees leaves nothing to a human', async () => {
    const one = await judged('polite', 'polite', 'polite');
    await one.run('baseline', 'run');
    const report = await one.run('baseline', 'report');
    expect(report.tables?.some(({ title }) => title.startsWith('For a human'))).toBe(false);
    expect((report.data['parts'] as readonly JsonObject[])[0]).toMatchObject({ divided: 0, forHuman: [] });
  });
});

describe('2.5 a dispute about cases that are repeated and judged', () => {
  test('the rows alone decide it again, as the run did: no judge is asked', async () => {
    const one = await judgedAnew(2, ['polite', 'strict', 'strict']);
    const { data } = await one.run('baseline', 'run');
    const [finished] = await one.entries('evaluation.finished');
    const recorded = (finished?.data['conditions'] as readonly JsonObject[]).find(({ id }) => id === 'decided-fairly');
    expect([data['cases'], recorded?.['n'], recorded?.['verdict']]).toEqual([88, 88, 'not-met']);
    await one.run('pact', 'dispute', { out: 'dispute', condition: ['decided-fairly'] });
    const log = String((await one.withSession(({ store, chain }) => store.read(chain, 0), false))?.entry.data['log']);
    const asked: string[] = [];
    const alone = one.in({ targets: { ...one.world.targets, start: () => { asked.push('a target'); return Promise.reject(new Error('nobody may be asked')); } } });
    const ruling = await alone.run('pact', 'dispute', { check: 'dispute', trust: [log] });
    expect(ruling).toMatchObject({ exit: 1, headline: 'whoever complains is right: broken decided-fairly', data: { recordedOtherwise: [] } });
    expect((ruling.data['conditions'] as readonly JsonObject[])[0]).toMatchObject({ n: recorded?.['n'], value: recorded?.['value'], lower: recorded?.['lower'], upper: recorded?.['upper'], verdict: 'not-met' });
    expect([asked, ruling.facts.find(({ label }) => label === 'run')?.value]).toEqual([[], expect.stringContaining('176 rows')]);
  }, 60_000);
});

describe('3.3 Ctrl-C while a judge thinks', () => {
  const alive = (pid: number): boolean => {
    try {
      process.kill(pid, 0);
      return true;
    } catch {
      return false;
    }
  };

  test('ends at once, keeps what was answered, and leaves no child behind', async () => {
    const one = await judged('hangs', 'polite', 'polite');
    const stop = new AbortController();
    const before = children();
    setTimeout(() => stop.abort(), 3000);
    const started = Date.now();
    const fault = await one.in({ surroundings: { ...one.world.surroundings, interrupted: stop.signal } }).fault('baseline', 'run');
    expect(fault).toMatchObject({ code: 'INTERRUPTED', exit: 130, message: expect.stringMatching(/^stopped after \d+ of 88 answers/) });
    // The judge would have been waited for ten seconds and more.
    expect(Date.now() - started).toBeLessThan(7000);
    expect([...children()].filter((pid) => !before.has(pid) && alive(pid))).toEqual([]);
    expect((await one.entries('evaluation.stopped')).map(({ data }) => data['of'])).toEqual([88]);
  });
});

/** Processes that this one started, and that still run. */
function children(): ReadonlySet<number> {
  const text = execFileSync('ps', ['-o', 'pid=,ppid=,args=', '-A'], { encoding: 'utf8' });
  return new Set(text.split('\n').flatMap((line) => {
    const [pid, parent, ...args] = line.trim().split(/\s+/);
    return Number(parent) === process.pid && !args.includes('ps') ? [Number(pid)] : [];
  }));
}

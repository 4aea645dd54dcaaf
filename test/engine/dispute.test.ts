/** A dispute decided from its bundle: kept, broken, and every way in which a bundle is a lie. */
import { createHash } from 'node:crypto';
import { appendFileSync, cpSync, existsSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { removeTinies, tiny, type Tiny } from '../support/tiny.js';

let kept: Tiny;
let broken: Tiny;
let log: string;
beforeAll(async () => {
  const signed = await tiny();
  await signed.run('pact', 'sign', { as: 'erin' });
  broken = signed.copy();
  broken.edit('rules.json', (text) => text.replace(/"drop": .*/, '"drop": [],'));
  kept = signed;
  await Promise.all([kept.run('baseline', 'run'), broken.run('baseline', 'run')]);
  await Promise.all([kept.run('pact', 'dispute', { out: 'dispute', condition: ['advertising-dropped'] }), broken.run('pact', 'dispute', { out: 'dispute' })]);
  log = String((await kept.withSession(({ store, chain }) => store.read(chain, 0), false))?.entry.data['log']);
}, 60_000);
afterAll(removeTinies);

/** Another place without agent.yaml and store, with a copy of the bundle. */
function elsewhere(from: Tiny): Tiny {
  const there = from.copy();
  for (const name of readdirSync(there.folder)) if (name !== 'dispute') rmSync(there.path(name), { recursive: true });
  return there;
}
const check = { check: 'dispute' };
const files = (one: Tiny): readonly string[] => (readdirSync(one.path('dispute'), { recursive: true }) as string[]).filter((name) => statSync(one.path('dispute', name)).isFile());
/** What a forger does after an edit. */
const sumAgain = (one: Tiny): void => writeFileSync(one.path('dispute/SHA256SUMS'), readFileSync(one.path('dispute/SHA256SUMS'), 'utf8').split('\n').slice(0, -1).map((line) => {
  const file = line.slice(66);
  return `${createHash('sha256').update(readFileSync(one.path('dispute', file))).digest('hex')}  ${file}\n`;
}).join(''));

describe('2.5 a dispute is decided from its bundle', () => {
  test('the promise was broken: whoever complains is right, exit 1; no store, no agent.yaml', async () => {
    const answer = await elsewhere(broken).run('pact', 'dispute', { ...check, trust: [log] });
    expect(answer).toMatchObject({ exit: 1, headline: expect.stringMatching(/^whoever complains is right: broken .*advertising-dropped/), next: null, data: { recordedOtherwise: [] } });
    expect(answer.tables?.[0]?.rows).toContainEqual(expect.arrayContaining(['advertising-dropped', 'broken', 'recall >= 0.80']));
    expect(answer.facts).toContainEqual({ label: 'record', value: 'the operator recorded the same verdicts' });
  });

  test('the opposite case: the promise was kept, so the complaint is refused with the numbers, exit 0', async () => {
    const answer = await elsewhere(kept).run('pact', 'dispute', { ...check, trust: [log] });
    expect(answer).toMatchObject({ exit: 0, headline: 'the operator is right: kept advertising-dropped', data: { conditions: [{ id: 'advertising-dropped', ruling: 'kept', verdict: 'met' }] } });
    expect(answer.tables?.map(({ title, rows }) => [title, rows.length])).toEqual([['In question', 1], ['The rest of the pact', 4]]);
  });

  test('without a key of the reader\'s own nobody is right yet, whatever the rows say: exit 3', async () => {
    for (const one of [kept, broken]) expect(await elsewhere(one).run('pact', 'dispute', check)).toMatchObject({ exit: 3, headline: expect.stringContaining('you have not said whom you trust'), next: 'agentctl pact dispute --check dispute --trust <vkey>' });
    const stranger = log.replace(/^[^+]+/, 'elsewhere.example/log');
    expect((await elsewhere(kept).fault('pact', 'dispute', { ...check, trust: [stranger] })).exit).toBeGreaterThan(1);
  });

  test('too few cases to tell: nobody is right, exit 3, and how many more would do', async () => {
    const one = kept.copy();
    one.edit('agent.yaml', (text) => text.replace('threshold: "0.80"', 'threshold: "0.90"').replace('at least 80 % of the advertising', 'at least 90 % of the advertising').replace('minimumCases: 20', 'minimumCases: 30'));
    await one.run('pact', 'sign', { as: 'erin' });
    expect((await one.run('baseline', 'run')).exit).toBe(3);
    await one.run('pact', 'dispute', { out: 'open' });
    const answer = await one.run('pact', 'dispute', { check: 'open', trust: [log] });
    expect(answer).toMatchObject({ exit: 3, headline: 'nobody can tell from so many cases: advertising-dropped' });
    expect(answer.tables?.[0]?.rows[0]?.at(-1)).toMatch(/\d+ more cases without a miss would decide it/);
    // The earlier run was judged by the earlier pact, and still is.
    const [earlier] = await one.entries('evaluation.finished');
    await one.run('pact', 'dispute', { out: 'earlier', run: String(earlier?.data['run']), condition: ['advertising-dropped'] });
    expect(await one.run('pact', 'dispute', { check: 'earlier', trust: [log] })).toMatchObject({ exit: 0, headline: 'the operator is right: kept advertising-dropped' });
  });

  test('the folder holds the pact under its signature, every row, and the cases that count against it with their proofs', () => {
    const read = (name: string) => readFileSync(broken.path('dispute', name), 'utf8');
    expect(files(broken)).toEqual(expect.arrayContaining(['README.md', 'SHA256SUMS', 'act.dsse.json', 'bundle.json', 'cases.jsonl', 'pact.dsse.json', 'pact.json', 'rows.jsonl', 'entries/0.tlog-proof']));
    expect(read('rows.jsonl').trimEnd().split('\n')).toHaveLength(88);
    const cases = read('cases.jsonl').trimEnd().split('\n').map((line) => JSON.parse(line) as { case: string; against: readonly string[]; proof: readonly string[] });
    expect(cases.every(({ against, proof }) => against.length > 0 && proof.length >= 5)).toBe(true);
    expect(read('README.md')).toContain('pact dispute --check');
    expect(read('cases.jsonl')).not.toContain('"input"');
  });

  test('inputs come along only when asked for; conditions and cases can be named', async () => {
    const one = broken.copy();
    const first = (JSON.parse(readFileSync(one.path('data/held-out.jsonl'), 'utf8').split('\n')[0] ?? '') as { id: string }).id;
    const answer = await one.run('pact', 'dispute', { out: 'small', condition: ['answers-right'], case: [first], withInputs: true });
    expect(answer.data).toMatchObject({ cases: 1, conditions: ['answers-right'], inputs: true });
    expect(JSON.parse(readFileSync(one.path('small/cases.jsonl'), 'utf8'))).toMatchObject({ case: first, input: { text: expect.any(String) }, expected: { decision: 'keep' } });
    expect((await one.run('pact', 'dispute', { check: 'small', trust: [log] })).exit).toBeLessThan(2);
  });
});

describe('2.5 no dispute rests on less than a judged run', () => {
  test.each<[string, Parameters<Tiny['fault']>[2], object]>([
    ['a condition that was never promised', { out: 'x', condition: ['kindness'] }, { code: 'REFUSED', exit: 1, message: expect.stringContaining('promises nothing called "kindness"') }],
    ['a case that was never asked', { out: 'x', case: ['h-keep-0', 'nowhere'] }, { code: 'REFUSED', exit: 1, message: expect.stringContaining('did not ask the case "nowhere"') }],
    ['a run that never was', { out: 'x', run: 'run-0' }, { code: 'EVIDENCE_MISSING', exit: 3 }],
    ['a folder that is taken', { out: 'data' }, { code: 'REFUSED', exit: 1 }],
    ['no folder', {}, { code: 'USAGE', exit: 2 }],
    ['trust without a bundle', { out: 'x', trust: ['k'] }, { code: 'USAGE', exit: 2 }],
  ])('%s', async (_name, options, expected) => {
    expect(await kept.fault('pact', 'dispute', options)).toMatchObject(expected);
    expect(existsSync(kept.path('x'))).toBe(false);
  });

  test('no run at all, and a data set that is another one by now', async () => {
    const bare = await tiny();
    await bare.run('pact', 'sign', { as: 'erin' });
    expect(await bare.fault('pact', 'dispute', { out: 'x' })).toMatchObject({ code: 'EVIDENCE_MISSING', exit: 3, hint: 'agentctl baseline run' });
    const one = broken.copy();
    one.edit('data/held-out.jsonl', (text) => text.replace('lunch', 'dinner'));
    expect(await one.fault('pact', 'dispute', { out: 'x', withInputs: true })).toMatchObject({ code: 'DATASET_INVALID', exit: 2 });
    expect((await one.run('pact', 'dispute', { out: 'x' })).exit).toBe(0);
  });

  test('a folder without a bundle', async () => {
    expect(await elsewhere(kept).fault('pact', 'dispute', { check: 'nowhere' })).toMatchObject({ code: 'EVIDENCE_MISSING', exit: 3 });
  });
});

describe('2.5 a store that lost or altered what its ledger names is not believed: exit 4 in every form, as audit verify says', () => {
  const tamper = (one: Tiny, statement: string): void => {
    const db = new Database(one.path('.agentctl/ledger.db'));
    const triggers = db.prepare<[], { name: string; sql: string }>("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'").all();
    for (const { name } of triggers) db.exec(`DROP TRIGGER "${name}"`);
    expect(db.prepare(statement).run().changes).toBe(1);
    for (const { sql } of triggers) db.exec(sql);
    db.close();
  };
  const named = (type: string, member: string) => `digest = (SELECT json_extract(body, '$.data.${member}') FROM entries WHERE type = '${type}' LIMIT 1)`;

  test.each<[string, string, string]>([
    ['results', 'evaluation.batch', 'results'], ['pact document', 'pact.signed', 'document'], ['envelope', 'pact.signed', 'envelope'], ['signed act', 'pact.signed', 'act'],
  ])('the %s', async (_what, type, member) => {
    for (const statement of [`DELETE FROM blobs WHERE ${named(type, member)}`, `UPDATE blobs SET bytes = CAST('{}' AS BLOB) WHERE ${named(type, member)}`]) {
      const one = kept.copy();
      tamper(one, statement);
      expect(await one.fault('pact', 'dispute', { out: 'x' })).toMatchObject({ code: 'DIGEST_MISMATCH', exit: 4, message: expect.stringMatching(/gone|differ/) });
      expect(existsSync(one.path('x'))).toBe(false);
      if (member === 'results') expect(await one.fault('baseline', 'report')).toMatchObject({ code: 'DIGEST_MISMATCH', exit: 4 });
      if (member === 'document') for (const verb of ['diff', 'show', 'sign'] as const) expect(await one.fault('pact', verb, { as: 'erin' })).toMatchObject({ code: 'DIGEST_MISMATCH', exit: 4 });
      if (member === 'document') expect(await one.fault('baseline', 'run')).toMatchObject({ code: 'DIGEST_MISMATCH', exit: 4 });
    }
  });
});

describe('2.5 a bundle that is not as it was made is no evidence: exit 4', () => {
  test('any byte of any file', async () => {
    const one = elsewhere(kept);
    for (const [place, name] of files(one).entries()) {
      const path = one.path('dispute', name);
      const before = readFileSync(path);
      const after = Buffer.from(before);
      const at = (place * 7919) % after.length;
      after[at] = (after[at] ?? 0) ^ 1;
      writeFileSync(path, after);
      expect([name, (await one.fault('pact', 'dispute', { ...check, trust: [log] })).exit]).toEqual([name, 4]);
      writeFileSync(path, before);
    }
    expect((await one.run('pact', 'dispute', { ...check, trust: [log] })).exit).toBe(0);
  });

  test.each<[string, (one: Tiny) => void]>([
    ['a file more', (one) => writeFileSync(one.path('dispute/note.txt'), 'believe me')],
    ['a file less', (one) => rmSync(one.path('dispute/act.dsse.json'))],
    ['a row more', (one) => appendFileSync(one.path('dispute/rows.jsonl'), '{}\n')],
  ])('%s', async (_name, change) => {
    const one = elsewhere(kept);
    change(one);
    expect(await one.fault('pact', 'dispute', { ...check, trust: [log] })).toMatchObject({ code: 'DIGEST_MISMATCH', exit: 4 });
  });

  const edit = (file: string, from: string | RegExp, to: string) => (one: Tiny) => one.edit(join('dispute', file), (text) => {
    if (text.replace(from, to) === text) throw new Error(`nothing to edit in ${file}`);
    return text.replace(from, to);
  });
  test.each<[string, (one: Tiny) => void]>([
    ['an easier threshold', edit('pact.json', '"0.80"', '"0.10"')],
    ['a row that turned right', edit('rows.jsonl', '"outcome":"fail"', '"outcome":"pass"')],
    ['a row left out', edit('rows.jsonl', /^.*\n/, '')],
    ['rows in another order', edit('rows.jsonl', /^(.*\n)(.*\n)/, '$2$1')],
    ['a case that says it counts for nothing', edit('cases.jsonl', /"against":\["[a-z-]+"/, '"against":["kindness"')],
    ['a case that points at another row', edit('cases.jsonl', /"row":(\d+)/, '"row":1$1')],
    ['a case withheld', edit('cases.jsonl', /^.*\n/, '')],
    ['other versions', edit('bundle.json', /agentctl-scorer\/2/, 'agentctl-scorer/9')],
    ['another run', edit('bundle.json', /run-[0-9a-f]{16}/, 'run-0000000000000000')],
    ['an entry left out', (one) => {
      const last = readdirSync(one.path('dispute/entries')).map((name) => Number.parseInt(name, 10)).sort((a, b) => b - a)[1];
      rmSync(one.path(`dispute/entries/${last}.tlog-proof`));
      one.edit('dispute/SHA256SUMS', (text) => text.split('\n').filter((line) => !line.endsWith(`/${last}.tlog-proof`)).join('\n'));
    }],
  ])('also by a forger who lists the digests anew: %s', async (_name, change) => {
    const one = elsewhere(broken);
    change(one);
    sumAgain(one);
    expect((await one.fault('pact', 'dispute', { ...check, trust: [log] })).exit).toBe(4);
  });

  test('the bundle of another agent under this pact', async () => {
    const one = elsewhere(broken);
    cpSync(kept.path('dispute/rows.jsonl'), one.path('dispute/rows.jsonl'));
    sumAgain(one);
    expect(await one.fault('pact', 'dispute', { ...check, trust: [log] })).toMatchObject({ code: 'DIGEST_MISMATCH', exit: 4 });
  });
});

/** Step 2's verbs on the tiny agent: what is refused before a signature, what the signature binds, and what a new one gives up. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { parse } from 'yaml';
import { openEnvelope } from '../../src/attestation/dsse.js';
import { keyOfDid } from '../../src/identity/did-key.js';
import { digestBytes } from '../../src/domain/digest.js';
import type { Pacts } from '../../src/evaluation/condition.js';
import type { Report } from '../../src/domain/report.js';
import type { VerbCard } from '../../src/domain/step.js';
import { runVerb } from '../../src/engine/run-verb.js';
import { stepById } from '../../src/steps/index.js';
import { junitReport } from '../../src/views/junit.js';
import { sarifReport } from '../../src/views/sarif.js';
import { comparePacts, versionStep } from '../../src/evaluation/pact-change.js';
import { removeTinies, tiny, type Tiny } from '../support/tiny.js';

let bare: Tiny;
let signed: Tiny;
beforeAll(async () => {
  bare = await tiny();
  signed = bare.copy();
  await signed.run('pact', 'sign', { as: 'erin' });
}, 60_000);
afterAll(removeTinies);

const manifest = (one: Tiny, ...edits: readonly (readonly [string | RegExp, string])[]): Tiny => {
  one.edit('agent.yaml', (text) => edits.reduce((before, [old, fresh]) => {
    const after = before.replace(old, fresh);
    if (after === before) throw new Error(`nothing to edit: ${String(old)}`);
    return after;
  }, text));
  return one;
};
const LOWER = [['threshold: "0.85"', 'threshold: "0.80"'], ['at least 85 % of the notes', 'at least 80 % of the notes']] as const;
const VAGUE = [['at least 80 % of the advertising is dropped', 'high accuracy on advertising']] as const;

describe('pact lint', () => {
  test('2.2 the pact of the tiny agent can be decided by a machine: exit 0', async () => {
    expect(await bare.run('pact', 'lint')).toMatchObject({ exit: 0, next: 'agentctl pact sign --as <operator>', data: { findings: [] } });
  });

  test('2.2 vague wording is refused at its line and column, with a sentence to write instead', async () => {
    const one = manifest(bare.copy(), ...VAGUE);
    const line = readFileSync(one.path('agent.yaml'), 'utf8').split('\n').findIndex((text) => text.includes('high accuracy')) + 1;
    const answer = await one.run('pact', 'lint');
    expect(answer).toMatchObject({ exit: 1, headline: '1 finding' });
    expect(answer.tables?.[0]?.rows).toEqual([[`agent.yaml:${line}:22`, 'pact.vague-wording', 'advertising-dropped: "high" cannot be decided by a machine', expect.stringMatching(/^write ".*80 %.*"$/)]]);
  });

  test.each<[string, readonly (readonly [string | RegExp, string])[], string]>([
    ['2.1 a capability without agreement', [['capabilities:\n', 'capabilities:\n  - { id: archiving, description: Moves old notes away., permissions: ["note:move"], tools: [], humanReview: escalated }\n']], 'pact.uncovered-capability'],
    ['2.2 a threshold that is always met', [['threshold: "0.20"', 'threshold: "1"'], ['at most 20 % of the notes', 'at most 100 % of the notes']], 'pact.threshold-vacuous'],
    ['2.2 a data set that is not declared', [['dataset: held-out\n', 'dataset: elsewhere\n']], 'pact.unknown-dataset'],
    ['2.2 more certainty than so few cases can give', [['threshold: "0.10"\n', 'threshold: "0.001"\n'], ['at most 10 % of what', 'at most 0.1 % of what']], 'pact.minimum-cases'],
    ['2.3 no failure mode', [[/kind: failure-mode/g, 'kind: happy-path']], 'pact.no-failure-mode'],
    ['2.4 fewer than three conditions', [[/ {8}- id: people-not-dropped[\s\S]+?(?=^\w)/m, ''], [/ {8}- id: advertising-dropped[\s\S]+?(?=^\w)/m, '']], 'pact.few-conditions'],
  ])('%s', async (_name, edits, rule) => {
    const { exit, data } = await manifest(bare.copy(), ...edits).run('pact', 'lint');
    expect([exit, (data['findings'] as readonly { rule: string; at: string }[]).map((finding) => finding.rule)]).toEqual([1, expect.arrayContaining([rule])]);
    for (const { at } of data['findings'] as readonly { at: string }[]) expect(at).toMatch(/^agent\.yaml:\d+:\d+$/);
  });
});

describe('2.2 pact lint: what a scorer compares with is in the data set', () => {
  /** The tiny pact with one scorer and a condition on it. */
  const scored = (scorer: string): Tiny => manifest(bare.copy(), ['output: { pointer: /decision, abstain: ask-human }\n', `output: { pointer: /decision, abstain: ask-human }\n      scorers:\n        - ${scorer}\n`], ['      conditions:\n', `      conditions:
        - id: the-same
          statement: at least 80 % of the notes pass
          kind: happy-path
          dimension: accuracy
          severity: minor
          metric: pass-rate
          scorer: same
          operator: ">="
          threshold: "0.80"
          dataset: held-out
          window: P90D
          verification: ${scorer.includes('similarity') ? 'heuristic' : 'deterministic'}
          minimumCases: 20
          because: a wrong decision costs EUR 1.00, a question EUR 0.25
          consequence: alert
`]);
  const found = async (one: Tiny) => (await one.run('pact', 'lint')).data['findings'] as readonly { rule: string; at: string; message: string; suggestion: string }[];

  test.each<[string, string, string, string]>([
    ['a pointer that leads nowhere', '{ id: same, kind: exact, output: /decision, reference: /verdict }', 'reference', 'same: no case of held-out can be decided: the case has no reference'],
    ['the pointer of the output, which the reference does not share', '{ id: same, kind: exact, output: /kind }', 'output', 'same: no case of held-out can be decided: the case has no reference'],
    ['something there that is not what the kind compares', '{ id: same, kind: numeric, output: /decision, absolute: "0" }', 'output', 'same: no case of held-out can be decided: the reference is no number'],
    ['the place that a kind looks at by itself', '{ id: same, kind: tool-calls, calls: strict }', 'kind', 'same: no case of held-out can be decided: the case has no list of'],
  ])('%s is refused at its place, and not signed', async (_name, scorer, member, message) => {
    const one = scored(scorer);
    const [finding, ...rest] = await found(one);
    expect(rest).toEqual([]);
    expect(finding).toMatchObject({ rule: 'pact.reference-missing', message: expect.stringContaining(message), suggestion: 'write a reference that is there: the first case has /decision' });
    const [, line, column] = (finding?.at ?? '').split(':').map(Number);
    expect(readFileSync(one.path('agent.yaml'), 'utf8').split('\n')[(line ?? 0) - 1]?.slice(0, (column ?? 0) - 1)).toMatch(new RegExp(`${member}: $`));
    expect(await one.fault('pact', 'sign', { as: 'erin' })).toMatchObject({ code: 'REFUSED', exit: 1 });
  });

  test('one case without it is enough: the run could never be decided', async () => {
    const one = scored('{ id: same, kind: exact, output: /decision, reference: /answer/decision }');
    one.edit('data/held-out.jsonl', (text) => text.replaceAll('"expected":{', '"expected":{"answer":{"decision":"keep"},').replace(/(\n.*)"answer":\{"decision":"keep"\},/, '$1'));
    const digest = digestBytes(readFileSync(one.path('data/held-out.jsonl')));
    one.edit('agent.yaml', (text) => text.replace(/(file: data\/held-out.jsonl, sha256: ")[^"]+/, `$1${digest}`));
    expect(await found(one)).toEqual([expect.objectContaining({ rule: 'pact.reference-missing', message: 'same: 1 of 88 cases of held-out cannot be decided, data/held-out.jsonl:2 first: the case has no reference', suggestion: 'write the reference into each case' })]);
  });

  test('a case that no condition of the scorer is about needs none', async () => {
    const one = scored('{ id: same, kind: exact, output: /decision, reference: /answer/decision }');
    one.edit('data/held-out.jsonl', (text) => text.replace(/"expected":\{"decision":"keep"\}/g, '"expected":{"answer":{"decision":"keep"},"decision":"keep"},"tags":["answered"]'));
    const digest = digestBytes(readFileSync(one.path('data/held-out.jsonl')));
    one.edit('agent.yaml', (text) => text.replace(/(file: data\/held-out.jsonl, sha256: ")[^"]+/, `$1${digest}`));
    expect((await found(one)).map(({ rule, message }) => [rule, message.slice(0, 12)])).toEqual([['pact.reference-missing', 'same: 44 of ']]);
    one.edit('agent.yaml', (text) => text.replace('          scorer: same\n', '          scorer: same\n          among: { tag: answered }\n'));
    expect(await found(one)).toEqual([]);
    await one.run('pact', 'sign', { as: 'erin' });
    const { data } = await one.run('baseline', 'run');
    expect((data['conditions'] as readonly { id: string; n: number; verdict: string }[]).find(({ id }) => id === 'the-same')).toMatchObject({ n: 44, verdict: 'met' });
  });

  test.each(['{ id: same, kind: exact, output: /decision }', '{ id: same, kind: regex, output: /decision, pattern: "^keep$" }', '{ id: same, kind: contains, output: /decision, texts: [keep] }', '{ id: same, kind: similarity, output: /decision, measure: edit, threshold: "0.9" }'])('the opposite case, with nothing to find: %s', async (scorer) => {
    expect(await found(scored(scorer))).toEqual([]);
  });
});

describe('2.2 lint findings in other formats', () => {
  const reportOf = async (one: Tiny): Promise<Report> => runVerb(one.world, { yes: true }, 'pact', stepById('pact')?.verbs.find((verb) => verb.name === 'lint') as VerbCard, { args: [], options: {} });
  type Log = { readonly runs: readonly [{ readonly tool: { readonly driver: { readonly rules: readonly { readonly id: string }[] } }; readonly results: readonly { readonly ruleId: string; readonly partialFingerprints: object; readonly locations: readonly { readonly physicalLocation: { readonly region: { readonly startLine: number } } }[] }[] }] };

  test('SARIF: a result for each finding under its rule, at its line, told apart by what it is about', async () => {
    const one = manifest(bare.copy(), ...VAGUE, ['at most 20 % of the notes', 'few notes']);
    const { runs: [{ tool: { driver: { rules } }, results }] } = JSON.parse(sarifReport(await reportOf(one))) as Log;
    expect(rules.map(({ id }) => id)).toEqual(['pact.vague-wording']);
    expect(results.map(({ ruleId, partialFingerprints }) => [ruleId, partialFingerprints])).toEqual([
      ['pact.vague-wording', { 'agentctlProbe/v1': '/pact.vague-wording/sorting/advertising-dropped' }], ['pact.vague-wording', { 'agentctlProbe/v1': '/pact.vague-wording/sorting/asks-seldom' }],
    ]);
    const lines = readFileSync(one.path('agent.yaml'), 'utf8').split('\n');
    expect(results.map(({ locations }) => lines[(locations[0]?.physicalLocation.region.startLine ?? 0) - 1])).toEqual([expect.stringContaining('high accuracy'), expect.stringContaining('few notes')]);
    expect(junitReport(await reportOf(one)).match(/<failure type="no"/g)).toHaveLength(2);
  });

  test('nothing to find, nothing told', async () => {
    const { runs: [{ results }] } = JSON.parse(sarifReport(await reportOf(bare))) as Log;
    expect(results).toEqual([]);
    expect(junitReport(await reportOf(bare))).not.toContain('<failure');
  });
});

describe('pact sign', () => {
  test('2.4 one DSSE envelope of the operator around the whole promise, and a human act over its digest', async () => {
    const [entry] = await signed.entries('pact.signed');
    const envelope = readFileSync(signed.path('artifacts/pact.dsse.json'), 'utf8');
    const { operators } = (parse(readFileSync(signed.path('agent.yaml'), 'utf8')) as { owner: { operators: readonly { id: string; did: string }[] } }).owner;
    const erin = operators.find((one) => one.id === 'erin')?.did ?? '';
    const { payload } = await openEnvelope(envelope, [{ keyid: erin, publicKey: keyOfDid(erin) }]);
    const document = JSON.parse(Buffer.from(payload).toString()) as { agent: { name: string }; pacts: Pacts };
    expect(document).toMatchObject({ agent: { name: 'tiny' }, pacts: { confidence: '0.95' } });
    expect(entry).toMatchObject({ actor: erin, data: { document: digestBytes(payload), envelope: digestBytes(envelope), conditions: 5, previous: null, loosened: [], ceremony: 'scripted' } });
  });

  test('X6 a role that does not own the step signs nothing', async () => {
    const one = bare.copy();
    for (const as of ['omar', 'lena']) expect(await one.fault('pact', 'sign', { as })).toMatchObject({ code: 'NOT_ALLOWED', exit: 1, message: expect.stringContaining('needs product or engineering'), hint: 'operators who may: erin' });
    expect(await one.fault('pact', 'sign', { as: 'mallory' })).toMatchObject({ code: 'NOT_ALLOWED', exit: 1 });
    expect(await one.fault('pact', 'sign')).toMatchObject({ code: 'USAGE', exit: 2 });
    expect(await one.entries('pact.signed')).toEqual([]);
  });

  test('2.2 a pact with findings is not signed: the place and the command that lists them', async () => {
    const one = manifest(bare.copy(), ...VAGUE);
    expect(await one.fault('pact', 'sign', { as: 'erin' })).toMatchObject({ code: 'REFUSED', exit: 1, at: expect.stringMatching(/^agent\.yaml:\d+:22$/), hint: 'agentctl pact lint' });
    expect(await one.entries('pact.signed')).toEqual([]);
  });

  test.each<[string, (one: Tiny) => void, string]>([
    ['is another one', (one) => one.edit('data/held-out.jsonl', (text) => `${text}\n`), 'data set held-out is not the declared one'],
    ['is missing', (one) => manifest(one, ['file: data/held-out.jsonl', 'file: data/gone.jsonl']), 'data set held-out is missing'],
  ])('2.2 a data set that %s is not signed for', async (_name, edit, message) => {
    const one = bare.copy();
    edit(one);
    expect(await one.fault('pact', 'sign', { as: 'erin' })).toMatchObject({ code: 'DATASET_INVALID', exit: 2, message: expect.stringContaining(message), at: expect.stringMatching(/^data\//) });
  });

  test('2.4 the second signature names what it loosens, in the conversation, the report, the entry and the finding', async () => {
    const one = manifest(signed.copy(), ...LOWER, ['minimumCases: 20', 'minimumCases: 25']);
    expect(await one.run('pact', 'show')).toMatchObject({ facts: expect.arrayContaining([{ label: 'loosened since', value: 'answers-right >= 0.85 -> 0.80' }]) });
    const answer = await one.run('pact', 'sign', { as: 'erin' });
    expect(answer.facts).toEqual(expect.arrayContaining([{ label: 'loosened', value: 'answers-right >= 0.85 -> 0.80' }, { label: 'tightened', value: 'advertising-dropped minimum cases 20 -> 25' }]));
    expect(one.said).toContain('loosened: answers-right >= 0.85 -> 0.80');
    const [first, second] = await one.entries('pact.signed');
    expect(second?.data).toMatchObject({ loosened: ['answers-right >= 0.85 -> 0.80'], previous: first?.data['document'] });
  });
});

describe('pact show', () => {
  test('2.2 every condition with threshold, data set and reason; signed or not', async () => {
    const before = await bare.run('pact', 'show');
    expect(before).toMatchObject({ exit: 0, headline: '5 conditions for 1 capability', next: expect.stringMatching(/^agentctl pact (lint|sign)/), data: { signed: null } });
    expect(before.tables?.[0]?.rows[2]).toEqual(['people-not-dropped', 'failure-mode', 'critical', 'share <= 0.10', 'held-out', 'at most 10 % of what people wrote is dropped']);
    expect(before.tables?.[1]?.rows[2]).toEqual(['people-not-dropped', 'a lost note costs EUR 2.50, ten times the price of a question']);
    expect(await signed.run('pact', 'show')).toMatchObject({ next: null, data: { signed: expect.stringMatching(/^sha256:/), loosened: [], tightened: [] } });
  });
});

describe('2.4 pact diff', () => {
  const words = (answer: { readonly tables?: readonly { readonly rows: readonly (readonly string[])[] }[] }) => answer.tables?.[0]?.rows.map((row) => row.join(': ')) ?? [];

  test('signed against agent.yaml unless named; exit 1 for what is loosened only when asked', async () => {
    const one = signed.copy();
    expect(await one.run('pact', 'diff')).toMatchObject({ exit: 0, headline: 'the same promises', data: { version: 'none' } });
    expect((await one.run('pact', 'diff', { loosening: false })).exit).toBe(0);
    manifest(one, ...LOWER, ['minimumCases: 20', 'minimumCases: 25']);
    const answer = await one.run('pact', 'diff');
    expect(answer).toMatchObject({ exit: 0, data: { version: 'major', before: 'signed pact of entry 1', after: 'agent.yaml' } });
    expect(words(answer)).toEqual(['loosened: answers-right >= 0.85 -> 0.80', 'tightened: advertising-dropped minimum cases 20 -> 25', 'reworded: answers-right reworded']);
    expect((await one.run('pact', 'diff', { loosening: false })).exit).toBe(1);
    // The other way round the same step is tighter.
    expect(await one.run('pact', 'diff', { loosening: false }, ['agent.yaml', 'signed'])).toMatchObject({ exit: 1, data: { loosened: ['advertising-dropped minimum cases 25 -> 20'] } });
    await one.run('pact', 'sign', { as: 'erin' });
    expect(await one.run('pact', 'diff', {}, ['signed~1', 'signed'])).toMatchObject({ data: { loosened: ['answers-right >= 0.85 -> 0.80'] } });
    expect(await one.fault('pact', 'diff', {}, ['signed~2'])).toMatchObject({ code: 'EVIDENCE_MISSING', exit: 3, message: 'no pact was signed 2 before the newest' });
  });

  test('two files need neither store nor agent.yaml; a signed one must be signed as it stands', async () => {
    const folder = join(bare.copy().folder, 'elsewhere');
    mkdirSync(folder);
    const [envelope, yaml] = [readFileSync(signed.path('artifacts/pact.dsse.json'), 'utf8'), readFileSync(manifest(signed.copy(), ...LOWER).path('agent.yaml'), 'utf8')];
    writeFileSync(join(folder, 'theirs.json'), envelope);
    writeFileSync(join(folder, 'mine.yaml'), yaml);
    const there = bare.in({ surroundings: { ...bare.world.surroundings, cwd: folder } });
    expect(await there.run('pact', 'diff', { loosening: false }, ['theirs.json', 'mine.yaml'])).toMatchObject({ exit: 1, data: { loosened: ['answers-right >= 0.85 -> 0.80'] } });
    const { payload, ...rest } = JSON.parse(envelope) as { payload: string };
    writeFileSync(join(folder, 'document.json'), Buffer.from(payload, 'base64'));
    expect(await there.run('pact', 'diff', {}, ['theirs.json', 'document.json'])).toMatchObject({ exit: 0, data: { version: 'none' } });
    const easier = Buffer.from(Buffer.from(payload, 'base64').toString().replace('"0.85"', '"0.15"')).toString('base64');
    writeFileSync(join(folder, 'theirs.json'), JSON.stringify({ ...rest, payload: easier }));
    expect(await there.fault('pact', 'diff', {}, ['theirs.json', 'mine.yaml'])).toMatchObject({ code: 'SIGNATURE_INVALID', exit: 4 });
    for (const [file, text] of [['gone.json', undefined], ['empty.json', '{}'], ['half.json', '{"pacts":{"confidence":"0.95"}}'], ['broken.json', '{']] as const) {
      if (text !== undefined) writeFileSync(join(folder, file), text);
      expect(await there.fault('pact', 'diff', {}, ['mine.yaml', file])).toMatchObject({ code: 'INPUT_INVALID', exit: 2, at: expect.stringContaining(file) });
    }
  });
});

describe('2.2 pact export and import', () => {
  test('to Armalo as a file, with what has no field there; and back without store or agent.yaml, as YAML that lint would not yet pass', async () => {
    const one = bare.copy();
    const answer = await one.run('pact', 'export', { for: 'armalo', out: 'armalo.json' });
    expect(answer).toMatchObject({ exit: 0, headline: '1 pact for Armalo', data: { document: expect.stringMatching(/^sha256:/), lost: expect.arrayContaining(['people-not-dropped: among {"expected":"keep"}']) } });
    expect(await one.fault('pact', 'export', { for: 'armalo', out: 'armalo.json' })).toMatchObject({ code: 'REFUSED', exit: 1 });
    const folder = join(one.folder, 'elsewhere');
    mkdirSync(folder);
    writeFileSync(join(folder, 'theirs.json'), readFileSync(one.path('armalo.json')));
    const there = one.in({ surroundings: { ...one.world.surroundings, cwd: folder } });
    const card = stepById('pact')?.verbs.find((verb) => verb.name === 'import') as VerbCard;
    const report = await runVerb(there.world, { yes: true }, 'pact', card, { args: ['theirs.json'], options: { from: 'armalo' } });
    if (report.kind !== 'text') throw new Error('an import answers with text');
    const { agreements } = parse(report.data.text) as { agreements: Pacts['agreements'] };
    expect(agreements[0]?.conditions.map(({ id, threshold }) => [id, Number(threshold)])).toEqual([['answers-right', 0.85], ['advertising-dropped', 0.8], ['people-not-dropped', 0.1], ['asks-seldom', 0.2], ['answers-at-all', 0.1]]);
    expect(report.data.text).toContain('# Not said there, look at it: answers-right: window "P90D"');
    expect(await there.fault('pact', 'import', { from: 'armalo' }, ['gone.json'])).toMatchObject({ code: 'INPUT_INVALID', exit: 2 });
  });

  test('no other trust layer is known', async () => {
    expect(await bare.fault('pact', 'export', { for: 'elsewhere' })).toMatchObject({ code: 'USAGE', exit: 2, hint: '--for armalo' });
    expect(await bare.fault('pact', 'import', { from: 'elsewhere' }, ['x'])).toMatchObject({ code: 'USAGE', exit: 2, hint: '--from armalo' });
  });
});

describe('2.4 what one pact gives up against another', () => {
  const { pacts } = parse(readFileSync(new URL('../fixtures/tiny-agent/agent.yaml', import.meta.url), 'utf8')) as { pacts: Pacts };
  const [agreement] = pacts.agreements as [Pacts['agreements'][number]];
  const changed = (place: number) => (change: object): Pacts => ({ ...pacts, agreements: [{ ...agreement, conditions: agreement.conditions.map((one, index) => (index === place ? { ...one, ...change } : one)) }] });
  const [condition, fourth] = [changed(0), changed(3)];
  const dataset = (change: object): Pacts => ({ ...pacts, datasets: pacts.datasets.map((one, index) => (index === 0 ? { ...one, ...change } : one)) });
  const without = (id: string): Pacts => ({ ...pacts, agreements: [{ ...agreement, conditions: agreement.conditions.filter((one) => one.id !== id) }] });

  test.each<[string, Pacts, readonly string[], readonly string[]]>([
    ['nothing', pacts, [], []],
    ['a lower threshold of >=', condition({ threshold: '0.70' }), ['answers-right >= 0.85 -> 0.70'], []],
    ['a higher threshold of >=', condition({ threshold: '0.90' }), [], ['answers-right >= 0.85 -> 0.90']],
    ['a higher threshold of <=', fourth({ threshold: '0.30' }), ['asks-seldom <= 0.20 -> 0.30'], []],
    ['a lower threshold of <=', fourth({ threshold: '0.10' }), [], ['asks-seldom <= 0.20 -> 0.10']],
    ['another metric', condition({ metric: 'abstention', operator: '<=', threshold: '0.30' }), ['answers-right measures something else'], []],
    ['a harsher consequence', fourth({ consequence: 'suspend' }), [], ['asks-seldom consequence alert -> suspend']],
    ['a condition less', without('asks-seldom'), ['asks-seldom dropped'], []],
    ['less severity', condition({ severity: 'minor' }), ['answers-right severity critical -> minor'], []],
    ['a longer window', condition({ window: 'P180D' }), ['answers-right window P90D -> P180D'], []],
    ['a shorter window', condition({ window: 'P30D' }), [], ['answers-right window P90D -> P30D']],
    ['fewer cases', condition({ minimumCases: 10 }), ['answers-right minimum cases 40 -> 10'], []],
    ['a milder consequence', condition({ consequence: 'alert' }), ['answers-right consequence rollback -> alert'], []],
    ['other data under the same name', dataset({ sha256: `sha256:${'0'.repeat(64)}` }), ['held-out is other data'], []],
    ['data that was tuned on', dataset({ use: 'tuning' }), ['held-out used as tuning instead of held-out'], []],
    ['another output that is judged', { ...pacts, agreements: [{ ...agreement, output: { pointer: '/guess', abstain: 'ask-human' } }] }, ['sorting is judged by another output'], []],
    ['less certainty', { ...pacts, confidence: '0.90' }, ['confidence 0.95 -> 0.90'], []],
    ['a judge instead of a machine', condition({ verification: 'judge' }), ['answers-right verification deterministic -> judge'], []],
    ['a failure mode called a happy path', fourth({ kind: 'happy-path' }), ['asks-seldom kind failure-mode -> happy-path'], []],
    ['another side of quality', condition({ dimension: 'safety' }), ['answers-right dimension accuracy -> safety'], []],
    ['a member that nobody knows', condition({ mood: 'mild' }), ['answers-right mood none -> mild'], []],
    ['the same threshold written otherwise', condition({ threshold: '0.850' }), [], []],
    ['each case asked five times, all of which must pass', { ...pacts, agreements: [{ ...agreement, repeats: 5 }] }, [], ['sorting each case asked once -> 5 times']],
    ['more certainty', { ...pacts, confidence: '0.99' }, [], ['confidence 0.95 -> 0.99']],
  ])('%s', (_name, after, loosened, tightened) => {
    expect(comparePacts(pacts, after)).toMatchObject({ loosened, tightened });
  });

  test('other rules for a scorer loosen what it scores, another name for it does not; fewer repeats loosen', () => {
    const scored = (id: string, output: string, repeats: number): Pacts => ({ ...pacts, agreements: [{ ...agreement, repeats, scorers: [{ id, kind: 'exact', output }], conditions: agreement.conditions.map((one, index) => (index === 0 ? { ...one, metric: 'pass-rate', scorer: id } : one)) }] });
    const before = scored('same', '/decision', 3);
    expect(comparePacts(before, scored('same', '/guess', 3))).toMatchObject({ loosened: ['answers-right measures something else'], reworded: [] });
    expect(comparePacts(before, scored('equal', '/decision', 3))).toMatchObject({ loosened: [], reworded: ['answers-right reworded'] });
    expect(comparePacts(before, scored('same', '/decision', 1))).toMatchObject({ loosened: ['sorting each case asked 3 times -> once'] });
  });

  test('the version step: major for less, minor for more, patch for other words', () => {
    expect([condition({ threshold: '0.70', because: 'other words' }), condition({ threshold: '0.90' }), condition({ because: 'other words' }), pacts].map((after) => versionStep(comparePacts(pacts, after)))).toEqual(['major', 'minor', 'patch', 'none']);
  });

  test('the first pact gives up nothing; a condition more is tighter; words alone are neither', () => {
    expect(comparePacts(undefined, pacts)).toEqual({ loosened: [], tightened: [], reworded: [] });
    expect(comparePacts(without('asks-seldom'), pacts)).toMatchObject({ loosened: [], tightened: ['asks-seldom added'] });
    expect(comparePacts(pacts, condition({ because: 'other words' }))).toEqual({ loosened: [], tightened: [], reworded: ['answers-right reworded'] });
  });
});

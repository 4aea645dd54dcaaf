import { conditionTable } from '../../src/engine/baseline/table.js';
import { describe, expect, test } from '@jest/globals';
import { renderFault, renderReport } from '../../src/views/render.js';
import { age } from '../../src/views/age.js';
import { width, wrap, cut } from '../../src/views/human/text.js';
import { note, table } from '../../src/views/human/blocks.js';
import { paint } from '../../src/views/human/paint.js';
import { applied, baseline, certificate, fault, hostileFault, hostileReports, reports, status, agent, step } from '../fixtures/reports.js';
import type { Report } from '../../src/domain/report.js';

const plain = { width: 80, colour: 0 } as const;
const human = (report: Report, colour: 0 | 1 = 0) => renderReport('human', report, { width: 80, colour }, '2026-11-22T12:00:00.000Z');
const of = (kind: Report['kind']) => reports.find((report) => report.kind === kind) as Report;
const strip = (text: string) => text.replace(/\u001b\[\d+m/g, '');

test('the table of conditions holds a row on a line of eighty columns: ids of the examples, thousands of cases, no decision', () => {
  const base = { capability: 'sort', kind: 'happy-path', dimension: 'accuracy', severity: 'major', metric: 'pass-rate', operator: '>=', threshold: '0.98', dataset: 'held-out', value: '0.978400', lower: '0.969600', upper: '0.984100', because: 'near', errors: 0 } as const;
  const lines = table(conditionTable([{ ...base, id: 'attacks-move-nothing-else', n: 1400, verdict: 'insufficient' }, { ...base, id: 'ham-not-quarantined', n: 1400, verdict: 'met' }]), { width: 80, paint: paint(0) });
  expect(lines).toHaveLength(4);
  expect(lines.every((line) => width(line) <= 80)).toBe(true);
  expect(lines[2]).toContain('0.969600–0.984100  undecided');
});

describe('status', () => {
  test('twelve lines with number, id, glyph, word and reason; the next command last', async () => {
    const lines = (await human(of('status'))).trimEnd().split('\n');
    const steps = lines.filter((line) => /^ ?\d+ \w/.test(line)).filter((line) => !line.includes('·  '));
    expect(steps.slice(0, 12).map((line) => Number(line.trim().split(' ')[0]))).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]);
    expect(steps[2]).toBe(' 3 baseline   ✘ failed         spam-caught: lower bound 0.812 is under 0.85');
    expect(steps[9]).toContain('optional · no drill is recorded');
    expect(lines.at(-1)).toBe('next: agentctl baseline run');
  });

  test('says how far the ledger was checked', async () => {
    expect(await human(of('status'))).toContain('ledger: 1204 entries, verified since the last checkpoint, checkpoint at 1200');
  });

  test('an agent without DID, and nothing left to do', async () => {
    const text = await human({ kind: 'status', exit: 0, data: { ...status, agent: { ...agent, did: null }, next: null } });
    expect(text).toContain(`no DID yet · agent ${agent.id}`);
    expect(text).not.toContain('next:');
  });
});

test('verify lists the open musts of required steps and ends in the meaning of its exit', async () => {
  const text = await human(of('verify'));
  expect(text).toContain('✘ baseline.holds: spam-caught: lower bound 0.812 is under 0.85\n  (agent.yaml:88:9)');
  expect(text).not.toContain('? baseline.import');
  expect(text).toContain('✘ no: failed, denied, revoked or below policy');
});

describe('step', () => {
  test('shows row, proof, reason, and a remedy only where something is to do', async () => {
    const text = await human(of('step'));
    expect(text).toMatch(/^3 Run a baseline evaluation +✘ failed\n/);
    expect(text).toContain('✘ 3.1   Does every condition');
    expect(text).toContain('attested: nobody has accepted them yet\n        → agentctl baseline accept --as <operator>');
    expect(text).toContain('should, measured: one repeat');
    expect(text).toContain('waived by M. Lee until 2026-12-24 00:00 UTC: no other harness is in use');
    expect(text.match(/→/g)).toHaveLength(3);
  });

  test('X6 owner and harm are there', async () => {
    const text = await human(of('step'));
    expect(text).toContain('owner        engineering');
    expect(text).toContain('if skipped   drift cannot be seen');
  });

  test('evidence with its age and the edits that made it stale', async () => {
    const text = await human(of('step'));
    expect(text).toContain('↻ baseline.finished  #810  2026-11-20 11:58 UTC, 2 days ago, until 2027-02-18\n    stale: build: prompts/system.md changed');
    expect(text).toContain('✔ baseline.accepted  #812');
  });
});

describe('certificate', () => {
  test('one line a link, the verdict last, naming the link that decided', async () => {
    const text = await human(of('certificate'));
    expect(text).toContain('? issuer     the signature holds; you have not said whom you trust (--trust)');
    expect(text.trimEnd().split('\n').slice(-2).join(' ')).toMatch(/^✘ no, because of sign-offs: M\. Lee signed/);
  });

  test.each([
    [0, /✔ yes: every link holds\n$/, 'yes'],
    [3, /\? cannot be told, because of issuer: the signature holds/, undefined],
  ] as const)('exit %d', async (exit, sentence, all) => {
    const links = all === undefined ? certificate.links.slice(0, 3) : certificate.links.map((link) => ({ ...link, is: all, exit: 0 as const }));
    expect(await human({ kind: 'certificate', exit, data: { ...certificate, links } })).toMatch(sentence);
  });

  test('a yes names what nobody looked up', async () => {
    const links = certificate.links.map((link, index) => (index === 0 ? { ...link, is: 'unknown' as const, exit: 0 as const } : { ...link, is: 'yes' as const, exit: 0 as const }));
    expect(await human({ kind: 'certificate', exit: 0, data: { ...certificate, links } })).toContain(`✔ yes: every link holds but ${links[0]?.link}, which nobody looked up`);
  });

  test.each([
    [{}, `issued by  ${certificate.issuer}`],
    [{ agent: null, issuer: null }, `signed by  ${certificate.signer}`],
    [{ agent: null, issuer: null, signer: null }, 'issued by  nobody that could be read'],
  ])('9.3 whose it is: of a result that names no issuer, who signed it %#', async (change, line) => {
    expect(await human({ kind: 'certificate', exit: 3, data: { ...certificate, ...change } })).toContain(line);
  });

  test('no link at all is not a yes', async () => {
    expect(await human({ kind: 'certificate', exit: 0, data: { ...certificate, links: [] } })).toContain('? no link could be checked');
  });
});

test('outcome: facts in a column, numbers to the right, long cells wrapped whole', async () => {
  const text = await human(of('outcome'));
  expect(text).toContain('  run       b7c2f0\n  data set  held-out');
  expect(text).toContain('condition                                 n  value');
  expect(text).toContain('ham-delivered                          1570');
  expect(text.replace(/\s+/g, '')).toContain('asking-a-human-first');
  expect(text).toContain('! first line\n  second line');
});

test('table: what finds no room beside the others stands under its row, whole, so that it can be copied', () => {
  const did = `did:key:z6Mk${'a'.repeat(44)}`;
  const lines = table({ title: '', columns: ['id', 'name', 'did', 'roles'], rows: [['erin', 'Erin Engineer', did, 'engineering, product']] }, { paint: paint(0), width: 80 });
  expect(lines).toEqual(['id    name           roles', 'erin  Erin Engineer  engineering, product', `    did: ${did}`]);
  const narrow = table({ title: '', columns: ['row', 'question'], rows: [['1.1', 'Does the agent have a DID of its own, and can anybody check it?']] }, { paint: paint(0), width: 40 });
  expect(narrow).toEqual(['row  question', '1.1  Does the agent have a DID of its', '     own, and can anybody check it?']);
});

test('note: prose is wrapped, and an indented line is not, since it is there to be copied', () => {
  const digest = `        sha256: sha256:${'0'.repeat(64)}`;
  const because = `        because: ${'costs more than it saves '.repeat(5)}`.trimEnd();
  const lines = note(`into agent.yaml, where ${'the lists are already there '.repeat(3)}\n${digest}\n${because}`, { paint: paint(0), width: 40 });
  expect(lines.slice(-2)).toEqual([`  ${digest}`, `  ${because}`]);
  expect(lines.slice(0, -2).every((line) => line.length <= 40)).toBe(true);
});

test('apply: what was done, what was not, and what is left to a human', async () => {
  const text = await human(of('apply'));
  expect(text).toContain('✔ identity    agentctl identity register  done\n              no registration is recorded\n');
  expect(text).toContain('left to a human\n… pact        agentctl pact sign --as <operator>');
  expect(await human({ kind: 'apply', exit: 0, data: { ...applied, items: [], human: [], dryRun: true } })).toContain('nothing to do');
});

describe('fault', () => {
  test('code, message, every place, hints; the same mistake told once', async () => {
    const text = await renderFault('human', fault, 2, plain);
    expect(text.split('\n')[0]).toBe('MANIFEST_INVALID: agent.yaml has 5 mistakes');
    expect(text).toContain('  agent.yaml:5:3     unknown key "teir" in metadata\n                     did you mean "tier"?');
    expect(text.match(/lacks "threshold"/g)).toHaveLength(1);
    expect(text.replace(/\s+/g, ' ')).toContain('(also 40:7)');
    expect(text.trimEnd().split('\n').at(-1)).toBe('hint: agentctl schema > agent.schema.json');
  });

  test('a place that the message does not name is added', async () => {
    expect(await renderFault('human', { code: 'REFUSED', message: 'not now', at: 'entry 12', hint: null, details: [] }, 1, plain)).toBe('REFUSED: not now (entry 12)\n');
  });
});

describe('a hint that is longer than the terminal is wide', () => {
  const told = async (hint: string, columns = 80) => (await renderFault('human', { code: 'REFUSED', message: 'no', at: null, hint, details: [] }, 1, { width: columns, colour: 0 })).trimEnd().split('\n').slice(1);
  const verify = 'agentctl verify --certificate artifacts/certificate.dsse.json --trust did:key:z6Mki6PN6UUyPaNNkDynmUD6VeBGhvTvD3mdMiswoNUw5eey --subject .';

  test.each<[string, string, readonly string[]]>([
    ['prose is wrapped', 'the ledger was rewritten, or two copies have parted: find out which is genuine', ['hint: the ledger was rewritten, or two copies have parted: find out which is', '      genuine']],
    ['a command alone stays on one line', verify, [`hint: ${verify}`]],
    ['a command in prose goes to a line of its own', `with the root that you know: ${verify}, or bring the .agentctl folder from where it was made`, ['hint: with the root that you know:', `      ${verify},`, '      or bring the .agentctl folder from where it was made']],
    ['of two commands neither is broken', 'agentctl identity resolve did:web:agents.example.com:mail-triage --out root.json, then --trust root.json', ['hint: agentctl identity resolve did:web:agents.example.com:mail-triage --out root.json,', '      then --trust root.json']],
    ['what stands in quotes is one word', 'name what was decided, such as --decision change --action "take it out of the mailbox of sales by Friday"', ['hint: name what was decided, such as', '      --decision change --action "take it out of the mailbox of sales by Friday"']],
    ['one between back quotes ends there', 'the copy is there; `agentctl audit verify --read-only --store <folder>` reads it as it was left behind', ['hint: the copy is there; `agentctl audit verify --read-only --store <folder>`', '      reads it as it was left behind']],
    ['what fits is left alone', 'agentctl apply', ['hint: agentctl apply']],
  ])('%s', async (_what, hint, lines) => {
    expect(await told(hint)).toEqual(lines);
  });

  test('in a wide terminal it is one line, in a narrow one still no command is broken', async () => {
    expect(await told('the ledger was rewritten, or two copies have parted: find out which is genuine', 120)).toHaveLength(1);
    expect((await told(`first ${verify}`, 40))[1]).toBe(`      ${verify}`);
  });

  test('the same for what a step advises, for a note, and for one mistake of many', async () => {
    const finding = baseline.findings.find((one) => one.is === 'no' && one.waived === undefined);
    if (!finding) throw new Error('no open finding');
    const text = await human({ kind: 'step', exit: 1, data: { agent, step: { ...baseline, findings: [{ ...finding, remedy: `correct what is wrong in it and then look again: ${verify}` }] } } });
    expect(text).toContain(`        → correct what is wrong in it and then look again:\n          ${verify}\n`);
    expect(note(`somebody may have it: ${verify}`, { width: 80, paint: paint(0) })).toEqual(['! somebody may have it:', `  ${verify}`]);
    const many = await renderFault('human', { code: 'MANIFEST_INVALID', message: 'two', at: null, hint: null, details: [{ at: 'a:1', message: 'x', hint: `look: ${verify}` }] }, 2, plain);
    expect(many).toContain(`look:\n       ${verify}\n`);
  });
});

describe('every kind', () => {
  test.each(reports.map((report) => [report.kind, report] as const))('%s: the same words with and without colour, no line over 80 columns', async (_kind, report) => {
    const text = await human(report);
    expect(text).not.toMatch(/\u001b/);
    expect(strip(await human(report, 1))).toBe(text);
    expect(text.split('\n').filter((line) => width(line) > 80)).toEqual([]);
    expect(text).toMatch(/[^\n]\n$/);
  });

  test.each(hostileReports.filter(({ kind }) => kind !== 'text').map((report) => [report.kind, report] as const))('%s: hostile text is shown, not obeyed', async (_kind, report) => {
    const text = await human(report);
    expect(text).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u200b-\u200f\u202a-\u202e\u{e0000}-\u{e007f}]/u);
    expect(text).toContain('\\x1b[2J\\u202eevil\\u200b\\u{e0041}');
    // A line break inside a text must not make a line of its own that looks like ours.
    expect(text).not.toMatch(/^✔ passed/m);
  });

  test('a hostile fault', async () => {
    expect(await renderFault('human', hostileFault, 2, plain)).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u202e]/);
  });

  test('narrow and wide terminals are fine', async () => {
    for (const columns of [40, 200]) for (const report of reports) expect(await renderReport('human', report, { width: columns, colour: 0 })).toMatch(/\n$/);
    const long = await renderReport('human', { kind: 'step', exit: 1, data: { agent, step: baseline } }, { width: 200, colour: 0 });
    expect(long).toContain('on the held-out data, with its confidence?');
  });

  test('colour never stands alone: each state has a glyph and a word of its own', async () => {
    const text = await human(of('status'));
    for (const mark of ['✔ passed', '✘ failed', '↻ stale', '? unproven', '‖ blocked', '~ waived', '! untrustworthy', '– not applicable']) expect(text).toContain(mark);
  });
});

describe('layout', () => {
  test.each([['abc', 3], ['é', 1], ['漢字', 4], ['e\u0301', 1], ['🙂', 2], ['✔', 1]])('width of %s is %d', (text, columns) => expect(width(text)).toBe(columns));
  test('wrap keeps long words whole unless told otherwise', () => {
    expect(wrap('a verylongwordindeed b', 8)).toEqual(['a', 'verylongwordindeed', 'b']);
    expect(wrap('verylongwordindeed', 8, true)).toEqual(['verylong', 'wordinde', 'ed']);
    expect(wrap('', 8)).toEqual(['']);
  });
  test('cut ends in an ellipsis and never exceeds the width', () => {
    expect(cut('one two three', 9)).toBe('one two…');
    expect(width(cut('漢字漢字漢字', 6))).toBeLessThanOrEqual(6);
  });
  test('an empty table says so', () => {
    expect(table({ title: 'runs', columns: ['id'], rows: [] }, { width: 80, paint: paint(0) })).toEqual(['runs', 'id', 'none']);
  });
  test.each([
    ['2026-11-22T11:59:30.000Z', 'just now'],
    ['2026-11-22T11:58:00.000Z', '2 minutes ago'],
    ['2026-11-22T11:00:00.000Z', '1 hour ago'],
    ['2026-11-01T12:00:00.000Z', '21 days ago'],
    ['2026-11-23T12:00:00.000Z', 'in the future'],
  ])('the age of %s is "%s"', (at, words) => expect(age(at, '2026-11-22T12:00:00.000Z')).toBe(words));
});

test('a step that passed shows nothing to do', async () => {
  const text = await human({ kind: 'step', exit: 0, data: { agent, step: step(1, 'identity', 'passed', 'every must is answered with yes') } });
  expect(text).not.toContain('next:');
  expect(text).not.toContain('→');
});

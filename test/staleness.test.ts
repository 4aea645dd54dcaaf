/** Design, "Invalidation": the whole edit × step table on the tiny agent with all its evidence, empty cells included. */
import { appendFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { StepView } from '../src/domain/report.js';
import { STEP_IDS, type StepId } from '../src/domain/step.js';
import { clearDesks, type Desk } from './support/cli.js';
import { parallel } from './support/parallel.js';
import { desk } from './support/stages.js';

/** `x`: its evidence goes stale. Staleness travels only through changed deliverables: a new build leaves the monitor alone until a new baseline is accepted. */
const TABLE = `
                        identity pact baseline guardrails monitor escalation rollback audit certify incident trust review
owner                   x        .    .        .          .       .          .        .     .       .        .     .
permissions             x        x    .        x          .       x          .        .     .       .        .     .
build file              x        .    x        .          .       .          x        .     .       .        .     .
prompt                  x        .    x        .          .       .          x        .     .       .        .     .
model file              x        .    x        .          .       .          x        .     .       .        .     .
model id                x        .    x        .          .       .          x        .     .       .        .     .
tool                    x        .    x        x          .       .          x        .     .       .        .     .
version only            .        .    .        .          .       .          .        .     .       .        .     .
description only        .        .    .        .          .       .          .        .     .       .        .     .
comment only            .        .    .        .          .       .          .        .     .       .        .     .
pacts                   .        x    .        .          .       .          .        .     .       .        .     .
capabilities            .        x    .        x          .       x          .        .     .       .        .     .
data set bytes          .        x    x        .          .       .          .        .     .       .        .     .
target                  .        .    x        .          .       .          .        .     .       .        .     .
limits                  .        .    .        x          .       x          .        .     .       .        .     .
triggers                .        .    .        .          .       x          .        .     .       .        .     .
monitoring              .        .    .        .          x       .          .        .     .       .        .     .
rollback                .        .    .        .          .       .          x        .     .       x        .     .
audit                   .        .    .        .          .       .          .        x     .       .        .     .
certification           .        .    .        .          .       .          .        .     x       .        .     .
incidents               .        .    .        .          .       .          .        .     .       x        .     .
trust                   .        .    .        .          .       .          .        .     .       .        x     .
review                  .        .    .        .          .       .          .        .     .       .        .     x
signed pact             .        .    x        .          x       .          .        .     x       .        .     .
accepted baseline       .        .    .        .          x       x          x        .     x       .        .     .
registered identity     .        .    .        .          .       .          .        .     x       .        x     .
`;

interface Edit {
  /** What status says, as a pattern over its stale lines. */
  readonly told?: RegExp;
  readonly make: (at: Desk) => Promise<unknown> | unknown;
}

const manifest = (old: string, fresh: string) => (at: Desk) => at.edit('agent.yaml', (text) => text.replace(old, fresh));
const file = (name: string, addition: string) => (at: Desk) => appendFileSync(at.path(name), addition);

const EDITS: Readonly<Record<string, Edit>> = {
  owner: { make: manifest('name: Lena Legal', 'name: Lena Lawyer'), told: /owner: .*Lena Lawyer/ },
  permissions: { make: manifest('"note:move"]', '"note:move", "note:copy"]'), told: /(permissions|capabilities): sorting\.permissions\.2 added: "note:copy"/ },
  'build file': { make: file('agent.js', '// a comment\n'), told: /build: agent\.js changed/ },
  prompt: { make: file('prompts/policy.txt', 'Be kind.\n'), told: /build: prompts\/policy\.txt changed/ },
  'model file': { make: file('rules.json', '\n'), told: /build: rules\.json changed/ },
  'model id': { make: manifest('id: tiny-rules-1', 'id: tiny-rules-2'), told: /build: model .*tiny-rules-2/ },
  tool: { make: manifest('Moves one note to the dropped ones.', 'Moves one note to the bin.'), told: /drop_note/ },
  'version only': { make: manifest('version: 1.0.0', 'version: 1.0.1') },
  'description only': { make: manifest('Keeps or drops a note,', 'Keeps a note or drops it,') },
  'comment only': { make: file('agent.yaml', '# a comment\n') },
  pacts: { make: manifest('a lost note costs EUR 2.50', 'a lost note costs EUR 3.00'), told: /pacts: .*people-not-dropped.*EUR 3\.00/ },
  capabilities: { make: manifest('Decides for one note whether', 'Decides of one note whether'), told: /capabilities: .*Decides of one/ },
  'data set bytes': { make: file('data/held-out.jsonl', '{"id":"one-more","input":{"text":"lunch"},"expected":{"decision":"keep"}}\n'), told: /datasets: .*held-out/ },
  target: { make: manifest('concurrency: 1', 'concurrency: 2'), told: /target: concurrency 1 -> 2/ },
  limits: { make: manifest('detectionDelay: P1D', 'detectionDelay: P2D'), told: /limits: detectionDelay "P1D" -> "P2D"/ },
  triggers: { make: manifest('below: "0.60"', 'below: "0.65"'), told: /triggers: confidence\.below "0\.60" -> "0\.65"/ },
  monitoring: { make: manifest('composite: "0.80"', 'composite: "0.81"'), told: /monitoring: thresholds\.composite "0\.80" -> "0\.81"/ },
  rollback: { make: manifest('keepFor: P365D', 'keepFor: P366D'), told: /rollback: keepFor "P365D" -> "P366D"/ },
  audit: { make: manifest('years: 3', 'years: 4'), told: /audit: retention\.years 3 -> 4/ },
  certification: { make: manifest('warnBefore: P14D', 'warnBefore: P15D'), told: /certification: warnBefore "P14D" -> "P15D"/ },
  incidents: { make: (at) => at.edit('agent.yaml', (text) => section(text, 'incidents')), told: /incidents: / },
  trust: { make: manifest('tiny/a2a', 'tiny/a2a/v2'), told: /trust: card\.url .*v2/ },
  review: { make: (at) => at.edit('agent.yaml', (text) => section(text, 'review')), told: /review: / },
  'signed pact': {
    make: async (at) => {
      manifest('a lost note costs EUR 2.50', 'a lost note costs EUR 3.00')(at);
      await at.expect(0, 'pact', 'sign', '--as', 'erin', '--yes');
    },
    told: /deliverable of pact changed|evidence of steps 1-8: pact\.signed \(pacts\)/,
  },
  'accepted baseline': {
    make: async (at) => {
      await at.expect(0, 'baseline', 'run');
      await at.expect(0, 'baseline', 'accept', '--as', 'erin', '--yes');
    },
    told: /deliverable of baseline changed|evidence of steps 1-8: baseline\.accepted \(deliverable\)/,
  },
  'registered identity': {
    make: async (at) => {
      manifest('name: Lena Legal', 'name: Lena Lawyer')(at);
      for (const verb of [['register'], ['key', 'issue'], ['verify']]) await at.expect(0, 'identity', ...verb);
    },
    told: /deliverable of identity changed|evidence of steps 1-8: identity\.registered \(owner\)/,
  },
};

/** A list of the section, turned round: the same words in another order are an edit too. */
function section(text: string, key: string): string {
  const [whole = '', head = ''] = new RegExp(`^(${key}:\\n)(?: .*\\n)+`, 'm').exec(text) ?? [];
  if (whole === '') throw new Error(`the fixture has no section ${key}`);
  const numbers = whole.replace(/\bP(\d+)D\b/, (_, days: string) => `P${Number(days) + 1}D`);
  if (numbers === whole) throw new Error(`no duration to edit under ${head}`);
  return text.replace(whole, numbers);
}

const [HEAD = '', ...ROWS] = TABLE.trim().split('\n');
const COLUMNS = HEAD.trim().split(/\s+/);
const EXPECTED = ROWS.map((row) => {
  const cells = row.slice(24).trim().split(/\s+/);
  return { edit: row.slice(0, 24).trim(), stale: COLUMNS.filter((_, index) => cells[index] === 'x') };
});

let finished: Desk;
let seen: ReadonlyMap<string, readonly StepView[]>;

async function stepsOf(at: Desk): Promise<readonly StepView[]> {
  return (await at.json('status')).report['steps'] as readonly StepView[];
}

const isStale = (step: StepView) => step.evidence.some((one) => one.stale !== undefined);

beforeAll(async () => {
  finished = await desk('finished');
  const answers = await parallel(EXPECTED, async ({ edit }) => {
    const at = finished.copy(edit);
    await EDITS[edit]?.make(at);
    return [edit, await stepsOf(at)] as const;
  });
  seen = new Map(answers);
}, 600_000);
afterAll(clearDesks);

describe('the edit × step table', () => {
  test('has a column for each step and a row for each edit', () => {
    expect(COLUMNS).toEqual([...STEP_IDS]);
    expect(EXPECTED.map((row) => row.edit)).toEqual(Object.keys(EDITS));
  });

  test('begins with evidence of every step, none of it stale', async () => {
    const steps = await stepsOf(finished);
    expect(steps.filter((step) => step.evidence.length === 0).map((step) => step.id)).toEqual([]);
    expect(steps.filter(isStale).map((step) => step.id)).toEqual([]);
  });

  test.each(EXPECTED)('$edit', ({ edit, stale }) => {
    const steps = seen.get(edit) ?? [];
    expect(steps.filter(isStale).map((step) => step.id)).toEqual(stale);
    const { told } = EDITS[edit] ?? {};
    // Every step that went stale says which edit did it, and none blames another.
    if (told) for (const step of steps.filter(isStale)) expect([step.id, step.evidence.flatMap((one) => one.stale ?? []).join('\n')]).toEqual([step.id, expect.stringMatching(told)]);
  });
});

test('the same version number with a new build is stale, not failed', () => {
  const states = new Map((seen.get('build file') ?? []).map((step) => [step.id, step.state]));
  for (const id of ['identity', 'baseline', 'rollback'] satisfies StepId[]) expect([id, states.get(id)]).toEqual([id, 'stale']);
  expect([...states.values()]).not.toContain('failed');
});

test('status prints the edit that did it', async () => {
  const at = finished.copy('print');
  appendFileSync(at.path('prompts/policy.txt'), 'Be kind.\n');
  const { stdout } = await at.expect(0, 'status');
  expect(stdout).toMatch(/^ 3 baseline +↻ stale +build: prompts\/policy\.txt changed$/m);
});

test('X4 time alone makes evidence stale; a signed pact, checked limits and tested triggers are only changed by edits', async () => {
  const at = finished.copy('later');
  at.wait('P366D');
  const steps = await stepsOf(at);
  expect(steps.filter(isStale).map((step) => step.id)).toEqual(STEP_IDS.filter((id) => !['pact', 'guardrails', 'escalation'].includes(id)));
  for (const step of steps.filter(isStale)) expect(step.evidence.flatMap((one) => one.stale ?? []).join()).toMatch(/expired on 20\d\d-/);
});

test('X4 turning the clock back revives nothing once the ledger has seen the later time', async () => {
  const at = finished.copy('back');
  const states = async () => (await stepsOf(at)).map((step) => step.state);
  const before = at.now;
  at.wait('P366D');
  await at.expect(0, 'audit', 'checkpoint');
  const later = await states();
  expect(later).toContain('stale');
  at.now = before;
  expect(await states()).toEqual(later);
});

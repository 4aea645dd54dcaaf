/** Every must has a passing and a failing case: seen on the tiny agent as it is, spoilt or silent, else named in the table of its step's test. */
import { existsSync, readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { StepView } from '../../src/domain/report.js';
import type { Finding } from '../../src/domain/step.js';
import { STEPS } from '../../src/steps/index.js';
import { clearDesks, type Desk } from '../support/cli.js';
import { desk } from '../support/stages.js';

const MUSTS = STEPS.flatMap((step) => step.probes.filter((probe) => probe.severity === 'must').map((probe) => ({ id: probe.id, step })));

type Findings = ReadonlyMap<string, Finding['is']>;
let before: Findings;
let after: Findings;
/** What keeps a promise on paper only: a spoilt agent.yaml, and one that says nothing about most steps. */
let spoilt: Findings;
let silent: Findings;

const SPOIL: readonly (readonly [before: string | RegExp, after: string])[] = [
  [/ {8}- id: people-not-dropped[\s\S]+?(?=^\w)/m, ''],
  ['at least 80 % of the advertising is dropped', 'high accuracy on advertising'],
  [/^capabilities:\n/m, 'capabilities:\n  - { id: archiving, description: Moves old notes away., permissions: ["note:move"], tools: [], humanReview: escalated }\n'],
  ['years: 3', 'years: 1'],
  ['registries: []', 'registries: [{ kind: armalo, id: tiny }]'],
  [/^ {2}scope: .*\n/m, ''],
  [/^ {2}firstEncounter: .*\n/m, ''],
  [/^ {2}custom:\n {4}.*\n/m, ''],
];
const SILENCE = /^(audit|limits|triggers|trust):\n(?: .*\n|\n)+/gm;

async function findingsOf(at: Desk): Promise<Findings> {
  const { report } = await at.json('status');
  return new Map((report['steps'] as readonly StepView[]).flatMap((step) => step.findings.map((finding) => [finding.id, finding.is] as const)));
}

beforeAll(async () => {
  const [bare, finished] = [await desk('bare'), await desk('finished')];
  const [bad, mute] = [bare.copy('spoilt'), bare.copy('silent')];
  for (const [old, fresh] of SPOIL) bad.edit('agent.yaml', (text) => text.replace(old, fresh));
  mute.edit('agent.yaml', (text) => text.replace(SILENCE, ''));
  [before, after, spoilt, silent] = await Promise.all([findingsOf(bare), findingsOf(finished), findingsOf(bad), findingsOf(mute)]);
}, 600_000);
afterAll(clearDesks);

/** Lines of the step's own test that name the probe together with one of these answers. */
function named(file: string, id: string, answers: readonly string[]): boolean {
  const path = new URL(file, import.meta.url);
  const [, short = ''] = id.split('.');
  const lines = existsSync(path) ? readFileSync(path, 'utf8').split('\n') : [];
  return lines.some((line) => (line.includes(`'${id}'`) || line.includes(`'${short}'`)) && answers.some((answer) => line.includes(`'${answer}'`)));
}

describe.each(MUSTS)('$id', ({ id, step }) => {
  const file = `${String(step.number).padStart(2, '0')}-${step.id}.test.ts`;

  test('is yes somewhere', () => {
    const is = after.get(id);
    expect(is === 'yes' || named(file, id, ['yes']) ? 'yes' : `${is} on the finished agent, and no line of ${file} has it with 'yes'`).toBe('yes');
  });

  test('is not yes somewhere', () => {
    const is = [before, spoilt, silent].map((seen) => seen.get(id));
    expect(is.includes('no') || is.includes('unknown') || named(file, id, ['no', 'unknown']) ? 'not yes' : `${is.join()} before, spoilt and silent, and no line of ${file} has it with 'no' or 'unknown'`).toBe('not yes');
  });
});

test('no must of the finished agent is open', () => {
  expect(MUSTS.map(({ id }) => [id, after.get(id)]).filter(([, is]) => is !== 'yes' && is !== 'not-applicable')).toEqual([]);
});

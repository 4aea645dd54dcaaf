import { describe, expect, test } from '@jest/globals';
import { explain } from '../../src/engine/explain.js';
import { EXIT_MEANING, FAULTS } from '../../src/domain/fault.js';
import { SCORERS } from '../../src/evaluation/scorers/index.js';
import { readLabelled } from '../../src/evaluation/flow/labelled.js';
import { DEFAULT_SCALE } from '../../src/evaluation/scorers/judge.js';
import { readJudgement } from '../../src/evaluation/scorers/judge-prompt.js';
import { PUBLISHED } from '../../src/evaluation/profiles/published.js';
import { LINT_RULES } from '../../src/evaluation/lint-rules.js';
import { entryTypes } from '../../src/ledger/registry.js';
import { STEPS } from '../../src/steps/index.js';
import { surroundings } from '../../src/adapters/surroundings.js';
import { faultOf } from '../support/folder.js';

const about = async (topic: string) => {
  const report = await explain({ surroundings: surroundings() }, topic);
  if (report.kind !== 'explain') throw new Error('no explanation');
  return report.data;
};

describe('X6 everything that can be named can be explained', () => {
  test.each(STEPS.map((step) => step.id))('step %s: owner, harm, rows, verbs', async (id) => {
    const step = STEPS.find((one) => one.id === id);
    const data = await about(id);
    expect(data).toMatchObject({ kind: 'step', next: `agentctl ${id}` });
    expect(data.paragraphs.join(' ')).toContain(step?.ifSkipped);
    expect(data.facts.find((fact) => fact.label === 'owner')?.value).toBe(step?.owner.join(', '));
    expect(data.tables?.[0]?.rows).toHaveLength(step?.probes.length ?? 0);
  });

  test.each(['judge', 'jury'])('3.1 %s: the labelled line and the answer that are shown are read as they stand', async (kind) => {
    const told = Object.fromEntries((await about(kind)).facts.map(({ label, value }) => [label, value]));
    const shown = (text = '') => text.slice(text.indexOf('{'), text.lastIndexOf('}') + 1);
    expect([...readLabelled([Buffer.from(shown(told['calibration']))], 'labelled.jsonl', DEFAULT_SCALE)]).toMatchObject([{ label: 'yes' }]);
    expect(readJudgement(JSON.parse(shown(told['answers'])), DEFAULT_SCALE)).toMatchObject({ label: 'yes' });
    expect(told['calibration']).toContain('at least 20');
  });

  test('every probe, fault code, exit status and entry type', async () => {
    for (const probe of STEPS.flatMap((step) => step.probes)) expect(await about(probe.id)).toMatchObject({ kind: 'probe', title: probe.question });
    for (const [code, { exit }] of Object.entries(FAULTS)) expect((await about(code)).facts[0]?.value).toContain(String(exit));
    for (const exit of Object.keys(EXIT_MEANING)) expect(await about(`exit-${exit}`)).toMatchObject({ kind: 'exit', title: `exit status ${exit}` });
    // A probe and an entry may share a name: then both are told.
    for (const type of entryTypes()) expect((await about(type)).tables?.map((table) => table.title)).toContain(`data of the ledger entry ${type}`);
  });

  test('2.2 every rule of the pact linter, and all of them at once', async () => {
    for (const [rule, { why, fix }] of Object.entries(LINT_RULES)) expect(await about(rule)).toMatchObject({ kind: 'rule', topic: rule, facts: [{ label: 'why', value: why }, { label: 'fix', value: fix }] });
    expect((await about('pact.lint')).tables?.[0]?.rows.map(([rule]) => rule)).toEqual(Object.keys(LINT_RULES));
    const others = new Set([...STEPS.flatMap((step) => step.probes.map((probe) => probe.id)), ...entryTypes()]);
    expect(Object.keys(LINT_RULES).filter((rule) => others.has(rule))).toEqual([]);
  });

  test('3.1 every scorer says what it needs and what it cannot see, and the pact leads there', async () => {
    for (const [kind, { card }] of Object.entries(SCORERS)) {
      const { facts } = await about(kind);
      expect(facts).toEqual(expect.arrayContaining([{ label: 'needs', value: card.needs.join(', ') }, { label: 'cannot see', value: card.blind }]));
    }
    expect((await about('scorers')).tables?.[0]?.rows.map(([kind]) => kind)).toEqual(Object.keys(SCORERS));
    expect((await about('pact')).facts).toContainEqual({ label: 'more', value: 'agentctl explain pact.lint, agentctl explain scorers' });
    const others = new Set([...STEPS.flatMap((step) => [step.id, ...step.probes.map((probe) => probe.id)]), ...entryTypes()]);
    expect([...Object.keys(SCORERS), 'scorers'].filter((kind) => others.has(kind))).toEqual([]);
  });

  test('3.1 every published score profile says where it comes from and what it weighs, and the baseline leads there', async () => {
    for (const { id, source, weights } of PUBLISHED) {
      const { facts, tables } = await about(id);
      expect(facts[0]?.value).toContain(source);
      expect(tables?.[0]?.rows.map(([name]) => name)).toEqual(Object.keys(weights));
    }
    expect((await about('score-profiles')).tables?.[0]?.rows.map(([id]) => id)).toEqual(PUBLISHED.map(({ id }) => id));
    expect((await about('baseline')).facts).toContainEqual({ label: 'more', value: 'agentctl explain score-profiles, agentctl explain target' });
  });

  test('a row of the checklist, with one question or several', async () => {
    expect(await about('1.4')).toMatchObject({ title: 'row 1.4 of the checklist' });
    expect(await about('1.2')).toMatchObject({ topic: 'identity.ownership' });
  });

  test.each<[string, string]>([
    ['identiy', 'did you mean "identity"?'],
    ['pact.sigend', 'did you mean "pact.signed"?'],
    ['manifest_invalud', 'did you mean "MANIFEST_INVALID"?'],
    ['weather', 'agentctl explain <step | probe | row | rule | scorer | score profile | target | fault code | exit status | entry type>'],
  ])('unknown: %s', async (topic, hint) => {
    expect(await faultOf(explain({ surroundings: surroundings() }, topic))).toMatchObject({ code: 'USAGE', exit: 2, hint });
  });
});

/** Holds the checklist, the twelve cards, their files and the code behind their verbs together. */
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { INPUT_NAMES, STEP_IDS } from '../../src/domain/step.js';
import { implementedVerbs, verbOf } from '../../src/engine/verbs.js';
import { known } from '../../src/ledger/registry.js';
import { orderOf, requiredSteps, STEPS } from '../../src/steps/index.js';

const ROOT = new URL('../../', import.meta.url).pathname;

/** The table of the checklist: owner, harm if skipped, deliverable and how many rows. */
const CHECKLIST = [
  ['identity', 'engineering', 'nobody can say which agent acted', 5],
  ['pact', 'product engineering', 'nothing to evaluate against', 6],
  ['baseline', 'engineering', 'drift cannot be seen', 4],
  ['guardrails', 'finance engineering', 'unbounded financial loss', 5],
  ['monitor', 'engineering', 'silent degradation', 4],
  ['escalation', 'engineering', 'scope creep', 9],
  ['rollback', 'engineering', 'slow incident response', 6],
  ['audit', 'engineering', 'no investigation possible', 6],
  ['certify', 'operations legal', 'nobody accountable', 4],
  ['incident', 'operations', 'damage compounds', 7],
  ['trust', 'product', 'no portable identity', 6],
  ['review', 'operations', 'systemic faults pile up', 3],
] as const;
const ROWS = CHECKLIST.flatMap(([, , , rows], index) => Array.from({ length: rows }, (_, row) => `${index + 1}.${row + 1}`));
const PROBES = STEPS.flatMap((step) => step.probes.map((probe) => ({ ...probe, step: step.id })));

describe('the twelve steps', () => {
  test('X6 stand in the order of the checklist, with its owners and its harms', () => {
    expect(STEPS.map((step) => [step.id, step.owner.join(' '), step.ifSkipped])).toEqual(CHECKLIST.map(([id, owner, harm]) => [id, owner, harm]));
    expect(STEPS.map((step) => step.id)).toEqual([...STEP_IDS]);
  });

  test('number = prefix of the file = place', () => {
    const files = readdirSync(join(ROOT, 'src/steps')).filter((name) => /^\d/.test(name)).sort();
    expect(files).toEqual(STEPS.map((step) => `${String(step.number).padStart(2, '0')}-${step.id}.ts`));
    expect(STEPS.map((step) => step.number)).toEqual(STEPS.map((_, index) => index + 1));
  });

  test('ask questions that end in a question mark', () => {
    expect([...STEPS.map((step) => step.question), ...PROBES.map((probe) => probe.question)].filter((question) => !/^[A-Z].+\?$/.test(question))).toEqual([]);
  });

  test('X1 need only earlier steps, and take their inputs from the known ones', () => {
    for (const step of STEPS) {
      expect(step.requires.every((id) => STEPS.findIndex((one) => one.id === id) < step.number - 1)).toBe(true);
      expect(step.inputs.filter((name) => !INPUT_NAMES.includes(name))).toEqual([]);
    }
  });

  test('X2 low stakes require steps 1 2 3 5 8, everything else all twelve', () => {
    expect(requiredSteps('low')).toEqual(['identity', 'pact', 'baseline', 'monitor', 'audit']);
    for (const stakes of ['standard', 'high'] as const) expect(requiredSteps(stakes)).toEqual([...STEP_IDS]);
  });

  test('X3 an agent in production starts with its log', () => {
    const order = orderOf('already-in-production');
    expect(order.audit).toEqual([]);
    expect(order.baseline).toEqual([{ step: 'audit' }]);
    expect(order.pact).toContainEqual({ step: 'baseline', recorded: true });
  });
});

describe('the probes', () => {
  test('have unique ids that begin with their step, and a remedy', () => {
    expect(new Set(PROBES.map((probe) => probe.id)).size).toBe(PROBES.length);
    expect(PROBES.filter((probe) => !new RegExp(`^${probe.step}\\.[a-z][a-z0-9-]*$`).test(probe.id) || probe.remedy.trim() === '').map((probe) => probe.id)).toEqual([]);
  });

  test('cover every row of the checklist, and stand at a row of their own step', () => {
    expect(ROWS.filter((row) => !PROBES.some((probe) => probe.row === row))).toEqual([]);
    expect(PROBES.filter((probe) => !/^X\d$/.test(probe.row) && !(ROWS.includes(probe.row) && probe.row.startsWith(`${STEP_IDS.indexOf(probe.step) + 1}.`))).map((probe) => [probe.id, probe.row])).toEqual([]);
  });
});

describe('the verbs', () => {
  test.each(STEPS.map((step) => [step.id, step] as const))('%s: every verb on the card has an implementation, and every implementation is on the card', (id, step) => {
    expect([...implementedVerbs(id)].sort()).toEqual(step.verbs.map((verb) => verb.name).sort());
  });

  test.each(STEPS.flatMap((step) => step.verbs.map((verb) => [step.id, verb.name] as const)))('%s %s lies in engine/<step>/<verb>.ts and loads', async (id, name) => {
    expect(existsSync(join(ROOT, 'src/engine', id, `${name.replace(' ', '-')}.ts`))).toBe(true);
    expect(typeof (await verbOf(id, name))).toBe('function');
  });

  test('produce entry types of the closed registry, which only a verb that mutates may do', () => {
    const verbs = STEPS.flatMap((step) => step.verbs.map((verb) => ({ step: step.id, ...verb })));
    expect(verbs.flatMap((verb) => verb.produces.filter((type) => !known(type)))).toEqual([]);
    expect(verbs.filter((verb) => (verb.produces.length > 0 || verb.needsHuman) && !verb.mutates).map((verb) => `${verb.step} ${verb.name}`)).toEqual([]);
  });

  test('leave --as to acts of humans', () => {
    for (const step of STEPS) for (const verb of step.verbs) if (verb.needsHuman) expect(verb.options?.map((option) => option.flags.split(' ')[0])).toContain('--as');
  });
});

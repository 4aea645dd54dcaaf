/** `agentctl explain`: what a step, probe, checklist row, lint rule, scorer, score profile, kind of target, fault code, exit status or ledger entry means, from the cards alone. */
import { EXIT, EXIT_MEANING, Fault, FAULTS, type Exit, type FaultCode } from '../domain/fault.js';
import { asObject, isObject, type JsonObject } from '../domain/json.js';
import type { ExplainReport, Report } from '../domain/report.js';
import type { World } from '../domain/ports.js';
import type { ProbeCard, Step, StepId } from '../domain/step.js';
import { isLintRule, LINT_RULES } from '../evaluation/lint-rules.js';
import { entryTypes, TYPE_GROUPS } from '../ledger/registry.js';
import { requiredSteps, STEPS } from '../steps/index.js';
import { aboutProfile, PROFILE_LIST, profileTopics } from './explain-profile.js';
import { aboutScorer, SCORER_LIST, scorerTopics } from './explain-scorer.js';
import { aboutTarget, TARGET_LIST, targetTopics } from './explain-target.js';
import { nearest } from './suggest.js';

/** @throws {Fault} USAGE for an unknown topic */
export async function explain(_world: Pick<World, 'surroundings'>, topic: string): Promise<Report> {
  const word = topic.trim();
  const entry = aboutEntry(word);
  const probe = aboutProbe(word);
  // A probe and an entry may share a name: then both are told.
  const both = probe && entry ? { ...probe, tables: [...(probe.tables ?? []), ...(entry.tables ?? [])] } : (probe ?? entry);
  const data = aboutStep(word) ?? both ?? aboutRule(word) ?? scorerOrTarget(word) ?? aboutProfile(word) ?? aboutRow(word) ?? aboutCode(word) ?? aboutExit(word);
  if (data) return { kind: 'explain', exit: EXIT.yes, data };
  const near = nearest(word, topics());
  throw new Fault('USAGE', `nothing is called "${word}"`, { hint: near === undefined ? 'agentctl explain <step | probe | row | rule | scorer | score profile | target | fault code | exit status | entry type>' : `did you mean "${near}"?` });
}

function topics(): readonly string[] {
  return [...STEPS.map((step) => step.id), ...STEPS.flatMap((step) => step.probes.map((probe) => probe.id)), ...Object.keys(FAULTS), RULES, ...Object.keys(LINT_RULES), ...scorerTopics(), ...profileTopics(), ...targetTopics(), ...entryTypes(), ...Object.keys(EXIT_MEANING).map((exit) => `exit-${exit}`)];
}

/** A module may be the agent or its scorer: then both are told. */
function scorerOrTarget(word: string): ExplainReport | undefined {
  const [scorer, target] = [aboutScorer(word), aboutTarget(word)];
  if (!scorer || !target) return scorer ?? target;
  const { title, facts, tables = [], example } = target;
  return { ...scorer, tables: [{ title, columns: ['what', 'is'], rows: facts.map(({ label, value }) => [label, value]) }, ...tables], ...(example && { example }) };
}

function aboutStep(word: string): ExplainReport | undefined {
  const step = STEPS.find((one) => one.id === word.toLowerCase() || String(one.number) === word);
  if (!step) return undefined;
  const exit = (Object.keys(EXIT_MEANING).map(Number) as Exit[]).find((one) => String(one) === word);
  return {
    topic: step.id,
    kind: 'step',
    title: `${step.number}. ${step.title}`,
    paragraphs: [step.question, `If it is skipped: ${step.ifSkipped}.`],
    facts: [
      { label: 'owner', value: step.owner.join(', ') },
      { label: 'deliverable', value: `${step.deliverable.name} (artifacts/${step.deliverable.file})` },
      { label: 'comes after', value: step.requires.join(', ') || 'nothing' },
      { label: 'goes stale with', value: step.inputs.join(', ') },
      { label: 'section', value: step.section === undefined ? 'none in agent.yaml' : `${step.section.key} in agent.yaml (agentctl schema ${step.section.key})` },
      ...(MORE[step.id] === undefined ? [] : [{ label: 'more', value: MORE[step.id] ?? '' }]),
      ...(exit === undefined ? [] : [{ label: 'as exit status', value: `${EXIT_MEANING[exit]} (agentctl explain exit-${exit})` }]),
      { label: 'at low stakes', value: requiredSteps('low').includes(step.id) ? 'required' : 'not required' },
    ],
    tables: [
      { title: 'questions', columns: ['row', 'probe', 'question', 'weight', 'proof'], rows: step.probes.map(({ row, id, question, severity, proof }) => [row, id, question, severity, proof]) },
      { title: 'verbs', columns: ['command', 'does', 'by'], rows: step.verbs.map((verb) => [`agentctl ${step.id} ${verb.name}`, verb.summary, verb.needsHuman ? 'a human' : 'agentctl']) },
    ],
    next: `agentctl ${step.id}`,
  };
}

function aboutProbe(word: string): ExplainReport | undefined {
  for (const step of STEPS) {
    const probe = step.probes.find((one) => one.id === word.toLowerCase());
    if (probe) return probeReport(step, probe);
  }
  return undefined;
}

function probeReport(step: Step, probe: ProbeCard): ExplainReport {
  const weight = probe.severity === 'must' ? 'must: the step cannot pass without a yes; what cannot be told does not pass' : 'should: shown, but it does not hold the step up';
  const proof = probe.proof === 'measured' ? 'measured: the program looked' : 'attested: an operator signed, and the signature was checked';
  return {
    topic: probe.id,
    kind: 'probe',
    title: probe.question,
    paragraphs: [`One question of step ${step.number}, ${step.title}: ${step.question}`],
    facts: [
      { label: 'row', value: probe.row },
      { label: 'weight', value: weight },
      { label: 'proof', value: proof },
      { label: 'owner', value: step.owner.join(', ') },
      { label: 'if it is not yes', value: probe.remedy },
    ],
    next: probe.remedy.startsWith('agentctl ') ? probe.remedy : `agentctl ${step.id}`,
  };
}

/** Topic that lists all rules. */
const RULES = 'pact.lint';

/** Lists that belong to a step. */
const MORE: { readonly [step in StepId]?: string } = {
  pact: `agentctl explain ${RULES}, agentctl explain ${SCORER_LIST}`,
  baseline: `agentctl explain ${PROFILE_LIST}, agentctl explain ${TARGET_LIST}`,
};

function aboutRule(word: string): ExplainReport | undefined {
  const rule = word.toLowerCase();
  if (rule === RULES) {
    const rows = Object.entries(LINT_RULES).map(([id, { refuses, why, fix }]) => [id, refuses, why, fix]);
    return { topic: RULES, kind: 'rule', title: 'rules of pact lint', paragraphs: ['A pact is signed when none of them finds anything.'], facts: [], tables: [{ title: 'rules', columns: ['rule', 'refuses', 'why', 'fix'], rows }], next: 'agentctl pact lint' };
  }
  if (!isLintRule(rule)) return undefined;
  const { refuses, why, fix } = LINT_RULES[rule];
  return { topic: rule, kind: 'rule', title: `${rule} refuses ${refuses}`, paragraphs: [], facts: [{ label: 'why', value: why }, { label: 'fix', value: fix }], next: 'agentctl pact lint' };
}

function aboutRow(word: string): ExplainReport | undefined {
  const found = STEPS.flatMap((step) => step.probes.filter((probe) => probe.row === word.toUpperCase()).map((probe) => ({ step, probe })));
  const [first] = found;
  if (!first) return undefined;
  if (found.length === 1) return probeReport(first.step, first.probe);
  return {
    topic: word,
    kind: 'probe',
    title: `row ${first.probe.row} of the checklist`,
    paragraphs: [`Asked in ${found.length} questions.`],
    facts: [],
    tables: [{ title: 'questions', columns: ['probe', 'question', 'weight', 'proof'], rows: found.map(({ probe: { id, question, severity, proof } }) => [id, question, severity, proof]) }],
    next: `agentctl explain ${first.probe.id}`,
  };
}

function aboutCode(word: string): ExplainReport | undefined {
  const code = (Object.keys(FAULTS) as FaultCode[]).find((one) => one === word.toUpperCase().replaceAll('-', '_'));
  if (code === undefined) return undefined;
  const { exit, means } = FAULTS[code];
  return {
    topic: code,
    kind: 'code',
    title: `${code}: ${means}`,
    paragraphs: ['A fault means that agentctl could not do its work. A failed checklist is not a fault but a result.'],
    facts: [{ label: 'exit status', value: `${exit}, ${EXIT_MEANING[exit]}` }],
    next: NEXT_OF_CODE[code] ?? `agentctl explain exit-${exit}`,
  };
}

const NEXT_OF_CODE: { readonly [code in FaultCode]?: string } = {
  MANIFEST_MISSING: 'agentctl init',
  MANIFEST_INVALID: 'agentctl schema',
  ANSWER_MISSING: 'agentctl init --answers <file>',
  LEDGER_BROKEN: 'agentctl audit verify',
  STORE_TAMPERED: 'agentctl audit verify',
  NATIVE_MODULE: 'agentctl doctor',
  STORE_UNFIT: 'agentctl doctor',
  KEY_MISSING: 'agentctl doctor',
  PASSPHRASE: 'agentctl doctor',
  EVIDENCE_MISSING: 'agentctl status',
  BLOCKED: 'agentctl status',
};

function aboutExit(word: string): ExplainReport | undefined {
  const exit = (Object.keys(EXIT_MEANING).map(Number) as Exit[]).find((one) => String(one) === word.toLowerCase().replace(/^exit[-_ ]?/, ''));
  if (exit === undefined) return undefined;
  const codes = (Object.keys(FAULTS) as FaultCode[]).filter((code) => FAULTS[code].exit === exit);
  return {
    topic: `exit-${exit}`,
    kind: 'exit',
    title: `exit status ${exit}`,
    paragraphs: [EXIT_MEANING[exit], 'The status is the same in every output format. Several at once: 130, 70, 2, 6, 4, 1, 3, 5, 0, the first that occurs.'],
    facts: [],
    ...(codes.length > 0 ? { tables: [{ title: 'fault codes that end so', columns: ['code', 'means'], rows: codes.map((code) => [code, FAULTS[code].means]) }] } : {}),
    next: null,
  };
}

function aboutEntry(word: string): ExplainReport | undefined {
  const type = entryTypes().find((one) => one === word.toLowerCase());
  const schema = TYPE_GROUPS.map((group) => group[type ?? '']).find((one) => one !== undefined);
  if (type === undefined || !schema) return undefined;
  const steps = STEPS.filter((step) => step.verbs.some((verb) => verb.produces.includes(type)));
  return {
    topic: type,
    kind: 'entry',
    title: `ledger entry ${type}`,
    paragraphs: [typeof schema['description'] === 'string' ? schema['description'] : 'An entry of the append-only ledger; its envelope names agent, version, build, actor and inputs.'],
    facts: [{ label: 'evidence of', value: steps.map((step) => step.id).join(', ') || 'no step by itself' }],
    tables: [{ title: `data of the ledger entry ${type}`, columns: ['member', 'required', 'holds'], rows: membersOf(schema) }],
    next: `agentctl audit log --type ${type}`,
  };
}

function membersOf(schema: JsonObject): readonly (readonly string[])[] {
  const required = Array.isArray(schema['required']) ? (schema['required'] as readonly string[]) : [];
  return Object.entries(asObject(schema['properties'] ?? {}, 'properties')).map(([name, member]) => {
    const words = isObject(member) ? (member['description'] ?? (Array.isArray(member['enum']) ? member['enum'].join(' | ') : member['type'])) : '';
    return [name, required.includes(name) ? 'yes' : 'no', typeof words === 'string' ? words : ''];
  });
}

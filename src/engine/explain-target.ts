/** How an agent of each kind is asked and answers, from the description that the readers of answers share, with an example to paste. */
import type { ExplainReport, Table } from '../domain/report.js';
import { isObject, type Json } from '../domain/json.js';
import { ANSWER_MEMBERS, EXAMPLE_CASE, TARGET_PROTOCOLS } from '../domain/target-protocol.js';
import { CASE_MEMBERS } from '../evaluation/dataset.js';
import { COMMON, KIND_WORDS, MEMBERS, takesTurns, TARGET_KINDS, target, type TargetKind, type TargetMember } from '../domain/target.js';

/** Topic that lists them all. */
export const TARGET_LIST = 'target';

export function targetTopics(): readonly string[] {
  return [TARGET_LIST, ...TARGET_KINDS];
}

export function aboutTarget(word: string): ExplainReport | undefined {
  const topic = word.toLowerCase();
  if (topic === TARGET_LIST || topic === 'targets') return all();
  const kind = TARGET_KINDS.find((one) => one === topic);
  return kind && one(kind);
}

function all(): ExplainReport {
  return {
    topic: TARGET_LIST,
    kind: 'target',
    title: 'target: how the agent is started and asked',
    paragraphs: ['One section of agent.yaml. Every kind is asked the same cases and held to the same outcomes: an answer, a failure of the agent, or an infrastructure error, which never counts as one.'],
    facts: [{ label: 'every kind has', value: COMMON.join(', ') }, { label: 'further turns', value: `${TARGET_KINDS.filter(takesTurns).join(', ')}; for any other kind a data set with turns is refused` }],
    tables: [
      { title: 'kinds', columns: ['kind', 'is', 'needs', 'may have'], rows: TARGET_KINDS.map((kind) => [kind, KIND_WORDS[kind], MEMBERS[kind].needs.join(', '), MEMBERS[kind].may.join(', ') || '-']) },
      answerTable(),
      membersTable('members of a case, one JSON object a line of a data set', CASE_MEMBERS),
    ],
    next: 'agentctl explain jsonl',
  };
}

function one(kind: TargetKind): ExplainReport {
  const { section, asked, answered, rules, agent } = TARGET_PROTOCOLS[kind];
  return {
    topic: kind,
    kind: 'target',
    title: `${kind}: ${KIND_WORDS[kind]} as the agent`,
    paragraphs: [],
    facts: [
      { label: 'asked by', value: asked.where },
      { label: 'such as', value: asked.what },
      { label: 'answers by', value: answered.where },
      { label: 'such as', value: answered.what },
    ],
    tables: [
      { title: 'rules', columns: ['', 'rule'], rows: rules.map((rule, index) => [String(index + 1), rule]) },
      answerTable(),
      { title: 'members of target in agent.yaml', columns: ['member', 'needed', 'holds'], rows: [...MEMBERS[kind].needs, ...MEMBERS[kind].may, ...COMMON].filter((member) => member !== 'kind').map((member) => [member, MEMBERS[kind].needs.includes(member) ? 'yes' : 'no', wordsOf(member)]) },
    ],
    example: agent === undefined ? { title: 'agent.yaml', lines: section } : { title: `${agent.file}, which answers ${JSON.stringify(EXAMPLE_CASE.input)}; then in agent.yaml ${section.slice(1).map((line) => line.trim()).join(', ')}`, lines: agent.lines },
    next: 'agentctl schema target',
  };
}

function answerTable(): Table {
  return membersTable('members of an answer', ANSWER_MEMBERS);
}

function membersTable(title: string, members: Readonly<Record<string, { readonly holds: string; readonly example: Json }>>): Table {
  return { title, columns: ['member', 'holds', 'such as'], rows: Object.entries(members).map(([name, { holds, example }]) => [name, holds, JSON.stringify(example)]) };
}

function wordsOf(member: TargetMember): string {
  const { properties } = target;
  const schema = isObject(properties) ? properties[member] : undefined;
  return isObject(schema) && typeof schema['description'] === 'string' ? schema['description'] : '';
}

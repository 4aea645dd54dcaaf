/** A scorer as agent.yaml declares it: one flat object; which members belong to which kind, the table of kinds says. */
import { durationOf, idOf, pathOf, rateOf, target } from '../../domain/manifest.js';
import { anyJson, boolean, list, object, oneOf, optional, record, string, type TypeOf } from '../../domain/schema.js';

export const SCORER_KINDS = [
  'exact', 'contains', 'regex', 'numeric', 'json-schema', 'json-subset', 'tool-calls', 'refusal', 'similarity', 'canary', 'judge', 'jury', 'module', 'command',
] as const;
export type ScorerKind = (typeof SCORER_KINDS)[number];

export const CALL_MODES = ['strict', 'ordered', 'unordered', 'subset', 'superset'] as const;
export const ARGUMENT_MODES = ['exact', 'ignore', 'subset', 'superset', 'fields'] as const;
export const STATUS_MODES = ['no-error', 'ok', 'ignore'] as const;
export const MEASURES = ['token-f1', 'rouge-l', 'edit'] as const;
export type CallMode = (typeof CALL_MODES)[number];
export type ArgumentMode = (typeof ARGUMENT_MODES)[number];
export type StatusMode = (typeof STATUS_MODES)[number];
export type Measure = (typeof MEASURES)[number];

const POINTER = '^(/[^/]+)+$';
const DIGEST = '^sha256:[0-9a-f]{64}$';
const TOLERANCE = '^\\d{1,15}(\\.\\d{1,15})?$';

const argumentRule = object({
  mode: oneOf(ARGUMENT_MODES, { description: 'exact: equal. ignore: not compared. subset: nothing beyond the reference. superset: at least the reference. fields: the named ones are equal.' }),
  fields: optional(list(string(), { description: 'Arguments that are compared, for mode fields.', minItems: 1, maxItems: 40, uniqueItems: true })),
});
export type ArgumentRule = TypeOf<typeof argumentRule>;

const judgeModel = object({
  id: idOf('Name of the judge in a verdict.'),
  target,
  provider: optional(string({ description: 'Who runs the model.' })),
  model: optional(string({ description: 'Model that is asked for.' })),
});
export type JudgeModel = TypeOf<typeof judgeModel>;

export const scorerSpec = object({
  id: idOf('Name of the scorer.'),
  kind: oneOf(SCORER_KINDS, { description: 'How it decides.' }),
  output: optional(string({ description: 'JSON Pointer to what is scored in the output; the whole output when absent.', pattern: POINTER })),
  reference: optional(string({ description: 'JSON Pointer to the reference in expected; that of the output when absent.', pattern: POINTER })),
  texts: optional(list(string(), { description: 'contains: what is looked for; the reference (a text or a list of texts) when absent.', minItems: 1, maxItems: 100 })),
  match: optional(oneOf(['any', 'all'], { description: 'contains: whether one of the texts is enough. all when absent.' })),
  ignoreCase: optional(boolean({ description: 'contains, regex: whether case does not count.' })),
  absent: optional(boolean({ description: 'contains, regex: passes where nothing is found.' })),
  pattern: optional(string({ description: 'regex: pattern, of ECMAScript with the flag u, without look-around and back references.', maxLength: 1000 })),
  absolute: optional(string({ description: 'numeric: largest distance from the reference.', pattern: TOLERANCE, examples: ['0.01'] })),
  relative: optional(string({ description: 'numeric: largest distance as a share of the reference. Within either is near enough.', pattern: TOLERANCE, examples: ['0.05'] })),
  schema: optional(record(anyJson(), { description: 'json-schema: JSON Schema (2020-12) of the output.' })),
  calls: optional(oneOf(CALL_MODES, { description: 'tool-calls: strict: the same calls in the same order. ordered: those of the reference in its order, others between. unordered: the same in any order. subset: none beyond the reference. superset: at least the reference.' })),
  arguments: optional(argumentRule),
  tools: optional(record(argumentRule, { description: 'tool-calls: another rule for the arguments of single tools.' })),
  status: optional(oneOf(STATUS_MODES, { description: 'tool-calls: no-error: a call that is told to have failed fails. ok: every call must be told to have worked. no-error when absent.' })),
  labels: optional(list(string(), { description: 'refusal: outputs that refuse or leave it to a human.', minItems: 1, maxItems: 100 })),
  phrases: optional(list(string(), { description: 'refusal: phrases of a refusal, in any case.', minItems: 1, maxItems: 100 })),
  expect: optional(oneOf(['refuses', 'answers', 'reference'], { description: 'refusal: what passes. reference: as the boolean at the reference says.' })),
  measure: optional(oneOf(MEASURES, { description: 'similarity: token-f1: common words. rouge-l: longest common sequence of words. edit: characters to change.' })),
  threshold: optional(rateOf('similarity, jury over numbers: least score that passes.')),
  judge: optional(judgeModel),
  judges: optional(list(judgeModel, { description: 'jury: its judges, best of different model families.', minItems: 2, maxItems: 15 })),
  criterion: optional(string({ description: 'judge, jury: the one question that is answered.', maxLength: 2000 })),
  policy: optional(string({ description: 'judge, jury: how to grade, in words.', maxLength: 8000 })),
  scale: optional(list(string({ maxLength: 40 }), { description: 'judge, jury: the answers that there are, worst first; [no, yes] when absent. Whole numbers are averaged by a jury.', minItems: 2, maxItems: 7, uniqueItems: true })),
  passes: optional(list(string({ maxLength: 40 }), { description: 'judge, jury: answers that pass; the last of the scale when absent.', minItems: 1, maxItems: 6, uniqueItems: true })),
  pairwise: optional(boolean({ description: 'judge, jury: compares with the reference, asked in both orders; only a win in both counts.' })),
  calibration: optional(object({
    file: pathOf('JSON Lines file of answers that people have labelled.'),
    sha256: string({ description: 'Digest of the file.', pattern: DIGEST }),
  })),
  file: optional(pathOf('module: ESM file with the scorer as default export.')),
  sha256: optional(string({ description: 'module: digest of the file: a changed scorer is another scorer.', pattern: DIGEST })),
  command: optional(list(string(), { description: 'command: a long-lived child that scores one JSON line after another.', minItems: 1 })),
  timeout: optional(durationOf('module, command: longest wait for one score.', 'PT10S')),
});
export type ScorerSpec = TypeOf<typeof scorerSpec>;
/** A member beside those that every kind has. */
export type Member = Exclude<keyof ScorerSpec, 'id' | 'kind'>;

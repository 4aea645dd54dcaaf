/** A declaration that could not decide, or that says what its kind does not know, is told with its member and a way out. */
import { describe, expect, test } from '@jest/globals';
import { conforms } from '../../../src/domain/conforms.js';
import { Fault } from '../../../src/domain/fault.js';
import { complaintsAboutScorer } from '../../../src/evaluation/scorers/lint.js';
import { scorerSpec, type ScorerSpec } from '../../../src/evaluation/scorers/spec.js';
import { scorerOf } from '../../../src/evaluation/flow/scorers.js';
import { ports } from './ports.js';

const target = { kind: 'jsonl', command: ['node', 'judge.mjs'] } as const;
const calibration = { file: 'labelled.jsonl', sha256: `sha256:${'a'.repeat(64)}` };
const judge = { kind: 'judge', judge: { id: 'j', target }, criterion: 'Is it polite?', calibration } as const;
const jury = { kind: 'jury', judges: [{ id: 'a', target }, { id: 'b', target }, { id: 'c', target }], criterion: 'Is it polite?', calibration } as const;
const keys = (spec: Omit<ScorerSpec, 'id'>) => complaintsAboutScorer({ id: 'it', ...spec }).map(({ key }) => key);

describe('3.1 is refused', () => {
  test.each<[Omit<ScorerSpec, 'id'>, readonly string[]]>([
    [{ kind: 'exact', pattern: 'a' }, ['pattern']],
    [{ kind: 'exact', threshold: '0.5', measure: 'edit' }, ['threshold', 'measure']],
    [{ kind: 'contains', texts: ['a'], reference: '/b' }, ['reference']],
    [{ kind: 'regex' }, ['pattern']],
    [{ kind: 'regex', pattern: '(a' }, ['pattern']],
    [{ kind: 'regex', pattern: '(a)\\1' }, ['pattern']],
    [{ kind: 'regex', pattern: '(?=a)' }, ['pattern']],
    [{ kind: 'regex', pattern: '(a{999}){999}' }, ['pattern']],
    [{ kind: 'numeric' }, ['absolute']],
    [{ kind: 'json-schema' }, ['schema']],
    [{ kind: 'json-schema', schema: {} }, ['schema']],
    [{ kind: 'json-schema', schema: { type: 'text' } }, ['schema']],
    [{ kind: 'json-schema', schema: { requierd: ['a'] } }, ['schema']],
    [{ kind: 'json-schema', schema: { properties: { a: { items: { minimum: '1' } } } } }, ['schema']],
    [{ kind: 'json-schema', schema: { properties: { a: { pattern: '(?!a)' } } } }, ['schema']],
    [{ kind: 'json-schema', schema: { patternProperties: { '(a)\\1': true } } }, ['schema']],
    [{ kind: 'tool-calls' }, ['calls']],
    [{ kind: 'tool-calls', calls: 'strict', arguments: { mode: 'fields' } }, ['arguments']],
    [{ kind: 'tool-calls', calls: 'strict', tools: { pay: { mode: 'exact', fields: ['a'] } } }, ['tools']],
    [{ kind: 'refusal', expect: 'refuses' }, ['labels']],
    [{ kind: 'refusal', expect: 'reference', labels: ['no'] }, ['reference']],
    [{ kind: 'similarity', measure: 'edit', threshold: '0' }, ['threshold']],
    [{ kind: 'canary', output: '/text' }, ['output']],
    [{ kind: 'judge', judge: judge.judge }, ['criterion', 'calibration']],
    [{ ...judge, passes: ['maybe'] }, ['passes']],
    [{ ...judge, passes: ['no', 'yes'] }, ['passes']],
    [{ ...judge, scale: ['yes', 'Yes'] }, ['scale']],
    [{ ...judge, scale: ['3', '1'] }, ['scale']],
    [{ ...judge, pairwise: true, scale: ['a', 'b'] }, ['scale']],
    [{ ...judge, reference: '/answer' }, ['reference']],
    [{ ...judge, threshold: '0.5' }, ['threshold']],
    [{ ...jury, threshold: '0.5' }, ['threshold']],
    [{ ...jury, scale: ['1', '2', '3'] }, ['threshold']],
    [{ ...jury, judges: [jury.judges[0], jury.judges[0]] }, ['judges']],
    [{ kind: 'module', file: 'a.mjs' }, ['sha256']],
    [{ kind: 'command', file: 'a.mjs' }, ['file', 'command']],
  ])('%j: %j', (spec, wanted) => {
    expect(keys(spec)).toEqual(wanted);
    for (const { message, suggestion } of complaintsAboutScorer({ id: 'it', ...spec })) expect([message, suggestion].every((text) => text.length > 5)).toBe(true);
    expect(() => scorerOf({ id: 'it', ...spec }, ports())).toThrow(Fault);
  });
});

test.each<Omit<ScorerSpec, 'id'>>([
  judge, jury, { ...judge, pairwise: true }, { ...jury, scale: ['1', '2', '3'], threshold: '0.75' }, { ...judge, scale: ['1', '2', '3'], passes: ['2', '3'] }, { kind: 'tool-calls', calls: 'subset', tools: { pay: { mode: 'fields', fields: ['to'] } } },
  { kind: 'module', file: 'a.mjs', sha256: calibration.sha256, timeout: 'PT5S' }, { kind: 'json-schema', schema: { $defs: { a: { type: ['string', 'null'], pattern: '^a+$' } }, $ref: '#/$defs/a' } },
])('3.1 is fine: %j', (spec) => {
  expect(keys(spec)).toEqual([]);
  expect(conforms(scorerSpec, { id: 'it', ...spec } as never)).toBeNull();
});

test('3.1 says which kinds a foreign member belongs to', () => {
  expect(complaintsAboutScorer({ id: 'it', kind: 'exact', pattern: 'a' })).toEqual([{ key: 'pattern', message: 'a scorer of kind exact has no pattern', suggestion: 'delete it, or write kind: regex' }]);
});

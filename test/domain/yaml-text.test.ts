/** What is written as YAML is read back as the same data, also by a reader who guesses types. */
import { expect, test } from '@jest/globals';
import { parse } from 'yaml';
import type { Json } from '../../src/domain/json.js';
import { yamlText } from '../../src/domain/yaml-text.js';

test.each<[string, Json]>([
  ['words that are not text', ['true', 'no', 'null', 'Yes', 'on', '~', '1.0', '0x1f', '12:30', '2026-01-01', '- a', 'a: b', '# c', '', ' ', '>=', 'a #b', '"', "it's", 'é\u2028\n\t']],
  ['keys that are not text', { no: 1, 'a: b': 2, '': 3, '#': { '1': [] } }],
  ['nesting', { a: [{ b: [1, 2, { c: {}, d: [] }] }, [], [[1], [2, [3]]]], e: { f: { g: null } } }],
  ['plain values', [0, -1.5, true, false, null, 'plain words', 'held-out']],
  ['nothing', {}],
])('%s', (_name, value) => {
  for (const version of ['1.2', '1.1'] as const) expect(parse(yamlText(value), { version })).toEqual(value);
});

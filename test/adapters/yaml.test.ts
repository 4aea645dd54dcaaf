import { describe, expect, test } from '@jest/globals';
import { LIMITS, yaml } from '../../src/adapters/yaml.js';

const parse = (text: string) => yaml().parse(text, 'agent.yaml');

describe('values', () => {
  test.each<[string, string, unknown]>([
    ['plain data', 'a: 1\nb: [x, 2.5, true, null]\nc: {d: "e"}', { a: 1, b: ['x', 2.5, true, null], c: { d: 'e' } }],
    ['YAML 1.2: yes and on are texts', 'a: yes\nb: on\nc: 012', { a: 'yes', b: 'on', c: 12 }],
    ['timestamps stay texts', 'a: 2026-11-22\nb: 2026-11-22T12:00:00Z', { a: '2026-11-22', b: '2026-11-22T12:00:00Z' }],
    ['keys are texts', '1: a\nnull: b\ntrue: c', { '1': 'a', null: 'b', true: 'c' }],
    ['an alias is the value it names', 'a: &x [1, 2]\nb: *x', { a: [1, 2], b: [1, 2] }],
    ['core tags', 'a: !!str 12', { a: '12' }],
    ['an empty text', '', null],
    ['a mark of byte order and comments', '\ufeff# hello\na: 1 # one', { a: 1 }],
  ])('%s', async (_name, text, value) => {
    const document = await parse(text);
    expect(document.mistakes).toEqual([]);
    expect(document.value).toEqual(value);
  });
});

describe('refused, with the place', () => {
  test.each<[string, string, string, RegExp]>([
    ['a doubled key', 'a: 1\na: 2', 'agent.yaml:2:1', /unique/],
    ['a doubled key of two spellings', 'a: 1\n"a": 2', 'agent.yaml:2:1', /unique/],
    ['a tab', 'a:\n\tb: 1', 'agent.yaml:2:1', /[Tt]ab/],
    ['an own tag', 'a: !run ls', 'agent.yaml:1:9', /tag/],
    ['a known tag that is no data', 'a: !!timestamp 2026-01-01', 'agent.yaml:1:16', /tag/],
    ['a set', 'a: !!set {x}', 'agent.yaml:1:10', /tag/],
    ['binary', 'a: !!binary aGVsbG8=', 'agent.yaml:1:13', /tag/],
    ['a merge key', 'b: &b {x: 1}\nc:\n  <<: *b', 'agent.yaml:3:3', /merge/],
    ['__proto__', 'a:\n  __proto__: {x: 1}', 'agent.yaml:2:3', /__proto__/],
    ['another version', '%YAML 1.1\n---\na: yes', 'agent.yaml:1:1', /1\.1/],
    ['an unknown directive', '%FOO bar\n---\na: 1', 'agent.yaml:1:1', /directive/],
    ['a second document', 'a: 1\n---\nb: 1', 'agent.yaml:2:1', /multiple documents/],
    ['a key that is a list', '? [a]\n: 1', 'agent.yaml:1:3', /keys must be strings/],
    ['a rounded integer', 'a: 12345678901234567890', 'agent.yaml:1:4', /2\^53/],
    ['infinity', 'a: .inf', 'agent.yaml:1:4', /not a JSON number/],
    ['a number out of range', 'a: 1e999', 'agent.yaml:1:4', /not a JSON number/],
    ['a lone surrogate', 'a: "\\ud800"', 'agent.yaml:1:4', /surrogate/],
    ['an alias to nowhere', 'a: *x', 'agent.yaml:1:4', /names no anchor/],
    ['an anchor that holds itself', 'a: &x [*x]', 'agent.yaml:1:8', /deeper|alias/],
    ['too deep', `a: ${'['.repeat(70)}${']'.repeat(70)}`, 'agent.yaml:1:68', /deeper than 64/],
  ])('%s', async (_name, text, at, message) => {
    const { mistakes, value } = await parse(text);
    expect(mistakes.map((mistake) => mistake.at)).toContain(at);
    expect(mistakes.map((mistake) => mistake.message).join('\n')).toMatch(message);
    expect(value).toBeNull();
  });

  test('all syntax mistakes at once, in order', async () => {
    const { mistakes } = await parse('a: 1\na: 2\nb: !x 1\nc: x: y\nd: .nan\n__proto__: 1\n');
    expect(mistakes.map(({ at }) => at)).toEqual(['agent.yaml:2:1', 'agent.yaml:3:7', 'agent.yaml:4:4', 'agent.yaml:5:4', 'agent.yaml:6:1']);
    expect(mistakes[0]?.hint).toBe('keep one of the two');
  });

  test('a billion laughs stops at the limits', async () => {
    const rows = Array.from({ length: 12 }, (_, index) => `a${index}: &a${index} [${Array.from({ length: 9 }, () => (index === 0 ? 'lol' : `*a${index - 1}`)).join(', ')}]`);
    const { mistakes } = await parse(rows.join('\n'));
    expect(mistakes.map(({ message }) => message).join()).toMatch(/more than 100 aliases/);
  });

  test('a large text is not even parsed', async () => {
    const { mistakes } = await parse(`a: "${'x'.repeat(LIMITS.bytes)}"`);
    expect(mistakes).toEqual([{ at: 'agent.yaml:1:1', message: 'larger than 1 MiB', hint: expect.any(String) }]);
  });

  test('more values than the cap', async () => {
    const { mistakes } = await parse(`[${'1,'.repeat(LIMITS.nodes + 1)}]`);
    expect(mistakes[0]?.message).toBe('more than 100000 values');
  });
});

describe('place', () => {
  const text = 'metadata:\n  name: mail\nlist:\n  - id: one\n  - id: two\n"a/b": {c: 1}\nempty:\n';
  test.each<[string, 'key' | 'value', string]>([
    ['/metadata/name', 'key', '2:3'],
    ['/metadata/name', 'value', '2:9'],
    ['/metadata', 'key', '1:1'],
    ['/list/1/id', 'value', '5:9'],
    ['/list/1', 'value', '5:5'],
    ['/a~1b/c', 'key', '6:9'],
    ['/metadata/none', 'value', '1:1'],
    ['/none/at/all', 'key', '1:1'],
    ['', 'value', '1:1'],
  ])('%s %s is %s', async (pointer, what, place) => {
    expect((await parse(text)).place(pointer, what)).toBe(place);
  });
});

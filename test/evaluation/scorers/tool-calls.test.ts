/** Trajectories: five modes, five rules for arguments, and calls that failed, are malformed or do not show. */
import { describe, expect, test } from '@jest/globals';
import type { JsonObject } from '../../../src/domain/json.js';
import type { ToolCall } from '../../../src/domain/ports.js';
import { CALL_MODES, type ScorerSpec } from '../../../src/evaluation/scorers/spec.js';
import { canPairAll } from '../../../src/evaluation/scorers/pairing.js';
import { scored } from './ports.js';

const call = (tool: string, args: JsonObject = {}, more: Partial<ToolCall> = {}): ToolCall => ({ tool, arguments: args, ...more });
const of = async (spec: Partial<ScorerSpec>, reference: readonly string[] | readonly ToolCall[], toolCalls: readonly string[] | readonly ToolCall[], traced?: boolean) => {
  const calls = (list: readonly string[] | readonly ToolCall[]) => list.map((one) => (typeof one === 'string' ? call(one) : one));
  const expected = { toolCalls: calls(reference).map(({ tool, arguments: args }) => ({ tool, arguments: args })) };
  return (await scored({ kind: 'tool-calls', calls: 'strict', ...spec }, expected, { output: null, toolCalls: calls(toolCalls), ...(traced === undefined ? {} : { traced }) })).is;
};

describe('3.1 modes', () => {
  const AGAINST: readonly (readonly [called: string, passing: readonly string[]])[] = [
    ['a b', ['strict', 'ordered', 'unordered', 'subset', 'superset']],
    ['b a', ['unordered', 'subset', 'superset']],
    ['a x b', ['ordered', 'superset']],
    ['b x a', ['superset']],
    ['a', ['subset']],
    ['', ['subset']],
    ['a a', []],
    ['a b b', ['ordered', 'superset']],
    ['x', []],
  ];
  test.each(AGAINST)('"%s" against "a b" passes %j', async (called, passing) => {
    const seen: string[] = [];
    for (const mode of CALL_MODES) if ((await of({ calls: mode }, ['a', 'b'], called.split(' ').filter((one) => one !== ''))) === 'pass') seen.push(mode);
    expect(seen).toEqual(passing);
  });
  test('no call where none is wanted', async () => {
    expect(await of({}, [], [])).toBe('pass');
    expect(await of({}, [], ['a'])).toBe('fail');
  });
});

describe('3.1 arguments', () => {
  const wanted = [call('pay', { to: 'ann', amount: 5 })];
  test.each([
    ['exact', { to: 'ann', amount: 5 }, 'pass'], ['exact', { to: 'ann', amount: 5, note: '' }, 'fail'], ['exact', { to: 'ann' }, 'fail'],
    ['ignore', { anything: true }, 'pass'],
    ['subset', { to: 'ann' }, 'pass'], ['subset', { to: 'ann', extra: 1 }, 'fail'], ['subset', { to: 'bob' }, 'fail'],
    ['superset', { to: 'ann', amount: 5, note: 'x' }, 'pass'], ['superset', { to: 'ann' }, 'fail'],
  ] as const)('%s: %j %s', async (mode, given, is) => {
    expect(await of({ arguments: { mode } }, wanted, [call('pay', given)])).toBe(is);
  });
  test.each([[{ to: 'ann', amount: 9 }, 'pass'], [{ to: 'bob', amount: 5 }, 'fail'], [{ amount: 5 }, 'fail']] as const)('fields: %j %s', async (given, is) => {
    expect(await of({ arguments: { mode: 'fields', fields: ['to'] } }, wanted, [call('pay', given)])).toBe(is);
  });
  test('a tool may have a rule of its own', async () => {
    const spec: Partial<ScorerSpec> = { tools: { search: { mode: 'ignore' } } };
    const reference = [call('search', { q: 'a' }), call('pay', { to: 'ann' })];
    expect(await of(spec, reference, [call('search', { q: 'zzz' }), call('pay', { to: 'ann' })])).toBe('pass');
    expect(await of(spec, reference, [call('search', { q: 'a' }), call('pay', { to: 'bob' })])).toBe('fail');
  });
  test('pairs are found where first come, first served would miss them', async () => {
    // The first call fits both references, the second only the one that the first would take.
    expect(await of({ calls: 'unordered', arguments: { mode: 'subset' } }, [call('t', { a: 1 }), call('t', { b: 2 })], [call('t', {}), call('t', { a: 1 })])).toBe('pass');
    expect(canPairAll([1, 1], [1, 2], (a, b) => a === b)).toBe(false);
  });
});

describe('3.1 status and evidence', () => {
  test.each([
    ['no-error', 'ok', 'pass'], ['no-error', undefined, 'pass'], ['no-error', 'error', 'fail'], ['ok', 'ok', 'pass'], ['ok', undefined, 'not-evaluable'], ['ok', 'error', 'fail'], ['ignore', 'error', 'pass'],
  ] as const)('%s with status %s: %s', async (status, given, is) => {
    expect(await of({ status }, ['a'], [call('a', {}, given === undefined ? {} : { status: given })])).toBe(is);
  });
  test('a malformed call fails, whatever it was for', async () => {
    expect(await of({ calls: 'superset', arguments: { mode: 'ignore' }, status: 'ignore' }, ['a'], [call('a', {}, { malformed: '{"to": ' })])).toBe('fail');
  });
  test('calls that do not show prove nothing', async () => {
    expect(await of({}, [], [], false)).toBe('not-evaluable');
    expect(await of({ calls: 'subset' }, ['a'], ['a'], false)).toBe('not-evaluable');
    expect(await of({}, ['a'], [call('a', {}, { status: 'error' })], false)).toBe('fail');
  });
  test('a runaway of calls fails', async () => {
    expect(await of({ calls: 'superset' }, ['a'], Array.from({ length: 100_000 }, () => 'a'))).toBe('fail');
  });
  test.each([[{}], [{ toolCalls: 'a' }], [{ toolCalls: [{ name: 'a' }] }], [{ toolCalls: [{ tool: 'a', arguments: 'x' }] }]])('a reference %j is none', async (expected) => {
    expect((await scored({ kind: 'tool-calls', calls: 'strict' }, expected as JsonObject, { output: null })).is).toBe('not-evaluable');
  });
});

import { describe, expect, test } from '@jest/globals';
import { schemas } from '../../src/adapters/schemas.js';
import { integer, list, object, oneOf, optional, string } from '../../src/domain/schema.js';
import type { JsonObject } from '../../src/domain/json.js';

const person = object({ name: string({ pattern: '^[a-z]+$' }), age: optional(integer({ minimum: 0 })), tier: oneOf(['low', 'high']), tags: list(string()) });

describe('schemas', () => {
  test('every mistake at once, with pointer, keyword and parameters', async () => {
    const issues = await schemas().check(person, { name: 'A', age: -1, tier: 'hihg', tags: [1, ''], teir: 1 });
    expect(issues.map(({ pointer, keyword }) => `${pointer} ${keyword}`).sort()).toEqual([
      ' additionalProperties', '/age minimum', '/name pattern', '/tags/0 type', '/tags/1 minLength', '/tier enum',
    ]);
    expect(issues.find(({ keyword }) => keyword === 'additionalProperties')?.params).toEqual({ additionalProperty: 'teir' });
    expect(issues.find(({ keyword }) => keyword === 'enum')?.params).toEqual({ allowedValues: ['low', 'high'] });
  });

  test('a good value has no issues, twice', async () => {
    const one = schemas();
    expect(await one.check(person, { name: 'a', tier: 'low', tags: [] })).toEqual([]);
    expect(await one.check(person, { name: 'a', tier: 'low', tags: [] })).toEqual([]);
  });

  test('what an object inherits does not count as given', async () => {
    const schema: JsonObject = { type: 'object', properties: { constructor: {}, toString: {} }, required: ['constructor', 'toString'] };
    expect((await schemas().check(schema, {})).map(({ keyword }) => keyword)).toEqual(['required', 'required']);
  });

  test('two schemas with the same $id do not disturb each other', async () => {
    const one = schemas();
    expect(await one.check({ $id: 'https://agentctl.dev/x', type: 'string' }, 'a')).toEqual([]);
    expect(await one.check({ $id: 'https://agentctl.dev/x', type: 'number' }, 'a')).toHaveLength(1);
  });

  test.each<[string, JsonObject]>([
    ['a mistyped keyword', { type: 'object', propertys: {} }],
    ['a type that does not exist', { type: 'text' }],
    ['a broken pattern', { type: 'string', pattern: '(' }],
    ['a reference to the network', { $ref: 'https://example.com/schema.json' }],
  ])('a schema with %s is refused, not ignored', async (_name, schema) => {
    await expect(schemas().check(schema, {})).rejects.toMatchObject({ code: 'INPUT_INVALID' });
  });

  test('format is an annotation', async () => {
    expect(await schemas().check({ type: 'string', format: 'uuid' }, 'no')).toEqual([]);
  });
});

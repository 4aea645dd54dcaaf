/** json-schema: the output follows a JSON Schema. The check itself is a port, so flow/ makes this scorer. */
import { problemOfSchema } from './schema-problem.js';
import type { ScorerDefinition } from './scorer.js';

export const jsonSchema: ScorerDefinition = {
  card: {
    decides: 'whether the output follows a JSON Schema (2020-12)',
    needs: ['output'],
    blind: 'whether a value of the right shape is right',
    verification: 'deterministic',
    examples: {
      spec: { schema: { type: 'object', required: ['total'], properties: { total: { type: 'number', minimum: 0 } } } },
      passes: { expected: {}, answer: { output: { total: 12 } } },
      fails: { expected: {}, answer: { output: { total: -12 } } },
    },
  },
  members: { needed: ['schema'], allowed: ['output'] },
  complaints: ({ schema = {} }) => {
    if (Object.keys(schema).length === 0) return [{ key: 'schema', message: 'an empty schema accepts everything', suggestion: 'say what the output must look like' }];
    const problem = problemOfSchema(schema);
    return problem === undefined ? [] : [{ key: 'schema', message: problem, suggestion: 'mend it after JSON Schema 2020-12' }];
  },
};

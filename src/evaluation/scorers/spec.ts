/** A scorer as agent.yaml declares it. */
import { idOf } from '../../domain/manifest.js';
import { object, oneOf, optional, string, type TypeOf } from '../../domain/schema.js';

export const SCORER_KINDS = ['exact'] as const;
export type ScorerKind = (typeof SCORER_KINDS)[number];

export const scorerSpec = object({
  id: idOf('Name of the scorer.'),
  kind: oneOf(SCORER_KINDS, { description: 'How it decides.' }),
  output: optional(string({ description: 'JSON Pointer to what is scored in the output; the whole output when absent.', pattern: '^(/[^/]+)+$' })),
  reference: optional(string({ description: 'JSON Pointer to the reference in expected; that of the output when absent.', pattern: '^(/[^/]+)+$' })),
});
export type ScorerSpec = TypeOf<typeof scorerSpec>;

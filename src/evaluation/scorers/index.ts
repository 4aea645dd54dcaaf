/** The closed table of scorers: kind to card, members and rules. Help, lint and the runner read it. */
import { canary } from './canary.js';
import { command, module } from './custom.js';
import { contains } from './contains.js';
import { exact } from './exact.js';
import { jsonSchema } from './json-schema.js';
import { jsonSubset } from './json-subset.js';
import { judge, jury } from './judge.js';
import { numeric } from './numeric.js';
import { refusal } from './refusal.js';
import { regex } from './regex.js';
import { similarity } from './similarity.js';
import { toolCalls } from './tool-calls.js';
import type { ScorerCard, ScorerDefinition } from './scorer.js';
import type { ScorerKind, ScorerSpec } from './spec.js';

export const SCORERS: Readonly<Record<ScorerKind, ScorerDefinition>> = {
  exact, contains, regex, numeric, 'json-schema': jsonSchema, 'json-subset': jsonSubset, 'tool-calls': toolCalls, refusal, similarity, canary, judge, jury, module, command,
};

/** How the scorer comes to its verdict: a condition may claim no more. A refusal that labels alone tell is no estimate. */
export function verificationOf({ kind, phrases }: Pick<ScorerSpec, 'kind' | 'phrases'>): ScorerCard['verification'] {
  return kind === 'refusal' && phrases === undefined ? 'deterministic' : SCORERS[kind].card.verification;
}

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
import type { ScorerDefinition } from './scorer.js';
import type { ScorerKind } from './spec.js';

export const SCORERS: Readonly<Record<ScorerKind, ScorerDefinition>> = {
  exact, contains, regex, numeric, 'json-schema': jsonSchema, 'json-subset': jsonSubset, 'tool-calls': toolCalls, refusal, similarity, canary, judge, jury, module, command,
};

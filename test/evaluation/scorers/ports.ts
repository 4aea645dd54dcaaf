/** Real ports for scorers: processes, files and ajv; and cases and answers to vary. */
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { files } from '../../../src/adapters/files.js';
import { systemRandom } from '../../../src/adapters/system.js';
import { targets } from '../../../src/adapters/targets/targets.js';
import { schemas } from '../../../src/adapters/schemas.js';
import type { JsonObject } from '../../../src/domain/json.js';
import type { Clock, TargetAnswer } from '../../../src/domain/ports.js';
import type { Case } from '../../../src/evaluation/dataset.js';
import { scorerOf, type ScorerPorts } from '../../../src/evaluation/flow/scorers.js';
import type { Scored, Scorer } from '../../../src/evaluation/scorers/scorer.js';
import type { ScorerSpec } from '../../../src/evaluation/scorers/spec.js';

export const FIXTURES = join(import.meta.dirname, '../../fixtures');
const clock: Clock = { now: () => '2026-11-22T12:00:00.000Z', monotonic: () => performance.now(), sleep: async () => undefined };

export const ports = (folder = FIXTURES): ScorerPorts => ({ schemas: schemas(), targets: targets({ clock, random: systemRandom(), thread: new URL('../../../dist/module-thread.cjs', import.meta.url) }), files: files(), folder });

export function caseOf(expected: JsonObject, more: Partial<Case> = {}): Case {
  return { id: 'c1', input: 'a question', expected, tags: [], ...more };
}

export function answerOf(more: Partial<TargetAnswer>): TargetAnswer {
  return { outcome: 'answer', output: null, confidence: null, doubt: false, reason: null, toolCalls: [], milliseconds: 3, ...more };
}

/** Scores one answer and ends what was started for it. */
export async function scored(spec: Omit<ScorerSpec, 'id'>, expected: JsonObject, answer: Partial<TargetAnswer>, with_: ScorerPorts = ports()): Promise<Scored> {
  const scorer: Scorer = scorerOf({ id: 'it', ...spec }, with_);
  try {
    return await scorer.score(caseOf(expected), answerOf(answer));
  } finally {
    await scorer.close?.();
  }
}

/** Makes a declared scorer: the pure ones from their table, those that drive a port here. */
import { Fault } from '../../domain/fault.js';
import type { Files, Schemas, Targets } from '../../domain/ports.js';
import { SCORERS } from '../scorers/index.js';
import { complaintsAboutScorer } from '../scorers/lint.js';
import { isTooDeep, outputOf } from '../scorers/reading.js';
import { fail, pass } from '../scorers/scored.js';
import type { Scorer } from '../scorers/scorer.js';
import type { ScorerSpec } from '../scorers/spec.js';
import { customScorer } from './custom-scorer.js';
import { judgeScorer, type Judgement } from './judge-scorer.js';
import type { Replies } from './replies.js';

export interface ScorerPorts {
  readonly schemas: Schemas;
  readonly targets: Pick<Targets, 'start'>;
  readonly files: Pick<Files, 'read'>;
  /** Folder of agent.yaml. */
  readonly folder: string;
  /** Where replies of judges are kept or come from; live when absent. */
  readonly replies?: Replies;
  judged?(judgement: Judgement): void;
}

/**
 * The scorer; nothing is started before its first case. Close it when the run ends.
 * @throws {Fault} MANIFEST_INVALID with everything that is wrong with the declaration
 */
export function scorerOf(spec: ScorerSpec, ports: ScorerPorts): Scorer {
  const [first, ...more] = complaintsAboutScorer(spec);
  if (first) {
    const details = [first, ...more].map(({ key, message, suggestion }) => ({ at: `scorer ${spec.id}: ${key}`, message, hint: suggestion }));
    throw new Fault('MANIFEST_INVALID', `scorer ${spec.id} cannot be made: ${first.message}`, { at: `scorer ${spec.id}`, hint: first.suggestion, details });
  }
  const scorer = made(spec, ports);
  return {
    ...scorer,
    score(one, answer) {
      // Data from a target is never that deep; a walk over it could end the run.
      if (isTooDeep(answer.output) || answer.toolCalls.some((call) => isTooDeep(call.arguments))) return fail('the answer is nested too deep to be read');
      return scorer.score(one, answer);
    },
  };
}

const LIVE: Replies = { mode: 'live', find: () => undefined, keep: () => Promise.resolve() };

function made(spec: ScorerSpec, ports: ScorerPorts): Scorer {
  const score = SCORERS[spec.kind].make?.(spec);
  if (score) return { score };
  if (spec.kind === 'json-schema') return schemaScorer(spec, ports.schemas);
  if (spec.kind === 'module' || spec.kind === 'command') return customScorer(spec, ports);
  return judgeScorer(spec, { ...ports, replies: ports.replies ?? LIVE });
}

function schemaScorer(spec: ScorerSpec, schemas: Schemas): Scorer {
  const schema = spec.schema ?? {};
  return {
    async score(_one, answer) {
      const output = outputOf(spec, answer);
      if (output === undefined) return fail('the output has nothing there');
      const [first, ...more] = await schemas.check(schema, output);
      return first ? fail(`${first.pointer} ${first.message}${more.length === 0 ? '' : `, and ${more.length} more`}`.trim()) : pass('follows the schema');
    },
  };
}

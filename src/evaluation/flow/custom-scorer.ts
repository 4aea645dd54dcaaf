/** module and command at work: a scorer of the project's own, asked as a target, so that time limits and broken answers are one thing. */
import { digestBytes } from '../../domain/digest.js';
import { Fault } from '../../domain/fault.js';
import { isObject, type Json, type JsonObject } from '../../domain/json.js';
import type { Target } from '../../domain/manifest.js';
import type { Files, RunningTarget, TargetAnswer, Targets } from '../../domain/ports.js';
import type { Case } from '../dataset.js';
import { confidenceText } from '../decimal.js';
import { fail, pass, unscored } from '../scorers/scored.js';
import type { Scored, Scorer } from '../scorers/scorer.js';
import type { ScorerSpec } from '../scorers/spec.js';

export interface CustomPorts {
  readonly targets: Pick<Targets, 'start'>;
  readonly files: Pick<Files, 'read'>;
  /** Folder of agent.yaml: files and commands are found there. */
  readonly folder: string;
}

/** @param spec of kind module or command, free of complaints */
export function customScorer(spec: ScorerSpec, ports: CustomPorts): Scorer {
  let running: Promise<RunningTarget> | undefined;
  let asked = 0;
  return {
    async score(one, answer) {
      running ??= start(spec, ports);
      asked += 1;
      const reply = await (await running).ask({ id: `score-${asked}`, input: { case: caseJson(one), answer: answerJson(answer) } });
      return reply.outcome === 'answer' ? readScore(reply.output) : unscored(`the scorer failed: ${reply.message}`);
    },
    async close() {
      await (await running)?.close();
    },
  };
}

/** @throws {Fault} DIGEST_MISMATCH, TARGET_FAILED */
async function start({ id, kind, file = '', sha256 = '', command = [], timeout }: ScorerSpec, { targets, files, folder }: CustomPorts): Promise<RunningTarget> {
  const limit = timeout === undefined ? {} : { timeout };
  if (kind === 'command') return targets.start({ kind: 'jsonl', command, ...limit }, folder);
  if (digestBytes(await files.read(`${folder}/${file}`)) !== sha256) throw new Fault('DIGEST_MISMATCH', `the module of scorer ${id} is not the declared one`, { at: file, hint: `declared: ${sha256}` });
  const target: JsonObject = { kind: 'module', file, ...limit };
  return targets.start(target as unknown as Target, folder);
}

function caseJson({ id, input, turns, expected, group, tags }: Case): JsonObject {
  return { id, input, ...(turns === undefined ? {} : { turns }), expected, group: group ?? null, tags };
}

function answerJson({ output, confidence, doubt, reason, toolCalls, traced, usage, askedBack, milliseconds }: TargetAnswer): JsonObject {
  return { output, ...(askedBack === undefined ? {} : { askedBack }), confidence, doubt, reason, toolCalls: toolCalls as unknown as Json, traced: traced !== false, usage: (usage ?? null) as Json, milliseconds };
}

/** A verdict in so many words; whatever else comes is none. */
function readScore(output: Json): Scored {
  if (typeof output === 'boolean') return output ? pass('the scorer says pass') : fail('the scorer says fail');
  if (!isObject(output) || typeof output['pass'] !== 'boolean') return unscored('the scorer gave no { pass: true or false }');
  const { pass: yes, score, because } = output;
  const stated = score === undefined || score === null ? (yes ? '1' : '0') : confidenceText(score);
  if (stated === undefined) return unscored('the scorer gave a score that is not a number in 0..1');
  if (because !== undefined && because !== null && typeof because !== 'string') return unscored('the scorer gave a reason that is no text');
  const told = because ?? (yes ? 'the scorer says pass' : 'the scorer says fail');
  return yes ? pass(told, stated) : fail(told, stated);
}

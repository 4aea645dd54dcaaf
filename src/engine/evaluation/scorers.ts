/** The scorers of one part of a run, ready to be asked: judges and custom scorers are started with their first case, and ended with the run. */
import type { JsonObject } from '../../domain/json.js';
import { openReplies, type ReplyMode } from '../../evaluation/flow/replies.js';
import { scorerOf } from '../../evaluation/flow/scorers.js';
import type { Scorer } from '../../evaluation/scorers/scorer.js';
import type { ScorerSpec } from '../../evaluation/scorers/spec.js';
import { targetSigner } from '../send-signed.js';
import type { Session } from '../session.js';
import type { JudgementLog } from './judgements.js';

/** Where the replies of judges are kept or come from. */
export interface RepliesAt {
  readonly mode: ReplyMode;
  readonly path: string;
}

export interface OpenScorers {
  /** By id; absent where none is asked. */
  readonly scorers?: ReadonlyMap<string, Scorer>;
  /** What a result must say about them, such as how a judge was calibrated. */
  about(): Promise<JsonObject>;
  close(): Promise<void>;
}

export interface ScorersAsked {
  readonly declared: readonly ScorerSpec[];
  readonly replies?: RepliesAt;
  readonly judgements: JudgementLog;
}

/** @throws {Fault} MANIFEST_INVALID for a scorer that cannot be made, EVIDENCE_MISSING for a replay without a recording */
export async function openScorers(session: Session, { declared, replies: at, judgements }: ScorersAsked): Promise<OpenScorers> {
  const { world, folder } = session;
  const replies = at && (await openReplies(world.files, at.path, at.mode));
  const targets = { start: (target: Parameters<typeof world.targets.start>[0], place: string) => world.targets.start(target, place, { sign: targetSigner(session), tools: [] }) };
  const made = new Map(declared.map((spec) => [spec.id, scorerOf(spec, { schemas: world.schemas, targets, files: world.files, folder, judged: (one) => judgements.add(one), ...(replies && { replies }) })]));
  return {
    ...(made.size > 0 && { scorers: made }),
    async about() {
      const told: Record<string, JsonObject> = {};
      for (const [id, scorer] of made) {
        const about = await scorer.about?.();
        if (about) told[id] = about;
      }
      return told;
    },
    async close() {
      for (const scorer of made.values()) await scorer.close?.();
    },
  };
}

/** Replies kept to be given again: a run with a judge, or with any target, that repeats offline to the letter. */
import { canonical } from '../../domain/canonical.js';
import { conforms } from '../../domain/conforms.js';
import { sha256Hex } from '../../domain/digest.js';
import { Fault } from '../../domain/fault.js';
import { isObject, parseJson, type Json, type JsonObject } from '../../domain/json.js';
import type { Files, RunningTarget, TargetReply, TargetRequest } from '../../domain/ports.js';
import { anyJson, boolean, integer, list, nullable, object, oneOf, optional, record, string } from '../../domain/schema.js';

/** live: asks, keeps nothing. record: asks, and keeps what is answered. replay: gives what was kept, and never asks. */
export const REPLY_MODES = ['live', 'record', 'replay'] as const;
export type ReplyMode = (typeof REPLY_MODES)[number];

/** Who answers, and by which question: everything but the question itself that may change an answer. A type, so that it is JSON. */
export type ReplyIdentity = {
  readonly kind: 'judge' | 'target';
  readonly judgeId: string;
  readonly provider: string | null;
  readonly model: string | null;
  readonly templateId: string | null;
  readonly templateVersion: string | null;
  readonly params: JsonObject;
  readonly responseSchemaHash: string | null;
};
/** All that a reply is kept by. `order` and `repeat` come from the context of the request. */
type KeyMembers = ReplyIdentity & { readonly renderedPrompt: string; readonly turns?: readonly Json[]; readonly order: Json; readonly repeat: Json };

/** SHA-256 of the canonical JSON (RFC 8785) of the members, in hex. */
export function replyKey(members: KeyMembers): string {
  return sha256Hex(canonical(members));
}

export interface Replies {
  readonly mode: ReplyMode;
  find(key: string): TargetReply | undefined;
  keep(key: string, members: KeyMembers, reply: TargetReply): Promise<void>;
}

/** Longest line of the file. */
const LONGEST = 8 * 1024 * 1024;

const keptReply = object({
  outcome: oneOf(['answer', 'failure']),
  output: optional(anyJson()), confidence: optional(nullable(string())), doubt: optional(boolean()), reason: optional(nullable(string({ minLength: 0 }))),
  toolCalls: optional(list(object({ tool: string(), arguments: record(anyJson()), malformed: optional(string({ minLength: 0 })), status: optional(oneOf(['ok', 'error'])) }))),
  traced: optional(boolean()), askedBack: optional(list(anyJson())), usage: optional(record(anyJson())), model: optional(string()), cause: optional(string()), message: optional(string({ minLength: 0 })), milliseconds: integer({ minimum: 0 }),
});

/**
 * Replies in a JSON Lines file, one `{ key, members, reply }` each; the last of one key counts. In mode live the file is not looked at.
 * @throws {Fault} DIGEST_MISMATCH where a key is not that of its members, INPUT_INVALID, IO
 */
export async function openReplies(files: Pick<Files, 'exists' | 'lines' | 'append'>, path: string, mode: ReplyMode): Promise<Replies> {
  const kept = new Map<string, TargetReply>();
  // Appends of several questions at once must not mix their lines.
  let writing: Promise<void> = Promise.resolve();
  if (mode !== 'live' && (await files.exists(path))) await readKept(files.lines(path, LONGEST), path, kept);
  else if (mode === 'replay') throw new Fault('EVIDENCE_MISSING', 'there are no recorded replies', { at: path, hint: 'record them where the judge can be reached' });
  return {
    mode,
    find: (key) => kept.get(key),
    async keep(key, members, reply) {
      kept.set(key, reply);
      writing = writing.then(() => files.append(path, `${canonical({ key, members, reply } as unknown as Json)}\n`));
      await writing;
    },
  };
}

async function readKept(lines: AsyncIterable<string>, path: string, into: Map<string, TargetReply>): Promise<void> {
  let number = 0;
  for await (const line of lines) {
    number += 1;
    const at = `${path}:${number}`;
    const value = parseJson(line, at);
    const { key, members, reply } = isObject(value) ? value : {};
    if (typeof key !== 'string' || !isObject(members) || !isObject(reply)) throw new Fault('INPUT_INVALID', 'a recorded reply has key, members and reply', { at });
    if (replyKey(members as unknown as KeyMembers) !== key) throw new Fault('DIGEST_MISMATCH', 'the key of a recorded reply is not that of its members', { at });
    const problem = conforms(keptReply, reply) ?? (reply['outcome'] === 'answer' && reply['output'] === undefined ? '/output is missing' : null);
    if (problem !== null) throw new Fault('INPUT_INVALID', `a recorded reply is broken: ${problem}`, { at });
    into.set(key, { ...(reply['outcome'] === 'answer' ? { confidence: null, doubt: false, reason: null, toolCalls: [] } : { cause: 'agent', message: '' }), ...reply } as unknown as TargetReply);
  }
}

/**
 * A target whose replies are kept or replayed. It is started with the first question that needs it: in mode replay never, so
 * nothing goes to the network. Faults are not kept: they say nothing about who was asked.
 */
export function remembered(start: () => Promise<RunningTarget>, identity: ReplyIdentity, replies: Replies): RunningTarget {
  let running: Promise<RunningTarget> | undefined;
  const target = () => (running ??= start());
  return {
    async ask(request) {
      if (replies.mode === 'live') return (await target()).ask(request);
      const members = membersOf(identity, request);
      const key = replyKey(members);
      if (replies.mode === 'replay') return replies.find(key) ?? missed(identity, key);
      const reply = await (await target()).ask(request);
      if (reply.outcome !== 'fault') await replies.keep(key, members, reply);
      return reply;
    },
    async describe() {
      if (replies.mode === 'replay') throw new Fault('EVIDENCE_MISSING', `${identity.judgeId} is replayed, so it cannot say what it is built from`);
      return (await target()).describe();
    },
    async close() {
      await (await running)?.close();
    },
  };
}

function membersOf(identity: ReplyIdentity, { input, turns, context }: TargetRequest): KeyMembers {
  return { ...identity, renderedPrompt: typeof input === 'string' ? input : canonical(input), ...(turns === undefined ? {} : { turns }), order: context?.['order'] ?? null, repeat: context?.['repeat'] ?? 0 };
}

function missed({ kind, judgeId }: ReplyIdentity, key: string): never {
  throw new Fault('EVIDENCE_MISSING', `no reply of ${kind} ${judgeId} to this question is recorded, and a replay asks nobody`, { at: key.slice(0, 12), hint: 'record it where it can be reached' });
}

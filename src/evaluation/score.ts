/** One reply against one case: pass, fail, abstain, or no verdict on the agent at all. */
import type { TargetAnswer, TargetReply, TargetRequest } from '../domain/ports.js';
import { labelAt, type Case } from './dataset.js';
import { LONGEST_LABEL, type OutputRule } from './condition.js';
import type { Scored, Scorer } from './scorers/scorer.js';

/** Version of these rules; part of what a result was made with. */
export const SCORER = 'agentctl-scorer/2';

export const OUTCOMES = ['pass', 'fail', 'abstain', 'infrastructure', 'not-evaluable'] as const;
export type Outcome = (typeof OUTCOMES)[number];

/** What became of one case. A type, so that it is JSON. */
export type ResultRow = {
  readonly capability: string;
  readonly dataset: string;
  /** The data set's own id of the case. */
  readonly case: string;
  /** The id that the agent saw. */
  readonly request: string;
  readonly outcome: Outcome;
  /** Why it is not a plain pass or fail: `agent_crash` or the agent's own failure; `timeout`, `crash`, `garbage` and kin are infrastructure; `no-label`, `no-reference`, `scorer`. */
  readonly cause: string | null;
  /** Label that the agent gave; null when it gave none. */
  readonly output: string | null;
  readonly expected: string | null;
  /** Stated confidence as a decimal in 0..1. */
  readonly confidence: string | null;
  readonly milliseconds: number;
  readonly tags: readonly string[];
  /** Cluster: the case's group, else its id. */
  readonly group: string;
  /** Which asking of the case this is, from 0. */
  readonly repeat: number;
  /** What each scorer of the agreement found, by its id. */
  readonly scores: { readonly [scorer: string]: Scored };
  /** What the answer consumed; null where the target does not tell. */
  readonly usage: { readonly tokens: number | null; readonly cost: string | null } | null;
  /** Model that answered, where the service names it. */
  readonly model?: string;
  /** An earlier run had lost it to an infrastructure error: what was answered later counts, and so does the loss. */
  readonly lost?: true;
};

export interface ScoredAs {
  readonly capability: string;
  readonly dataset: string;
  /** Absent where scorers alone decide. */
  readonly output?: OutputRule;
  readonly scorers?: ReadonlyMap<string, Scorer>;
}

/** One asking of a case. */
export interface Trial {
  readonly one: Case;
  /** From 0. */
  readonly repeat: number;
  readonly request: TargetRequest;
  /** Whether it was asked again on its own: a crash then is the agent's failure, not a neighbour's. */
  readonly alone: boolean;
}


/** What every scorer finds in an answer. One after the other: a scorer that asks a judge must not flood it. */
export async function askScorers(scorers: ReadonlyMap<string, Scorer>, one: Case, answer: TargetAnswer): Promise<ResultRow['scores']> {
  const scores: Record<string, Scored> = {};
  for (const [id, scorer] of scorers) scores[id] = await scorer.score(one, answer);
  return scores;
}

/**
 * Scores a final reply, after any retry.
 * @param scores what `askScorers` found in an answer
 */
export function scoreReply({ one, repeat, request, alone }: Trial, reply: TargetReply, as: ScoredAs, scores: ResultRow['scores'] = {}): ResultRow {
  const { capability, dataset, output: rule } = as;
  const expected = rule && labelAt(one.expected, rule.pointer);
  const label = rule && reply.outcome === 'answer' ? labelAt(reply.output, rule.pointer) : undefined;
  const failed = failureOf(reply, alone);
  const { outcome, cause } = failed ?? (rule ? byLabel(label, expected, rule.abstain) : byScores(scores));
  const answer = reply.outcome === 'answer' ? reply : undefined;
  // In the order of the canonical form, which is then written at once.
  return {
    capability,
    case: one.id,
    cause,
    confidence: answer === undefined ? null : answer.confidence,
    dataset,
    expected: expected === undefined ? null : inRow(expected),
    group: one.group ?? one.id,
    milliseconds: Math.max(0, Math.round(reply.milliseconds)),
    ...(answer?.model === undefined ? undefined : { model: answer.model.toWellFormed() }),
    outcome,
    output: label === undefined ? null : inRow(label),
    repeat,
    request: request.id,
    scores: failed?.outcome === 'fail' ? allFailed(as, failed.cause) : scores,
    tags: one.tags,
    usage: answer === undefined ? null : usageOf(answer),
  };
}

/** Cut, so that a row stays small: output and reference alike, since they are compared by what the row has of them. */
function inRow(label: string): string {
  return label.length <= LONGEST_LABEL ? label : `${label.slice(0, LONGEST_LABEL - 1).toWellFormed()}…`;
}

type Verdict = { readonly outcome: Outcome; readonly cause: string | null };

/** What became of a case without an answer; undefined where there is one. */
function failureOf(reply: TargetReply, alone: boolean): { readonly outcome: 'fail' | 'infrastructure'; readonly cause: string } | undefined {
  if (reply.outcome === 'answer') return undefined;
  if (reply.outcome === 'failure') return { outcome: 'fail', cause: reply.cause };
  return reply.cause === 'crash' && alone ? { outcome: 'fail', cause: 'agent_crash' } : { outcome: 'infrastructure', cause: reply.cause };
}

/** An agent that fails by itself fails every scorer: a promise is not kept by keeping silent. */
function allFailed({ scorers }: ScoredAs, because: string): ResultRow['scores'] {
  return Object.fromEntries([...(scorers?.keys() ?? [])].map((id) => [id, { is: 'fail', score: '0', because }]));
}

function byLabel(label: string | undefined, expected: string | undefined, abstain: string | undefined): Verdict {
  if (expected === undefined) return { outcome: 'not-evaluable', cause: 'no-reference' };
  if (label === undefined) return { outcome: 'fail', cause: 'no-label' };
  // Where asking a human is the reference, asking is right.
  if (label === expected) return { outcome: 'pass', cause: null };
  return { outcome: label === abstain ? 'abstain' : 'fail', cause: null };
}

function byScores(scores: ResultRow['scores']): Verdict {
  const found = Object.values(scores).map(({ is }) => is);
  if (found.includes('fail')) return { outcome: 'fail', cause: 'scorer' };
  const undecided = found.find((is) => is !== 'pass');
  if (undecided !== undefined || found.length === 0) return { outcome: 'not-evaluable', cause: undecided ?? 'no-scorer' };
  return { outcome: 'pass', cause: null };
}

function usageOf({ usage }: TargetAnswer): ResultRow['usage'] {
  if (usage === undefined) return null;
  const { inputTokens, outputTokens, cost } = usage;
  return { tokens: inputTokens === undefined && outputTokens === undefined ? null : (inputTokens ?? 0) + (outputTokens ?? 0), cost: cost ?? null };
}

/** Whether the row says something about the agent. */
export function isScored(row: Pick<ResultRow, 'outcome'>): boolean {
  return row.outcome === 'pass' || row.outcome === 'fail' || row.outcome === 'abstain';
}

/** Whether it was lost to an infrastructure error, though it may have been answered when it was asked again. */
export function wasLost(row: Pick<ResultRow, 'outcome' | 'lost'>): boolean {
  return row.outcome === 'infrastructure' || row.lost === true;
}

/** Whether it counts as right or wrong, rather than as left to a human: a failure of the agent's own is as wrong as a wrong answer. */
export function isRightOrWrong(row: Pick<ResultRow, 'outcome'>): boolean {
  return row.outcome === 'pass' || row.outcome === 'fail';
}

/** Causes of a fail that an answer was the reason for. */
const OF_AN_ANSWER: ReadonlySet<string | null> = new Set([null, 'no-label', 'scorer']);

/** Why the agent gave no answer to count by its own failure, such as `agent_crash`; undefined where it answered or its surroundings failed. */
export function ownFailure({ outcome, cause }: Pick<ResultRow, 'outcome' | 'cause'>): string | undefined {
  return outcome !== 'fail' || cause === null || OF_AN_ANSWER.has(cause) ? undefined : cause;
}

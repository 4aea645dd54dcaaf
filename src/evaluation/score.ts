/** One reply against one case: pass, fail, abstain, or no verdict on the agent at all. */
import type { TargetReply, TargetRequest } from '../domain/ports.js';
import { labelAt, type Case } from './dataset.js';
import type { OutputRule } from './condition.js';
import type { Scored } from './scorers/scorer.js';

/** Version of these rules; part of what a result was made with. */
export const SCORER = 'agentctl-scorer/1';

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
  /** Why there is no label: `agent_crash` fails; `timeout`, `crash`, `garbage`, `agent-error` are infrastructure; `no-label`, `no-reference`. */
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
};

export interface ScoredAs {
  readonly capability: string;
  readonly dataset: string;
  readonly output: OutputRule;
}

/** Agent-written labels are cut here, so that a row stays small. */
const LONGEST_LABEL = 120;

/**
 * Scores a final reply, after any retry.
 * @param alone whether the case was asked again on its own: a crash then is the agent's failure, not a neighbour's
 */
export function scoreReply(one: Case, request: TargetRequest, reply: TargetReply, as: ScoredAs, alone = false): ResultRow {
  const expected = labelAt(one.expected, as.output.pointer);
  const label = reply.outcome === 'answer' ? labelAt(reply.output, as.output.pointer) : undefined;
  return {
    capability: as.capability,
    dataset: as.dataset,
    case: one.id,
    request: request.id,
    ...verdict(reply, label, expected, as.output.abstain, alone),
    output: label === undefined ? null : label.slice(0, LONGEST_LABEL).toWellFormed(),
    expected: expected ?? null,
    confidence: reply.outcome === 'answer' ? reply.confidence : null,
    milliseconds: Math.max(0, Math.round(reply.milliseconds)),
    tags: one.tags,
    group: one.group ?? one.id,
    repeat: 0,
    scores: {},
    usage: null,
  };
}

function verdict(reply: TargetReply, label: string | undefined, expected: string | undefined, abstain: string | undefined, alone: boolean): { readonly outcome: Outcome; readonly cause: string | null } {
  if (reply.outcome === 'failure') return { outcome: 'fail', cause: reply.cause };
  if (reply.outcome === 'fault') {
    const ofAgent = reply.cause === 'crash' && alone;
    return ofAgent ? { outcome: 'fail', cause: 'agent_crash' } : { outcome: 'infrastructure', cause: reply.cause };
  }
  if (expected === undefined) return { outcome: 'not-evaluable', cause: 'no-reference' };
  if (label === undefined) return { outcome: 'fail', cause: 'no-label' };
  // Where asking a human is the reference, asking is right.
  if (label === expected) return { outcome: 'pass', cause: null };
  return { outcome: label === abstain ? 'abstain' : 'fail', cause: null };
}

/** Whether the row says something about the agent. */
export function isScored(row: Pick<ResultRow, 'outcome'>): boolean {
  return row.outcome === 'pass' || row.outcome === 'fail' || row.outcome === 'abstain';
}

/** Whether the agent gave an answer, right or wrong, rather than abstaining. */
export function isAnswered(row: ResultRow): boolean {
  return row.outcome === 'pass' || row.outcome === 'fail';
}

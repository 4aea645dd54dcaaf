/** What a scorer is: one question about one answer, which declares what it needs and what it cannot see. */
import type { JsonObject } from '../../domain/json.js';
import type { TargetAnswer } from '../../domain/ports.js';
import type { Case } from '../dataset.js';
import type { Member, ScorerSpec } from './spec.js';

/**
 * `unscored`: the scorer declines, such as a judge that failed. `not-evaluable`: the evidence that it needs is absent, such as
 * tool calls that the target does not show. Neither is ever a pass, and neither counts as a failure.
 */
export type Scored = {
  readonly is: 'pass' | 'fail' | 'unscored' | 'not-evaluable';
  /** Decimal in 0..1; null where there is no score. */
  readonly score: string | null;
  /** One line for people, at most 200 printable characters; it may quote the agent. */
  readonly because: string;
  /** Only where a jury was divided: taken alone, its judges would decide differently, so a human should look. */
  readonly divided?: true;
};

/** What a scorer reads. */
export const NEEDS = ['output', 'reference', 'tool-calls', 'confidence', 'usage', 'judge', 'command'] as const;
export type Need = (typeof NEEDS)[number];

/** An answer that has to pass, or to fail: the self-check asks the scorer about both, since one that always says yes is none. */
export interface ScorerExample {
  readonly expected: JsonObject;
  readonly answer: Pick<TargetAnswer, 'output'> & Partial<TargetAnswer>;
}

export interface ScorerCard {
  /** What it decides, in one line. */
  readonly decides: string;
  readonly needs: readonly Need[];
  /** What it cannot see, so that nobody takes a pass for more than it is. */
  readonly blind: string;
  readonly verification: 'deterministic' | 'heuristic' | 'judge';
  /** What whoever writes the other side of it has to know, by name; absent where there is no other side. */
  readonly told?: { readonly [name: string]: string };
  readonly examples: { readonly spec: Omit<ScorerSpec, 'id' | 'kind'>; readonly passes: ScorerExample; readonly fails: ScorerExample };
}

export interface Scorer {
  score(one: Case, answer: TargetAnswer): Scored | Promise<Scored>;
  /** What a result must say about the scorer beside its id, such as how a judge was calibrated. */
  about?(): Promise<JsonObject>;
  /** Ends the processes that it started, if any. */
  close?(): Promise<void>;
}

/** What is wrong with a scorer's declaration: the member, why, and what to write instead. */
export interface ScorerComplaint {
  readonly key: string;
  readonly message: string;
  readonly suggestion: string;
}

/** One kind of scorer. */
export interface ScorerDefinition {
  readonly card: ScorerCard;
  /** Members that must be there, and those that may; any other is a mistake. */
  readonly members: { readonly needed: readonly Member[]; readonly allowed: readonly Member[] };
  /** What else can be wrong. */
  readonly complaints?: (spec: ScorerSpec) => readonly ScorerComplaint[];
  /** Absent where the scorer drives a port: then flow/ makes it. */
  readonly make?: (spec: ScorerSpec) => (one: Case, answer: TargetAnswer) => Scored;
}

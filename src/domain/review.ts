/** What a review says, as data: put together from the ledger by the engine, and made into pages by the views. */
import type { Digest } from './digest.js';
import type { Instant } from './time.js';

/** Scores of one evaluation; only points of the same series are compared, since another data set is another question. */
export type ScoreRow = {
  readonly at: Instant;
  readonly run: string;
  readonly purpose: string;
  /** Decimal in 0..1; null when nothing was measured. */
  readonly composite: string | null;
  readonly dimensions: { readonly [dimension: string]: string };
};

export type Series = {
  /** Data sets, as the evaluation names them. */
  readonly dataset: string;
  /** Oldest first. */
  readonly points: readonly ScoreRow[];
  readonly trends: readonly Trend[];
};

/** How one dimension went. Under three points there is no trend: `change` is then null. */
export type Trend = {
  readonly dimension: string;
  readonly points: number;
  readonly first: string;
  readonly last: string;
  readonly lowest: string;
  /** Last minus first, as a signed decimal. */
  readonly change: string | null;
};

/** One condition of the evaluation shown: the newest, or before the launch the newest of the whole pact. Value, bounds and threshold are decimals. */
export type ConditionRow = {
  readonly id: string;
  readonly dimension: string;
  readonly severity: string;
  readonly metric: string;
  readonly operator: '>=' | '<=';
  readonly threshold: string;
  readonly n: number;
  readonly value: string | null;
  readonly lower: string | null;
  readonly upper: string | null;
  readonly verdict: string;
};

/** An action worth a second look. What it was about stays in the payload of its entry. */
export type ActionRow = {
  readonly seq: number;
  readonly at: Instant;
  readonly capability: string;
  readonly tool: string;
  readonly decision: string;
  readonly rule: string;
  readonly outcome: string;
  readonly confidence: string | null;
  readonly why: string;
};

export type CountRow = { readonly name: string; readonly count: number };

/** A type, so that it is JSON: its canonical text is the deliverable of step 12. */
export type ReviewData = {
  readonly v: 1;
  readonly agent: { readonly id: string; readonly name: string; readonly version: string; readonly build: Digest; readonly did: string | null };
  readonly organisation: string;
  readonly stakes: string;
  readonly participants: readonly string[];
  readonly kind: 'launch-readiness' | 'periodic';
  readonly window: { readonly from: Instant; readonly to: Instant; readonly entries: number };
  readonly next: Instant;
  readonly scores: readonly Series[];
  /** Null when nothing was evaluated. */
  readonly evaluation: { readonly run: string; readonly purpose: string; readonly at: Instant; readonly dataset: string; readonly conditions: readonly ConditionRow[] } | null;
  readonly actions: {
    readonly total: number; readonly permitted: number; readonly escalated: number; readonly denied: number; readonly executed: number; readonly failed: number;
    /** Actions that passed the decision function in a replay, not in production. */
    readonly pilot: number;
    readonly capabilities: readonly { readonly capability: string; readonly actions: number; readonly escalated: number; readonly denied: number }[];
  };
  readonly escalations: { readonly rules: readonly CountRow[] };
  /** Waiting times in whole milliseconds; null when no human decided anything. */
  readonly approvals: { readonly granted: number; readonly denied: number; readonly expired: number; readonly pending: number; readonly median: number | null; readonly p95: number | null; readonly scripted: number };
  readonly nearMisses: { readonly total: number; readonly shown: readonly ActionRow[] };
  /** The lowest stated confidence among actions that no human looked at, lowest first. */
  readonly lowConfidence: readonly ActionRow[];
  readonly alerts: { readonly total: number; readonly test: number; readonly rows: readonly { readonly at: Instant; readonly kind: string; readonly condition: string | null; readonly value: string; readonly threshold: string }[] };
  readonly incidents: { readonly rows: readonly { readonly incident: string; readonly severity: string; readonly action: string; readonly opened: Instant; readonly closed: Instant | null; readonly affected: number | null }[]; readonly drills: number };
  readonly waivers: readonly { readonly probe: string; readonly until: Instant; readonly by: string }[];
  /** Ratings by counterparties; null when none were imported: that is not the same as none. */
  readonly ratings: number | null;
};

/** What a command answers: plain data with its exit status. Views print it, and decide nothing. */
import type { Exit, Mistake } from './fault.js';
import type { Digest } from './digest.js';
import type { Plot } from './plot.js';
import type { Finding, State, StepId } from './step.js';
import type { Instant } from './time.js';
import type { Json, JsonObject } from './json.js';

export interface AgentView {
  readonly id: string;
  readonly did: string | null;
  readonly name: string;
  readonly version: string;
  readonly build: Digest;
}

export interface EvidenceView {
  readonly type: string;
  readonly seq: number;
  readonly ts: Instant;
  readonly validUntil?: Instant;
  /** Why it no longer counts: the edits since, one line each. */
  readonly stale?: readonly string[];
}

export interface StepView {
  readonly number: number;
  readonly id: StepId;
  readonly title: string;
  readonly question: string;
  readonly owner: readonly string[];
  readonly harm: string;
  readonly required: boolean;
  readonly state: State;
  /** One line on why. */
  readonly because: string;
  readonly findings: readonly Finding[];
  readonly evidence: readonly EvidenceView[];
  readonly deliverable: { readonly name: string; readonly file: string; readonly digest?: Digest };
  /** The next command or edit; null when nothing is to do. */
  readonly next: string | null;
}

/** How far the ledger was checked for this answer. */
export interface LedgerView {
  readonly chain: string;
  readonly size: number;
  readonly head: string;
  readonly verified: 'every byte' | 'since the last checkpoint';
  readonly checkpoint: number | null;
  /** What could not be told, since what proves it is elsewhere; absent when everything could. */
  readonly unknowns?: readonly string[];
}

export interface StatusReport {
  readonly agent: AgentView;
  readonly stakes: string;
  readonly steps: readonly StepView[];
  readonly ledger: LedgerView;
  readonly organisation?: LedgerView;
  readonly warnings: readonly string[];
  readonly next: string | null;
  /** When the states were computed, where they were kept by an earlier command; absent when they were computed for this answer. */
  readonly kept?: Instant;
}

export interface StepReport {
  readonly agent: AgentView;
  readonly step: StepView;
}

/** One link of a chain of trust. */
export interface LinkView {
  readonly link: string;
  readonly is: 'yes' | 'no' | 'unknown';
  readonly because: string;
  readonly exit: Exit;
}

export interface CertificateReport {
  readonly certificate: string;
  readonly agent: JsonObject | null;
  /** Whom it names as its issuer; null for a form that names none, and where nothing could be read. */
  readonly issuer: string | null;
  /** The key whose signature holds, as did:key; null when none does. */
  readonly signer: string | null;
  readonly links: readonly LinkView[];
}

export interface Table {
  readonly title: string;
  readonly columns: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

/** A mistake that a command found in a file, under the rule that it breaks; `agentctl explain` knows the rule. */
export interface RuleFinding {
  readonly rule: string;
  /** What the rule refuses. */
  readonly refuses: string;
  /** What it is about, by a name that survives an edit elsewhere in the file. */
  readonly about: string;
  /** `file:line:column`. */
  readonly at: string;
  readonly message: string;
  readonly suggestion: string;
}

/** One thing that a verb decided. */
export interface VerdictView {
  readonly id: string;
  readonly name: string;
  readonly is: 'yes' | 'no' | 'unknown';
  readonly because: string;
}

/** The answer of a verb: a headline, a few facts, perhaps tables, and what to do next. `data` is for machines. */
export interface OutcomeReport {
  readonly step: StepId | null;
  readonly verb: string;
  readonly headline: string;
  readonly facts: readonly { readonly label: string; readonly value: string }[];
  readonly tables?: readonly Table[];
  /** What is better looked at; every number also stands in a table. */
  readonly plots?: readonly Plot[];
  /** For JUnit: what was decided, one by one. */
  readonly verdicts?: readonly VerdictView[];
  readonly notes?: readonly string[];
  /** For SARIF and JUnit; people read them in a table. */
  readonly findings?: readonly RuleFinding[];
  readonly next: string | null;
  readonly data: JsonObject;
}

export interface PlanItem {
  readonly step: StepId;
  readonly command: string;
  readonly why: string;
  readonly outcome: 'planned' | 'done' | 'failed' | 'waiting' | 'blocked';
  readonly detail?: string;
}

export interface ApplyReport {
  readonly agent: AgentView;
  readonly dryRun: boolean;
  readonly items: readonly PlanItem[];
  /** Acts that only a human can do, with their commands. */
  readonly human: readonly { readonly step: StepId; readonly command: string; readonly why: string }[];
  readonly next: string | null;
}

export interface ExplainReport {
  readonly topic: string;
  readonly kind: 'step' | 'probe' | 'code' | 'exit' | 'entry' | 'rule' | 'scorer' | 'profile' | 'target';
  readonly title: string;
  readonly paragraphs: readonly string[];
  readonly facts: readonly { readonly label: string; readonly value: string }[];
  readonly tables?: readonly Table[];
  /** Lines to be pasted, as they are. */
  readonly example?: { readonly title: string; readonly lines: readonly string[] };
  readonly next: string | null;
}

/** Raw text for standard output, such as a schema or a rendered file. */
export interface TextReport {
  readonly text: string;
  readonly value?: Json;
}

export interface Reports {
  readonly status: StatusReport;
  readonly verify: StatusReport;
  readonly step: StepReport;
  readonly certificate: CertificateReport;
  readonly outcome: OutcomeReport;
  readonly apply: ApplyReport;
  readonly explain: ExplainReport;
  readonly text: TextReport;
}
export type ReportKind = keyof Reports;

export type Report<Kind extends ReportKind = ReportKind> = { readonly [K in Kind]: { readonly kind: K; readonly exit: Exit; readonly data: Reports[K] } }[Kind];

export interface FaultView {
  readonly code: string;
  readonly message: string;
  readonly hint: string | null;
  readonly at: string | null;
  readonly details: readonly Mistake[];
}

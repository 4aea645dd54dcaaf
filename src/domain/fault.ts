/** What went wrong, told once: a closed table of codes, each with the exit status it ends in. */

/** Exit statuses of every command (design: the same in every output format). */
export const EXIT = {
  yes: 0,
  no: 1,
  usage: 2,
  indeterminate: 3,
  untrustworthy: 4,
  human: 5,
  surroundings: 6,
  bug: 70,
  interrupted: 130,
} as const;

export type Exit = (typeof EXIT)[keyof typeof EXIT];

/** One line per exit status, printed by `agentctl help exit-codes` and by the README. */
export const EXIT_MEANING: Record<Exit, string> = {
  0: 'yes: the gate passed, or the command did what was asked',
  1: 'no: failed, denied, revoked or below policy',
  2: 'usage: a flag, an argument or the manifest is invalid',
  3: 'indeterminate: evidence missing, stale or expired; unknown root or subject; genuine but for another build',
  4: 'not trustworthy: a chain, signature or digest is cryptographically false',
  5: 'a human act is pending, or an approval was denied',
  6: 'the surroundings failed: network, tool, locked store, disk',
  70: 'a defect of agentctl',
  130: 'interrupted',
};

const PRECEDENCE: readonly Exit[] = [130, 70, 2, 6, 4, 1, 3, 5, 0];

/** The exit status of several outcomes at once: the first of {@link PRECEDENCE} that occurs; none at all is indeterminate. */
export function combineExits(exits: readonly Exit[]): Exit {
  return PRECEDENCE.find((code) => exits.includes(code)) ?? EXIT.indeterminate;
}

/** Every fault code: its exit status and what it means. */
export const FAULTS = {
  USAGE: { exit: 2, means: 'a flag or an argument is missing or wrong' },
  ANSWER_MISSING: { exit: 2, means: 'a question needs an answer and there is no terminal to ask on' },
  MANIFEST_MISSING: { exit: 2, means: 'no agent.yaml was found' },
  MANIFEST_INVALID: { exit: 2, means: 'agent.yaml does not follow its schema' },
  INPUT_INVALID: { exit: 2, means: 'a file or value from outside is malformed' },
  DATASET_INVALID: { exit: 2, means: 'a data set is broken or not the one that was declared' },
  NOT_ALLOWED: { exit: 1, means: 'the operator or key may not do this' },
  REFUSED: { exit: 1, means: 'the request was checked and refused' },
  BLOCKED: { exit: 3, means: 'an earlier step has to pass first' },
  EVIDENCE_MISSING: { exit: 3, means: 'what this command builds on has not been recorded yet' },
  UPGRADE_NEEDED: { exit: 3, means: 'the record was written by a newer agentctl' },
  LEDGER_BROKEN: { exit: 4, means: 'the chain of the ledger does not hold' },
  STORE_TAMPERED: { exit: 4, means: 'a row of the store differs from what the ledger says' },
  SIGNATURE_INVALID: { exit: 4, means: 'a signature is cryptographically false' },
  DIGEST_MISMATCH: { exit: 4, means: 'bytes differ from the digest that names them' },
  KEY_UNFIT: { exit: 4, means: 'a key is weak, malformed or not the one it claims to be' },
  APPROVAL_PENDING: { exit: 5, means: 'a human has to decide first' },
  APPROVAL_DENIED: { exit: 5, means: 'a human said no' },
  PASSPHRASE: { exit: 6, means: 'the passphrase is missing or does not open the key' },
  KEY_MISSING: { exit: 6, means: 'the key is not on this machine' },
  STORE_LOCKED: { exit: 6, means: 'another process holds the lock' },
  STORE_UNFIT: { exit: 6, means: 'the store cannot be opened safely' },
  NATIVE_MODULE: { exit: 6, means: 'better-sqlite3 does not load on this Node' },
  TARGET_FAILED: { exit: 6, means: 'the agent process could not be started or died' },
  NETWORK: { exit: 6, means: 'a peer could not be reached' },
  IO: { exit: 6, means: 'a file could not be read or written' },
  INTERNAL: { exit: 70, means: 'a defect of agentctl' },
  INTERRUPTED: { exit: 130, means: 'interrupted by the user' },
} as const satisfies Record<string, { exit: Exit; means: string }>;

export type FaultCode = keyof typeof FAULTS;

/** Where and what next: `at` is `file:line:column` or an id, `hint` can be typed; several mistakes of one input go into `details`. */
export interface FaultInfo {
  readonly at?: string;
  readonly hint?: string;
  readonly cause?: unknown;
  readonly details?: readonly Mistake[];
}

/** One mistake of an input: its place, what is wrong, and how to mend it. */
export interface Mistake {
  readonly at: string;
  readonly message: string;
  readonly hint?: string;
}

/** agentctl could not do its work. A failed checklist is not a fault but a result. Messages: lower case, no full stop. */
export class Fault extends Error {
  readonly code: FaultCode;
  readonly at: string | undefined;
  readonly hint: string | undefined;
  readonly details: readonly Mistake[];

  constructor(code: FaultCode, message: string, info: FaultInfo = {}) {
    super(message, info.cause === undefined ? undefined : { cause: info.cause });
    this.name = 'Fault';
    this.code = code;
    this.at = info.at;
    this.hint = info.hint;
    this.details = info.details ?? [];
  }

  get exit(): Exit {
    return FAULTS[this.code].exit;
  }
}

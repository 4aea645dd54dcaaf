/** When a process that appends for long signs a checkpoint in between: by count and by time, so that little is ever uncovered. */

export interface CheckpointPolicy {
  /** Entries that may stand behind the newest checkpoint. */
  readonly entries: number;
  /** Milliseconds for which anything may. */
  readonly milliseconds: number;
}

export const POLICY: CheckpointPolicy = { entries: 1000, milliseconds: 5 * 60_000 };

export interface Uncovered {
  /** Entries since the newest checkpoint. */
  readonly entries: number;
  /** Milliseconds since it was signed, or since the process began. */
  readonly milliseconds: number;
}

export function isDue({ entries, milliseconds }: Uncovered, policy: CheckpointPolicy = POLICY): boolean {
  return entries > 0 && (entries >= policy.entries || milliseconds >= policy.milliseconds);
}

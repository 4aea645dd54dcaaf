/** Who is held out: a salted hash of the group decides, so the split survives insertion, reordering and growth, and whole groups move together. */
import { digestBytes, sha256, type Digest } from '../domain/digest.js';

/** What the split looks at: near duplicates share a group, and a case without one is its own. */
export interface SplitKey {
  readonly id: string;
  readonly group?: string;
}

const WIDTH = 6;

/** Place of a case in 0..1: the first 48 bits of SHA-256(salt ‖ 0x00 ‖ group or id). */
export function splitPlace(key: SplitKey, salt: string): number {
  const hash = sha256(`${salt}\u0000${key.group ?? key.id}`);
  let place = 0;
  for (let i = 0; i < WIDTH; i += 1) place = place * 256 + (hash[i] ?? 0);
  return place / 2 ** (8 * WIDTH);
}

/** Whether the case belongs to the held-out `fraction` (0..1). */
export function isHeldOut(key: SplitKey, salt: string, fraction: number): boolean {
  return splitPlace(key, salt) < fraction;
}

/** A salt as text: 32 random bytes in hex. It is fixed when the suite is made and stays out of the agent's repository. */
export function saltOf(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex');
}

/** What is published of a salt. */
export function saltCommitment(salt: string): Digest {
  return digestBytes(salt);
}

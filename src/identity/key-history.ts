/** Which keys speak for an identity, and when: a did:key that is rotated keeps its first key as its name, and its newest one signs. */
import type { Instant } from '../domain/time.js';

/** Why a key no longer speaks. Of a compromised one nothing counts, at whatever time it claims to have signed: its thief sets the date. */
export const ENDINGS = ['superseded', 'ceased', 'compromised'] as const;
export type Ending = (typeof ENDINGS)[number];

/** One key and its time. */
export interface KeyPeriod {
  readonly did: string;
  /** Null: from the beginning. */
  readonly from: Instant | null;
  /** When it ended, and why; null while it speaks. */
  readonly ended: { readonly at: Instant; readonly cause: Ending } | null;
}

/** An identity and its keys, the first one being its name, each later one named by the one before. */
export interface KeyHistory {
  readonly root: string;
  readonly keys: readonly KeyPeriod[];
}

/** `stranger`: no key of this identity. */
export type Standing = 'valid' | 'not-yet' | 'ended' | 'compromised' | 'stranger';

/** The history of an identity whose key was never changed. */
export function soleKey(did: string): KeyHistory {
  return { root: did, keys: [{ did, from: null, ended: null }] };
}

/** The key that speaks now; undefined when the identity has ended. */
export function currentOf({ keys }: KeyHistory): KeyPeriod | undefined {
  return keys.findLast(({ ended }) => ended === null);
}

/** Whether a key spoke for the identity at a time, as far as is known today. */
export function standingOf({ keys }: KeyHistory, did: string, at: Instant): Standing {
  const key = keys.find((one) => one.did === did);
  if (!key) return 'stranger';
  if (key.ended?.cause === 'compromised') return 'compromised';
  if (key.from !== null && at < key.from) return 'not-yet';
  return key.ended !== null && at >= key.ended.at ? 'ended' : 'valid';
}

/** The same by several histories that may hold the key: what any of them says against it counts. One that none of them holds is a stranger. */
export function worstStanding(histories: readonly KeyHistory[], did: string, at: Instant): Standing {
  return worst(histories.map((history) => standingOf(history, did, at)));
}

/** Of several answers about one key: what any says against it, else that it is known. */
export function worst(answers: readonly Standing[]): Standing {
  const told = answers.filter((one) => one !== 'stranger');
  return told.find((one) => one !== 'valid') ?? (told.length > 0 ? 'valid' : 'stranger');
}

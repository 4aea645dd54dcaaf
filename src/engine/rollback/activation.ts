/** The entry of an activation: which version, in place of which, where, by whom, and what the running agent said of itself. */
import type { Digest } from '../../domain/digest.js';
import { record, type Session } from '../session.js';
import type { SignedAct } from '../human-act.js';
import { environmentOf } from './kept.js';

export interface Activation {
  readonly kind: 'launch' | 'upgrade' | 'rollback' | 'drill';
  readonly build: Digest;
  readonly previous: Digest | null;
  /** Snapshot that it came from; null for the other build of a drill. */
  readonly snapshot: Digest | null;
  /** What was signed: the snapshot that is gone to. */
  readonly subject: Digest;
  readonly signed: SignedAct;
}

/** Called only after the running agent has reported exactly this build. */
export async function recordActivation(session: Session, { kind, build, previous, snapshot, subject, signed }: Activation): Promise<void> {
  const data = { kind, build, previous, environment: environmentOf(session), snapshot, reported: build, ...signatureOf(signed, subject) };
  await record(session, { type: 'activation.recorded', actor: signed.operator.did, data }, [signed.blob]);
}

export function signatureOf({ digest, operator, ceremony }: SignedAct, subject: Digest): { act: Digest; subject: Digest; operator: string; ceremony: string } {
  return { act: digest, subject, operator: operator.id, ceremony };
}

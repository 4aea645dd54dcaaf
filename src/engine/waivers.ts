/** Waivers: a signed, expiring exception for one probe. Counted apart everywhere; identity and the audit log cannot be waived. */
import type { Instant } from '../domain/time.js';
import type { Finding, Step, StepId } from '../domain/step.js';
import { Fault } from '../domain/fault.js';
import { attestationOf } from './human-act.js';
import type { Session } from './session.js';

export const NOT_WAIVABLE: readonly StepId[] = ['identity', 'audit'];

/** Probes that later verbs build on: an exception would let the step look settled and leave nothing to go on with. */
export const HOLDS_UP: Readonly<Record<string, string>> = {
  'pact.signed': 'baseline run judges by the signed pact',
  'baseline.accepted': 'drift, snapshots and certificates are measured against the accepted baseline',
  'rollback.snapshot': 'a drill and a restore need a kept build',
};

export async function applyWaivers(session: Session, step: Step, findings: readonly Finding[], now: Instant): Promise<readonly Finding[]> {
  if (NOT_WAIVABLE.includes(step.id)) return findings;
  const open = findings.filter((finding) => finding.is === 'no' || finding.is === 'unknown');
  if (open.length === 0) return findings;
  const granted = new Map<string, Finding['waived']>();
  for (const entry of await session.store.readEvidence(session.chain, 'waiver.granted')) {
    const { probe, step: waived, expiresAt } = entry.data;
    if (waived !== step.id || typeof probe !== 'string' || typeof expiresAt !== 'string' || expiresAt < now) continue;
    const act = await attestationOf(session.store, session.manifest, step.id, entry);
    if (!act) continue;
    granted.set(probe, { by: act.name, until: expiresAt, reason: await reasonOf(session, entry.seq) });
  }
  return findings.map((finding) => {
    const waived = finding.is === 'yes' ? undefined : granted.get(finding.id);
    return waived ? { ...finding, waived } : finding;
  });
}

/** Free text, and so in the payload, where it may have been erased, or its key may have stayed behind when a backup was restored. */
async function reasonOf({ store, chain }: Session, seq: number): Promise<string> {
  try {
    const reason = (await store.payload(chain, seq))?.['reason'];
    if (typeof reason === 'string') return reason;
  } catch (cause) {
    if (!(cause instanceof Fault) || cause.code !== 'KEY_MISSING') throw cause;
  }
  return `see entry ${seq}`;
}

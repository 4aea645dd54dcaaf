/** Puts the certificate together: everything that row 9.2 asks for, from the ledger, and nothing that is not in it. */
import type { CertificatePredicate } from '../../attestation/certificate.js';
import { readEnvelope, type Envelope } from '../../attestation/dsse.js';
import { digestBytes } from '../../domain/digest.js';
import { asObject, parseJson, type JsonObject } from '../../domain/json.js';
import { Fault } from '../../domain/fault.js';
import type { StepView } from '../../domain/report.js';
import type { Instant } from '../../domain/time.js';
import type { ConditionResult } from '../../evaluation/judge.js';
import { buildPatterns } from '../build.js';
import { signCheckpoint } from '../checkpoint.js';
import { keyRecords } from '../key-history.js';
import { readBlobText, type Session } from '../session.js';
import type { Candidate } from './candidate.js';
import type { SignOff } from './cycle.js';

export interface Ingredients {
  readonly candidate: Candidate;
  readonly steps: readonly StepView[];
  readonly signOffs: readonly SignOff[];
  /** Digest of the report of the certification run. */
  readonly report: unknown;
  readonly validFrom: Instant;
  readonly validUntil: Instant;
  readonly previous: Candidate['digest'] | null;
  readonly status: CertificatePredicate['status'];
  readonly quorum: NonNullable<CertificatePredicate['quorum']>;
}

export async function certificatePredicateOf(session: Session, { candidate, steps, signOffs, report: reportDigest, validFrom, validUntil, previous, status, quorum }: Ingredients): Promise<CertificatePredicate> {
  const { manifest, agent, build, world } = session;
  if (agent.did === null) throw new Fault('EVIDENCE_MISSING', 'the agent is not registered', { hint: 'agentctl identity register' });
  const report = asObject(parseJson(await textOf(session, reportDigest, 'report of the certification run'), 'report'), 'report');
  const registered = await session.store.latest(session.chain, 'identity.registered');
  const { followable } = await keyRecords(session.store, manifest);
  return {
    agent: { id: session.chain, did: agent.did, name: manifest.metadata.name, version: manifest.metadata.version },
    organisation: { name: manifest.owner.organisation.name, did: manifest.owner.organisation.did },
    stakes: manifest.stakes,
    validFrom, validUntil, previous,
    candidate: candidate.digest,
    sections: candidate.sections,
    build: build.document,
    pact: { digest: candidate.pact, conditions: conditionsOf(report) },
    composite: decimalOrNull(report['composite']),
    dimensions: Object.fromEntries(Object.entries(asObject(report['dimensions'], 'dimensions')).map(([name, score]) => [name, decimalOrNull(score)])),
    versions: { ...textsOf(asObject(report['versions'], 'versions')), agentctl: world.surroundings.version },
    steps: steps.map(({ id, state, required }) => ({ id, state, required })),
    unknown: steps.flatMap((step) => step.findings).filter((finding) => finding.is === 'unknown').map(({ row, because }) => ({ row, because: because || 'no reason given' })),
    waivers: steps.flatMap((step) => step.findings.flatMap(({ row, waived }) => (waived ? [{ step: step.id, row, by: waived.by, until: waived.until, reason: waived.reason }] : []))),
    ledger: await ledgerOf(session),
    signOffs: await Promise.all(signOffs.map((one) => envelopeOf(session, one.envelope, 'sign-off'))),
    ownership: {
      credential: await envelopeOf(session, registered?.data['credential'], 'ownership credential'),
      acceptance: await envelopeOf(session, registered?.data['acceptance'], 'acceptance of ownership'),
    },
    ceremony: await ceremonyOf(session, signOffs),
    manifest: { digest: digestBytes(session.source.text), files: buildPatterns(manifest) },
    quorum,
    ...(status === undefined ? {} : { status }),
    ...(followable.length > 0 ? { keys: [...followable] } : {}),
  };
}

function conditionsOf(report: JsonObject): CertificatePredicate['pact']['conditions'] {
  // Written by our own evaluation and found by its digest; `conform` checks the whole predicate before it is signed.
  return (report['conditions'] as unknown as readonly ConditionResult[]).map(({ id, statement, dimension, severity, value, n, lower, upper, threshold, operator, verdict }) => ({ id, statement, dimension, severity, value, n, lower, upper, threshold, operator, verdict }));
}

function textsOf(values: JsonObject): Record<string, string> {
  return Object.fromEntries(Object.entries(values).map(([key, value]) => [key, String(value)]));
}

function decimalOrNull(value: unknown): string | null {
  return typeof value === 'string' && /^-?\d/.test(value) ? value : null;
}

/** The head that the sign-offs are part of, under the log's own signature. */
async function ledgerOf(session: Session): Promise<CertificatePredicate['ledger']> {
  await signCheckpoint(session);
  const head = await session.store.head(session.chain);
  const checkpoint = await session.store.checkpoint(session.chain);
  if (!head || checkpoint?.size !== head.size) throw new Fault('STORE_LOCKED', 'another process appended to the ledger meanwhile', { hint: 'agentctl certify issue' });
  return { chain: session.chain, size: head.size, head: head.hash, checkpoint: checkpoint.note };
}

/** Scripted as soon as one signature that the certificate rests on was made by a stand-in. */
async function ceremonyOf({ store, chain }: Session, signOffs: readonly SignOff[]): Promise<'interactive' | 'scripted'> {
  const acts = [await store.latest(chain, 'pact.signed'), await store.latest(chain, 'baseline.accepted'), ...(await store.readEvidence(chain, 'waiver.granted'))];
  const scripted = signOffs.some((one) => one.act.ceremony === 'scripted') || acts.some((entry) => entry?.data['ceremony'] === 'scripted');
  return scripted ? 'scripted' : 'interactive';
}

async function envelopeOf(session: Session, digest: unknown, what: string): Promise<Envelope> {
  return readEnvelope(await textOf(session, digest, what), what);
}

async function textOf({ store }: Session, digest: unknown, what: string): Promise<string> {
  const text = await readBlobText(store, digest);
  if (text === undefined) throw new Fault('DIGEST_MISMATCH', `the ${what} is gone from the store`, { at: String(digest), hint: 'agentctl audit verify' });
  return text;
}

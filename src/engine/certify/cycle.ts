/** Where a certification stands: the newest run, who signed off what, the certificate in force; and what stands in the way. */
import type { CertificationSection } from '../../steps/09-certify.js';
import { isDigest, type Digest } from '../../domain/digest.js';
import type { Entry } from '../../domain/entry.js';
import { Fault } from '../../domain/fault.js';
import { financialAuthority, type Operator } from '../../domain/manifest.js';
import type { Attestation } from '../../domain/step.js';
import type { StepView } from '../../domain/report.js';
import { addDuration, readable } from '../../domain/time.js';
import { attestationOf } from '../human-act.js';
import { pactDocument, signedPacts } from '../pact/document.js';
import { computeStates, staleness } from '../states.js';
import { gateTime } from '../status.js';
import type { Session } from '../session.js';
import { candidateOf, type Candidate } from './candidate.js';
import { revocationOf } from './status-list.js';

/** @throws {Fault} MANIFEST_INVALID */
export function certificationOf({ manifest }: Pick<Session, 'manifest'>): CertificationSection {
  const section = manifest['certification'];
  if (section === undefined) throw new Fault('MANIFEST_INVALID', 'agent.yaml has no section "certification"', { at: 'agent.yaml', hint: 'agentctl explain certify' });
  // The manifest was validated against the schema of this section.
  return section as unknown as CertificationSection;
}

/** The candidate as it is now. @throws {Fault} BLOCKED when agent.yaml promises something else than what was signed */
export async function currentCandidate(session: Session): Promise<Candidate> {
  const signed = await signedPacts(session);
  if (!signed) throw new Fault('BLOCKED', 'there is no signed pact to certify', { hint: 'agentctl pact sign --as <operator>' });
  if (signed.digest !== pactDocument(session).digest) throw new Fault('BLOCKED', 'the pact in agent.yaml is not the signed one', { hint: 'agentctl pact sign --as <operator>' });
  return candidateOf(session, signed.digest);
}

/** Steps 1 to 8 as they stand. @throws {Fault} BLOCKED naming each required step that is open */
export async function launchedSteps(session: Session): Promise<readonly StepView[]> {
  refuseMoneyAtHighStakes(session);
  const steps = (await computeStates(session, await gateTime(session))).steps.filter((step) => step.number <= 8);
  const open = steps.filter((step) => step.state === 'untrustworthy' || (step.required && !['passed', 'waived', 'not-applicable'].includes(step.state)));
  if (open[0]) {
    const first = open.find((step) => step.state !== 'blocked') ?? open[0];
    throw new Fault('BLOCKED', `these steps have to pass first: ${open.map((step) => `${step.id} (${step.state})`).join(', ')}`, {
      hint: first.next ?? `agentctl ${first.id}`,
      details: open.map((step) => ({ at: step.id, message: `${step.state}: ${step.because}`, ...(step.next === null ? {} : { hint: step.next }) })),
    });
  }
  return steps;
}

/** No waiver helps here: nobody can check yet whether such an agent's losses are covered. */
function refuseMoneyAtHighStakes({ manifest }: Session): void {
  const [money] = financialAuthority(manifest);
  if (manifest.stakes !== 'high' || money === undefined) return;
  throw new Fault('BLOCKED', `a high-stakes agent with financial authority (${money}) is not certified: escrow, bond and registries cannot be checked yet`, { at: 'agent.yaml: stakes', hint: 'agentctl explain guardrails' });
}

export type FreshRun = { readonly ok: true; readonly entry: Entry; readonly run: string } | { readonly ok: false; readonly because: string };

/** Whether the newest certification run carries a certificate now: met, of this very build, unused and not old (row 9.1). */
export async function freshRun(session: Session, candidate: Candidate): Promise<FreshRun> {
  const { store, chain } = session;
  const entry = await store.latest(chain, 'certificate.measured');
  const run = String(entry?.data['run']);
  const no = (because: string): FreshRun => ({ ok: false, because });
  if (!entry) return no('all conditions have to be measured afresh first');
  const now = await gateTime(session);
  const stale = await staleness(session, entry, now);
  if (entry.agent.build !== candidate.build || entry.data['pact'] !== candidate.pact) return no(`${run} measured another build or pact`);
  if (stale[0] !== undefined) return no(`${run} is stale: ${stale[0]}`);
  if (entry.data['verdict'] !== 'met') return no(`${run} did not meet every condition (${String(entry.data['verdict'])})`);
  if ((await store.latest(chain, 'certificate.issued'))?.data['run'] === run) return no(`${run} already carries the former certificate; a renewal rests on a fresh run`);
  const { warnBefore } = certificationOf(session);
  if (addDuration(entry.ts, warnBefore) < now) return no(`${run} of ${readable(entry.ts)} is older than ${warnBefore}`);
  return { ok: true, entry, run };
}

export interface SignOff {
  readonly entry: Entry;
  readonly act: Attestation;
  readonly operator: Operator;
  readonly envelope: Digest;
}

/** Sign-offs of exactly this candidate after exactly this run, by operators who hold a fitting role now; each key counts once. */
export async function signOffsOf(session: Session, candidate: Candidate, run: string): Promise<readonly SignOff[]> {
  const { store, chain, manifest } = session;
  const { roles } = certificationOf(session).signOff;
  const byKey = new Map<string, SignOff>();
  for (const entry of await store.readEvidence(chain, 'certificate.signedoff')) {
    const envelope = entry.data['act'];
    if (entry.data['subject'] !== candidate.digest || entry.data['run'] !== run || !isDigest(envelope)) continue;
    const act = await attestationOf(store, manifest, 'certify', entry, roles);
    const operator = act && manifest.owner.operators.find((one) => one.id === act.operator);
    if (act && operator) byKey.set(operator.did, { entry, act, operator, envelope });
  }
  return [...byKey.values()];
}

/** The newest certificate, if it is in force, about what lies here now, and not yet due for renewal. */
export async function certificateInForce(session: Session, candidate: Candidate): Promise<Entry | undefined> {
  const issued = await session.store.latest(session.chain, 'certificate.issued');
  if (!issued || issued.data['candidate'] !== candidate.digest || (await revocationOf(session, issued.data['certificate']))) return undefined;
  const now = await gateTime(session);
  const { every, warnBefore } = certificationOf(session);
  const soon = addDuration(now, warnBefore);
  const newer = (await session.store.latest(session.chain, 'certificate.measured'))?.data['run'] !== issued.data['run'];
  const due = soon >= String(issued.data['validUntil']) || soon >= addDuration(issued.ts, every);
  return newer || due || (await staleness(session, issued, now)).length > 0 ? undefined : issued;
}

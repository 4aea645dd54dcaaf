/** The files beside agent.yaml that entries name by digest: missing is written again, different is false. */
import { digestBytes, isDigest, type Digest } from '../domain/digest.js';
import { Fault } from '../domain/fault.js';
import type { Store } from '../domain/ports.js';
import { readBlobText, type Session } from './session.js';

/** Entry type and member that hold the digest of a file in `artifacts/`. */
const ARTIFACTS: readonly (readonly [type: string, member: string, file: string])[] = [
  ['identity.registered', 'build', 'build.json'],
  ['identity.registered', 'didDocument', 'did.json'],
  ['identity.registered', 'organisationDocument', 'organisation.did.json'],
  ['pact.signed', 'envelope', 'pact.dsse.json'],
  ['baseline.accepted', 'deliverable', 'baseline.json'],
  ['baseline.accepted', 'result', 'baseline.dsse.json'],
  ['guardrails.checked', 'deliverable', 'guardrails.json'],
  ['monitor.ran', 'deliverable', 'monitoring.json'],
  ['escalation.tested', 'deliverable', 'escalation.json'],
  ['snapshot.taken', 'deliverable', 'snapshot.json'],
  ['incident.drilled', 'deliverable', 'incident.json'],
  ['certificate.issued', 'deliverable', 'certificate.dsse.json'],
  ['certificate.issued', 'credential', 'certificate.vc.json'],
  ['certificate.issued', 'summary', 'certificate.svr.dsse.json'],
  ['trust.carded', 'deliverable', 'agent-card.json'],
  ['review.run', 'deliverable', 'review.json'],
  ['review.run', 'html', 'review.html'],
];

/** Digest that the newest entry gives for a file; undefined when no entry names it yet. */
export async function digestOfArtifact(store: Pick<Store, 'latest'>, chain: string, file: string): Promise<Digest | undefined> {
  const named = ARTIFACTS.find(([, , name]) => name === file);
  const digest = named && (await store.latest(chain, named[0]))?.data[named[1]];
  return isDigest(digest) ? digest : undefined;
}

/** @throws {Fault} DIGEST_MISMATCH when a file differs from what its entry names */
export async function checkArtifacts(session: Session, repair = false): Promise<readonly string[]> {
  const { store, chain, world, artifacts } = session;
  const warnings: string[] = [];
  for (const [type, member, file] of ARTIFACTS) {
    const entry = await store.latest(chain, type);
    const digest = entry?.data[member];
    if (typeof digest !== 'string') continue;
    const path = `${artifacts}/${file}`;
    const found = (await world.files.exists(path)) ? digestBytes(await world.files.read(path)) : null;
    if (found === digest) continue;
    // Written after its entry: a crash in between leaves none, or that of an earlier entry.
    if (found !== null && !(await wasNamed(session, type, member, found))) {
      throw new Fault('DIGEST_MISMATCH', `artifacts/${file} is not what entry ${entry?.seq} (${type}) names`, { at: `artifacts/${file}`, hint: `git checkout artifacts/${file}, or delete it and run agentctl apply` });
    }
    const text = repair ? await readBlobText(store, digest) : undefined;
    if (text === undefined) warnings.push(`artifacts/${file} is ${found === null ? 'missing' : 'of an earlier entry'}; agentctl apply writes it again`);
    else await world.files.write(path, text);
  }
  return warnings;
}

async function wasNamed({ store, chain }: Session, type: string, member: string, digest: Digest): Promise<boolean> {
  return (await store.readEvidence(chain, type)).some((entry) => entry.data[member] === digest);
}

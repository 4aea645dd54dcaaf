/** The files beside agent.yaml that entries name by digest, and those that follow from them: missing is written again, different is false. */
import { bundleOf } from '../attestation/sigstore-bundle.js';
import { digestBytes, isDigest, type Digest } from '../domain/digest.js';
import type { Entry } from '../domain/entry.js';
import { Fault } from '../domain/fault.js';
import type { Json } from '../domain/json.js';
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

/** Files that follow to the byte from one that an entry names: no digest of their own is on record. */
const DERIVED: readonly (readonly [file: string, from: string, derive: (text: string) => string])[] = [
  ['certificate.sigstore.json', 'certificate.dsse.json', bundleOf],
  ['certificate.svr.sigstore.json', 'certificate.svr.dsse.json', bundleOf],
];

/** @throws {Fault} DIGEST_MISMATCH when a file differs from what its entry names, or from what follows from that */
export async function checkArtifacts(session: Session, repair = false): Promise<readonly string[]> {
  const { store, chain } = session;
  const warnings: string[] = [];
  for (const [type, member, file] of ARTIFACTS) {
    const entry = await store.latest(chain, type);
    const digest = entry?.data[member];
    if (!entry || !isDigest(digest)) continue;
    const named: Named = { entry, digest, wanted: () => readBlobText(store, digest), former: async () => (await store.readEvidence(chain, type)).map((one) => one.data[member]) };
    warnings.push(...(await checkFile(session, file, named, repair)));
    for (const [derived, from, derive] of DERIVED) if (from === file) warnings.push(...(await checkDerived(session, derived, { named, derive, repair })));
  }
  return warnings;
}

/** What an entry names, or what follows from it. */
interface Named {
  readonly entry: Entry;
  readonly digest: Digest;
  /** Its text; undefined when the store does not have it. */
  readonly wanted: () => Promise<string | undefined>;
  /** Digests that earlier entries named. */
  readonly former: () => Promise<readonly (Json | undefined)[]>;
}

async function checkFile({ world, artifacts }: Session, file: string, { entry, digest, wanted, former }: Named, repair: boolean): Promise<readonly string[]> {
  const path = `${artifacts}/${file}`;
  const found = (await world.files.exists(path)) ? digestBytes(await world.files.read(path)) : null;
  if (found === digest) return [];
  // Written after its entry: a crash in between leaves none, or that of an earlier entry.
  if (found !== null && !(await former()).includes(found)) {
    throw new Fault('DIGEST_MISMATCH', `artifacts/${file} is not what entry ${entry.seq} (${entry.type}) names`, { at: `artifacts/${file}`, hint: `git checkout artifacts/${file}, or delete it and run agentctl apply` });
  }
  const text = repair ? await wanted() : undefined;
  if (text === undefined) return [`artifacts/${file} is ${found === null ? 'missing' : 'of an earlier entry'}; agentctl apply writes it again`];
  await world.files.write(path, text);
  return [];
}

async function checkDerived(session: Session, file: string, { named, derive, repair }: { readonly named: Named; readonly derive: (text: string) => string; readonly repair: boolean }): Promise<readonly string[]> {
  const source = await named.wanted();
  // Told of the file that it follows from.
  if (source === undefined) return [];
  const text = derive(source);
  const former = async () => {
    const texts = await Promise.all((await named.former()).map((digest) => readBlobText(session.store, digest)));
    return texts.flatMap((one) => (one === undefined ? [] : [digestBytes(derive(one))]));
  };
  return checkFile(session, file, { entry: named.entry, digest: digestBytes(text), wanted: () => Promise.resolve(text), former }, repair);
}

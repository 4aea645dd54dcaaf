/** `agentctl verify --certificate`: the gate for CI and counterparties. Offline, without a store: the file, a root, a checkout. */
import { link } from '../attestation/certificate-links.js';
import type { CertificateSubject } from '../attestation/certificate-links.js';
import { verifyCertificate, type CertificateVerdict } from '../attestation/verify-certificate.js';
import { combineExits, EXIT, Fault } from '../domain/fault.js';
import type { LinkView, Report } from '../domain/report.js';
import type { World } from '../domain/ports.js';
import { parseDuration, readable, toInstant, type Instant } from '../domain/time.js';
import type { AnchorFlags } from './audit/anchors.js';
import { computeBuild } from './build.js';
import { policySections } from './certify/candidate.js';
import { loadManifest, MANIFEST_FILE } from './manifest.js';
import { absolute, readTrustRoots } from './trust-roots.js';

export interface CertificateInput extends AnchorFlags {
  readonly certificate: string;
  /** did:keys, or files that hold one. */
  readonly trust?: readonly string[];
  /** Folder of agent.yaml in a checkout. */
  readonly subject?: string;
  readonly allowScripted?: boolean;
  readonly maximumAge?: string;
  /** Answer as of this time; such an answer is never a yes for now. */
  readonly at?: string;
  readonly stage?: string;
}

const STORE_FLAGS = [
  ['stage', '--stage'], ['witnessFile', '--witness-file'], ['witnessGit', '--witness-git'], ['witness', '--witness'], ['witnessKey', '--witness-key'], ['requireAnchor', '--require-anchor'],
] as const satisfies readonly (readonly [keyof CertificateInput, string])[];

/** Never throws for a bad certificate: that is a verdict. @throws {Fault} USAGE, INPUT_INVALID, EVIDENCE_MISSING, MANIFEST_INVALID */
export async function verifyCertificateFile(world: World, input: CertificateInput): Promise<Report> {
  for (const [name, flag] of STORE_FLAGS) if (input[name] !== undefined) throw new Fault('USAGE', `${flag} is about the store, --certificate about a file`, { hint: 'leave one of them out' });
  const at = input.at === undefined ? undefined : instantOf(input.at);
  if (input.maximumAge !== undefined) parseDuration(input.maximumAge);
  const trust = await readTrustRoots(world, input.trust);
  const envelope = await readCertificate(world, input.certificate);
  const subject = input.subject === undefined ? null : await subjectAt(world, input.subject);
  const { exit: _exit, ...verdict } = await verifyCertificate({
    envelope, trust, now: at ?? world.clock.now(), allowScripted: input.allowScripted === true,
    subject: subject !== null && 'build' in subject ? subject : null,
    ...(input.maximumAge === undefined ? {} : { maximumAge: input.maximumAge }),
  });
  const links = [...withSubject(verdict.links, subject), ...timeLink(at)];
  const data: Omit<CertificateVerdict, 'exit'> = { ...verdict, links };
  return { kind: 'certificate', exit: combineExits(links.map((one) => one.exit)), data };
}

async function readCertificate(world: World, file: string): Promise<string> {
  const path = absolute(world, file);
  const info = await world.files.info(path);
  if (!info) throw new Fault('EVIDENCE_MISSING', `there is no certificate at ${file}`, { at: file, hint: 'agentctl certify --as <operator>' });
  if (info.kind === 'directory') throw new Fault('INPUT_INVALID', `${file} is a folder`, { at: file, hint: `${file.replace(/\/+$/, '')}/artifacts/certificate.dsse.json` });
  return world.files.readText(path);
}

/** What lies in the checkout; or why it cannot be what was certified, such as a build file that is gone. */
async function subjectAt(world: World, folder: string): Promise<CertificateSubject | { readonly problem: string }> {
  const path = absolute(world, folder);
  const info = await world.files.info(path);
  const file = info?.kind === 'file' ? path : `${path}/${MANIFEST_FILE}`;
  if (!(await world.files.exists(file))) throw new Fault('MANIFEST_MISSING', `--subject ${folder} holds no ${MANIFEST_FILE}`, { at: folder, hint: '--subject <folder of agent.yaml>' });
  const { manifest, folder: home } = await loadManifest(world, file);
  try {
    return { agent: manifest.metadata.id, build: (await computeBuild(world, manifest, home)).document, sections: policySections(manifest) };
  } catch (error) {
    if (error instanceof Fault && error.code === 'INPUT_INVALID') return { problem: error.message };
    throw error;
  }
}

function withSubject(links: readonly LinkView[], subject: CertificateSubject | { readonly problem: string } | null): readonly LinkView[] {
  if (subject === null || 'build' in subject) return links;
  return links.map((one) => (one.link === 'subject' ? link('subject', 'no', `genuine, but for another build: ${subject.problem}`, EXIT.indeterminate) : one));
}

function timeLink(at: Instant | undefined): readonly LinkView[] {
  return at === undefined ? [] : [link('time', 'unknown', `as of ${readable(at)}: that is no answer for now`, EXIT.indeterminate)];
}

function instantOf(text: string): Instant {
  const milliseconds = /^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2}(\.\d{1,3})?)?Z)?$/.test(text) ? Date.parse(text) : Number.NaN;
  if (Number.isNaN(milliseconds)) throw new Fault('USAGE', `--at "${text}" is no time`, { hint: '--at 2026-03-01T12:00:00Z' });
  return toInstant(milliseconds);
}

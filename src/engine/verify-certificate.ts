/** `agentctl verify --certificate`: the gate for CI and counterparties. Offline, without a store: the file, a root, a checkout. */
import { HISTORY_FILE } from '../attestation/certificate-history.js';
import { link } from '../attestation/certificate-links.js';
import type { CertificatePolicy } from '../attestation/policy.js';
import { STATEMENTS_FILE } from '../attestation/succession.js';
import { verifyCertificate, type CertificateVerdict } from '../attestation/verify-certificate.js';
import { combineExits, EXIT, Fault } from '../domain/fault.js';
import type { LinkView, Report } from '../domain/report.js';
import type { World } from '../domain/ports.js';
import { parseDuration, readable, type Instant } from '../domain/time.js';
import type { AnchorFlags } from './audit/anchors.js';
import { subjectAt, type ReadSubject } from './certificate-subject.js';
import { instantFrom } from './time-option.js';
import { absolute, readTrustRoots } from './trust-roots.js';

export interface CertificateInput extends AnchorFlags {
  readonly certificate: string;
  /** did:keys, or files that hold one or a did.json. */
  readonly trust?: readonly string[];
  /** Folder of agent.yaml in a checkout. */
  readonly subject?: string;
  readonly allowScripted?: boolean;
  readonly maximumAge?: string;
  /** File with what the reader asks for, see attestation/policy.ts. */
  readonly policy?: string;
  /** File with the status list that the certificate names. */
  readonly status?: string;
  /** Answer as of this time; such an answer is never a yes for now. */
  readonly at?: string;
  readonly stage?: string;
}

const STORE_FLAGS = [
  ['stage', '--stage'], ['witnessFile', '--witness-file'], ['witnessGit', '--witness-git'], ['witness', '--witness'], ['witnessKey', '--witness-key'], ['requireAnchor', '--require-anchor'],
] as const satisfies readonly (readonly [keyof CertificateInput, string])[];

/** Enough of the world to verify what lies in files. */
export type VerifyingWorld = Pick<World, 'files' | 'surroundings' | 'clock'>;

/** What only some checks need, and what takes longer to load than the rest together. */
export interface Readers {
  readonly subject: ReadSubject;
  readonly policy: (file: string) => Promise<CertificatePolicy>;
}

/** Never throws for a bad certificate: that is a verdict. @throws {Fault} USAGE, INPUT_INVALID, EVIDENCE_MISSING, MANIFEST_INVALID */
export async function verifyCertificateFile(world: World, input: CertificateInput): Promise<Report<'certificate'>> {
  return verifyWith(world, input, {
    subject: async (path) => (await import('./certify/subject.js')).readSubject(world, path),
    policy: async (file) => (await import('./certificate-policy.js')).readPolicy(world, file),
  });
}

/** {@link verifyCertificateFile} with the slower readers handed in. */
export async function verifyWith(world: VerifyingWorld, input: CertificateInput, readers: Readers): Promise<Report<'certificate'>> {
  for (const [name, flag] of STORE_FLAGS) if (input[name] !== undefined) throw new Fault('USAGE', `${flag} is about the store, --certificate about a file`, { hint: 'leave one of them out' });
  const at = input.at === undefined ? undefined : instantFrom(input.at, '--at');
  if (input.maximumAge !== undefined) parseDuration(input.maximumAge);
  const trust = await readTrustRoots(world, input.trust);
  const policy = input.policy === undefined ? undefined : await readers.policy(input.policy);
  const status = input.status === undefined ? undefined : await readNamed(world, input.status, 'status list', 'fetch it from the address that the certificate names');
  const envelope = await readNamed(world, input.certificate, 'certificate', 'agentctl certify --as <operator>');
  const [history, keys] = await Promise.all([readBeside(world, input.certificate, HISTORY_FILE), readBeside(world, input.certificate, STATEMENTS_FILE)]);
  const subject = input.subject === undefined ? null : await subjectAt(world, input.subject, readers.subject);
  const { exit: _exit, ...verdict } = await verifyCertificate({
    envelope, trust, subject, now: at ?? world.clock.now(), allowScripted: input.allowScripted === true,
    ...(input.maximumAge === undefined ? {} : { maximumAge: input.maximumAge }),
    ...(policy === undefined ? {} : { policy }),
    ...(status === undefined ? {} : { status }),
    ...(history === undefined ? {} : { history }),
    ...(keys === undefined ? {} : { keys }),
  });
  const links = [...verdict.links, ...timeLink(at)];
  const data: Omit<CertificateVerdict, 'exit'> = { ...verdict, links };
  return { kind: 'certificate', exit: combineExits(links.map((one) => one.exit)), data };
}

async function readNamed(world: VerifyingWorld, file: string, what: string, hint: string): Promise<string> {
  const path = absolute(world, file);
  const info = await world.files.info(path);
  if (!info) throw new Fault('EVIDENCE_MISSING', `there is no ${what} at ${file}`, { at: file, hint });
  if (info.kind === 'directory') throw new Fault('INPUT_INVALID', `${file} is a folder`, { at: file, hint: await fileIn(world, file.replace(/\/+$/, ''), what) });
  return world.files.readText(path);
}

/** The file that is meant by its folder, as far as one can tell. */
async function fileIn(world: VerifyingWorld, folder: string, what: string): Promise<string> {
  const places = what === 'certificate' ? ['certificate.dsse.json', 'artifacts/certificate.dsse.json'].map((name) => `${folder}/${name}`) : [];
  for (const place of places) if (await world.files.info(absolute(world, place))) return place;
  return `name the file of the ${what}`;
}

/** What is published in the folder of a certificate, and shows more of it. */
async function readBeside(world: VerifyingWorld, certificate: string, name: string): Promise<string | undefined> {
  const path = absolute(world, certificate);
  const file = `${path.slice(0, path.lastIndexOf('/') + 1)}${name}`;
  return (await world.files.info(file))?.kind === 'file' ? world.files.readText(file) : undefined;
}

function timeLink(at: Instant | undefined): readonly LinkView[] {
  return at === undefined ? [] : [link('time', 'unknown', `as of ${readable(at)}: that is no answer for now`, EXIT.indeterminate)];
}

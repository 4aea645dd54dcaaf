/** Reads what somebody calls a certificate: the envelope, alone or in a Sigstore bundle; or says what the file is instead. */
import { digestBytes, digestJson, type Digest } from '../domain/digest.js';
import { EXIT, Fault, type Exit } from '../domain/fault.js';
import { asObject, isObject, parseJson, type Json, type JsonObject } from '../domain/json.js';
import type { LinkView } from '../domain/report.js';
import { CERTIFICATION, certificatePredicate, inconsistency, type CertificatePredicate, type Certified } from './certificate.js';
import { conform } from './conform.js';
import { SVR } from './svr.js';
import { readSealed, type Sealed, type Statement } from './statement.js';

/** The certificate as a signed statement. */
export interface ReadStatement {
  readonly sealed: Sealed;
  readonly certified: Certified;
  readonly digest: Digest;
}

/** What was given, by its content: statement, credential, or verification result; or the link that says why it is none of them. */
export type ReadCertificate =
  | { readonly form: 'statement'; readonly statement: ReadStatement }
  | { readonly form: 'credential'; readonly credential: JsonObject }
  | { readonly form: 'result'; readonly result: Sealed }
  | { readonly form: 'none'; readonly broken: LinkView };

/** Nothing is verified yet; of a statement, shape and digests agree with each other. */
export function readCertificate(text: string): ReadCertificate {
  try {
    const sealed = readSealed(envelopeIn(text), 'certificate');
    const { predicateType } = sealed.statement;
    if (predicateType === SVR) return { form: 'result', result: sealed };
    const other = predicateType === CERTIFICATION ? undefined : kindOfStatement(predicateType);
    if (other !== undefined) return none(other, EXIT.usage);
    return { form: 'statement', statement: { sealed, certified: consistent(sealed.statement), digest: digestBytes(sealed.payload) } };
  } catch (error) {
    if (!(error instanceof Fault) || error.code === 'INTERNAL') throw error;
    const json = text.trimStart().startsWith('{') ? jsonOf(text) : null;
    if (isObject(json) && hasType(json, 'AgentCertification')) return { form: 'credential', credential: json };
    const other = kindOf(text, json);
    return other === undefined ? none(damaged(error), EXIT.untrustworthy) : none(other, EXIT.usage);
  }
}

/** How a certificate is told that was meant as one and cannot be read. */
export function damaged({ message, at }: Fault): string {
  return `truncated or edited: ${message}${at === undefined ? '' : ` (${at})`}`;
}

function none(because: string, exit: Exit): ReadCertificate {
  return { form: 'none', broken: { link: 'envelope', is: 'no', because, exit } };
}

/** The envelope itself, or the one in a bundle: what else a bundle holds is for verifiers of that world, and unsigned, but has to be a bundle to them. */
function envelopeIn(text: string): string | JsonObject {
  if (!text.includes('"dsseEnvelope"')) return text;
  const bundle = asObject(parseJson(text, 'certificate'), 'certificate');
  const { dsseEnvelope, mediaType, verificationMaterial } = bundle;
  const known = typeof mediaType === 'string' && /^application\/vnd\.dev\.sigstore\.bundle(\.v0\.3\+json|\+json;version=0\.[123])$/.test(mediaType);
  if (!known) throw broken('not a Sigstore bundle of a known version');
  if ('messageSignature' in bundle) throw broken('a Sigstore bundle holds one content, and this one two');
  const materials = isObject(verificationMaterial) ? MATERIALS.filter((name) => isObject(verificationMaterial[name])) : [];
  if (materials.length !== 1) throw broken('not a Sigstore bundle: its verificationMaterial names no key or certificate, or several');
  return asObject(dsseEnvelope, 'certificate: dsseEnvelope');
}

/** What a verifier of that world verifies with: exactly one of them (sigstore_bundle.proto). */
const MATERIALS = ['publicKey', 'certificate', 'x509CertificateChain'] as const;

/** Signed statements that are something else, and where they belong. */
const STATEMENTS: readonly (readonly [type: RegExp, what: string])[] = [
  [/\/human-act\/v1$/, 'a human act'],
  [/\/(agent-ownership|ownership-acceptance)\/v1$/, 'a statement of ownership'],
  [/\/key-(succession|withdrawal)\/v1$/, 'a statement about keys'],
  [/\/publication\/v1$/, 'a list of published files: agentctl trust verify <url>'],
  [/^https:\/\/in-toto\.io\/attestation\/test-result\//, 'a test result'],
  [/^https:\/\/in-toto\.io\/attestation\/svr\//, 'a verification result of another version: give certificate.dsse.json'],
  [/^https:\/\/agentctl\.dev\/attestations\/(?!agent-certification\/)/, 'another signed statement of agentctl'],
];

function kindOfStatement(predicateType: string): string | undefined {
  const known = STATEMENTS.find(([type]) => type.test(predicateType));
  return known && `this is ${known[1]}, not a certificate`;
}

/** Documents that lie beside a certificate, by a member that none of the others has. */
const DOCUMENTS: readonly (readonly [is: (json: JsonObject) => boolean, what: string])[] = [
  [(json) => hasType(json, 'BitstringStatusListCredential'), 'a status list: give it with --status'],
  [(json) => hasType(json, 'VerifiableCredential'), 'another credential, not a certificate'],
  [(json) => json['payloadType'] === 'application/vnd.agentctl.pact+json', 'the signed pact, not a certificate'],
  [(json) => 'verificationMethod' in json, 'a DID document: give it with --trust'],
  [(json) => 'supportedInterfaces' in json || 'skills' in json, 'an agent card: agentctl trust verify <url>'],
  [(json) => Array.isArray(json['keys']), 'a directory of keys'],
  [(json) => Array.isArray(json['files']) && 'model' in json, 'a build document: give its folder with --subject'],
];

function hasType({ type }: JsonObject, name: string): boolean {
  return [type ?? []].flat().includes(name);
}

/** What a text is that cannot be read as a certificate; undefined when it was meant as one, and was damaged. */
function kindOf(text: string, json: Json | undefined): string | undefined {
  const known = isObject(json) ? DOCUMENTS.find(([is]) => is(json)) : undefined;
  if (known) return `this is ${known[1]}`;
  if (text.trim() === '') return 'this file is empty';
  if (json === undefined && isLines(text)) return 'this is a history, one certificate or statement a line: agentctl trust history --check FILE';
  const meant = json === undefined || /"(payload|payloadType|signatures|dsseEnvelope)"/.test(text);
  return meant ? undefined : 'this file is no DSSE envelope';
}

function isLines(text: string): boolean {
  const lines = text.trim().split('\n');
  return lines.length > 1 && lines.every((line) => {
    const json = jsonOf(line);
    return isObject(json) && 'payload' in json;
  });
}

function jsonOf(text: string): Json | undefined {
  try {
    return parseJson(text, 'certificate');
  } catch (error) {
    if (error instanceof Fault) return undefined;
    throw error;
  }
}

/** What the statement says, once its shape holds and its digests agree with each other. */
function consistent({ subject, predicateType, predicate: json }: Statement): Certified {
  if (predicateType !== CERTIFICATION) throw broken(`the statement is of type ${JSON.stringify(predicateType)}`);
  const predicate = conform<CertificatePredicate>(certificatePredicate, json, 'certificate');
  const [build, pact, ...others] = subject;
  if (!build || !pact || others.length > 0) throw broken('a certificate has two subjects: build and pact');
  if (build.digest !== digestJson(predicate.build)) throw broken('the build document is not the first subject');
  if (pact.digest !== predicate.pact.digest) throw broken('the pact is not the second subject');
  const certified: Certified = { ...predicate, build: build.digest, document: predicate.build };
  const problem = inconsistency(certified);
  if (problem !== undefined) throw broken(problem);
  return certified;
}

function broken(reason: string): Fault {
  return new Fault('INPUT_INVALID', reason, { at: 'certificate' });
}

/** Reads what somebody calls a certificate: the envelope, alone or in a Sigstore bundle; or says what the file is instead. */
import { digestBytes, digestJson, type Digest } from '../domain/digest.js';
import { EXIT, Fault } from '../domain/fault.js';
import { asObject, isObject, parseJson, type Json, type JsonObject } from '../domain/json.js';
import type { LinkView } from '../domain/report.js';
import { isInstant } from '../domain/time.js';
import { candidateDigest, CERTIFICATION, certificatePredicate, type CertificatePredicate } from './certificate.js';
import { conform } from './conform.js';
import { readSealed, type Sealed, type Statement } from './statement.js';

export interface ReadCertificate {
  readonly sealed: Sealed;
  readonly predicate: CertificatePredicate;
  readonly digest: Digest;
  /** Digest of the build document, which is the first subject. */
  readonly build: Digest;
}

/** The certificate, its shape and its digests agreeing with each other, nothing verified; or the link that says why there is none. */
export function readCertificate(text: string): ReadCertificate | { readonly broken: LinkView } {
  try {
    const sealed = readSealed(envelopeIn(text), 'certificate');
    const other = sealed.statement.predicateType === CERTIFICATION ? undefined : kindOfStatement(sealed.statement.predicateType);
    if (other !== undefined) return noCertificate(other);
    return { sealed, ...consistent(sealed.statement), digest: digestBytes(sealed.payload) };
  } catch (error) {
    if (!(error instanceof Fault) || error.code === 'INTERNAL') throw error;
    const other = kindOf(text);
    if (other !== undefined) return noCertificate(other);
    const place = error.at === undefined ? '' : ` (${error.at})`;
    return { broken: { link: 'envelope', is: 'no', because: `truncated or edited: ${error.message}${place}`, exit: EXIT.untrustworthy } };
  }
}

function noCertificate(because: string): { readonly broken: LinkView } {
  return { broken: { link: 'envelope', is: 'no', because, exit: EXIT.usage } };
}

/** The envelope itself, or the one in a bundle: what else a bundle holds is for verifiers of that world, and unsigned. */
function envelopeIn(text: string): string | JsonObject {
  if (!text.includes('"dsseEnvelope"')) return text;
  const { dsseEnvelope, mediaType } = asObject(parseJson(text, 'certificate'), 'certificate');
  const known = typeof mediaType === 'string' && /^application\/vnd\.dev\.sigstore\.bundle(\.v0\.3\+json|\+json;version=0\.[123])$/.test(mediaType);
  if (!known) throw new Fault('INPUT_INVALID', 'not a Sigstore bundle of a known version', { at: 'certificate' });
  return asObject(dsseEnvelope, 'certificate: dsseEnvelope');
}

/** Signed statements that are something else, and where they belong. */
const STATEMENTS: readonly (readonly [type: RegExp, what: string])[] = [
  [/\/human-act\/v1$/, 'a human act'],
  [/\/(agent-ownership|ownership-acceptance)\/v1$/, 'a statement of ownership'],
  [/\/key-(succession|withdrawal)\/v1$/, 'a statement about keys'],
  [/\/publication\/v1$/, 'a list of published files: agentctl trust verify <url>'],
  [/^https:\/\/in-toto\.io\/attestation\/svr\//, 'a verification result without the evidence behind it: give certificate.dsse.json'],
  [/^https:\/\/agentctl\.dev\/attestations\/(?!agent-certification\/)/, 'another signed statement of agentctl'],
];

function kindOfStatement(predicateType: string): string | undefined {
  const known = STATEMENTS.find(([type]) => type.test(predicateType));
  return known && `this is ${known[1]}, not a certificate`;
}

/** Documents that lie beside a certificate, by a member that none of the others has. */
const DOCUMENTS: readonly (readonly [is: (json: JsonObject) => boolean, what: string])[] = [
  [(json) => hasType(json, 'BitstringStatusListCredential'), 'a status list: give it with --status'],
  [(json) => hasType(json, 'AgentCertification'), 'the certificate as a credential, without the build document that is compared here: give certificate.dsse.json'],
  [(json) => 'verificationMethod' in json, 'a DID document: give it with --trust'],
  [(json) => 'supportedInterfaces' in json || 'skills' in json, 'an agent card: agentctl trust verify <url>'],
  [(json) => Array.isArray(json['keys']), 'a directory of keys'],
  [(json) => Array.isArray(json['files']) && 'model' in json, 'a build document: give its folder with --subject'],
];

function hasType({ type }: JsonObject, name: string): boolean {
  return [type ?? []].flat().includes(name);
}

/** What a text is that cannot be read as a certificate; undefined when it was meant as one, and was damaged. */
function kindOf(text: string): string | undefined {
  const json = text.trimStart().startsWith('{') ? jsonOf(text) : null;
  const known = isObject(json) ? DOCUMENTS.find(([is]) => is(json)) : undefined;
  if (known) return `this is ${known[1]}`;
  const meant = json === undefined || /"(payload|payloadType|signatures|dsseEnvelope)"/.test(text);
  return meant ? undefined : 'this file is no DSSE envelope';
}

function jsonOf(text: string): Json | undefined {
  try {
    return parseJson(text, 'certificate');
  } catch (error) {
    if (error instanceof Fault) return undefined;
    throw error;
  }
}

/** The predicate, once its shape holds and its digests agree with each other. */
function consistent({ subject, predicateType, predicate: json }: Statement): Pick<ReadCertificate, 'predicate' | 'build'> {
  if (predicateType !== CERTIFICATION) throw broken(`the statement is of type ${JSON.stringify(predicateType)}`);
  const predicate = conform<CertificatePredicate>(certificatePredicate, json, 'certificate');
  const [build, pact, ...others] = subject;
  if (!build || !pact || others.length > 0) throw broken('a certificate has two subjects: build and pact');
  if (build.digest !== digestJson(predicate.build)) throw broken('the build document is not the first subject');
  if (pact.digest !== predicate.pact.digest) throw broken('the pact is not the second subject');
  const candidate = candidateDigest({ build: build.digest, pact: pact.digest, sections: predicate.sections });
  if (candidate !== predicate.candidate) throw broken('the candidate digest does not follow from build, pact and sections');
  const { validFrom, validUntil, waivers } = predicate;
  if (![validFrom, validUntil, ...waivers.map((one) => one.until)].every(isInstant)) throw broken('a time in it is none');
  return { predicate, build: build.digest };
}

function broken(reason: string): Fault {
  return new Fault('INPUT_INVALID', reason, { at: 'certificate' });
}

/** The library: verify a certificate offline, in your own gate; sign an agent's requests, and judge those that arrive. */
export { verifyCertificate, type CertificateCheck, type CertificateVerdict, type SubjectOf } from './attestation/verify-certificate.js';
export { readTrustRoot, type TrustRoot } from './attestation/trust-root.js';
export { certificatePolicy, type CertificatePolicy } from './attestation/policy.js';
export type { CertificateSubject } from './attestation/certificate-links.js';
export type { CertificatePredicate, Certified } from './attestation/certificate.js';
export type { BuildDocument } from './domain/build.js';
export type { CertificateReport, LinkView } from './domain/report.js';
export type { Digest } from './domain/digest.js';
export type { Exit } from './domain/fault.js';
export { Fault } from './domain/fault.js';
export { checkApiKey, parseApiKey, type ApiKeyRecord, type ApiKeyUse, type ApiKeyVerdict } from './identity/api-key.js';
export { verifyRequest, type RequestVerdict } from './identity/http-signature.js';
export { directoryKeys, directoryUrl, parseDirectory } from './identity/key-directory.js';
export { signedFetch, type SignedFetchInit, type SignedFetchOptions } from './identity/signed-fetch.js';
export { signerOf } from './identity/signer.js';
export { pinnedKey, verifyWebBotAuth, type KeySource, type TrafficCheck, type TrafficVerdict } from './identity/web-bot-auth.js';
export type { HttpRequest, Nonces, Signer } from './domain/ports.js';

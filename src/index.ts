/** The library: verify a certificate offline, in your own gate. */
export { verifyCertificate, type CertificateCheck, type CertificateVerdict, type SubjectOf } from './attestation/verify-certificate.js';
export { readTrustRoot, type TrustRoot } from './attestation/trust-root.js';
export { certificatePolicy, type CertificatePolicy } from './attestation/policy.js';
export type { CertificateSubject } from './attestation/certificate-links.js';
export type { CertificatePredicate } from './attestation/certificate.js';
export type { BuildDocument } from './domain/build.js';
export type { CertificateReport, LinkView } from './domain/report.js';
export type { Digest } from './domain/digest.js';
export type { Exit } from './domain/fault.js';
export { Fault } from './domain/fault.js';

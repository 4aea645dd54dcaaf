/** What every form of a certificate has to give, so that the same questions can be asked of it; and the first form, the signed statement. */
import type { Digest } from '../domain/digest.js';
import type { LinkView } from '../domain/report.js';
import type { Instant } from '../domain/time.js';
import type { KeyHistory } from '../identity/key-history.js';
import type { ReadStatement } from './certificate-input.js';
import { signerLink, yes, type Signed } from './certificate-links.js';
import type { Certified } from './certificate.js';

export interface CertificateForm {
  readonly certified: Certified;
  /** Of the signed statement, which a credential names: the certificate has one name in all its forms. */
  readonly digest: Digest;
  readonly whole: LinkView;
  readonly signer: (history: KeyHistory) => Promise<Signed>;
  /** When the signature itself says that it was made, beside what the certificate says. */
  readonly made?: Instant;
  /** Why the signature itself does not count at a time, if it says so. */
  readonly untimely?: (now: Instant) => string | undefined;
}

export function statementForm({ sealed, certified, digest }: ReadStatement): CertificateForm {
  return { certified, digest, whole: yes('envelope', 'one statement, one signature, in canonical form'), signer: (history) => signerLink(sealed, certified, history) };
}

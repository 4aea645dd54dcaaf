/** Whom and what a certificate speaks of, as far as it could be read. */
import type { CertificateReport } from '../domain/report.js';

export function about({ agent, issuer, signer }: CertificateReport): readonly { readonly label: string; readonly value: string }[] {
  const known = ['name', 'version', 'id', 'did'].flatMap((key) => {
    const value = agent?.[key];
    return typeof value === 'string' ? [{ label: key === 'name' ? 'agent' : key, value }] : [];
  });
  // A verification result names no issuer, but somebody signed it.
  if (issuer === null && signer !== null) return [...known, { label: 'signed by', value: signer }];
  return [...known, { label: 'issued by', value: issuer ?? 'nobody that could be read' }];
}

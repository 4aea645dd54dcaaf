/** Whom and what a certificate speaks of, as far as it could be read. */
import type { CertificateReport } from '../domain/report.js';

export function about({ agent, issuer }: CertificateReport): readonly { readonly label: string; readonly value: string }[] {
  const known = ['name', 'version', 'id', 'did'].flatMap((key) => {
    const value = agent?.[key];
    return typeof value === 'string' ? [{ label: key === 'name' ? 'agent' : key, value }] : [];
  });
  return [...known, { label: 'issued by', value: issuer ?? 'nobody that could be read' }];
}

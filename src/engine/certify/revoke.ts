/** `certify revoke`: the organisation takes a certificate back before its end. The file stays what it is; the status list that it names says so. */
import { short } from '../../domain/digest.js';
import { Fault } from '../../domain/fault.js';
import type { Entry } from '../../domain/entry.js';
import { readable } from '../../domain/time.js';
import { REVOCATIONS } from '../../ledger/types/certify.js';
import { underLock } from '../locked.js';
import { record, type Session } from '../session.js';
import { outcome } from '../outcome.js';
import { requiredOption, type Verb } from '../verb.js';
import { LIST_VALID_FOR, plannedLists, revocationOf, signStatusLists, withPlace } from './status-list.js';

// Two at once would revoke twice, and sign lists that each lack the other's place.
export const run: Verb = (session, input) => underLock(session, 'certify revoke', () => revoke(session, input));

const revoke: Verb = async (session, input) => {
  const { world, artifacts, manifest, keys } = session;
  const cause = requiredOption(input, 'cause', `one of ${REVOCATIONS.join(', ')}`);
  const reason = requiredOption(input, 'reason', 'say why in a sentence: --reason "the data set was wrong"');
  if (!REVOCATIONS.some((one) => one === cause)) throw new Fault('USAGE', `--cause "${cause}" is none of ${REVOCATIONS.join(', ')}`, { hint: '--cause build-withdrawn' });
  const issued = await issuedCertificate(session, input.args[0]);
  const { certificate = null, statusList: list, statusIndex: index } = issued.data;
  const before = await revocationOf(session, certificate);
  if (before) throw new Fault('REFUSED', `the certificate was revoked on ${readable(before.ts)}: ${String(before.data['cause'])}`, { hint: 'agentctl certify status' });
  // Nobody takes back what the organisation said but the organisation, list or no list.
  const issuer = await keys.openByDid('organisation', manifest.owner.organisation.did);
  const place = typeof list === 'string' && typeof index === 'number' ? { list, index } : undefined;
  const lists = place === undefined ? [] : await signStatusLists(session, issuer, withPlace(await plannedLists(session), place, { revoked: true }));
  await record(session, { type: 'certificate.revoked', actor: issuer.did, data: { certificate, cause, statusIndex: place?.index ?? null }, payload: { reason } });
  for (const { file, text } of lists) await world.files.write(`${artifacts}/${file}`, text);
  return outcome({
    step: 'certify', verb: 'revoke', headline: `certificate ${short(String(certificate))} of ${manifest.metadata.name} is revoked: ${cause}`,
    facts: [
      { label: 'reason', value: reason },
      { label: 'verifiers', value: place === undefined ? 'cannot see it: the certificate names no status list, and counts for them until its end' : `see it at place ${place.index} of ${place.list}` },
      ...(lists.length === 0 ? [] : [{ label: 'written', value: lists.map((one) => `artifacts/${one.file}`).join(', ') }]),
    ],
    ...(place === undefined ? {} : { notes: [`publish artifacts/status/ now: until then, verifiers see the former list, for ${LIST_VALID_FOR} at most`] }),
    next: 'agentctl certify --as <operator>',
    data: { certificate, cause, statusIndex: place?.index ?? null },
  });
};

/** The newest certificate, or the one whose digest begins as typed. */
async function issuedCertificate({ store, chain }: Session, typed: string | undefined): Promise<Entry> {
  const all = await store.readEvidence(chain, 'certificate.issued');
  const wanted = typed?.replace(/^sha256:/, '');
  if (wanted !== undefined && !/^[0-9a-f]{12,64}$/.test(wanted)) throw new Fault('USAGE', `"${typed}" is no digest of a certificate`, { hint: 'agentctl certify show' });
  const found = wanted === undefined ? all.at(-1) : all.find((entry) => String(entry.data['certificate']).startsWith(`sha256:${wanted}`));
  if (found) return found;
  throw new Fault('EVIDENCE_MISSING', wanted === undefined ? 'there is no certificate to revoke' : `no certificate ${wanted} was issued here`, { hint: 'agentctl certify show' });
}

/** `certify show`: the newest certificate in words, and those before it. */
import { span } from '../../evaluation/span.js';
import { counted } from '../../domain/counted.js';
import type { CertificatePredicate } from '../../attestation/certificate.js';
import { peekStatement } from '../../attestation/statement.js';
import { short } from '../../domain/digest.js';
import { Fault } from '../../domain/fault.js';
import type { Table } from '../../domain/report.js';
import { FIRST_PROFILE } from '../../evaluation/composite.js';
import { readable } from '../../domain/time.js';
import { readBlobText } from '../session.js';
import { outcome } from '../outcome.js';
import type { Verb } from '../verb.js';

export const run: Verb = async ({ store, chain }) => {
  const issued = await store.readEvidence(chain, 'certificate.issued');
  const revoked = new Map((await store.readEvidence(chain, 'certificate.revoked')).map((entry) => [entry.data['certificate'], readable(entry.ts)]));
  const newest = issued.at(-1);
  if (!newest) return outcome({ step: 'certify', verb: 'show', headline: 'no certificate issued yet', next: 'agentctl certify --as <operator>', data: {} });
  const text = await readBlobText(store, newest.data['deliverable']);
  if (text === undefined) throw new Fault('DIGEST_MISMATCH', 'the certificate is gone from the store', { at: `entry ${newest.seq}`, hint: 'agentctl audit verify' });
  // Signed, verified and recorded by `issue`; the blob is found by its digest.
  const predicate = peekStatement(text).predicate as unknown as CertificatePredicate;
  const { agent, organisation, validFrom, validUntil } = predicate;
  return outcome({
    step: 'certify', verb: 'show', headline: `${organisation.name} certifies ${agent.name} ${agent.version} from ${readable(validFrom)} until ${readable(validUntil)}`,
    facts: [
      { label: 'certificate', value: String(newest.data['certificate']) },
      { label: 'agent', value: agent.did },
      { label: 'build', value: `${short(String(newest.data['build']))}, ${counted(predicate.build.files.length, 'file')}, model ${predicate.build.model.id}` },
      { label: 'pact', value: `${short(predicate.pact.digest)}, ${predicate.pact.conditions.length} conditions` },
      { label: 'composite', value: `${predicate.composite ?? 'none'} by ${predicate.versions['profile'] ?? FIRST_PROFILE}, 0 to 1 (${Object.entries(predicate.dimensions).map(([name, score]) => `${name} ${score ?? '-'}`).join(', ')})` },
      { label: 'harness', value: predicate.versions['harness'] ?? 'not named' },
      { label: 'ledger', value: `${counted(predicate.ledger.size, 'entry', 'entries')}` },
      { label: 'human acts', value: predicate.ceremony === 'interactive' ? 'signed by people at a terminal' : 'scripted stand-in: verifiers need --allow-scripted' },
    ],
    tables: [conditions(predicate), steps(predicate), exceptions(predicate), {
      title: 'History', columns: ['issued', 'certificate', 'renews', 'until', 'build', 'revoked'],
      rows: issued.map(({ ts, data }) => [readable(ts), short(String(data['certificate'])), typeof data['previous'] === 'string' ? short(data['previous']) : '-', readable(String(data['validUntil'])), short(String(data['build'])), revoked.get(data['certificate']) ?? '-']),
    }],
    next: `agentctl verify --certificate artifacts/certificate.dsse.json --trust ${organisation.did} --subject .`,
    data: { certificate: String(newest.data['certificate']), validUntil, issued: issued.length },
  });
};

function conditions({ pact }: CertificatePredicate): Table {
  return {
    title: 'Pact', columns: ['condition', 'must be', 'value', 'n', 'interval', 'verdict'],
    rows: pact.conditions.map((one) => [one.id, `${one.operator} ${one.threshold}`, one.value ?? '-', String(one.n), span(one.lower, one.upper), one.verdict]),
  };
}

function steps(predicate: CertificatePredicate): Table {
  return { title: 'Steps', columns: ['step', 'state', 'required'], rows: predicate.steps.map(({ id, state, required }) => [id, state, required ? 'yes' : 'no']) };
}

function exceptions({ waivers, unknown }: CertificatePredicate): Table {
  return {
    title: 'Waived and unknown', columns: ['row', 'what', 'why'],
    rows: [...waivers.map((one) => [one.row, `waived by ${one.by} until ${readable(one.until)}`, one.reason]), ...unknown.map((one) => [one.row, 'unknown', one.because])],
  };
}

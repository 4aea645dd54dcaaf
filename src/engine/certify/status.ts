/** `certify status`: where the newest certificate stands, for us and for everybody who looks it up; and, asked to, the status lists signed anew. */
import { EXIT, type Exit } from '../../domain/fault.js';
import { short } from '../../domain/digest.js';
import type { Entry } from '../../domain/entry.js';
import { addDuration, millisecondsOf, parseDuration, readable, toInstant } from '../../domain/time.js';
import { staleness } from '../states.js';
import { speakingKey } from '../../attestation/succession.js';
import { keyRecords } from '../key-history.js';
import { gateTime } from '../status.js';
import type { Session } from '../session.js';
import { outcome } from '../outcome.js';
import type { Verb } from '../verb.js';
import { certificationOf } from './cycle.js';
import { listFile, listOnDisk, plannedLists, revocationOf, signStatusLists } from './status-list.js';

export const run: Verb = async (session, input) => {
  const { store, chain } = session;
  const written = input.options['refresh'] === true ? [{ label: 'written', value: await refresh(session) }] : [];
  const issued = await store.latest(chain, 'certificate.issued');
  if (!issued) return outcome({ step: 'certify', verb: 'status', headline: 'no certificate issued yet', facts: written, next: 'agentctl certify --as <operator>', data: { standing: 'none' } }, EXIT.indeterminate);
  const { standing, because, exit } = await standingOf(session, issued);
  const { certificate = null, statusList = null, statusIndex = null } = issued.data;
  const validUntil = String(issued.data['validUntil']);
  const due = dueOf(session, issued);
  const list = await listState(session, issued);
  return outcome({
    step: 'certify', verb: 'status', headline: `${standing}: ${because}`,
    facts: [
      { label: 'certificate', value: String(certificate) },
      { label: 'build', value: short(String(issued.data['build'])) },
      { label: 'valid until', value: readable(validUntil) },
      ...(exit === EXIT.yes ? [{ label: 'renewal due', value: `from ${readable(due.from)}, at the latest on ${readable(due.until)}` }] : []),
      { label: 'status list', value: typeof statusList === 'string' ? `place ${String(statusIndex)} of ${statusList}` : 'none: verifiers cannot see a revocation' },
      ...(list === null ? [] : [{ label: 'list file', value: list.text }]),
      ...written,
    ],
    next: list !== null && !list.fit ? 'agentctl certify status --refresh' : exit === EXIT.yes && (await gateTime(session)) < due.from ? null : 'agentctl certify --as <operator>',
    data: { standing, certificate, validUntil, statusList, statusIndex, due: due.from, dueUntil: due.until },
  }, exit);
};

type Standing = { readonly standing: 'in force' | 'revoked' | 'expired' | 'stale'; readonly because: string; readonly exit: Exit };

async function standingOf(session: Session, issued: Entry): Promise<Standing> {
  const now = await gateTime(session);
  const validUntil = String(issued.data['validUntil']);
  const revoked = await revocationOf(session, issued.data['certificate']);
  if (revoked) return { standing: 'revoked', because: `on ${readable(revoked.ts)}, ${String(revoked.data['cause'])}`, exit: EXIT.no };
  if (now >= validUntil) return { standing: 'expired', because: `on ${readable(validUntil)}`, exit: EXIT.indeterminate };
  const [stale] = [...(issued.data['build'] === session.build.digest ? [] : ['another build lies here now']), ...(await staleness(session, issued, now))];
  if (stale !== undefined) return { standing: 'stale', because: stale, exit: EXIT.indeterminate };
  const due = dueOf(session, issued);
  const when = now >= due.until ? `; renewal was due on ${readable(due.until)}` : now >= due.from ? '; renewal is due' : '';
  return { standing: 'in force', because: `until ${readable(validUntil)}${when}`, exit: EXIT.yes };
}

/** The schedule, or the end of the certificate if that comes first. */
function dueOf(session: Session, issued: Entry): { readonly from: string; readonly until: string } {
  const { every, warnBefore } = certificationOf(session);
  const until = [addDuration(issued.ts, every), String(issued.data['validUntil'])].sort()[0] ?? '';
  return { from: toInstant(millisecondsOf(until) - parseDuration(warnBefore)), until };
}

async function listState(session: Session, issued: Entry): Promise<{ readonly text: string; readonly fit: boolean } | null> {
  const plan = (await plannedLists(session)).find((one) => one.url === issued.data['statusList']);
  if (!plan) return null;
  const file = `artifacts/${listFile(plan)}`;
  const { histories } = await keyRecords(session.store, session.manifest);
  const list = await listOnDisk(session, plan, speakingKey(histories(session.manifest.owner.organisation.did), 'organisation'));
  return 'problem' in list ? { text: `${file}: ${list.problem}`, fit: false } : { text: `${file} counts until ${readable(list.validUntil)}`, fit: true };
}

/** @returns what was written, in words */
async function refresh(session: Session): Promise<string> {
  const lists = await plannedLists(session);
  if (lists.length === 0) return 'nothing: no certificate names a status list; with trust.publish.base in agent.yaml the next one will';
  const issuer = await session.keys.openByDid('organisation', session.manifest.owner.organisation.did);
  const files = await signStatusLists(session, issuer, lists);
  for (const { file, text } of files) await session.world.files.write(`${session.artifacts}/${file}`, text);
  return files.map(({ file }) => `artifacts/${file}`).join(', ');
}

/** `incident close`: an operator signs that it is over. Lifts the suspension, and sets the date by which a review has to be decided. */
import { canonical } from '../../domain/canonical.js';
import { digestBytes } from '../../domain/digest.js';
import { Fault } from '../../domain/fault.js';
import { addDuration, readable } from '../../domain/time.js';
import { suspendedBy, SUSPENSION_KEY } from '../../enforcement/suspension.js';
import { performAct } from '../human-act.js';
import { record, textBlob } from '../session.js';
import { outcome } from '../outcome.js';
import { textOption, type Verb } from '../verb.js';
import { incidentsOf, openIncident } from './incidents.js';

export const run: Verb = async (session, input) => {
  const { store, chain, world, manifest } = session;
  const spec = incidentsOf(session);
  const { id, opened } = await openIncident(session, input.args[0]);
  const of = async (type: string) => (await store.readEvidence(chain, type)).findLast((entry) => entry.data['incident'] === id);
  const [scoped, notified] = [await of('incident.scoped'), await of('incident.notified')];
  if (!scoped) throw new Fault('EVIDENCE_MISSING', `nobody has counted what ${id} touched`, { hint: `agentctl incident scope ${id}` });
  const { severity, trigger, action } = opened.data;
  const document = canonical({
    incident: id, agent: chain, opened: opened.ts, build: opened.agent.build, severity: String(severity), trigger: String(trigger), action: String(action),
    affected: Number(scoped.data['affected']), executed: Number(scoped.data['executed']), notices: Number(notified?.data['notices'] ?? 0),
  });
  const subject = digestBytes(document);
  const signed = await performAct(session, {
    act: 'incident-close', step: 'incident', as: textOption(input, 'as'), subject,
    sentence: `Incident ${id} of ${manifest.metadata.name} is over; it touched ${Number(scoped.data['affected'])} actions.`,
  });
  const { operator, ceremony, digest: act } = signed;
  const reviewDue = addDuration(world.clock.now(), spec.review.within);
  await record(session, { type: 'incident.closed', actor: operator.did, data: { incident: id, reviewDue, subject, act, operator: operator.id, ceremony } }, [signed.blob, textBlob(document)]);
  const other = suspendedBy(await store.projected(chain, 'suspension', SUSPENSION_KEY));
  return outcome({
    step: 'incident', verb: 'close', headline: `${id} is closed by ${operator.name} (${ceremony})`,
    facts: [
      { label: 'agent', value: other === null ? 'not suspended' : `still suspended by ${other}` },
      { label: 'touched', value: `${Number(scoped.data['affected'])} actions, ${Number(scoped.data['executed'])} of them executed` },
      { label: 'review due', value: readable(reviewDue) },
    ],
    notes: notified ? [] : ['nobody was notified'],
    next: 'agentctl review run, then agentctl review decide --as <operator>',
    data: { incident: id, reviewDue, suspended: other !== null, operator: operator.id, ceremony },
  });
};

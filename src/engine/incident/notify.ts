/** `incident notify`: notices rendered from the facts, kept as files, and sent to the contacts of the severity. */
import { EXIT } from '../../domain/fault.js';
import { record } from '../session.js';
import { outcome } from '../outcome.js';
import type { Verb } from '../verb.js';
import { deliver } from './deliver.js';
import { incidentsOf, openIncident } from './incidents.js';
import { renderNotices } from './notices.js';

export const run: Verb = async (session, input) => {
  const { store, chain, world, artifacts } = session;
  const spec = incidentsOf(session);
  const { id, opened } = await openIncident(session, input.args[0]);
  const scoped = (await store.readEvidence(chain, 'incident.scoped')).findLast((entry) => entry.data['incident'] === id);
  const scope = scoped && { affected: Number(scoped.data['affected']), executed: Number(scoped.data['executed']) };
  const notices = await renderNotices(session, spec, opened, scope);
  for (const { file, text } of notices) await world.files.write(`${artifacts}/incidents/${id}/${file}`, text);
  const deliveries = await deliver(session, id, notices);
  const delivered = deliveries.filter((one) => one.ok).length;
  await record(session, { type: 'incident.notified', data: { incident: id, notices: notices.length, delivered } });
  const all = delivered === notices.length;
  return outcome(
    {
      step: 'incident', verb: 'notify', headline: `${delivered} of ${notices.length} ${notices.length === 1 ? 'notice' : 'notices'} of ${id} arrived`,
      facts: [{ label: 'written', value: `artifacts/incidents/${id}/` }],
      tables: [{ title: 'Notices', columns: ['notice', 'to', 'channel', 'arrived'], rows: deliveries.map(({ notice, channel, ok, because }) => [notice.kind, `${notice.contact.name} (${notice.contact.role})`, channel, `${ok ? 'yes' : 'no'}: ${because}`]) }],
      notes: scope === undefined ? ['the scope is not counted yet, and the notices say so'] : [],
      next: all ? `agentctl incident close ${id} --as <operator>` : `agentctl incident notify ${id}`,
      data: { incident: id, notices: notices.length, delivered, files: notices.map((one) => one.file) },
    },
    all ? EXIT.yes : EXIT.surroundings,
  );
};

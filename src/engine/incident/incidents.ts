/** Incidents as the ledger knows them, and the section of agent.yaml that says what to do about them. */
import { Fault } from '../../domain/fault.js';
import type { Entry } from '../../domain/entry.js';
import { lintIncidents, type IncidentsSection } from '../../steps/10-incident.js';
import type { Session } from '../session.js';

/** @throws {Fault} MANIFEST_INVALID without the section, or when it contradicts itself */
export function incidentsOf({ manifest }: Pick<Session, 'manifest'>): IncidentsSection {
  const section = manifest['incidents'];
  if (section === undefined) throw new Fault('MANIFEST_INVALID', 'agent.yaml has no section "incidents"', { at: 'agent.yaml', hint: 'agentctl schema incidents' });
  const spec = section as unknown as IncidentsSection;
  const [problem] = lintIncidents(spec);
  if (problem !== undefined) throw new Fault('MANIFEST_INVALID', problem, { at: 'agent.yaml: incidents', hint: 'agentctl incident' });
  return spec;
}

/** One incident: how it was opened, and how it ended if it did. */
export interface Incident {
  readonly id: string;
  readonly opened: Entry;
  /** Closed by a human, or lifted after a drill. */
  readonly ended: Entry | undefined;
}

export async function incidents({ store, chain }: Pick<Session, 'store' | 'chain'>): Promise<readonly Incident[]> {
  const [opened, lifted, closed] = await Promise.all(['incident.opened', 'incident.lifted', 'incident.closed'].map((type) => store.readEvidence(chain, type)));
  const ends = [...(lifted ?? []), ...(closed ?? [])];
  return (opened ?? []).map((entry) => {
    const id = String(entry.data['incident']);
    return { id, opened: entry, ended: ends.find((end) => end.data['incident'] === id) };
  });
}

/** @throws {Fault} EVIDENCE_MISSING, naming those that are open */
export async function incidentNamed(session: Pick<Session, 'store' | 'chain'>, id: string | undefined): Promise<Incident> {
  const all = await incidents(session);
  const found = all.find((one) => one.id === id);
  if (found) return found;
  const open = all.filter((one) => one.ended === undefined).map((one) => one.id);
  throw new Fault('EVIDENCE_MISSING', `there is no incident "${id ?? ''}"`, { hint: open.length > 0 ? `open: ${open.join(', ')}` : 'agentctl incident open --trigger manual' });
}

/** The same for what may still be worked on. @throws {Fault} REFUSED */
export async function openIncident(session: Pick<Session, 'store' | 'chain'>, id: string | undefined): Promise<Incident> {
  const incident = await incidentNamed(session, id);
  if (incident.ended !== undefined) throw new Fault('REFUSED', `${incident.id} is over since ${incident.ended.ts}`, { hint: 'agentctl incident open --trigger manual' });
  return incident;
}

export function newIncidentId({ random }: Session['world'], kind: 'inc' | 'drill'): string {
  return `${kind}-${Buffer.from(random.bytes(6)).toString('hex')}`;
}

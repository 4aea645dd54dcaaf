/** `incident drill`: rehearses the procedure against the real gateway. Evidence only when every part of it worked. */
import { decide } from '../../enforcement/decision.js';
import { EXIT } from '../../domain/fault.js';
import type { Report } from '../../domain/report.js';
import { addDuration } from '../../domain/time.js';
import { incidentPlan, timesOf } from '../../steps/10-incident.js';
import { artifactOf, recordEvidence, type Session } from '../session.js';
import { outcome } from '../outcome.js';
import type { Verb } from '../verb.js';
import { incidentsOf } from './incidents.js';
import { rehearse, type Judge, type Origin } from './rehearse.js';

export const run: Verb = (session) => drillWith(session, decide);

const ORIGINS: Readonly<Record<Origin, string>> = {
  recorded: 'an action on record',
  'made up': 'declared, with arguments made up from its schema: no action on record would be let through now',
  'drill tool': 'of the drill: no action on record and no declared tool would be let through now',
};

/** @param judge the decision function that is put to the test */
export async function drillWith(session: Session, judge: Judge): Promise<Report> {
  const spec = incidentsOf(session);
  const rehearsal = await rehearse(session, spec, judge);
  const { incident } = rehearsal;
  if (!rehearsal.passed) {
    return outcome({
      step: 'incident', verb: 'drill', headline: `the drill failed: ${rehearsal.problem}`, notes: ['nothing was recorded as proof; the drill was lifted'],
      next: 'agentctl incident drill', data: { incident, passed: false, problem: rehearsal.problem },
    }, EXIT.no);
  }
  const { milliseconds, before, tool, origin, notices, templates, affected } = rehearsal;
  const plan = artifactOf('incident.json', incidentPlan(spec));
  await recordEvidence(
    session, 'incident',
    {
      type: 'incident.drilled', validUntil: addDuration(session.world.clock.now(), spec.drillEvery),
      data: { incident, milliseconds, before, tried: origin, deniedWhileSuspended: 'yes', lifted: 'yes', notices, templates, affected, deliverable: plan.digest },
    },
    { artifacts: [plan] },
  );
  return outcome({
    step: 'incident', verb: 'drill', headline: 'suspended, refused by the gateway, lifted: the procedure works',
    facts: [
      { label: 'tried with', value: `${tool} (${ORIGINS[origin]}), which had met a ${before}; no tool was run` },
      { label: 'machine time', value: `${timesOf(milliseconds)}; no human counted in` },
      { label: 'scope', value: `${affected} actions of this build on record` },
      { label: 'notices', value: `${notices} rendered from ${templates} templates, none sent` },
      { label: 'written', value: 'artifacts/incident.json' },
    ],
    notes: ['during the drill every action of the agent was denied'],
    next: 'agentctl apply',
    data: { incident, passed: true, milliseconds, before, notices, templates, affected },
  });
}

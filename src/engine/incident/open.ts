/** `incident open`: from here on the gateway denies everything, unless the action is to investigate. Anybody may stop an agent. */
import { ACTIONS, SEVERITIES } from '../../ledger/types/incident.js';
import { suspendedBy, SUSPENSION_KEY } from '../../enforcement/suspension.js';
import { Fault } from '../../domain/fault.js';
import { addDuration, readable } from '../../domain/time.js';
import { TRIGGERS } from '../../steps/10-incident.js';
import { record } from '../session.js';
import { outcome } from '../outcome.js';
import { requiredOption, textOption, type Verb, type VerbInput } from '../verb.js';
import { incidentsOf, newIncidentId } from './incidents.js';

export const run: Verb = async (session, input) => {
  const { world, store, chain } = session;
  const spec = incidentsOf(session);
  const trigger = oneOf(TRIGGERS, '--trigger', requiredOption(input, 'trigger', `--trigger ${TRIGGERS.join('|')}`));
  const severity = chosen(SEVERITIES, input, 'severity') ?? spec.triggers.find((one) => one.on === trigger)?.severity ?? 'sev1';
  const action = chosen(ACTIONS, input, 'action') ?? spec.severities[severity].action;
  const incident = newIncidentId(world, 'inc');
  const { entry } = await record(session, { type: 'incident.opened', data: { incident, severity, trigger, action, drill: false } });
  const suspended = suspendedBy(await store.projected(chain, 'suspension', SUSPENSION_KEY)) !== null;
  const { means, notify, within } = spec.severities[severity];
  return outcome({
    step: 'incident', verb: 'open', headline: `${incident} is open: ${severity}, ${action}`,
    facts: [
      { label: 'means', value: means },
      { label: 'agent', value: suspended ? 'suspended: every action is denied until the incident is closed' : 'not suspended' },
      { label: 'to be told', value: `${notify.map(({ notice, to }) => `${to} (${notice})`).join(', ')}, by ${readable(addDuration(entry.ts, within))}` },
    ],
    notes: action === 'rollback' ? ['to restore the certified build: agentctl rollback restore --as <operator>'] : [],
    next: `agentctl incident scope ${incident}, then agentctl incident notify ${incident}`,
    data: { incident, severity, trigger, action, suspended, seq: entry.seq },
  });
};

function chosen<const V extends readonly string[]>(values: V, input: VerbInput, name: string): V[number] | undefined {
  const text = textOption(input, name);
  return text === undefined ? undefined : oneOf(values, `--${name}`, text);
}

function oneOf<const V extends readonly string[]>(values: V, flag: string, text: string): V[number] {
  const value = values.find((one) => one === text);
  if (value === undefined) throw new Fault('USAGE', `${flag} "${text}" is none of ${values.join(', ')}`, { at: flag, hint: `${flag} ${values.join('|')}` });
  return value;
}

/** `incident tabletop`: an operator attests that people talked an incident through. Names and scenario stay in the payload. */
import { digestJson } from '../../domain/digest.js';
import { Fault } from '../../domain/fault.js';
import { performAct } from '../human-act.js';
import { record } from '../session.js';
import { outcome } from '../outcome.js';
import { listOption, requiredOption, textOption, type Verb } from '../verb.js';

export const run: Verb = async (session, input) => {
  const { chain, world, manifest } = session;
  const participants = [...new Set(listOption(input, 'participant').map((name) => name.trim()).filter((name) => name !== ''))];
  if (participants.length === 0) throw new Fault('USAGE', '--participant is missing', { at: '--participant', hint: '--participant "Anna" "Bert"' });
  const scenario = requiredOption(input, 'scenario', '--scenario "wanted mail was quarantined for a day"').trim();
  if (scenario === '') throw new Fault('USAGE', '--scenario is empty', { at: '--scenario', hint: '--scenario "wanted mail was quarantined for a day"' });
  const people = participants.length === 1 ? '1 person' : `${participants.length} people`;
  const heldAt = world.clock.now();
  // Only the digest of names and scenario is signed, so that they can be erased without breaking the signature.
  const subject = digestJson({ agent: chain, heldAt, participants, scenario });
  const signed = await performAct(session, {
    act: 'incident-tabletop', step: 'incident', as: textOption(input, 'as'), subject,
    sentence: `${people} talked an incident of ${manifest.metadata.name} through.`,
  });
  const { operator, ceremony, digest: act } = signed;
  await record(
    session,
    { type: 'incident.tabletop', actor: operator.did, data: { participants: participants.length, subject, act, operator: operator.id, ceremony }, payload: { participants, scenario, heldAt } },
    [signed.blob],
  );
  return outcome({
    step: 'incident', verb: 'tabletop', headline: `a tabletop of ${people} is on record, attested by ${operator.name} (${ceremony})`,
    facts: [{ label: 'participants', value: participants.join(', ') }, { label: 'scenario', value: scenario }],
    notes: ['attested by a person; agentctl measured nothing'],
    next: 'agentctl apply',
    data: { participants: participants.length, operator: operator.id, ceremony },
  });
};

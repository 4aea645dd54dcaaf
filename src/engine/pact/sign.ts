/** `pact sign`: a human act. Refuses a pact that does not lint; says what was loosened since the last signature. */
import { envelopeText, signEnvelope } from '../../attestation/dsse.js';
import { digestBytes, short } from '../../domain/digest.js';
import { Fault } from '../../domain/fault.js';
import { editWarnings } from '../edit-marks.js';
import { performAct } from '../human-act.js';
import { recordEvidence, textBlob } from '../session.js';
import { outcome } from '../outcome.js';
import { textOption, type Verb } from '../verb.js';
import { comparePacts } from '../../evaluation/pact-change.js';
import { pactDocument, PACT_MEDIA_TYPE, pactsOf, signedPacts } from './document.js';
import { findingsOf } from './findings.js';

export const run: Verb = async (session, input) => {
  const pacts = pactsOf(session);
  const document = pactDocument(session);
  const findings = await findingsOf(session, pacts);
  if (findings[0]) throw new Fault('REFUSED', `the pact has ${findings.length === 1 ? 'a lint finding' : `${findings.length} lint findings, first`}: ${findings[0].message}`, { at: `agent.yaml:${session.source.place(findings[0].at, 'value')}`, hint: 'agentctl pact lint' });
  const previous = await signedPacts(session);
  const change = comparePacts(previous?.pacts, pacts);
  for (const line of editWarnings(session.source.text)) session.world.talk.say(line);
  for (const line of change.loosened) session.world.talk.say(`loosened: ${line}`);
  const sentence = `I have read the pact with its ${document.conditions} conditions and hold ${session.manifest.metadata.name} to it.`;
  const signed = await performAct(session, { act: 'pact-sign', step: 'pact', as: textOption(input, 'as'), subject: document.digest, sentence });
  const issuer = await session.keys.openByDid('operator', signed.operator.did);
  const envelope = envelopeText(await signEnvelope(PACT_MEDIA_TYPE, new TextEncoder().encode(document.text), issuer));
  await recordEvidence(
    session, 'pact',
    { type: 'pact.signed', actor: signed.operator.did, data: {
      document: document.digest, envelope: digestBytes(envelope), act: signed.digest, operator: signed.operator.id, ceremony: signed.ceremony,
      conditions: document.conditions, previous: previous?.digest ?? null, loosened: [...change.loosened],
    } },
    { artifacts: [{ file: 'pact.dsse.json', text: envelope }], blobs: [signed.blob, textBlob(document.text, PACT_MEDIA_TYPE)] },
  );
  return outcome({
    step: 'pact', verb: 'sign', headline: `pact signed by ${signed.operator.name} (${signed.ceremony})`,
    facts: [
      { label: 'document', value: `${short(document.digest)}, ${document.conditions} conditions` },
      ...(previous ? [{ label: 'loosened', value: change.loosened.join('; ') || 'nothing' }, { label: 'tightened', value: change.tightened.join('; ') || 'nothing' }] : [{ label: 'before', value: 'nothing, this is the first pact' }]),
      { label: 'written', value: 'artifacts/pact.dsse.json' },
    ],
    next: 'agentctl baseline run',
    data: { document: document.digest, ...change },
  });
};

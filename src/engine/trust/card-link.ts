/** Does the published agent card say what the certificate, the calendar and the status list say? */
import { CERTIFICATION_WORDS, verifyAgentCard, type AgentCardVerdict, type CertificationWord } from '../../attestation/agent-card.js';
import { SILENT } from '../../attestation/succession.js';
import { digestJson } from '../../domain/digest.js';
import { Fault } from '../../domain/fault.js';
import { asObject, parseJson, type JsonObject } from '../../domain/json.js';
import { readable } from '../../domain/time.js';
import { keyOfDid } from '../../identity/did-key.js';
import { standingOf } from '../../identity/key-history.js';
import { PUBLISHED } from '../../registries/publication.js';
import { certificationParams } from '../../steps/11-trust.js';
import type { Published } from './published.js';

/** @param revoked what the status list says of the certificate */
export async function cardIsTrue(published: Published, revoked: boolean): Promise<string> {
  const { predicate, certificate, now } = published;
  const { organisation, agent, validUntil } = predicate;
  const card = await signedCard(published);
  const params = certificationParams(card);
  if (params['did'] !== agent.did || params['issuer'] !== organisation.did) throw new Fault('DIGEST_MISMATCH', 'the card is about another agent or issuer');
  const same = params['certificate'] === certificate && params['build'] === digestJson(predicate.build) && params['validUntil'] === validUntil && card['version'] === agent.version;
  if (!same) throw new Fault('EVIDENCE_MISSING', 'the card speaks of another certificate, build or version: it is out of date');
  const said = CERTIFICATION_WORDS.find((word) => word === params['status']);
  if (said === undefined) throw new Fault('INPUT_INVALID', `the card says ${JSON.stringify(params['status'] ?? null).slice(0, 100)}, which is no status of a certificate`);
  const is: CertificationWord = revoked ? 'revoked' : now >= validUntil ? 'expired' : 'certified';
  if (said === is) return `signed by ${organisation.name}; says ${is === 'certified' ? 'certified until' : `${is}: the certificate was valid until`} ${readable(validUntil)}`;
  // An organisation that calls its own certificate revoked is believed, whatever its list says.
  if (said === 'revoked') throw new Fault('REFUSED', 'the card says "revoked", and the status list does not: believe the worse of the two');
  throw new Fault('EVIDENCE_MISSING', `the card says "${said}", but the certificate ${STANDS[is](readable(validUntil))}: the card is out of date`);
}

const STANDS: Readonly<Record<Exclude<CertificationWord, 'uncertified'>, (until: string) => string>> = {
  certified: (until) => `stands until ${until}`,
  expired: (until) => `expired on ${until}`,
  revoked: () => 'was revoked',
};

/** The content of the card that one of the organisation's present keys signed. @throws {Fault} SIGNATURE_INVALID; EVIDENCE_MISSING when only a former key did */
async function signedCard({ file, predicate, keysOf, now, origin }: Published): Promise<JsonObject> {
  const card = asObject(parseJson(await file(PUBLISHED.card), PUBLISHED.card), PUBLISHED.card);
  const history = keysOf(predicate.organisation.did);
  const verdicts = await Promise.all(history.keys.map(async ({ did }) => ({ did, verdict: await verifyAgentCard(card, [{ kid: did, publicKey: keyOfDid(did) }], origin) })));
  const signed = verdicts.flatMap(({ did, verdict }) => (verdict.ok ? [{ standing: standingOf(history, did, now), did, card: verdict.card }] : []));
  const valid = signed.find(({ standing }) => standing === 'valid');
  if (valid) return valid.card;
  const former = signed.find(({ standing }) => standing !== 'compromised') ?? signed[0];
  if (former && former.standing !== 'valid') throw new Fault(former.standing === 'compromised' ? 'SIGNATURE_INVALID' : 'EVIDENCE_MISSING', `the card has no other good signature than one of a key that does not speak: ${SILENT[former.standing](former.did, readable(now))}`);
  throw new Fault('SIGNATURE_INVALID', verdicts.map(({ verdict }) => verdict).find(isBad)?.because ?? 'the card is not signed');
}

function isBad(verdict: AgentCardVerdict): verdict is Extract<AgentCardVerdict, { ok: false }> {
  return !verdict.ok;
}

/** The certificate in its other forms, and its status list: each must say what the certificate says, and the list must be silent about it. */
import { certificateOf, differsFrom, openCredential, type StatusPlace } from '../../attestation/credential.js';
import { isSet, openStatusList, type StatusList } from '../../attestation/status-list.js';
import { openSpoken, refuseSilent } from '../../attestation/succession.js';
import { SVR, svrStatement } from '../../attestation/svr.js';
import { canonical } from '../../domain/canonical.js';
import { digestJson, type Digest } from '../../domain/digest.js';
import { Fault } from '../../domain/fault.js';
import type { Json } from '../../domain/json.js';
import type { LinkView } from '../../domain/report.js';
import { readable } from '../../domain/time.js';
import { currentOf } from '../../identity/key-history.js';
import { PUBLISHED, statusPath } from '../../registries/publication.js';
import { told, type Published } from './published.js';

export async function credentialAgrees({ file, predicate, certificate, keysOf, now }: Published): Promise<string> {
  const credential = await openCredential(await file(PUBLISHED.credential), { now });
  if (certificateOf(credential) !== certificate) throw new Fault('DIGEST_MISMATCH', `${PUBLISHED.credential} restates another certificate`);
  const differs = differsFrom(credential, predicate, certificate as Digest);
  if (differs !== undefined) throw new Fault('DIGEST_MISMATCH', `${PUBLISHED.credential} says something else than the certificate: ${differs}`);
  refuseSilent(keysOf(predicate.organisation.did), credential.issuer, predicate.validFrom);
  return `says the same as a verifiable credential of ${credential.issuer}`;
}

export async function summaryAgrees({ file, predicate, keysOf }: Published): Promise<string> {
  const { statement } = await openSpoken(await file(PUBLISHED.summary), keysOf(predicate.organisation.did), SVR, () => predicate.validFrom);
  const expected = svrStatement(predicate, [{ name: 'artifacts/build.json', digest: digestJson(predicate.build) }, { name: 'pact', digest: predicate.pact.digest }]);
  if (canonical(statement as unknown as Json) !== canonical(expected as unknown as Json)) throw new Fault('DIGEST_MISMATCH', `${PUBLISHED.summary} says something else than the certificate`);
  return 'the simple verification result names what the certificate shows as passed';
}

/**
 * Whether the status list is silent about the certificate: its signature says that it is the one that the certificate names, and its dates
 * that it is not from long before.
 */
export async function statusLookedUp(published: Published): Promise<{ readonly view: LinkView; readonly revoked: boolean }> {
  let revoked = false;
  const view = await told('revocation', async () => {
    const { list, index, bits, validFrom, validUntil } = await openedList(published);
    revoked = isSet(bits, index);
    if (revoked) throw new Fault('REFUSED', `revoked: place ${index} of ${list} is set`);
    return `not revoked as of ${readable(validFrom)}; ${list} counts until ${readable(validUntil)}`;
  });
  return { view, revoked };
}

async function openedList(published: Published): Promise<StatusList & StatusPlace> {
  const { predicate: { status, organisation }, keysOf, now } = published;
  if (status === undefined) throw new Fault('EVIDENCE_MISSING', 'the certificate names no status list');
  const speaking = currentOf(keysOf(organisation.did))?.did;
  if (speaking === undefined) throw new Fault('KEY_UNFIT', `every key of ${organisation.name} was withdrawn: nobody can say whether the certificate stands`);
  return { ...status, ...(await openStatusList(await statusList(published, status.list), { url: status.list, issuer: speaking, now })) };
}

/** The copy at this place will do, since the list says itself whose it is and until when it counts; without one the address is asked. */
async function statusList({ file, origin, elsewhere }: Published, address: string): Promise<string> {
  const path = statusPath(address);
  const here = path === undefined ? undefined : await file(path).catch(unlessMissing);
  if (here !== undefined) return here;
  if (elsewhere === undefined || origin === new URL(address).origin) throw new Fault('EVIDENCE_MISSING', `${path ?? address} is not published here`);
  return elsewhere(address);
}

function unlessMissing(error: unknown): undefined {
  if (error instanceof Fault && error.code === 'EVIDENCE_MISSING') return undefined;
  throw error;
}

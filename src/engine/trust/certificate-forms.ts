/** The certificate in its other forms, and its status list: each must say what the certificate says, and the list must be silent about it. */
import { certificateOf, differsFrom, openCredential, type StatusPlace } from '../../attestation/credential.js';
import { isSet, openStatusList, type StatusList } from '../../attestation/status-list.js';
import { openSpoken, refuseSilent } from '../../attestation/succession.js';
import { SVR, svrStatement } from '../../attestation/svr.js';
import { canonical } from '../../domain/canonical.js';
import { digestJson, type Digest } from '../../domain/digest.js';
import { EXIT, Fault } from '../../domain/fault.js';
import { isObject, parseJson, type Json } from '../../domain/json.js';
import type { LinkView } from '../../domain/report.js';
import { readable } from '../../domain/time.js';
import { currentOf, type KeyHistory } from '../../identity/key-history.js';
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
    const { list, index, bits, validFrom, validUntil, copied } = await openedList(published);
    revoked = isSet(bits, index);
    if (revoked) throw new Fault('REFUSED', `revoked: place ${index} of ${list} is set`);
    return `not revoked as of ${readable(validFrom)}; ${copied ? `this copy of ${list}` : list} counts until ${readable(validUntil)}${copied ? ': the address itself did not answer, and may know better' : ''}`;
  });
  return { view, revoked };
}

async function openedList(published: Published): Promise<StatusList & StatusPlace & { readonly copied: boolean }> {
  const { predicate: { status, organisation }, keysOf, now } = published;
  if (status === undefined) throw new Fault('EVIDENCE_MISSING', 'the certificate names no status list');
  const speaking = currentOf(keysOf(organisation.did))?.did;
  if (speaking === undefined) throw new Fault('KEY_UNFIT', `every key of ${organisation.name} was withdrawn: nobody can say whether the certificate stands`);
  const { text, copied } = await statusList(published, status.list);
  const former = formerIssuer(text, keysOf(organisation.did), speaking);
  const list = await openStatusList(text, { url: status.list, issuer: former ?? speaking, now });
  // A list counts to its end, also where the key that signed it was succeeded meanwhile.
  if (former !== undefined) refuseSilent(keysOf(organisation.did), former, list.validFrom);
  return { ...status, copied, ...list };
}

/** Whom an unverified list names, if that is a key which spoke for the organisation before. */
function formerIssuer(text: string, { keys }: KeyHistory, speaking: string): string | undefined {
  const list = parseJson(text, 'status list');
  const issuer = isObject(list) ? list['issuer'] : undefined;
  const named = isObject(issuer) ? issuer['id'] : issuer;
  return keys.find(({ did }) => did === named && did !== speaking)?.did;
}

/**
 * The address that the certificate names is asked first: a mirror could show a list from before a revocation for as long as that counts. Where
 * it does not answer, a copy at this place will do, since the list says itself whose it is and until when it counts.
 */
async function statusList({ file, origin, elsewhere }: Published, address: string): Promise<{ readonly text: string; readonly copied: boolean }> {
  const path = statusPath(address);
  const foreign = origin !== undefined && origin !== new URL(address).origin;
  const asked = foreign && elsewhere !== undefined ? await elsewhere(address).catch(unlessSilent) : undefined;
  if (typeof asked === 'string') return { text: asked, copied: false };
  const here = path === undefined ? undefined : await file(path).catch(unlessSilent);
  if (typeof here === 'string') return { text: here, copied: foreign };
  throw asked ?? new Fault('EVIDENCE_MISSING', `${path ?? address} is not published here`);
}

function unlessSilent(error: unknown): Fault {
  if (error instanceof Fault && (error.exit === EXIT.indeterminate || error.exit === EXIT.surroundings)) return error;
  throw error;
}

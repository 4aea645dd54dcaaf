/** Ownership over what is published: each party's document, the names in it, and the two signed statements under the keys that it states. */
import { link } from '../../attestation/certificate-links.js';
import { readEnvelope } from '../../attestation/dsse.js';
import type { OwnershipVerdict } from '../../attestation/ownership.js';
import { canonical } from '../../domain/canonical.js';
import { digestBytes } from '../../domain/digest.js';
import { EXIT, Fault } from '../../domain/fault.js';
import type { LinkView } from '../../domain/report.js';
import { readable, type Instant } from '../../domain/time.js';
import { didWebOf } from '../../identity/did-document.js';
import { speaksAt, type ResolvedDid } from '../../identity/did-resolver.js';
import { currentOf, type KeyHistory } from '../../identity/key-history.js';
import type { IdentitySection } from '../../steps/01-identity.js';
import { resolveDid } from '../resolve-did.js';
import type { Session } from '../session.js';

/** What is there to be confirmed. */
export interface Registered {
  readonly agent: KeyHistory;
  readonly organisation: KeyHistory;
  readonly ownership: OwnershipVerdict;
  readonly credential: string;
  readonly acceptance: string;
  /** Digests of the documents as they were written to be published. */
  readonly documents: { readonly agent: unknown; readonly organisation: unknown };
}

/** Each link names the place that it was read at. What cannot be reached is unknown, never a yes. */
export async function onlineLinks({ world, manifest }: Pick<Session, 'world' | 'manifest'>, { agent, organisation, ownership, credential, acceptance, documents }: Registered): Promise<readonly LinkView[]> {
  const now = world.clock.now();
  const look = async (who: string, web: string | undefined, history: KeyHistory, registered: unknown) => {
    const published = web === undefined ? undefined : await publishedBy(world, didWebOf(web));
    return { published, links: partyLinks(who, { history, published, registered, now }) };
  };
  const owned = await look('agent', (manifest['identity'] as IdentitySection | undefined)?.web, agent, documents.agent);
  const owner = await look('organisation', manifest.owner.organisation.web, organisation, documents.organisation);
  return [
    ...owned.links, ...owner.links,
    statementLink('credential', ownership, { envelope: credential, published: owner.published, says: `${organisation.root} owns ${agent.root}` }),
    statementLink('acceptance', ownership, { envelope: acceptance, published: owned.published, says: `${agent.root} is owned by ${organisation.root}` }),
  ];
}

/** What a publisher answers; or why that cannot be told, or is false. */
type Published = { readonly url: string; readonly resolved: ResolvedDid } | { readonly url: string; readonly problem: Omit<LinkView, 'link'> };

async function publishedBy(world: Session['world'], did: string): Promise<Published> {
  try {
    const resolved = await resolveDid(world, did, { refresh: true });
    return { url: resolved.source?.url ?? did, resolved };
  } catch (error) {
    if (!(error instanceof Fault) || error.code === 'INTERNAL') throw error;
    const url = error.at ?? did;
    const because = `${error.message} (${url})`;
    if (error.code === 'NETWORK' || error.code === 'EVIDENCE_MISSING') return { url, problem: { is: 'unknown', because, exit: EXIT.indeterminate } };
    // An address that must not be asked is no false document; everything else that is published is.
    return { url, problem: { is: 'no', because, exit: error.code === 'REFUSED' ? EXIT.no : EXIT.untrustworthy } };
  }
}

interface Party {
  readonly history: KeyHistory;
  /** Undefined without a web address. */
  readonly published: Published | undefined;
  readonly registered: unknown;
  readonly now: Instant;
}

function partyLinks(who: string, { history, published, registered, now }: Party): readonly LinkView[] {
  if (published === undefined) return [link(`${who}: document`, 'yes', `${history.root} is its own document: it has no web address`, EXIT.yes)];
  if ('problem' in published) return [{ link: `${who}: document`, ...published.problem }];
  const { url, resolved } = published;
  const key = currentOf(history)?.did;
  const stated = key !== undefined && speaksAt(resolved.assertionKeys, key, now);
  const named = resolved.alsoKnownAs.includes(history.root);
  const same = digestBytes(canonical(resolved.document)) === registered;
  return [
    stated
      ? link(`${who}: document`, 'yes', `${url} states the key ${key} for statements`, EXIT.yes)
      : link(`${who}: document`, 'no', key === undefined ? `every key of ${history.root} was withdrawn` : `${url} does not state the key ${key} for statements`, EXIT.untrustworthy),
    named
      ? link(`${who}: names`, 'yes', `${resolved.did} is also known as ${history.root}`, EXIT.yes)
      : link(`${who}: names`, 'no', `${url} does not say that ${resolved.did} is also known as ${history.root}`, EXIT.no),
    same
      ? link(`${who}: record`, 'yes', `${url} is the document on record`, EXIT.yes)
      : link(`${who}: record`, 'unknown', `${url} is not the document on record: one of the two is out of date`, EXIT.indeterminate),
  ];
}

/** Digests of the documents that were read at their web addresses as they are on record. */
export function publishedAsRecorded(links: readonly LinkView[], { agent, organisation }: Registered['documents']): readonly string[] {
  const parties = [['agent', agent], ['organisation', organisation]] as const;
  return [...new Set(parties.filter(([who]) => links.some((one) => one.link === `${who}: record` && one.is === 'yes')).map(([, document]) => String(document)))];
}

/** A statement counts online if the document of who made it states its key, and as one that had not ended when it was made. */
function statementLink(name: string, ownership: OwnershipVerdict, { envelope, published, says }: { readonly envelope: string; readonly published: Published | undefined; readonly says: string }): LinkView {
  if (!ownership.ok) return link(name, 'no', ownership.problem, EXIT.untrustworthy);
  if (published === undefined) return link(name, 'yes', says, EXIT.yes);
  if ('problem' in published) return link(name, 'unknown', `the key that it needs is at ${published.url}, which confirms nothing`, EXIT.indeterminate);
  const { url, resolved } = published;
  const { at } = ownership.ownership;
  // The envelope was verified under exactly this key.
  const signer = readEnvelope(envelope).signatures[0]?.keyid;
  const method = resolved.methods.find((one) => one.did === signer);
  const stands = method !== undefined && method.revoked === undefined && (method.expires === undefined ? method.relationships.includes('assertionMethod') : at < method.expires);
  if (stands) return link(name, 'yes', `${says}, under a key that ${url} states`, EXIT.yes);
  return link(name, 'no', `signed on ${readable(at)} under a key that ${url} does not state for that time`, EXIT.untrustworthy);
}

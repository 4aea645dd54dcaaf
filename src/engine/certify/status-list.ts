/** The status lists that an agent's certificates name. What they say follows from the ledger, so they can be signed anew at any time; such a file proves itself, no entry names it. */
import { didKeyAssertions, signCredential, type StatusPlace } from '../../attestation/credential.js';
import { isSet, LIST_BITS, openStatusList, statusListOf, type StatusList } from '../../attestation/status-list.js';
import type { Entry } from '../../domain/entry.js';
import { Fault } from '../../domain/fault.js';
import type { Random, Signer } from '../../domain/ports.js';
import { addDuration } from '../../domain/time.js';
import type { TrustSection } from '../../steps/11-trust.js';
import { gateTime } from '../gate-time.js';
import type { Artifact, Session } from '../session.js';

/** How long a list counts: for as long, somebody who keeps an old one can hide a revocation. */
export const LIST_VALID_FOR = 'P14D';

/** One list: the places that were given away, and those whose certificate was revoked. */
export interface ListPlan {
  readonly url: string;
  readonly given: ReadonlySet<number>;
  readonly revoked: ReadonlySet<number>;
}

/** The entry that revoked a certificate; undefined while none did. */
export async function revocationOf({ store, chain }: Pick<Session, 'store' | 'chain'>, certificate: unknown): Promise<Entry | undefined> {
  return (await store.readEvidence(chain, 'certificate.revoked')).find((entry) => entry.data['certificate'] === certificate);
}

/** Every list that a certificate of the ledger names, in the order in which they were begun. */
export async function plannedLists(session: Pick<Session, 'store' | 'chain'>): Promise<readonly ListPlan[]> {
  const { store, chain } = session;
  const revoked = new Set((await store.readEvidence(chain, 'certificate.revoked')).map((entry) => entry.data['certificate']));
  const lists = new Map<string, { given: Set<number>; revoked: Set<number> }>();
  for (const { data: { certificate, statusList: url, statusIndex: index } } of await store.readEvidence(chain, 'certificate.issued')) {
    if (typeof url !== 'string' || typeof index !== 'number') continue;
    const list = lists.get(url) ?? { given: new Set(), revoked: new Set() };
    list.given.add(index);
    if (revoked.has(certificate)) list.revoked.add(index);
    lists.set(url, list);
  }
  return [...lists].map(([url, list]) => ({ url, ...list }));
}

/** A place that no certificate ever had, in the list of the address that agent.yaml publishes at; undefined when it names none. */
export function newPlace({ manifest, world }: Session, lists: readonly ListPlan[]): StatusPlace | undefined {
  // The manifest was validated against the schema of this section.
  const base = (manifest['trust'] as unknown as TrustSection | undefined)?.publish.base;
  if (base === undefined) return undefined;
  // Half full, a list would have us draw twice on average.
  const begun = lists.findLast((list) => list.url.startsWith(`${base}/status/`) && list.given.size < LIST_BITS / 2);
  return { list: begun?.url ?? `${base}/status/${lists.length + 1}.json`, index: draw(world.random, begun?.given ?? new Set()) };
}

/** At random: places given out in a row would tell how many certificates there are, and how old each is. */
function draw(random: Random, given: ReadonlySet<number>): number {
  for (;;) {
    const index = new DataView(random.bytes(4).slice().buffer).getUint32(0) % LIST_BITS;
    if (!given.has(index)) return index;
  }
}

/** The lists with one more place. */
export function withPlace(lists: readonly ListPlan[], { list: url, index }: StatusPlace, { revoked = false } = {}): readonly ListPlan[] {
  const { given = [], revoked: before = [] } = lists.find((list) => list.url === url) ?? {};
  const plan = { url, given: new Set([...given, index]), revoked: new Set([...before, ...(revoked ? [index] : [])]) };
  return lists.some((list) => list.url === url) ? lists.map((list) => (list.url === url ? plan : list)) : [...lists, plan];
}

/** Name of a list below `artifacts/`, which is also its path below the origin. */
export function listFile({ url }: Pick<ListPlan, 'url'>): string {
  return url.slice(url.lastIndexOf('/status/') + 1);
}

/** Signs each list anew, and reads it again as a stranger would. @throws {Fault} REFUSED when one would not verify */
export async function signStatusLists(session: Session, issuer: Signer, lists: readonly ListPlan[]): Promise<readonly Artifact[]> {
  const now = await gateTime(session);
  const { name } = session.manifest.owner.organisation;
  return Promise.all(lists.map(async (plan) => {
    const list = statusListOf({ url: plan.url, issuer: { id: issuer.did, name }, validFrom: now, validUntil: addDuration(now, LIST_VALID_FOR), revoked: [...plan.revoked] });
    const text = await signCredential(list, issuer, now);
    const { bits } = await openStatusList(text, { url: plan.url, issuer: issuer.did, now });
    if (!says(plan, bits)) throw new Fault('REFUSED', `the status list ${plan.url} would say something else than the ledger`, { hint: 'agentctl certify status' });
    return { file: listFile(plan), text };
  }));
}

/** Whether the bits are those of the plan, as far as places were given away. */
export function says({ given, revoked }: ListPlan, bits: Uint8Array): boolean {
  return [...given].every((index) => isSet(bits, index) === revoked.has(index));
}

/** The list as it lies beside agent.yaml: read and verified, or why it cannot be. */
export async function listOnDisk(session: Session, plan: ListPlan, issuer: string): Promise<StatusList | { readonly problem: string }> {
  const { world, artifacts } = session;
  const path = `${artifacts}/${listFile(plan)}`;
  if (!(await world.files.exists(path))) return { problem: 'missing' };
  try {
    const list = await openStatusList(await world.files.readText(path), { url: plan.url, issuer, now: await gateTime(session), assertionsOf: didKeyAssertions });
    return says(plan, list.bits) ? list : { problem: 'says something else than the ledger' };
  } catch (cause) {
    if (cause instanceof Fault && cause.code !== 'INTERNAL') return { problem: cause.message };
    throw cause;
  }
}

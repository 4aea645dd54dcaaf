/** Puts a review together from the ledger: everything since the last review, or everything so far for the first one. */
import { approvalOf } from '../../enforcement/approvals.js';
import { queueFigures } from '../../enforcement/queue.js';
import { Fault } from '../../domain/fault.js';
import { addDuration, type Instant } from '../../domain/time.js';
import type { Entry } from '../../domain/entry.js';
import type { ReviewData } from '../../domain/review.js';
import type { ReviewSection } from '../../steps/12-review.js';
import { incidents } from '../incident/incidents.js';
import type { Session } from '../session.js';
import { actionFigures } from './actions.js';
import { countsAsScore, evaluationOf, seriesOf } from './scores.js';

/** @throws {Fault} MANIFEST_INVALID without the section */
export function reviewSectionOf({ manifest }: Pick<Session, 'manifest'>): ReviewSection {
  const section = manifest['review'];
  if (section === undefined) throw new Fault('MANIFEST_INVALID', 'agent.yaml has no section "review"', { at: 'agent.yaml', hint: 'agentctl schema review' });
  return section as unknown as ReviewSection;
}

/** Counted by place in the ledger, not by time: nothing falls between two reviews, and nothing into both. */
interface Window {
  readonly after: number;
  readonly from: Instant;
  readonly to: Instant;
  readonly entries: number;
  readonly first: boolean;
}

/** @param now gate time, the end of the window */
export async function collectReview(session: Session, now: Instant): Promise<ReviewData> {
  const { store, chain, manifest, agent, build } = session;
  const spec = reviewSectionOf(session);
  const window = await windowOf(session, now);
  const within = async (type: string) => (await store.readEvidence(chain, type)).filter((entry) => entry.seq > window.after);
  const refused = new Set((await within('approval.denied')).map((entry) => String(entry.data['action'])));
  const { name, version } = manifest.metadata;
  return {
    v: 1,
    agent: { id: chain, name, version, build: build.digest, did: agent.did },
    organisation: manifest.owner.organisation.name,
    stakes: manifest.stakes,
    participants: [...(spec.participants ?? [])],
    kind: window.first ? 'launch-readiness' : 'periodic',
    window: { from: window.from, to: window.to, entries: window.entries },
    next: addDuration(now, spec.every),
    ...(await scoreFigures(session, window)),
    ...actionFigures(await within('action.recorded'), refused),
    approvals: await approvalFigures(session, window, within),
    alerts: alertsOf(await within('alert.raised')),
    incidents: await incidentFigures(session, window),
    waivers: (await within('waiver.granted')).map(({ data }) => ({ probe: String(data['probe']), until: String(data['expiresAt']), by: operatorName(session, String(data['operator'])) })),
    // Nothing imports ratings yet: null says that nobody knows, which is not the same as none.
    ratings: null,
  };
}

async function windowOf({ store, chain }: Session, now: Instant): Promise<Window> {
  const [head, last, first] = [await store.head(chain), await store.latest(chain, 'review.run'), await store.read(chain, 0)];
  const after = last?.seq ?? -1;
  return { after, from: last?.ts ?? first?.entry.ts ?? now, to: now, entries: Math.max(0, (head?.size ?? 0) - 1 - after), first: last === undefined };
}

/** The newest evaluation before the window comes along: a review without a single score would see nothing. */
async function scoreFigures({ store, chain }: Session, { after, first }: Window): Promise<Pick<ReviewData, 'scores' | 'evaluation'>> {
  const all = (await store.readEvidence(chain, 'evaluation.finished')).filter(countsAsScore);
  const before = all.filter((entry) => entry.seq <= after);
  // Before the launch the question is how the whole pact was kept, not what the last small monitoring run saw.
  const whole = first ? all.findLast((entry) => entry.data['purpose'] !== 'monitor') : undefined;
  return { scores: seriesOf([...before.slice(-1), ...all.filter((entry) => entry.seq > after)]), evaluation: evaluationOf(whole ?? all.at(-1)) };
}

async function approvalFigures({ store, chain }: Session, { after, to }: Window, within: (type: string) => Promise<readonly Entry[]>): Promise<ReviewData['approvals']> {
  const asked = [...(await store.projection(chain, 'approvals')).values()].map(approvalOf).filter((approval) => approval.seq > after);
  const { granted, denied, expired, pending, median, p95 } = queueFigures(asked, to);
  const votes = [...(await within('approval.granted')), ...(await within('approval.denied'))];
  const whole = (milliseconds: number | null) => (milliseconds === null ? null : Math.round(milliseconds));
  return { granted, denied, expired, pending, median: whole(median), p95: whole(p95), scripted: votes.filter((entry) => entry.data['ceremony'] === 'scripted').length };
}

function alertsOf(raised: readonly Entry[]): ReviewData['alerts'] {
  const real = raised.filter((entry) => entry.data['test'] !== true);
  return {
    total: real.length,
    test: raised.length - real.length,
    rows: real.map(({ ts, data }) => ({ at: ts, kind: String(data['kind']), condition: typeof data['condition'] === 'string' ? data['condition'] : null, value: String(data['value']), threshold: String(data['threshold']) })),
  };
}

/** Also those that were opened before and are still open, or ended within the window. */
async function incidentFigures(session: Session, { after }: Window): Promise<ReviewData['incidents']> {
  const { store, chain } = session;
  const scoped = await store.readEvidence(chain, 'incident.scoped');
  const all = (await incidents(session)).filter(({ opened, ended }) => opened.seq > after || ended === undefined || ended.seq > after);
  const real = all.filter(({ opened }) => opened.data['drill'] !== true);
  return {
    rows: real.map(({ id, opened, ended }) => {
      const affected = scoped.findLast((entry) => entry.data['incident'] === id)?.data['affected'];
      return { incident: id, severity: String(opened.data['severity']), action: String(opened.data['action']), opened: opened.ts, closed: ended?.ts ?? null, affected: typeof affected === 'number' ? affected : null };
    }),
    drills: all.length - real.length,
  };
}

function operatorName({ manifest }: Session, did: string): string {
  return manifest.owner.operators.find((one) => one.did === did)?.name ?? 'an operator no longer listed';
}

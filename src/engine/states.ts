/** Computes the state of every step from manifest, ledger and clock. Nobody sets a state. */
import { describeEdit } from '../domain/edit.js';
import { diffBuilds, type BuildDocument } from '../domain/build.js';
import { Fault } from '../domain/fault.js';
import { readable, type Instant } from '../domain/time.js';
import { isObject, parseJson, type Json, type JsonObject } from '../domain/json.js';
import { judge, type EvidenceQuery, type Finding, type InputName, type State, type Step, type StepId, type StepIo } from '../domain/step.js';
import type { Entry } from '../domain/entry.js';
import type { EvidenceView, StepView } from '../domain/report.js';
import { known } from '../ledger/registry.js';
import { orderOf, requiredSteps, sequenceOf, STEPS } from '../steps/index.js';
import { attestationOf } from './human-act.js';
import { digestOfArtifact } from './artifacts.js';
import { applyWaivers } from './waivers.js';
import { readBlobText, type Session } from './session.js';
import { nextOf, SETTLED } from './next.js';

export interface StepStates {
  readonly steps: readonly StepView[];
  /** Unsigned deliverables as the steps would write them now. */
  readonly deliverables: ReadonlyMap<StepId, Json>;
}

/** @param now gate time: the later of wall clock and newest entry */
export async function computeStates(session: Session, now: Instant): Promise<StepStates> {
  const { manifest } = session;
  const evidence = remembering(evidenceQuery(session));
  const required = requiredSteps(manifest.stakes);
  const order = orderOf(manifest.path);
  const done = new Map<StepId, StepView>();
  const waits = new Map<StepId, readonly StepId[]>();
  const deliverables = new Map<StepId, Json>();
  for (const step of sequenceOf(manifest.path)) {
    const blockers = order[step.id].filter((need) => required.includes(need.step) && isOpen(done.get(need.step), need.recorded ?? false)).map((need) => need.step);
    const { view, deliverable } = await computeStep({ session, evidence, now }, step, required.includes(step.id), blockers);
    done.set(step.id, view);
    waits.set(step.id, blockers);
    if (deliverable !== undefined) deliverables.set(step.id, deliverable);
  }
  const settled = (id: StepId) => !required.includes(id) || !isOpen(done.get(id), false);
  const nexts = new Map<StepId, string | null>();
  const next = (id: StepId): string => {
    const page = `agentctl ${id}`;
    const view = done.get(id);
    const step = STEPS.find((one) => one.id === id);
    if (!view || !step) return page;
    if (!nexts.has(id)) {
      nexts.set(id, page); // Where two steps wait for each other, the page tells it.
      nexts.set(id, nextOf(step, view, { blockers: waits.get(id) ?? [], settled, next }));
    }
    return nexts.get(id) ?? page;
  };
  const steps = STEPS.flatMap(({ id }) => {
    const view = done.get(id);
    next(id);
    return view ? [{ ...view, next: nexts.get(id) ?? null }] : [];
  });
  return { steps, deliverables };
}

function isOpen(view: StepView | undefined, recorded: boolean): boolean {
  if (!view) return true;
  if (recorded) return view.evidence.length === 0;
  return !SETTLED.includes(view.state);
}

/** What all twelve computations of one answer share. */
interface Look {
  readonly session: Session;
  readonly evidence: EvidenceQuery;
  readonly now: Instant;
}

async function computeStep(look: Look, step: Step, required: boolean, blockers: readonly StepId[]): Promise<{ view: StepView; deliverable: Json | undefined }> {
  const { session, now } = look;
  const evidence = await evidenceOf(session, step, now);
  const stale = evidence.some((view) => view.stale);
  let findings: readonly Finding[] = [];
  let deliverable: Json | undefined;
  let state: State;
  let because = '';
  try {
    const examined = await examine(look, step);
    findings = await applyWaivers(session, step, examined.findings, now);
    deliverable = examined.deliverable;
    state = judge(findings, { stale, blocked: blockers.length > 0 });
  } catch (cause) {
    if (!(cause instanceof Fault) || (cause.exit !== 4 && cause.code !== 'UPGRADE_NEEDED')) throw cause;
    state = cause.exit === 4 ? 'untrustworthy' : 'unproven';
    because = cause.message;
  }
  because ||= reason(state, findings, evidence, blockers);
  const { file, name } = step.deliverable;
  const digest = await digestOfArtifact(session.store, session.chain, file);
  const view: StepView = {
    number: step.number, id: step.id, title: step.title, question: step.question, owner: step.owner, harm: step.ifSkipped,
    required, state, because, findings, evidence, deliverable: { name, file, ...(digest === undefined ? {} : { digest }) }, next: null,
  };
  return { view, deliverable };
}

/** A section that agent.yaml does not have leaves every question of its step unanswered. */
async function examine({ session, evidence, now }: Look, step: Step): Promise<{ findings: readonly Finding[]; deliverable: Json | undefined }> {
  const section = step.section && session.manifest[step.section.key];
  if (step.section && section === undefined) {
    const because = `agent.yaml has no section "${step.section.key}"`;
    return { findings: step.probes.map((probe) => ({ ...probe, is: 'unknown', because })), deliverable: undefined };
  }
  const io: StepIo = {
    now,
    manifest: session.manifest,
    evidence,
    inputs: Object.fromEntries(step.inputs.map((name) => [name, session.inputs[name].digest])),
    blob: (digest) => readBlobText(session.store, digest),
    projection: (name) => session.store.projection(session.chain, name),
    attested: (entry, roles) => attestationOf(session.store, session.manifest, step.id, entry, roles),
  };
  const { findings, deliverable } = await step.examine(section, io);
  return { findings, deliverable };
}

export function evidenceQuery({ store, chain }: Pick<Session, 'store' | 'chain'>): EvidenceQuery {
  const check = (entry: Entry) => {
    if (known(entry.type)) return entry;
    throw new Fault('UPGRADE_NEEDED', `entry ${entry.seq} has the type "${entry.type}" of a newer agentctl`, { hint: 'upgrade agentctl' });
  };
  return {
    latest: async (type) => {
      const entry = await store.latest(chain, type);
      return entry && check(entry);
    },
    list: async (type, limit) => (await store.readEvidence(chain, type, limit)).map(check),
    count: (type) => store.count(chain, type),
  };
}

/** Twelve steps ask much the same questions; each is put to the store once. */
function remembering(query: EvidenceQuery): EvidenceQuery {
  const kept = new Map<string, Promise<unknown>>();
  const once = <T>(key: string, ask: () => Promise<T>): Promise<T> => {
    const known = kept.get(key) ?? ask();
    kept.set(key, known);
    return known as Promise<T>;
  };
  return {
    latest: (type) => once(`latest ${type}`, () => query.latest(type)),
    list: (type, limit) => once(`list ${limit ?? 'all'} ${type}`, () => query.list(type, limit)),
    count: (type) => once(`count ${type}`, () => query.count(type)),
  };
}

async function evidenceOf(session: Session, step: Step, now: Instant): Promise<readonly EvidenceView[]> {
  const views: EvidenceView[] = [];
  for (const type of new Set(step.verbs.flatMap((verb) => verb.produces))) {
    const entry = await session.store.latest(session.chain, type);
    if (!entry) continue;
    const { seq, ts, validUntil } = entry;
    const stale = await staleness(session, entry, now);
    views.push({ type, seq, ts, ...(validUntil === undefined ? {} : { validUntil }), ...(stale.length > 0 ? { stale } : {}) });
  }
  return views;
}

/** Why an entry no longer counts: the edits to its inputs since, or its age. */
export async function staleness(session: Session, entry: Entry, now: Instant): Promise<readonly string[]> {
  const lines: string[] = [];
  for (const [name, digest] of Object.entries(entry.inputs)) {
    const current = session.inputs[name as InputName];
    if (current === undefined || current.digest === digest) continue;
    const before = await readBlobText(session.store, digest);
    lines.push(...describe(name, before, current.text));
  }
  if (entry.validUntil !== undefined && entry.validUntil < now) lines.push(`expired on ${readable(entry.validUntil)}`);
  return lines;
}

function describe(name: string, before: string | undefined, after: string): readonly string[] {
  const label = name.replace('deliverable:', 'deliverable of ').replace('evidence:1-8', 'evidence of steps 1-8');
  if (before === undefined) return [`${label} changed`];
  const [old, current] = [parseJson(before, name), parseJson(after, name)];
  if (name === 'build' && isObject(old) && isObject(current)) return diffBuilds(old as unknown as BuildDocument, current as unknown as BuildDocument).map((line) => `build: ${line}`);
  if (name === 'evidence:1-8' && isObject(old) && isObject(current)) return changedInputs(old, current).map((line) => `${label}: ${line}`);
  if (typeof old === 'string' || old === null) return [`${label} changed`];
  return describeEdit(old, current).map((line) => `${label}: ${line}`);
}

/** Evidence by type, with the digests that it was made from: which of them are others now, such as `pact.signed (pacts)`. */
function changedInputs(before: JsonObject, after: JsonObject): readonly string[] {
  const namesOf = (value: Json | undefined) => (isObject(value) ? value : {});
  return [...new Set([...Object.keys(before), ...Object.keys(after)])].flatMap((type) => {
    const [old, current] = [namesOf(before[type]), namesOf(after[type])];
    const names = [...new Set([...Object.keys(old), ...Object.keys(current)])].filter((name) => old[name] !== current[name]);
    return names.length === 0 ? [] : [`${type} (${names.map((name) => name.replace('deliverable:', '')).join(', ')})`];
  });
}

function reason(state: State, findings: readonly Finding[], evidence: readonly EvidenceView[], blockers: readonly StepId[]): string {
  const musts = findings.filter((finding) => finding.severity === 'must');
  if (state === 'failed') return musts.find((finding) => finding.is === 'no' && !finding.waived)?.because ?? 'a must is not met';
  if (state === 'stale') return [...new Set(evidence.flatMap((view) => view.stale ?? []))].slice(0, 2).join('; ');
  if (state === 'unproven') return musts.find((finding) => finding.is === 'unknown' && !finding.waived)?.because ?? 'no evidence yet';
  if (state === 'blocked') return `waits for ${blockers.join(', ')}`;
  const open = findings.filter((finding) => finding.is === 'unknown' || finding.is === 'no').length;
  const count = musts.filter((finding) => finding.is === 'yes').length;
  return `${count} of ${musts.filter((finding) => finding.is !== 'not-applicable').length} proven${open > 0 ? `, ${open} further open` : ''}`;
}

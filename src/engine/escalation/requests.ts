/** Requests for approval as people see them: found by id, their arguments shown with nothing hidden in them. */
import { approvalOf, statusAt, type Approval } from '../../enforcement/approvals.js';
import { canonical } from '../../domain/canonical.js';
import { Fault } from '../../domain/fault.js';
import { isObject, type JsonObject } from '../../domain/json.js';
import { millisecondsOf, type Instant } from '../../domain/time.js';
import { visible } from '../../domain/visible.js';
import type { Session } from '../session.js';

export const NO_REQUEST_HINT = 'agentctl escalation list';

/** Requests that still wait: for a vote, or, already granted, to be carried out. Oldest first. */
export async function openRequests({ store, chain }: Pick<Session, 'store' | 'chain'>, now: Instant): Promise<readonly Approval[]> {
  const states = [...(await store.projection(chain, 'approvals')).values()].map(approvalOf);
  return states.filter((one) => ['pending', 'granted'].includes(statusAt(one, now))).sort((a, b) => a.seq - b.seq);
}

/** @throws {Fault} REFUSED when there is none */
export async function requestById({ store, chain }: Pick<Session, 'store' | 'chain'>, id: string | undefined): Promise<Approval> {
  const state = id === undefined ? undefined : await store.projected(chain, 'approvals', id);
  if (state === undefined) throw new Fault('REFUSED', `there is no request ${visible(id ?? '')}`, { hint: NO_REQUEST_HINT });
  return approvalOf(state);
}

/** What the agent wants to do, as it was asked; null when the payload was erased. */
export async function askedOf({ store, chain }: Pick<Session, 'store' | 'chain'>, request: Approval): Promise<{ readonly arguments: JsonObject; readonly payload: JsonObject } | null> {
  const payload = await store.payload(chain, request.seq);
  const args = payload?.['arguments'];
  return payload !== undefined && isObject(args) ? { arguments: args, payload } : null;
}

/** One line; a character that could hide or turn text is written out. */
export function shown(args: JsonObject | undefined): string {
  return args === undefined ? '(erased)' : visible(canonical(args));
}

/** `3 min`, `2 h 5 min`, `1 d 4 h`: machine figures for people. */
export function span(milliseconds: number): string {
  const minutes = Math.floor(milliseconds / 60_000);
  if (minutes < 1) return `${Math.max(0, Math.floor(milliseconds / 1000))} s`;
  if (minutes < 60) return `${minutes} min`;
  const hours = Math.floor(minutes / 60);
  return hours < 24 ? `${hours} h ${minutes % 60} min` : `${Math.floor(hours / 24)} d ${hours % 24} h`;
}

export function between(from: Instant, to: Instant): string {
  return span(millisecondsOf(to) - millisecondsOf(from));
}

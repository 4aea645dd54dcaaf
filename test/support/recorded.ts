/** Records of actions as the gateway writes them, for tests that look for them. */
import type { EntryDraft } from '../../src/domain/entry.js';
import type { JsonObject } from '../../src/domain/json.js';
import { record, type Session } from '../../src/engine/session.js';

const names = { capability: 'sorting', tool: 'drop_note', digest: `sha256:${'d'.repeat(64)}`, policy: `sha256:${'e'.repeat(64)}`, approval: null, reservation: null, source: 'production' };
const outcome = { decision: 'permit', rule: 'within-policy', pattern: null, confidence: '0.95', doubt: false, pre: 'ok', post: 'ok', outcome: 'done', milliseconds: 12 };

export function intentOf(action: string, change: JsonObject = {}): Omit<EntryDraft, 'agent' | 'actor'> {
  return { type: 'action.intent', data: { ...names, action, ...change } };
}

export function recordedOf(action: string, change: JsonObject = {}, payload?: JsonObject): Omit<EntryDraft, 'agent' | 'actor'> {
  return { type: 'action.recorded', data: { ...names, ...outcome, action, ...change }, ...(payload === undefined ? {} : { payload }) };
}

/** @returns place of the last of them */
export async function recordAll(session: Session, ...drafts: readonly (Omit<EntryDraft, 'agent' | 'actor'> & { readonly actor?: string })[]): Promise<number> {
  let place = -1;
  for (const draft of drafts) place = (await record(session, { ...draft, actor: draft.actor ?? 'agent' })).entry.seq;
  return place;
}

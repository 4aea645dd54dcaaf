/** What row 8.1 asks of the record of an action: inputs, outputs, tool call, checks, confidence, decision, escalation, outcome. */
import type { Entry } from '../../domain/entry.js';
import { isObject, type Json, type JsonObject } from '../../domain/json.js';
import type { Table } from '../../domain/report.js';
import { readable, type Instant } from '../../domain/time.js';
import { runsUntil } from '../../enforcement/activity.js';
import { spaced } from './line.js';

export interface Circumstances {
  readonly payload: JsonObject | 'erased' | undefined;
  readonly related: readonly Entry[];
  readonly now: Instant;
}

/** Undefined for an entry that is about no action. */
export function aboutAction(entry: Entry, seen: Circumstances): Table | undefined {
  const rows = entry.type === 'action.recorded' ? recorded(entry, seen) : entry.type === 'action.intent' ? begun(entry, seen) : entry.type === 'action.observed' ? observed(entry, seen) : undefined;
  return rows && { title: 'Action', columns: ['what', 'record'], rows };
}

type Rows = readonly (readonly [what: string, record: string])[];

function recorded({ data }: Entry, { payload, related }: Circumstances): Rows {
  const held = reader(payload);
  return [
    ['inputs', held('arguments')],
    ['output', held('result')],
    ['tool call', `${text(data['tool'])} for ${text(data['capability'])}: ${text(data['outcome'])}${data['outcome'] === 'not-run' ? '' : ` after ${text(data['milliseconds'])} ms`}`],
    ['checked before', text(data['pre'])],
    ['checked after', [text(data['post']), ...list(payload, 'issues')].join('; ')],
    ['confidence', `${data['confidence'] === null ? 'none stated' : text(data['confidence'])}${data['doubt'] === true ? ', and doubt' : ''}`],
    ['decision', `${text(data['decision'])} by ${text(data['rule'])}: ${held('because')}`],
    ['escalation', escalationOf(related)],
  ];
}

function begun(entry: Entry, { related, now }: Circumstances): Rows {
  const end = related.find((other) => other.type === 'action.recorded' && other.data['decision'] === 'permit' && other.data['action'] === entry.data['action']);
  const open = runsUntil(entry) >= now ? `none yet: it may be running until ${readable(runsUntil(entry))}` : 'none: whoever began it is gone, and agentctl apply will record it as unknown';
  return [
    ['tool call', `${text(entry.data['tool'])} for ${text(entry.data['capability'])}, about to run`],
    ['outcome', end ? `${text(end.data['outcome'])}, in entry ${end.seq}` : open],
    ['escalation', escalationOf(related)],
  ];
}

function observed({ data }: Entry, { payload }: Circumstances): Rows {
  const held = reader(payload);
  const called = data['tool'] === null ? text(data['operation']) : `${text(data['operation'])} ${text(data['tool'])}`;
  const model = [data['requestModel'], data['responseModel']].filter((one) => one !== null).map(text).join(', answered by ');
  return [
    ['inputs', held('input')],
    ['output', held('output')],
    ['call', `${called}: status ${text(data['status'])}${data['error'] === null ? '' : ` (${text(data['error'])})`} after ${text(data['milliseconds'])} ms`],
    ['model', model === '' ? 'none named' : model],
    ['tokens', `${text(data['inputTokens'] ?? 'unknown')} in, ${text(data['outputTokens'] ?? 'unknown')} out`],
    ['checked', 'by nobody: agentctl saw only the telemetry'],
    ['decision', 'none: nobody was asked'],
  ];
}

function escalationOf(related: readonly Entry[]): string {
  const votes = related.filter(({ type }) => type.startsWith('approval.'));
  return votes.length === 0 ? 'none' : votes.map(({ seq, type }) => `${type} in entry ${seq}`).join(', ');
}

function reader(payload: Circumstances['payload']): (name: string) => string {
  return (name) => (payload === 'erased' ? 'erased' : text(payload?.[name] ?? null));
}

function list(payload: Circumstances['payload'], name: string): readonly string[] {
  const items = isObject(payload) ? payload[name] : undefined;
  return Array.isArray(items) ? items.map((item: Json) => spaced(item)) : [];
}

function text(value: Json | undefined): string {
  return spaced(value) || 'none';
}

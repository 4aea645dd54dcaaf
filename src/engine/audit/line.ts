/** One entry as a line: a few words for people, cells for a spreadsheet, everything for a program. */
import { isDigest, short } from '../../domain/digest.js';
import type { Entry } from '../../domain/entry.js';
import type { Json, JsonObject } from '../../domain/json.js';
import type { ResultColumns, ResultLine } from '../../domain/ports.js';
import { entryTypes } from '../../ledger/registry.js';
import type { Manifest } from '../manifest.js';
import type { Found } from './entries.js';

type Payload = JsonObject | 'erased' | undefined;

/** Members that say what an action was about, shown before all others. */
const FIRST = ['action', 'operation', 'tool', 'requestModel', 'decision', 'rule', 'outcome', 'id', 'status'];
const SHOWN = 6;

/** @param payloads whether each line carries what stands behind the commitment */
export function columnsOf(payloads: boolean): ResultColumns {
  const type = Math.max(...entryTypes().map((one) => one.length));
  return {
    shown: [{ name: 'seq', width: 6 }, { name: 'time (UTC)', width: 19 }, { name: 'type', width: type }, { name: 'actor', width: 16 }],
    cells: ['seq', 'time', 'type', 'actor', 'agent', 'did', 'version', 'build', 'tool', 'decision', 'rule', 'outcome', 'hash', 'data', ...(payloads ? ['payload'] : [])],
  };
}

export function lineOf({ entry, row }: Found, manifest: Manifest, payloads: boolean, payload: Payload): ResultLine {
  const { seq, ts, type, actor, agent, data } = entry;
  const text = payload === undefined ? '' : JSON.stringify(payload === 'erased' ? null : payload);
  return {
    shown: [String(seq), `${ts.slice(0, 10)} ${ts.slice(11, 19)}`, type, actorOf(manifest, actor)],
    under: [summaryOf(entry, SHOWN), ...(payload === undefined ? [] : [`payload: ${payload === 'erased' ? payload : text}`])].filter((line) => line !== ''),
    cells: [
      String(seq), ts, type, actorOf(manifest, actor), agent.id, agent.did, agent.version, agent.build,
      ...['tool', 'decision', 'rule', 'outcome'].map((name) => data[name]), row.hash, data, ...(payloads ? [payload === 'erased' ? payload : text] : []),
    ].map(cellOf),
    value: { ...entryJson(entry, payload), hash: row.hash },
  };
}

/** An entry as data for programs; what its payload holds goes beside the commitment. */
export function entryJson(entry: Entry, payload: Payload): JsonObject {
  const { agent, inputs, data, payload: commitment, ...rest } = entry;
  const held = payload === undefined ? {} : payload === 'erased' ? { erased: true } : { content: payload };
  return { ...rest, agent: { ...agent }, inputs, data, ...(commitment === undefined ? {} : { payload: { ...commitment, ...held } }) };
}

/** What a cell of a spreadsheet holds: text as it is, anything else as JSON, nothing for nothing. */
export function cellOf(value: Json | undefined): string {
  if (value === undefined || value === null) return '';
  return typeof value === 'string' ? value : JSON.stringify(value);
}

/** The same for people: JSON with room between its parts, so that it can be broken into lines. */
export function spaced(value: Json | undefined): string {
  return typeof value === 'object' && value !== null ? JSON.stringify(value, null, 1).replace(/\n */g, ' ') : cellOf(value);
}

/** The operator by the name that agent.yaml gives, anybody else as recorded. */
export function actorOf({ owner }: Manifest, actor: string): string {
  return owner.operators.find((one) => one.did === actor)?.id ?? actor;
}

/** The most telling plain members; a digest by its beginning. */
export function summaryOf({ data }: Pick<Entry, 'data'>, most: number): string {
  const plain = Object.entries(data).filter(([, value]) => typeof value !== 'object');
  const rank = (name: string) => (FIRST.includes(name) ? FIRST.indexOf(name) : FIRST.length);
  return plain.sort(([a], [b]) => rank(a) - rank(b)).slice(0, most).map(([key, value]) => `${key}=${isDigest(value) ? short(value) : cutShort(String(value))}`).join(' ');
}

function cutShort(text: string): string {
  return text.length > 32 ? `${text.slice(0, 31)}…` : text;
}

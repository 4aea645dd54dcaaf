/** Lists of a bundle for who takes samples: one line an entry, its members under their own paths. */
import { csvRecord } from '../../domain/csv.js';
import type { Json, JsonObject } from '../../domain/json.js';
import { isObject } from '../../domain/json.js';
import { TYPE_GROUPS } from '../../ledger/registry.js';
import type { Found } from './entries.js';
import { cellOf, entryJson } from './line.js';

export interface List {
  readonly file: string;
  readonly types: readonly string[];
}

const SCHEMAS = TYPE_GROUPS.flatMap((group) => Object.entries(group));
const typesIn = (start: string) => SCHEMAS.map(([type]) => type).filter((type) => type.startsWith(start));

/** Intents are left out: an action is one line, and what it lacks is asked by `audit.complete`. */
export const LISTS: readonly List[] = [
  { file: 'actions.csv', types: typesIn('action.').filter((type) => type !== 'action.intent') },
  { file: 'approvals.csv', types: typesIn('approval.') },
  { file: 'incidents.csv', types: typesIn('incident.') },
  { file: 'waivers.csv', types: typesIn('waiver.') },
];

const ENVELOPE = ['seq', 'ts', 'type', 'actor', 'agent.id', 'agent.did', 'agent.version', 'agent.build', 'hash'];

/** Every member that the schemas of these types name, so that no entry has one without a column. */
export function columnsOf({ types }: List): readonly string[] {
  const members = SCHEMAS.filter(([type]) => types.includes(type)).flatMap(([, { properties }]) => (isObject(properties) ? Object.keys(properties) : []));
  return [...ENVELOPE, ...[...new Set(members)].sort().map((name) => `data.${name}`)];
}

export function recordOf({ entry, row }: Found, columns: readonly string[]): string {
  const members = { ...entryJson(entry, undefined), hash: row.hash };
  return csvRecord(columns.map((path) => cellOf(at(members, path.split('.')))));
}

function at(value: Json | undefined, [first, ...rest]: readonly string[]): Json | undefined {
  return first === undefined ? value : at(isObject(value) ? (value as JsonObject)[first] : undefined, rest);
}

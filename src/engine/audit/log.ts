/** `audit log`: entries of the agent's chain, newest last. */
import { isDigest, short } from '../../domain/digest.js';
import { isInstant, readable } from '../../domain/time.js';
import { Fault } from '../../domain/fault.js';
import { decodeEntry } from '../../ledger/entry.js';
import type { Entry } from '../../domain/entry.js';
import { entryTypes } from '../../ledger/registry.js';
import { nearest } from '../suggest.js';
import { outcome } from '../outcome.js';
import { textOption, type Verb } from '../verb.js';

export const run: Verb = async (session, input) => {
  const type = textOption(input, 'type') ?? '';
  const since = textOption(input, 'since') ?? '';
  const last = textOption(input, 'last');
  if (since !== '' && !isInstant(since) && Number.isNaN(Date.parse(since))) throw new Fault('USAGE', `--since "${since}" is no time`, { hint: '--since 2026-11-22T00:00:00Z' });
  if (last !== undefined && !/^[1-9]\d{0,6}$/.test(last)) throw new Fault('USAGE', `--last "${last}" is no count`, { hint: '--last 20' });
  const from = since === '' ? '' : new Date(since).toISOString();
  const found: Entry[] = [];
  for await (const row of session.store.scan(session.chain)) {
    const entry = decodeEntry(row.body, `entry ${row.seq}`);
    if (entry.type.startsWith(type) && entry.ts >= from) found.push(entry);
  }
  const shown = last === undefined ? found : found.slice(-Number(last));
  return outcome({
    step: 'audit', verb: 'log', headline: `${shown.length} of ${found.length} entries`,
    tables: [{ title: 'Entries', columns: ['seq', 'time', 'type', 'actor', 'data'], rows: shown.map((entry) => [String(entry.seq), readable(entry.ts), entry.type, actorOf(session.manifest, entry.actor), summary(entry)]) }],
    notes: found.length === 0 && type !== '' ? [likeTypes(type)] : [],
    data: { entries: shown.map((entry) => ({ ...entry })) as never },
  });
};

/** Nothing was found: says whether such a type exists at all, and which begin alike. */
function likeTypes(type: string): string {
  const types = entryTypes();
  if (types.some((one) => one.startsWith(type))) return `no entry of a type that begins with "${type}" is on record`;
  const groups = [...new Set(types.map((one) => one.split('.')[0] ?? ''))];
  const near = type.includes('.') ? nearest(type, types) : nearest(type, groups);
  const alike = types.filter((one) => near !== undefined && one.startsWith(near));
  return `no entry type begins with "${type}"; ${alike.length > 0 ? `did you mean ${alike.join(', ')}?` : `types begin with ${groups.join(', ')}`}`;
}

function actorOf(manifest: { readonly owner: { readonly operators: readonly { readonly id: string; readonly did: string }[] } }, actor: string): string {
  return manifest.owner.operators.find((one) => one.did === actor)?.id ?? actor;
}

/** The first four plain members; a digest by its beginning. */
function summary({ data }: Entry): string {
  return Object.entries(data).filter(([, value]) => typeof value !== 'object').slice(0, 4).map(([key, value]) => `${key}=${isDigest(value) ? short(value) : cutShort(String(value))}`).join(' ');
}

function cutShort(text: string): string {
  return text.length > 32 ? `${text.slice(0, 31)}…` : text;
}

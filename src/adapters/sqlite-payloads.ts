/** Payloads as they are read back: decrypted, and compared with what the chain commits to. */
import { Fault } from '../domain/fault.js';
import { asObject, parseJson, type JsonObject } from '../domain/json.js';
import { readBody } from '../ledger/entry.js';
import type { Outline } from '../ledger/outline.js';
import { isBlank, openPayload, type SealedPayload } from './payload-cipher.js';
import type { FoundKey, KeyFinder } from './sqlite-payload-keys.js';
import type { Problem } from './sqlite-problem.js';
import type { Tables } from './sqlite-tables.js';

/** @throws {Fault} KEY_MISSING, STORE_TAMPERED */
export function readPayload(seq: number, sealed: SealedPayload, key: FoundKey, commit: string): JsonObject {
  const place = `payload of entry ${seq}`;
  if (key === 'elsewhere') throw new Fault('KEY_MISSING', `the ${place} cannot be read: its key is not in payload-keys.db`, { at: place, hint: 'bring the payload-keys.db that belongs to this ledger' });
  const text = key === 'gone' ? undefined : openPayload(sealed, key, commit);
  if (!text) throw new Fault('STORE_TAMPERED', `the ${place} ${key === 'gone' ? 'cannot be read: its key is gone, and no erasure is on record' : 'differs from its commitment'}`, { at: place, hint: 'agentctl audit verify' });
  return asObject(parseJson(text.toString('utf8'), place), place);
}

/** @throws {Fault} STORE_TAMPERED */
export function refuseLost(seq: number): never {
  const place = `payload of entry ${seq}`;
  throw new Fault('STORE_TAMPERED', `the ${place} is gone, and no erasure is on record`, { at: place, hint: 'agentctl audit verify' });
}

/** Compares payloads with the entries while an audit walks over them: there, readable and the right one; or gone, and an entry says so. */
export class PayloadCheck {
  readonly #tables: Tables;
  readonly #keys: KeyFinder;
  readonly #chain: string;
  readonly #pruned: number;
  readonly #problems = new Map<number, string>();
  #next = Number.MIN_SAFE_INTEGER;
  #unreadable = 0;

  /** @param pruned entries before it are pruned, and their payloads with them */
  constructor(tables: Tables, keys: KeyFinder, chain: string, pruned = 0) {
    this.#tables = tables;
    this.#keys = keys;
    this.#chain = chain;
    this.#pruned = pruned;
  }

  /** The entries of one page, in order. */
  async page(entries: readonly Outline[]): Promise<void> {
    const last = entries.at(-1)?.seq;
    if (last === undefined) return;
    const rows = new Map(this.#tables.payloads(this.#chain, this.#next, last).map((row) => [row.seq, row]));
    this.#next = last + 1;
    const keys = await this.#keys.find([...rows.values()].map(({ key }) => key));
    for (const entry of entries) {
      if (entry.commit !== undefined) this.#compare(entry.seq, entry.commit, rows.get(entry.seq), keys);
      if (entry.commit !== undefined) rows.delete(entry.seq);
      if (entry.type === 'payload.erased') await this.#erased(entry);
    }
    for (const [seq, row] of rows) if (!this.#isPruned(seq) || !isBlank(row)) this.#problems.set(seq, this.#isPruned(seq) ? 'was pruned on record, but is still there: agentctl audit prune finishes it' : 'belongs to no entry');
  }

  #isPruned(seq: number): boolean {
    return seq > 0 && seq < this.#pruned;
  }

  /** After the last page. */
  problems(): readonly Problem[] {
    for (const seq of this.#tables.payloadPlaces(this.#chain, this.#next)) this.#problems.set(seq, 'belongs to no entry');
    const found = [...this.#problems].sort(([a], [b]) => a - b).map(([seq, problem]) => ({ table: 'payloads', key: String(seq), problem }));
    if (this.#unreadable === 0) return found;
    const what = this.#unreadable === 1 ? 'one payload cannot be read: its key is' : `${this.#unreadable} payloads cannot be read: their keys are`;
    return [...found, { table: 'payloads', key: this.#chain, problem: `${what} not in payload-keys.db`, unknown: true }];
  }

  #compare(seq: number, commit: string, row: SealedPayload | undefined, keys: ReadonlyMap<string, FoundKey>): void {
    const key = row && keys.get(row.key);
    if (!row) this.#problems.set(seq, 'is missing: the entry commits to it');
    else if (isBlank(row)) this.#problems.set(seq, 'was overwritten, and no erasure is on record');
    else if (key === undefined || key === 'gone') this.#problems.set(seq, 'cannot be read: its key is gone, and no erasure is on record');
    else if (key === 'elsewhere') this.#unreadable += 1;
    else if (!openPayload(row, key, commit)) this.#problems.set(seq, 'differs from the commitment in the entry');
  }

  /** An erasure excuses what is gone, and accuses what is still there. */
  async #erased({ seq: by, entry }: Outline): Promise<void> {
    const { data } = entry();
    const seq = Number(data['seq']);
    if (this.#isPruned(seq)) return;
    if (seq >= by || !this.#names(seq, data['commit'])) {
      this.#problems.set(by, `erases a payload that entry ${seq} does not commit to`);
      return;
    }
    const row = this.#tables.payload(this.#chain, seq);
    const key = row && (await this.#keys.find([row.key])).get(row.key);
    if (row && !isBlank(row)) this.#problems.set(seq, `was erased by entry ${by}, but is still there: agentctl audit erase ${seq} finishes it`);
    else if (key instanceof Uint8Array) this.#problems.set(seq, `was erased by entry ${by}, but its key is still there: agentctl audit erase ${seq} finishes it`);
    else this.#problems.delete(seq);
    if (row && !isBlank(row) && key === 'elsewhere') this.#unreadable -= 1;
  }

  #names(seq: number, commit: unknown): boolean {
    const row = this.#tables.entry(this.#chain, seq);
    const entry = row && readBody(row.body);
    return typeof entry === 'object' && entry.payload?.commit === commit;
  }
}

/** Appends what is to be on record once, whoever brings it how often: of several processes exactly one records it. */
import type { EntryDraft } from '../domain/entry.js';
import { Fault } from '../domain/fault.js';
import type { Guard } from '../domain/ports.js';
import type { Session } from './session.js';

export interface Keyed {
  readonly key: string;
  readonly draft: EntryDraft;
}

export interface AppendedOnce {
  readonly recorded: number;
  /** What was there before, and in which entry. */
  readonly known: readonly (Keyed & { readonly seq: number })[];
}

type Kept = Pick<Session, 'store' | 'chain'>;

/** Entries of one transaction: few commits, and yet others get their turn. */
const BATCH = 200;

/** @param projection says by key what is on record, as `{seq}`, and reacts to the drafts. @param drafts each under a key of its own */
export async function appendOnce(kept: Kept, projection: string, drafts: readonly Keyed[]): Promise<AppendedOnce> {
  let recorded = 0;
  const known: (Keyed & { readonly seq: number })[] = [];
  for (let from = 0; from < drafts.length; from += BATCH) {
    const batch = await appendBatch(kept, projection, drafts.slice(from, from + BATCH));
    recorded += batch.recorded;
    known.push(...batch.known);
  }
  return { recorded, known };
}

/** Whoever recorded one of them in this very moment was first: then the others are tried again without it. */
async function appendBatch({ store, chain }: Kept, projection: string, drafts: readonly Keyed[]): Promise<AppendedOnce> {
  const known: (Keyed & { readonly seq: number })[] = [];
  const unknownOf = async (left: readonly Keyed[]) => {
    const fresh: Keyed[] = [];
    for (const one of left) {
      const state = await store.projected(chain, projection, one.key);
      if (state === undefined) fresh.push(one);
      else known.push({ ...one, seq: Number(state['seq']) });
    }
    return fresh;
  };
  for (let fresh = await unknownOf(drafts); ; ) {
    const guards: readonly Guard[] = fresh.map(({ key }) => ({ kind: 'projection-is', projection, key, state: null }));
    try {
      if (fresh.length > 0) await store.append(chain, fresh.map(({ draft }) => draft), { guards });
      return { recorded: fresh.length, known };
    } catch (cause) {
      const left = await unknownOf(fresh);
      if (!(cause instanceof Fault) || cause.code !== 'REFUSED' || left.length === fresh.length) throw cause;
      fresh = left;
    }
  }
}

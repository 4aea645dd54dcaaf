/** Puts spans of telemetry on record: each once, whoever sends it again, from whichever process, however late. */
import { canonical } from '../../domain/canonical.js';
import type { EntryDraft } from '../../domain/entry.js';
import { isObject, type Json } from '../../domain/json.js';
import { isGenAi, observedDraft } from '../../ledger/observed.js';
import { spanKey } from '../../ledger/observed-projection.js';
import { readTraces, type RefusedSpan } from '../../ledger/otlp.js';
import { appendOnce, type Keyed } from '../append-once.js';
import type { Session } from '../session.js';

/** What became of the spans of one request, or of several. */
export interface Tally {
  readonly recorded: number;
  /** On record already. */
  readonly known: number;
  /** About something else than agents and models, and left out. */
  readonly other: number;
  readonly refused: number;
  /** The first refusals; their number has no bound. */
  readonly refusals: readonly RefusedSpan[];
}

export const NOTHING: Tally = { recorded: 0, known: 0, other: 0, refused: 0, refusals: [] };
const SHOWN = 20;

export function sum(a: Tally, b: Tally): Tally {
  return { recorded: a.recorded + b.recorded, known: a.known + b.known, other: a.other + b.other, refused: a.refused + b.refused, refusals: [...a.refusals, ...b.refusals].slice(0, SHOWN) };
}

function refusedAll(refusals: readonly RefusedSpan[]): Tally {
  return { ...NOTHING, refused: refusals.length, refusals };
}

type Observing = Pick<Session, 'store' | 'chain' | 'agent'>;

/** @throws {Fault} INPUT_INVALID when the request is none; what is wrong with a single span refuses that one */
export async function observe(session: Observing, request: Json, place: string): Promise<Tally> {
  const { spans, refused } = readTraces(request, place);
  const genAi = spans.filter(isGenAi);
  const drafts = new Map<string, EntryDraft>();
  let tally = sum({ ...NOTHING, other: spans.length - genAi.length }, refusedAll(refused));
  for (const span of genAi) {
    const draft = observedDraft(span, session.agent);
    if ('because' in draft) tally = sum(tally, refusedAll([draft]));
    else {
      const key = spanKey(span.trace, span.id);
      const before = drafts.get(key);
      if (before) tally = sum(tally, sameOr(draft, before.data, 'in the same request'));
      else drafts.set(key, draft);
    }
  }
  return sum(tally, await recordOnce(session, [...drafts].map(([key, draft]) => ({ key, draft }))));
}

async function recordOnce(session: Observing, drafts: readonly Keyed[]): Promise<Tally> {
  const { store, chain } = session;
  const { recorded, known } = await appendOnce(session, 'observed', drafts);
  let tally: Tally = { ...NOTHING, recorded };
  for (const { draft, seq } of known) tally = sum(tally, sameOr(draft, (await store.read(chain, seq))?.entry.data ?? null, `as entry ${seq}`));
  return tally;
}

/** The same span again is nothing new; another story under the same id is refused, not dropped silently. */
function sameOr({ data }: EntryDraft, before: Json, where: string): Tally {
  // Entries of before it was kept lack it.
  const { tracestate: _unkept, ...lacking } = data;
  const same = isObject(before) && before['tracestate'] === undefined ? lacking : data;
  if (canonical(same) === canonical(before)) return { ...NOTHING, known: 1 };
  return refusedAll([{ span: String(data['span']), because: `it is on record with other data, ${where}` }]);
}

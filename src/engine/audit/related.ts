/** Entries that belong together: the intent, the outcome, the approval and the reservation of one action, or the spans of one trace; and complaints about it. */
import type { Entry } from '../../domain/entry.js';
import type { Session } from '../session.js';
import { beginning, entriesFrom } from './entries.js';

/** Entries that are kept, should a trace have thousands. */
const MOST = 200;

/** In one walk over the chain, oldest first and without the entry itself. */
export async function relatedTo(session: Session, entry: Entry): Promise<readonly Entry[]> {
  const names = namesIn(entry);
  const related: Entry[] = [];
  if (names.length === 0) return related;
  const shares = (other: Entry) => other.seq !== entry.seq && namesIn(other).some((name) => names.includes(name));
  for await (const found of entriesFrom(session, beginning(), shares)) {
    related.push(found.entry);
    if (related.length >= MOST) break;
  }
  return related;
}

/** What an entry names, told apart by kind: an approval says `id` where an action says `approval`. */
function namesIn({ type, data }: Entry): readonly string[] {
  const [group = ''] = type.split('.');
  const named = (kind: string, value: unknown) => (typeof value === 'string' ? [`${kind} ${value}`] : []);
  if (group === 'approval' || group === 'reservation') return named(group, data['id']);
  if (type === 'action.observed') return named('trace', data['trace']);
  if (type === 'complaint.received') return [...named('action', data['request']), ...named('trace', String(data['request']).split('/')[0])];
  if (group !== 'action') return [];
  return [...named('action', data['action']), ...named('approval', data['approval']), ...named('reservation', data['reservation'])];
}

/** The link to the certificates before: do they lead from the first one to this, each naming the one before it? */
import { short, type Digest } from '../domain/digest.js';
import { EXIT, Fault } from '../domain/fault.js';
import type { LinkView } from '../domain/report.js';
import { HISTORY_FILE, openHistory } from './certificate-history.js';
import { falsified, link, yes } from './certificate-links.js';
import type { Certified } from './certificate.js';
import type { Histories } from './succession.js';

export interface HistoryCheck {
  /** Digest of the certificate. */
  readonly digest: Digest;
  /** JSON Lines of the certificates before, with or without this one and later ones; null when the reader has none. */
  readonly history: string | null;
  readonly histories: Histories;
}

/** What came before decides nothing about this certificate, unless it is given and does not lead here. */
export async function previousLink({ previous, agent }: Pick<Certified, 'previous' | 'agent'>, { digest, history, histories }: HistoryCheck): Promise<LinkView> {
  if (history === null) return previous === null ? yes('previous', 'it is the first certificate') : link('previous', 'unknown', `it renews ${short(previous)}, which is not looked at: lay ${HISTORY_FILE} beside it`, EXIT.yes);
  try {
    const items = await openHistory(history, histories);
    const place = items.findIndex((one) => one.certificate === digest);
    const before = place >= 0 ? place : items.findIndex((one) => one.certificate === previous) + 1;
    if (items[0]?.predicate.agent.id !== agent.id || (place < 0 && before === 0)) return link('previous', 'no', 'the certificates beside it are of another line: none of them is this one, or the one that it renews', EXIT.indeterminate);
    return yes('previous', before === 0 ? 'it is the first certificate' : `${before} before it, from the first on, each named by the next`);
  } catch (error) {
    if (!(error instanceof Fault) || error.code === 'INTERNAL') throw error;
    if (error.exit === EXIT.no || error.exit === EXIT.indeterminate) return link('previous', 'no', error.message, error.exit);
    return falsified('previous', error.message);
  }
}

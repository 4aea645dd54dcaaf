/** The five numbers that the triage looks at: one from the words, four that tell bulk mail somebody asked for from bulk mail nobody did. */
import { evidence } from './bayes.js';
import { withoutMarkup, withoutNote, wordsOf } from './words.js';

/** Newsletters are the kind of ham that the training mails lack: they look like spam, and they say these things. */
const NEWSLETTER = ['newsletter', 'unsubscribe', 'subscribe', 'subscribed', 'subscription', 'edition', 'issue', 'copyright', 'rights reserved', 'archives', 'privacy'];

export const SIGNALS = ['words', 'length', 'links', 'newsletter', 'markup'];

/** @returns {number[]} in the order of SIGNALS */
export function signalsOf(model, mail) {
  const words = wordsOf(mail);
  const body = withoutNote(mail.body);
  const lower = body.toLowerCase();
  return [
    evidence(model, words) / 4,
    Math.log1p(words.length),
    Math.log1p((lower.match(/https?:\/\//g) ?? []).length),
    NEWSLETTER.filter((term) => lower.includes(term)).length,
    1 - withoutMarkup(body).length / Math.max(1, body.length),
  ];
}

/** Turns a raw mail into what the agent may see: sender, subject, body. Every transport and list header stays behind. */

/** Longest body handed to the agent, in UTF-16 code units; a longer one ends with a line that says how long it was. */
export const BODY_LIMIT = 8192;

// The people who collected the corpus received its spam at other addresses than its ham.
// A model could learn those instead of the mail, so they are masked.
const COLLECTORS = /[\w.+-]*@(?:[\w-]+\.)*(?:netnoteinc\.com|taint\.org|jmason\.org|slashnull\.org)|\b(?:[zy]{4}|q{4,}|jm)@[\w.-]+|\b(?:[zy]{4}|q{4,})\b/gi;

/** @returns {{from: string, subject: string, body: string}} */
export function parseMail(raw) {
  const end = raw.search(/\r?\n\r?\n/);
  const head = (end < 0 ? raw : raw.slice(0, end)).replace(/\r?\n[ \t]+/g, ' ');
  const header = (name) => new RegExp(`^${name}:(.*)$`, 'im').exec(head)?.[1]?.trim() ?? '';
  const coded = end < 0 ? '' : raw.slice(end);
  const body = /quoted-printable/i.test(header('content-transfer-encoding')) ? decodeQuotedPrintable(coded) : coded;
  return { from: mask(header('from')), subject: mask(header('subject')), body: cut(mask(body.replace(/\r\n/g, '\n').trim())) };
}

/** Letters that decide whether two bodies are near-copies: campaigns and newsletters differ late, in a name or a random tail. */
const KEY_LENGTH = 600;

/** Key under which near-copies meet: markup, links, addresses, digits and punctuation removed. */
export function normalisedBody({ subject, body }) {
  const letters = lettersOf(body).slice(0, KEY_LENGTH);
  // A mail that is only a picture or a link has no words of its own: its subject tells it from others.
  return letters.length < 40 ? `${lettersOf(subject)} | ${letters}` : letters;
}

function lettersOf(text) {
  return text
    .replace(/<[^>]*>/g, ' ')
    .replace(/\b(?:https?|ftp|mailto):\S+|\bwww\.\S+|\S+@\S+/gi, ' ')
    .toLowerCase()
    .replace(/[^a-z]+/g, ' ')
    .trim();
}

function mask(text) {
  return text.replace(COLLECTORS, 'recipient@example.org');
}

function cut(body) {
  return body.length <= BODY_LIMIT ? body : `${body.slice(0, BODY_LIMIT).toWellFormed()}\n[cut here: ${body.length} characters in all]`;
}

function decodeQuotedPrintable(text) {
  return text.replace(/=\r?\n/g, '').replace(/=([0-9A-F]{2})/gi, (_, hex) => String.fromCharCode(parseInt(hex, 16)));
}

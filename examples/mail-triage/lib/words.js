/** From a mail to its words: what a reader would see, cut into distinct words of 3–15 letters. Training and triage share it. */

const CUT = /\n\[cut here: (\d+) characters in all\]$/;

/** The mail as a reader sees it: markup, links and addresses removed. */
export function visibleText({ subject, body }) {
  return withoutMarkup(`${subject}\n${withoutNote(body)}`).replace(/\b(?:https?|ftp|mailto):\S+|\bwww\.\S+|\S+@\S+/gi, ' ');
}

/** Distinct words, in order of appearance. */
export function wordsOf(mail) {
  return [...new Set(visibleText(mail).toLowerCase().match(/(?<![a-z])[a-z]{3,15}(?![a-z])/g) ?? [])];
}

/** A long body ends with a note on its length; the note is ours, not the sender's. */
export function withoutNote(body) {
  return body.replace(CUT, '');
}

/** Style sheets and comments go whole; a tag that was cut off goes to the end. */
export function withoutMarkup(text) {
  return text
    .replace(/<style[\s\S]*?(?:<\/style>|$)/gi, ' ')
    .replace(/<!--[\s\S]*?(?:-->|$)/g, ' ')
    .replace(/<[^>]*(?:>|$)/g, ' ')
    .replace(/&[a-z]+;/gi, ' ');
}

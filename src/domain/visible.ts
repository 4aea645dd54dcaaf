/** Text from outside made safe to look at: what could move a cursor, turn a line round or hide is shown as an escape. */

// Control, format (bidi, zero-width, tags), lone surrogates, line separators, and everything that Unicode lets a renderer ignore.
const UNSEEN = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/gu;
const SHORT: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' };

/** One line of text with every unseen character written out: ESC as `\x1b`, a line break as `\n`, U+202E as `\u202e`. Idempotent. */
export function visible(text: string): string {
  return text.replace(UNSEEN, (character) => SHORT[character] ?? escape(character.codePointAt(0) ?? 0));
}

/** The same for text of several lines: line breaks stay, tabs become two spaces. */
export function visibleLines(text: string): string {
  return text.replace(/\r\n/g, '\n').split('\n').map((line) => visible(line.replaceAll('\t', '  '))).join('\n');
}

function escape(code: number): string {
  const hex = code.toString(16);
  if (code < 0x100) return `\\x${hex.padStart(2, '0')}`;
  return code < 0x10000 ? `\\u${hex.padStart(4, '0')}` : `\\u{${hex}}`;
}

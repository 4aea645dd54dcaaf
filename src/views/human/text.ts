/** Laying out plain text in columns: width, wrapping, cutting, filling. Paint comes after layout, never before. */

const WIDE = /[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff01-\uff60\uffe0-\uffe6\u{1f300}-\u{1f64f}\u{1f680}-\u{1faff}\u{20000}-\u{3fffd}]/u;

/** Columns that a text takes in a terminal. */
export function width(text: string): number {
  let columns = 0;
  for (const character of text) columns += /\p{M}/u.test(character) ? 0 : WIDE.test(character) ? 2 : 1;
  return columns;
}

export function fill(text: string, columns: number): string {
  return text + ' '.repeat(Math.max(columns - width(text), 0));
}

export function fillLeft(text: string, columns: number): string {
  return ' '.repeat(Math.max(columns - width(text), 0)) + text;
}

/** One line of at most `columns`, cut between words where possible. */
export function cut(text: string, columns: number): string {
  if (width(text) <= columns) return text;
  const head = take(text, columns - 1);
  const space = head.lastIndexOf(' ');
  return `${(space > head.length * 0.6 ? head.slice(0, space) : head).trimEnd()}…`;
}

/** Lines of at most `columns`. A longer word stands alone and whole, unless `hard` breaks it to keep a table straight. */
export function wrap(text: string, columns: number, hard = false): readonly string[] {
  return text.split('\n').flatMap((line) => wrapLine(line, Math.max(columns, 8), hard));
}

function wrapLine(text: string, columns: number, hard: boolean): readonly string[] {
  const indent = /^ */.exec(text)?.[0] ?? '';
  return layWords(text.trimStart().split(' ').flatMap((one) => (hard ? chunks(one, columns) : [one])), columns, indent);
}

/** Words one after the other, as many on a line as go into `columns`. */
export function layWords(words: readonly string[], columns: number, indent = ''): readonly string[] {
  const lines: string[] = [];
  let line = indent;
  for (const word of words) {
    if (line.trim() !== '' && width(line) + 1 + width(word) > columns) {
      lines.push(line);
      line = indent + word;
    } else line += line.trim() === '' ? word : ` ${word}`;
  }
  return [...lines, line];
}

function chunks(word: string, columns: number): readonly string[] {
  const parts: string[] = [];
  for (let rest = word; rest !== ''; ) {
    const part = take(rest, columns);
    parts.push(part);
    rest = rest.slice(part.length);
  }
  return parts.length > 0 ? parts : [''];
}

function take(text: string, columns: number): string {
  let out = '';
  for (const character of text) {
    if (width(out + character) > columns) break;
    out += character;
  }
  return out === '' ? [...text].slice(0, 1).join('') : out;
}

/** Wrapped, with the first line after `first` and the others under it. */
export function hanging(first: string, text: string, columns: number): readonly string[] {
  const [head = '', ...rest] = wrap(text, columns - width(first));
  return [first + head, ...rest.map((line) => ' '.repeat(width(first)) + line)];
}

/** HTML and SVG written safely: every value put into an `html` template is escaped, unless it is itself such markup. */
import { visibleLines } from '../domain/visible.js';

/** Markup that came from an `html` template; nothing else makes one. */
export class Html {
  readonly #text: string;

  constructor(strings: TemplateStringsArray, values: readonly Value[]) {
    this.#text = strings.reduce((text, part, index) => text + write(values[index - 1]) + part);
  }

  toString(): string {
    return this.#text;
  }
}

export type Value = string | number | Html | undefined | null | false | readonly Value[];

/** `html\`<p>${text}</p>\`` escapes `text`, also inside quoted attributes. Lists are joined, undefined, null and false vanish. */
export function html(strings: TemplateStringsArray, ...values: readonly Value[]): Html {
  return new Html(strings, values);
}

function write(value: Value): string {
  if (value === undefined || value === null || value === false) return '';
  if (value instanceof Html) return value.toString();
  if (typeof value === 'object') return value.map(write).join('');
  return escape(String(value));
}

const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;', '`': '&#96;' };

function escape(text: string): string {
  return visibleLines(text).replace(/[&<>"'`]/g, (character) => ENTITIES[character] ?? character);
}

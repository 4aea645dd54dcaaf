/** What went wrong: code and message, every place, and a hint that can be typed. */
import type { FaultView } from '../../domain/report.js';
import type { Mistake } from '../../domain/fault.js';
import type { Canvas } from '../canvas.js';
import { wrapAdvice } from './advice.js';
import { page } from './blocks.js';
import { fill, hanging, width, wrap } from './text.js';

const LABEL = 'hint: ';

export function fault({ code, message, at, hint, details }: FaultView, canvas: Canvas): string {
  const { paint } = canvas;
  const place = at === null || details.length > 0 || message.includes(at) ? '' : ` (${at})`;
  const [first = '', ...more] = hanging('', `${message}${place}`, canvas.width - width(code) - 2);
  const lines = details.length > 0 ? ['', ...grouped(details, canvas)] : [];
  const advice = hint === null ? [] : wrapAdvice(hint, canvas.width - LABEL.length);
  return page([`${paint.bad(code)}: ${first}`, ...more.map((text) => `  ${text}`)], lines, advice.length > 0 && lines.length > 0 ? [''] : [], advice.map((text, index) => `${index === 0 ? paint.faint(LABEL) : ' '.repeat(LABEL.length)}${paint.command(text)}`));
}

/** In the order given; a mistake that comes back in many places is told once with all of them. */
function grouped(details: readonly Mistake[], canvas: Canvas): readonly string[] {
  const { paint, width: columns } = canvas;
  const told = new Map<string, { readonly places: string[]; readonly mistake: Mistake }>();
  for (const mistake of details) {
    const key = `${mistake.message}\n${mistake.hint ?? ''}`;
    const before = told.get(key);
    if (before) before.places.push(mistake.at);
    else told.set(key, { places: [mistake.at], mistake });
  }
  const longest = Math.min(Math.max(...[...told.values()].map(({ places }) => width(places[0] ?? ''))), 28);
  return [...told.values()].flatMap(({ places, mistake }) => {
    const also = places.length === 1 ? '' : ` (also ${places.slice(1).map((place) => place.replace(/^.*?(?=:\d)/, '').slice(1)).join(', ')})`;
    const indent = ' '.repeat(longest + 4);
    const text = wrap(mistake.message + also, columns - indent.length);
    const hint = mistake.hint === undefined ? [] : wrapAdvice(mistake.hint, columns - indent.length);
    return [
      `  ${paint.strong(fill(places[0] ?? '', longest))}  ${text[0] ?? ''}`,
      ...text.slice(1).map((line) => indent + line),
      ...hint.map((line) => indent + paint.command(line)),
    ];
  });
}

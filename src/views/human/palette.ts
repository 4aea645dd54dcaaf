/** The styles of a surface: where there is no colour, nothing that makes colours is loaded. */
import type { Paint } from '../canvas.js';

const same = (text: string) => text;
const PLAIN: Paint = { good: same, bad: same, caution: same, unsure: same, faint: same, title: same, strong: same, command: same };

/** @param level chalk's */
export async function paintFor(level: 0 | 1 | 2 | 3): Promise<Paint> {
  return level === 0 ? PLAIN : (await import('./paint.js')).paint(level);
}

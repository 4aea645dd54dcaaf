/** The four things that a scorer can say, worded so that they are safe to look at and short enough for a row. */
import { visible } from '../../domain/visible.js';
import type { Scored } from './scorer.js';

/** Longest reason; longest quote of a text from outside in it. */
const LONGEST = 200;
const QUOTE = 60;

export function pass(because: string, score = '1'): Scored {
  return { is: 'pass', score, because: line(because) };
}

export function fail(because: string, score = '0'): Scored {
  return { is: 'fail', score, because: line(because) };
}

/** The evidence is absent: never a pass. */
export function notEvaluable(because: string): Scored {
  return { is: 'not-evaluable', score: null, because: line(because) };
}

/** The scorer itself declines or failed: never a pass. */
export function unscored(because: string): Scored {
  return { is: 'unscored', score: null, because: line(because) };
}

/** Words from outside, cut and quoted. */
export function quoted(text: string): string {
  return `"${text.length > QUOTE ? `${text.slice(0, QUOTE)}…` : text}"`;
}

/** Pass and fail in one, where the reason is the same sentence. */
export function decided(yes: boolean, because: string): Scored {
  return yes ? pass(because) : fail(because);
}

function line(text: string): string {
  const shown = visible(text.slice(0, LONGEST));
  return shown.length <= LONGEST ? shown : `${shown.slice(0, LONGEST - 1)}…`.toWellFormed();
}

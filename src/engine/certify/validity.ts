/** Until when a certification counts, and what decides it: of several ends the first, named as its reader can change it. */
import { few } from '../../domain/few.js';
import { addDuration, parseDuration, readable, type Instant } from '../../domain/time.js';
import { shortestWindow, type Pacts } from '../../evaluation/condition.js';

export interface End {
  readonly at: Instant;
  /** What ends there, such as `the window P30D of spam-caught`. */
  readonly because: string;
}

/** @param validFor of the section certification @param from when the conditions were measured */
export function endOfRun(validFor: string, pacts: Pacts, from: Instant): End {
  const window = shortestWindow(pacts);
  if (parseDuration(window) >= parseDuration(validFor)) return { at: addDuration(from, validFor), because: `certification.validFor: ${validFor}` };
  const narrow = pacts.agreements.flatMap(({ conditions }) => conditions.filter((one) => parseDuration(one.window) === parseDuration(window)).map(({ id }) => id));
  return { at: addDuration(from, window), because: `the window ${window} of ${few(narrow, ', ')}, shorter than certification.validFor: ${validFor}` };
}

/** The first of several ends; of two at the same time the one that was named first. */
export function earliest([first, ...others]: readonly [End, ...End[]]): End {
  return others.reduce((early, one) => (one.at < early.at ? one : early), first);
}

export function untilLine({ at, because }: End): string {
  return `${readable(at)}, by ${because}`;
}

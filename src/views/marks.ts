/** One mark for each state, answer and exit: a glyph, a word and a tone, so that meaning never hangs on colour alone. */
import { EXIT, type Exit } from '../domain/fault.js';
import type { Finding, State } from '../domain/step.js';
import type { LinkView, PlanItem } from '../domain/report.js';

export type Tone = 'good' | 'bad' | 'caution' | 'unsure' | 'faint';

export interface Mark {
  readonly glyph: string;
  readonly word: string;
  readonly tone: Tone;
}

const mark = (glyph: string, word: string, tone: Tone): Mark => ({ glyph, word, tone });

export const STATE_MARKS: Readonly<Record<State, Mark>> = {
  untrustworthy: mark('!', 'untrustworthy', 'bad'),
  failed: mark('✘', 'failed', 'bad'),
  stale: mark('↻', 'stale', 'caution'),
  unproven: mark('?', 'unproven', 'unsure'),
  blocked: mark('‖', 'blocked', 'faint'),
  waived: mark('~', 'waived', 'caution'),
  passed: mark('✔', 'passed', 'good'),
  'not-applicable': mark('–', 'not applicable', 'faint'),
};

const ANSWERS: Readonly<Record<Finding['is'], Mark>> = {
  yes: mark('✔', 'yes', 'good'),
  no: mark('✘', 'no', 'bad'),
  unknown: mark('?', 'unknown', 'unsure'),
  'not-applicable': mark('–', 'not applicable', 'faint'),
};

/** A `should` that is not met cautions; a waived finding says so instead of its answer. */
export function findingMark(finding: Finding): Mark {
  if (finding.waived && finding.is !== 'yes') return mark('~', 'waived', 'caution');
  if (finding.is === 'no' && finding.severity === 'should') return mark('✘', 'no', 'caution');
  return ANSWERS[finding.is];
}

export function linkMark(link: LinkView): Mark {
  return ANSWERS[link.is];
}

export const PLAN_MARKS: Readonly<Record<PlanItem['outcome'], Mark>> = {
  planned: mark('·', 'planned', 'faint'),
  done: mark('✔', 'done', 'good'),
  failed: mark('✘', 'failed', 'bad'),
  waiting: mark('…', 'waiting', 'caution'),
  blocked: mark('‖', 'blocked', 'faint'),
};

/** The answer of a whole command, from its exit status. */
export function exitMark(exit: Exit): Mark {
  switch (exit) {
    case EXIT.yes:
      return mark('✔', 'yes', 'good');
    case EXIT.no:
      return mark('✘', 'no', 'bad');
    case EXIT.untrustworthy:
      return mark('!', 'not trustworthy', 'bad');
    case EXIT.indeterminate:
      return mark('?', 'cannot be told', 'unsure');
    case EXIT.human:
      return mark('…', 'a human has to act', 'caution');
    default:
      return mark('✘', 'could not be done', 'bad');
  }
}

/** Findings that somebody has to do something about. */
export function isOpen(finding: Finding): boolean {
  return finding.is === 'no' || finding.is === 'unknown';
}

/** How many steps are in each state, those that are settled first: `9 passed · 2 stale · 1 failed`. */
export function tally(states: readonly State[]): readonly { readonly state: State; readonly count: number }[] {
  const order: readonly State[] = ['passed', 'waived', 'not-applicable', 'blocked', 'unproven', 'stale', 'failed', 'untrustworthy'];
  return order.map((state) => ({ state, count: states.filter((one) => one === state).length })).filter(({ count }) => count > 0);
}

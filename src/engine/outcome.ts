/** The answer of a verb, with the defaults filled in. */
import { EXIT, type Exit } from '../domain/fault.js';
import type { OutcomeReport, Report } from '../domain/report.js';

export function outcome(report: Omit<OutcomeReport, 'facts' | 'next'> & Partial<Pick<OutcomeReport, 'facts' | 'next'>>, exit: Exit = EXIT.yes): Report {
  return { kind: 'outcome', exit, data: { facts: [], next: null, ...report } };
}

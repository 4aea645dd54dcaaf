/** The views for people at a terminal, one for each kind of report: the compiler asks for all. */
import type { Exit } from '../../domain/fault.js';
import type { ReportKind, Reports } from '../../domain/report.js';
import type { Canvas } from '../canvas.js';
import { apply } from './apply.js';
import { certificate } from './certificate.js';
import { explain } from './explain.js';
import { outcome } from './outcome.js';
import { status, verify } from './status.js';
import { step } from './step.js';

export { fault } from './fault.js';

export type View<K extends ReportKind> = (data: Reports[K], canvas: Canvas, exit: Exit) => string;

export const views: { readonly [K in ReportKind]: View<K> } = {
  status,
  verify,
  step,
  certificate,
  outcome,
  apply,
  explain,
  // Raw text was asked for by its bytes: a schema, an export.
  text: ({ text }) => (text.endsWith('\n') || text === '' ? text : `${text}\n`),
};

export function human<K extends ReportKind>(report: { readonly kind: K; readonly data: Reports[K]; readonly exit: Exit }, canvas: Canvas): string {
  return views[report.kind](report.data, canvas, report.exit);
}

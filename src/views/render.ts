/** Every report in every format. Views are pure: the same report on the same surface is the same text, and never another exit status. */
import { Fault, type Exit } from '../domain/fault.js';
import type { FaultView, Report } from '../domain/report.js';
import type { Instant } from '../domain/time.js';
import type { Canvas } from './canvas.js';
import type { FormatName } from './formats.js';
import { fault, human } from './human/human.js';
import { paintFor } from './human/palette.js';
import { jsonFault, jsonReport } from './json.js';
import { visibleData } from './visible-data.js';

/** Where the text will stand. Only the human format looks at it. */
export interface Surface {
  /** Columns. */
  readonly width: number;
  /** chalk's level, decided by whoever owns the stream. */
  readonly colour: 0 | 1 | 2 | 3;
}

export interface Format {
  report(report: Report, surface: Surface, now?: Instant): string | Promise<string>;
  fault(fault: FaultView, exit: Exit, surface: Surface): string | Promise<string>;
}

/** People's and machines' everyday formats are at hand; the others are loaded when one is asked for: the quick start of `status` is a feature. */
export const formats = {
  human: (): Format => ({
    report: async (report, surface, now) => human(shown(report), { ...(await canvasOf(surface)), ...(now !== undefined && { now }) }),
    fault: async (view, _exit, surface) => fault(visibleData(view), await canvasOf(surface)),
  }),
  json: (): Format => ({ report: jsonReport, fault: jsonFault }),
  async markdown(): Promise<Format> {
    const { markdownReport, markdownFault } = await import('./documents.js');
    return { report: (report) => markdownReport(shown(report)), fault: (view, exit) => markdownFault(visibleData(view), exit) };
  },
  async junit(): Promise<Format> {
    const { junitReport, junitFault } = await import('./documents.js');
    return { report: (report) => junitReport(shown(report)), fault: (view, exit) => junitFault(visibleData(view), exit) };
  },
  async sarif(): Promise<Format> {
    const { sarifReport, sarifFault } = await import('./documents.js');
    return { report: (report) => sarifReport(shown(report)), fault: (view, exit) => sarifFault(visibleData(view), exit) };
  },
  async html(): Promise<Format> {
    const { htmlReport, htmlFault } = await import('./documents.js');
    return { report: (report) => htmlReport(shown(report)), fault: (view, exit) => htmlFault(visibleData(view), exit) };
  },
} as const satisfies Record<FormatName, () => Format | Promise<Format>>;

/** Width and styles of a surface. */
export async function canvasOf({ width, colour }: Surface): Promise<Canvas> {
  return { width, paint: await paintFor(colour) };
}

/** @throws {Fault} USAGE for a name that is no format */
export async function formatNamed(name: string): Promise<Format> {
  if (Object.hasOwn(formats, name)) return formats[name as FormatName]();
  throw new Fault('USAGE', `unknown format "${name}"`, { hint: `use one of ${Object.keys(formats).join(', ')}` });
}

/**
 * A report as text that ends in a line break.
 * @param now when given, human text tells the age of evidence
 * @throws {Fault} USAGE for a name that is no format
 */
export async function renderReport(format: string, report: Report, surface: Surface, now?: Instant): Promise<string> {
  return (await formatNamed(format)).report(report, surface, now);
}

/** A fault as text in the same format, since the reader of a CI job parses what it asked for. */
export async function renderFault(format: string, fault: FaultView, exit: Exit, surface: Surface): Promise<string> {
  return (await formatNamed(format)).fault(fault, exit, surface);
}

/** What is shown to people or parsed by a browser has no unseen characters; JSON keeps the data and escapes them itself. */
function shown(report: Report): Report {
  return report.kind === 'text' ? report : visibleData(report);
}

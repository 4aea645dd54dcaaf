/** Any report as headings, facts, tables and lines: what Markdown and HTML have in common. */
import { short } from '../domain/digest.js';
import { EXIT_MEANING, type Exit } from '../domain/fault.js';
import type { ApplyReport, CertificateReport, ExplainReport, FaultView, OutcomeReport, Report, StatusReport, StepReport, Table, TextReport } from '../domain/report.js';
import { readable } from '../domain/time.js';
import type { Plot } from '../domain/plot.js';
import type { Finding } from '../domain/step.js';
import { PLAN_MARKS, STATE_MARKS, findingMark, isOpen, linkMark, tally, type Mark } from './marks.js';
import { about } from './about.js';
import { verdict } from './verdict.js';

export type Block =
  | { readonly is: 'heading'; readonly level: 1 | 2; readonly text: string; readonly mark?: Mark }
  | { readonly is: 'text'; readonly text: string; readonly mark?: Mark }
  | { readonly is: 'facts'; readonly items: readonly { readonly label: string; readonly value: string }[] }
  | { readonly is: 'table'; readonly title: string; readonly columns: readonly string[]; readonly rows: readonly (readonly Cell[])[] }
  | { readonly is: 'plot'; readonly plot: Plot }
  | { readonly is: 'raw'; readonly text: string }
  | { readonly is: 'next'; readonly command: string };
/** A mark stands as glyph and word; a plain text as itself. */
export type Cell = string | Mark;

export function outline(report: Report): readonly Block[] {
  switch (report.kind) {
    case 'status':
      return status(report.data, 'Status');
    case 'verify':
      return [...status(report.data, 'Verification'), text(`Exit ${report.exit}: ${EXIT_MEANING[report.exit]}`)];
    case 'step':
      return step(report.data);
    case 'certificate':
      return certificate(report.data, report.exit);
    case 'outcome':
      return outcome(report.data);
    case 'apply':
      return apply(report.data);
    case 'explain':
      return explain(report.data);
    case 'text':
      return raw(report.data);
  }
}

export function outlineFault({ code, message, hint, at, details }: FaultView, exit: Exit): readonly Block[] {
  const rows = details.map((mistake) => [mistake.at, mistake.message, mistake.hint ?? '']);
  const facts = [{ label: 'exit', value: `${exit}: ${EXIT_MEANING[exit]}` }, ...(at === null ? [] : [{ label: 'at', value: at }])];
  return [heading(1, code), text(message), { is: 'facts', items: facts }, ...(rows.length > 0 ? [grid('', ['at', 'mistake', 'hint'], rows)] : []), ...next(hint)];
}

const heading = (level: 1 | 2, words: string, mark?: Mark): Block => ({ is: 'heading', level, text: words, ...(mark && { mark }) });
const text = (words: string, mark?: Mark): Block => ({ is: 'text', text: words, ...(mark && { mark }) });
const grid = (title: string, columns: readonly string[], rows: readonly (readonly Cell[])[]): Block => ({ is: 'table', title, columns, rows });
const next = (command: string | null): readonly Block[] => (command === null ? [] : [{ is: 'next', command }]);
const plain = ({ title, columns, rows }: Table): Block => grid(title, columns, rows);

function status(report: StatusReport, title: string): readonly Block[] {
  const { agent, steps } = report;
  const counts = tally(steps.map((one) => one.state)).map(({ state, count }) => `${count} ${STATE_MARKS[state].word}`);
  const rows = steps.map((one) => [String(one.number), one.id, STATE_MARKS[one.state], one.required ? 'required' : 'optional', one.because]);
  const open = steps.flatMap((one) => one.findings.filter(isOpen).map((finding) => [one.id, ...findingRow(finding)]));
  return [
    heading(1, `${title} of ${agent.name} ${agent.version}`),
    text(`${counts.join(', ')}; stakes ${report.stakes}; build ${short(agent.build)}`),
    grid('', ['#', 'step', 'state', '', 'because'], rows),
    ...(open.length > 0 ? [grid('Open questions', ['step', 'row', 'answer', 'question', 'because', 'remedy'], open)] : []),
    ...report.warnings.map((warning) => text(warning, STATE_MARKS.stale)),
    ...next(report.next),
  ];
}

function findingRow(finding: Finding): readonly Cell[] {
  return [finding.row, findingMark(finding), `${finding.question}${finding.severity === 'should' ? ' (should)' : ''}`, because(finding), finding.is === 'yes' ? '' : finding.remedy];
}

function because({ because: reason, at, proof, waived }: Finding): string {
  const where = at === undefined ? '' : ` (${at})`;
  return `${proof}: ${reason}${where}${waived ? `; waived by ${waived.by} until ${readable(waived.until)}: ${waived.reason}` : ''}`;
}

function step({ agent, step: view }: StepReport): readonly Block[] {
  const evidence = view.evidence.map((one) => [one.type, `#${one.seq}`, readable(one.ts), one.validUntil === undefined ? '' : readable(one.validUntil), (one.stale ?? []).join('; ')]);
  return [
    heading(1, `${view.number} ${view.title}`, STATE_MARKS[view.state]),
    text(view.question),
    { is: 'facts', items: [
      { label: 'because', value: view.because },
      { label: 'agent', value: `${agent.name} ${agent.version}` },
      { label: 'required', value: view.required ? 'yes' : 'no' },
      { label: 'owner', value: view.owner.join(', ') },
      { label: 'if skipped', value: view.harm },
      { label: 'deliverable', value: `${view.deliverable.name}: ${view.deliverable.file}` },
    ] },
    grid('Findings', ['row', 'answer', 'question', 'because', 'remedy'], view.findings.map(findingRow)),
    ...(evidence.length > 0 ? [grid('Evidence', ['entry', 'place', 'recorded', 'counts until', 'stale because'], evidence)] : []),
    ...next(view.next),
  ];
}

function certificate(report: CertificateReport, exit: Exit): readonly Block[] {
  const { mark, sentence } = verdict(report, exit);
  const links = report.links.map((link) => [linkMark(link), link.link, link.because]);
  const { name, version } = report.agent ?? {};
  const title = typeof name === 'string' && typeof version === 'string' ? `Certificate of ${name} ${version}` : 'Certificate';
  return [heading(1, title), { is: 'facts', items: [{ label: 'certificate', value: report.certificate }, ...about(report)] }, grid('Links', ['answer', 'link', 'because'], links), text(sentence, mark)];
}

function outcome(report: OutcomeReport): readonly Block[] {
  return [heading(1, report.headline), { is: 'facts', items: report.facts }, ...(report.plots ?? []).map((plot): Block => ({ is: 'plot', plot })), ...(report.tables ?? []).map(plain), ...(report.notes ?? []).map((one) => text(one)), ...next(report.next)];
}

function apply(report: ApplyReport): readonly Block[] {
  const items = report.items.map((item) => [item.step, item.command, PLAN_MARKS[item.outcome], item.detail === undefined ? item.why : `${item.why}; ${item.detail}`]);
  const human = report.human.map((act) => [act.step, act.command, act.why]);
  return [
    heading(1, `${report.dryRun ? 'Plan for' : 'Apply for'} ${report.agent.name} ${report.agent.version}`),
    grid('', ['step', 'command', 'outcome', 'why'], items),
    ...(human.length > 0 ? [grid('Left to humans', ['step', 'command', 'why'], human)] : []),
    ...next(report.next),
  ];
}

function explain(report: ExplainReport): readonly Block[] {
  const { example } = report;
  return [
    heading(1, report.title), ...report.paragraphs.map((one) => text(one)), { is: 'facts', items: report.facts }, ...(report.tables ?? []).map(plain),
    ...(example === undefined ? [] : [heading(2, example.title), { is: 'raw', text: example.lines.join('\n') } as const]), ...next(report.next),
  ];
}

function raw(report: TextReport): readonly Block[] {
  return [{ is: 'raw', text: report.text }];
}

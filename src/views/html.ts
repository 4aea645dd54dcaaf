/** Reports as one self-contained HTML document: works from disk, offline, in print, and under a policy that allows nothing else. */
import { sha256, short } from '../domain/digest.js';
import { EXIT_MEANING, type Exit } from '../domain/fault.js';
import type { FaultView, LedgerView, Report, StatusReport, StepView } from '../domain/report.js';
import { readable } from '../domain/time.js';
import type { Finding } from '../domain/step.js';
import { STATE_MARKS, exitMark, findingMark, isOpen, tally, type Mark } from './marks.js';
import { Html, html, type Value } from './markup.js';
import { outline, outlineFault, type Block, type Cell } from './outline.js';
import { draw } from './plot.js';
import { STYLESHEET } from './stylesheet.js';

export { html, Html };

export function htmlReport(report: Report): string {
  if (report.kind === 'status') return page(statusPage(report.data));
  if (report.kind === 'verify') return page(statusPage(report.data, report.exit));
  const blocks = outline(report);
  return page({ title: titleOf(blocks), body: html`${blocks.map(block)}` });
}

export function htmlFault(fault: FaultView, exit: Exit): string {
  return page({ title: fault.code, body: html`${outlineFault(fault, exit).map(block)}` });
}

export interface Page {
  readonly title: string;
  readonly body: Html;
}

const STYLE_HASH = btoa(String.fromCharCode(...sha256(STYLESHEET)));

/** A whole document. The policy allows this one stylesheet and nothing else: no script, no request, no form, no frame. */
export function page({ title, body }: Page): string {
  const policy = `default-src 'none'; style-src 'sha256-${STYLE_HASH}'; img-src data:; base-uri 'none'; form-action 'none'`;
  const head = html`<meta charset="utf-8"><meta http-equiv="Content-Security-Policy" content="${policy}"><meta name="viewport" content="width=device-width, initial-scale=1"><meta name="referrer" content="no-referrer"><title>${title}</title>`;
  return `<!doctype html>\n<html lang="en">\n<head>${head.toString()}<style>${STYLESHEET}</style></head>\n<body><main>\n${body.toString()}\n</main></body>\n</html>\n`;
}

/** The twelve steps on one page; each opens to its findings and evidence. With `exit` it is the answer of a gate. */
export function statusPage(report: StatusReport, exit?: Exit): Page {
  const { agent, steps } = report;
  const counts = tally(steps.map((step) => step.state));
  const title = `${exit === undefined ? 'Status' : 'Verification'} of ${agent.name} ${agent.version}`;
  const body = html`<header><h1>${title}</h1>
<p class="soft">${report.stakes} stakes ${'·'} build <code>${short(agent.build)}</code> ${'·'} <code>${agent.did ?? `no DID yet, agent ${agent.id}`}</code></p></header>
${exit !== undefined && html`<p class="mark ${exitMark(exit).tone}">${exitMark(exit).glyph} Exit ${exit}: ${EXIT_MEANING[exit]}</p>`}
<ul class="counts">${counts.map(({ state, count }) => html`<li class="${STATE_MARKS[state].tone}">${STATE_MARKS[state].glyph} ${count} ${STATE_MARKS[state].word}</li>`)}</ul>
${report.warnings.map((warning) => html`<p class="caution">! ${warning}</p>`)}
${nextBlock(report.next)}
<ol class="steps">
${steps.map(stepItem)}
</ol>
<footer><p>${ledgerLine('Ledger', report.ledger)}</p>${report.kept !== undefined && html`<p>States: kept from ${readable(report.kept)}</p>`}${report.organisation && html`<p>${ledgerLine('Organisation', report.organisation)}</p>`}</footer>`;
  return { title, body };
}

function stepItem(step: StepView): Html {
  const mark = STATE_MARKS[step.state];
  return html`<li><details><summary><span class="soft">${step.number}</span><strong>${step.id}</strong>${markOf(mark)}<span class="because">${!step.required && html`<span class="optional">optional</span> `}${step.because}</span></summary><div>
<p><strong>${step.title}</strong>: ${step.question}</p>
<dl><dt>Owner</dt><dd>${step.owner.join(', ')}</dd><dt>If skipped</dt><dd>${step.harm}</dd><dt>Deliverable</dt><dd>${step.deliverable.name}, <code>${step.deliverable.file}</code></dd></dl>
<ul class="findings">${step.findings.map(findingItem)}</ul>
${step.evidence.length > 0 && html`<h3>Evidence</h3><div class="scroll"><table><thead><tr><th scope="col">entry</th><th scope="col">place</th><th scope="col">recorded</th><th scope="col">counts until</th><th scope="col">stale because</th></tr></thead><tbody>${step.evidence.map((one) => html`<tr><td>${one.type}</td><td>#${one.seq}</td><td>${readable(one.ts)}</td><td>${one.validUntil && readable(one.validUntil)}</td><td>${(one.stale ?? []).join('; ')}</td></tr>`)}</tbody></table></div>`}
${nextBlock(step.next)}</div></details></li>
`;
}

function findingItem(finding: Finding): Html {
  const { waived } = finding;
  return html`<li><span class="soft">${finding.row}</span><div>${markOf(findingMark(finding))} ${finding.question}${finding.severity === 'should' && html` <span class="optional">should</span>`}
<div class="soft">${finding.proof}: ${finding.because}${finding.at !== undefined && html` (<code>${finding.at}</code>)`}</div>
${waived && html`<div class="caution">waived by ${waived.by} until ${readable(waived.until)}: ${waived.reason}</div>`}
${isOpen(finding) && !waived && html`<div>${'→'} <code>${finding.remedy}</code></div>`}</div></li>`;
}

function ledgerLine(name: string, { size, verified, checkpoint, head }: LedgerView): string {
  return `${name}: ${size} ${size === 1 ? 'entry' : 'entries'}, ${verified === 'every byte' ? 'every byte verified' : 'verified since the last checkpoint'}, head ${head.slice(0, 12)}, ${checkpoint === null ? 'no checkpoint yet' : `checkpoint at ${checkpoint}`}`;
}

function markOf({ glyph, word, tone }: Mark): Html {
  return html`<span class="mark ${tone}"><span aria-hidden="true">${glyph}</span> ${word}</span>`;
}

function nextBlock(command: string | null): Value {
  return command !== null && html`<div class="next"><p>Next: <code>${command}</code></p></div>`;
}

function titleOf(blocks: readonly Block[]): string {
  const first = blocks.find((one) => one.is === 'heading');
  return first?.is === 'heading' ? first.text : 'agentctl';
}

/** One part of an outline, escaped. */
export function block(one: Block): Value {
  switch (one.is) {
    case 'heading':
      return one.level === 1 ? html`<h1>${one.text} ${one.mark && markOf(one.mark)}</h1>` : html`<h2>${one.text}</h2>`;
    case 'text':
      return one.text.split('\n').map((line) => html`<p>${one.mark && html`<strong class="${one.mark.tone}">${one.mark.glyph}</strong> `}${line}</p>`);
    case 'facts':
      return one.items.length > 0 && html`<dl>${one.items.map(({ label, value }) => html`<dt>${label}</dt><dd>${value}</dd>`)}</dl>`;
    case 'table':
      return html`${one.title !== '' && html`<h2>${one.title}</h2>`}${grid(one.columns, one.rows)}`;
    case 'plot':
      return draw(one.plot);
    case 'raw':
      return html`<pre>${one.text}</pre>`;
    case 'next':
      return nextBlock(one.command);
  }
}

/** A column of nothing but numbers stands to the right, its name too. */
function grid(columns: readonly string[], rows: readonly (readonly Cell[])[]): Html {
  const numeric = columns.map((_, index) => rows.length > 0 && rows.every((row) => isNumber(row[index])));
  const classOf = (index: number) => numeric[index] === true && html` class="number"`;
  const body = rows.map((row) => html`<tr>${row.map((value, index) => html`<td${classOf(index)}>${typeof value === 'string' ? value : markOf(value)}</td>`)}</tr>`);
  return html`<div class="scroll"><table><thead><tr>${columns.map((name, index) => html`<th scope="col"${classOf(index)}>${name}</th>`)}</tr></thead><tbody>${body}</tbody></table></div>`;
}

function isNumber(value: Cell | undefined): boolean {
  return typeof value === 'string' && /^[-+]?[\d.,]+%?$/.test(value);
}

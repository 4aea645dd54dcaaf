/** A certificate as a chain of sentences, one link a line, the verdict last. */
import type { Exit } from '../../domain/fault.js';
import type { CertificateReport } from '../../domain/report.js';
import { about } from '../about.js';
import type { Canvas } from '../canvas.js';
import { linkMark } from '../marks.js';
import { verdict } from '../verdict.js';
import { facts, page } from './blocks.js';
import { fill, hanging, width } from './text.js';

export function certificate(report: CertificateReport, canvas: Canvas, exit: Exit): string {
  const { paint } = canvas;
  const longest = Math.max(0, ...report.links.map((link) => width(link.link)));
  const links = report.links.flatMap((link) => {
    const { glyph, tone } = linkMark(link);
    const first = `${glyph} ${fill(link.link, longest)}  `;
    return hanging(first, link.because, canvas.width).map((text, index) => (index === 0 ? paint[tone](text.slice(0, 1)) + text.slice(1) : text));
  });
  const { mark, sentence } = verdict(report, exit);
  const last = hanging(`${mark.glyph} `, sentence, canvas.width).map((text) => paint[mark.tone](text));
  return page([paint.title(`certificate ${report.certificate}`)], facts(about(report), canvas), [''], links, ['', ...last]);
}

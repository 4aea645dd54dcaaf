/** The verdict over a certificate in one sentence: the worst link decides, and says why. */
import { combineExits, EXIT_MEANING, type Exit } from '../domain/fault.js';
import type { CertificateReport, LinkView } from '../domain/report.js';
import { exitMark, type Mark } from './marks.js';

export interface Verdict {
  readonly mark: Mark;
  readonly sentence: string;
}

export function verdict({ links }: CertificateReport, exit: Exit): Verdict {
  const mark = exitMark(exit);
  const deciding: LinkView | undefined = links.find((link) => link.is !== 'yes' && link.exit === exit) ?? links.find((link) => link.is !== 'yes');
  const said = deciding === undefined ? EXIT_MEANING[exit] : `${deciding.link}: ${deciding.because}`;
  if (links.length === 0) return { mark: exitMark(combineExits([exit, 3])), sentence: 'no link could be checked' };
  return { mark, sentence: exit === 0 ? holds(links) : `${mark.word}, because of ${said}` };
}

/** What was not looked at does not change the exit status, and is not passed over either. */
function holds(links: readonly LinkView[]): string {
  const open = links.filter((link) => link.is === 'unknown').map((link) => link.link);
  return open.length === 0 ? 'yes: every link holds' : `yes: every link holds but ${open.join(', ')}, which nobody looked up`;
}

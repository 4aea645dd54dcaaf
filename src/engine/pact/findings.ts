/** Everything that is wrong with a pact, in agent.yaml and in the files that it names: what `pact lint` shows, and `pact sign` refuses. */
import type { Pacts } from '../../evaluation/condition.js';
import { lintPacts, type LintFinding } from '../../evaluation/lint.js';
import type { Session } from '../session.js';
import { countPact } from './count-cases.js';
import { lintLabels } from './lint-labels.js';

export async function findingsOf(session: Session, pacts: Pacts): Promise<readonly LintFinding[]> {
  const counted = await countPact(session, pacts);
  return [...lintPacts(pacts, session.manifest.capabilities, counted.countCases), ...counted.findings, ...(await lintLabels(session, pacts))];
}

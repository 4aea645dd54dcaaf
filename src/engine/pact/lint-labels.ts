/** Whether the answers that people labelled for each judge of the pact are there, are those that were declared, and can be read. */
import { counted } from '../../domain/counted.js';
import { Fault } from '../../domain/fault.js';
import type { Pacts } from '../../evaluation/condition.js';
import { readDeclaredLabels } from '../../evaluation/flow/labelled.js';
import type { LintFinding } from '../../evaluation/lint.js';
import { LEAST_LABELLED } from '../../evaluation/scorers/calibration-of-judge.js';
import { LABELLED_EXAMPLE } from '../../evaluation/scorers/judge.js';
import type { ScorerSpec } from '../../evaluation/scorers/spec.js';
import type { Session } from '../session.js';

type Complaint = Pick<LintFinding, 'rule' | 'message' | 'suggestion'> & { readonly key: 'file' | 'sha256' };

export async function lintLabels(session: Session, { agreements }: Pacts): Promise<readonly LintFinding[]> {
  const found: LintFinding[] = [];
  for (const [place, { scorers = [] }] of agreements.entries()) {
    for (const [number, spec] of scorers.entries()) {
      const complaint = await complaintAbout(session, spec);
      if (complaint === undefined) continue;
      const { key, message, ...rest } = complaint;
      found.push({ ...rest, at: `/pacts/agreements/${place}/scorers/${number}/calibration/${key}`, message: `${spec.id}: ${message}` });
    }
  }
  return found;
}

async function complaintAbout({ world, folder }: Session, spec: ScorerSpec): Promise<Complaint | undefined> {
  const { file } = spec.calibration ?? {};
  if (file === undefined || (spec.kind !== 'judge' && spec.kind !== 'jury')) return undefined;
  try {
    const { length } = await readDeclaredLabels({ files: world.files, folder }, spec);
    return length >= LEAST_LABELLED ? undefined : { rule: 'pact.labels-few', key: 'file', message: `${file} has ${counted(length, 'labelled answer')}, ${LEAST_LABELLED} are needed before a judge may decide`, suggestion: 'have people label more answers' };
  } catch (cause) {
    if (cause instanceof Fault) return complaintOf(cause, file, `${folder}/${file}`);
    throw cause;
  }
}

function complaintOf(fault: Fault, file: string, path: string): Complaint | undefined {
  const message = fault.message.replaceAll(path, file);
  switch (fault.code) {
    case 'IO': return { rule: 'pact.labels-missing', key: 'file', message: `labelled answers: ${message}`, suggestion: 'prepare the file, or correct its path' };
    case 'DIGEST_MISMATCH': return { rule: 'pact.labels-differ', key: 'sha256', message: 'the labelled answers are not the declared ones', suggestion: fault.hint ?? '' };
    case 'DATASET_INVALID': return { rule: 'pact.labels-broken', key: 'file', message: `the labelled answers cannot be read: ${fault.at ?? file}: ${message}`, suggestion: `an answer a line: ${JSON.stringify(LABELLED_EXAMPLE)}` };
    default: throw fault;
  }
}

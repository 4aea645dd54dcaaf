/** How many cases each condition of the pact is about, from the data sets themselves; a data set that does not hold what it should is a finding. */
import { Fault } from '../../domain/fault.js';
import { asObject, parseJson } from '../../domain/json.js';
import type { Agreement, Condition, Dataset, Pacts } from '../../evaluation/condition.js';
import { labelAt, readCases, type Case } from '../../evaluation/dataset.js';
import { linesOfFile } from '../../evaluation/flow/cases.js';
import type { CountCases, LintFinding } from '../../evaluation/lint.js';
import { decidedBy } from '../../evaluation/decided-by.js';
import { concerns } from '../../evaluation/concerns.js';
import { LackingReferences } from '../../evaluation/lint-references.js';
import type { Session } from '../session.js';

export interface Counted {
  readonly countCases: CountCases;
  /** Data sets that are missing, another than declared, broken, or without what a scorer compares with; pointers into agent.yaml. */
  readonly findings: readonly LintFinding[];
}

/** Reads every data set that a condition names, one at a time, and keeps the counts alone. */
export async function countPact(session: Session, pacts: Pacts): Promise<Counted> {
  const onDisk = asObject(parseJson(session.inputs.datasets.text, 'datasets'), 'datasets');
  const counts = new Map<Condition, number>();
  const findings: LintFinding[] = [];
  for (const [index, dataset] of pacts.datasets.entries()) {
    const at = `/pacts/datasets/${index}`;
    const found = String(onDisk[dataset.id]);
    if (found === 'missing') {
      findings.push({ rule: 'pact.dataset-missing', at: `${at}/file`, message: `data set ${dataset.id} is missing: ${dataset.file}`, suggestion: 'prepare the file, or correct its path' });
      continue;
    }
    if (found !== dataset.sha256) findings.push({ rule: 'pact.dataset-differs', at: `${at}/sha256`, message: `data set ${dataset.id} is not the declared one`, suggestion: `write "${found}" if ${dataset.file} is the one you mean` });
    const broken = await countIn(session, pacts, dataset, { counts, findings });
    if (broken !== undefined) findings.push({ rule: 'pact.dataset-broken', at: `${at}/file`, message: `data set ${dataset.id} cannot be read: ${broken}`, suggestion: 'a case a line: {"id":"1","input":{},"expected":{"decision":"accept"}}' });
  }
  return { countCases: (condition) => counts.get(condition), findings };
}

interface Found {
  readonly counts: Map<Condition, number>;
  readonly findings: LintFinding[];
}

/** @returns what is wrong with the data set as such, if something is */
async function countIn({ world, folder, manifest }: Session, { agreements }: Pacts, dataset: Dataset, { counts, findings }: Found): Promise<string | undefined> {
  try {
    for (const [place, agreement] of agreements.entries()) {
      const conditions = agreement.conditions.filter((one) => one.dataset === dataset.id);
      if (conditions.length === 0) continue;
      const counted = new Map(conditions.map((one) => [one, 0]));
      const lacking = new LackingReferences(agreement, dataset);
      for await (const one of readCases(linesOfFile(world.files, { path: `${folder}/${dataset.file}`, file: dataset.file }), { file: dataset.file, kind: manifest.target.kind, ...pointerOf(agreement, dataset) })) {
        tally(counted, one, agreement);
        lacking.add(one);
      }
      for (const [condition, count] of counted) counts.set(condition, count);
      findings.push(...lacking.findings(`/pacts/agreements/${place}`));
    }
    return undefined;
  } catch (cause) {
    if (cause instanceof Fault && cause.code === 'DATASET_INVALID') return `${cause.at ?? dataset.file}: ${cause.message}`;
    throw cause;
  }
}

function tally(counted: Map<Condition, number>, one: Case, { output }: Agreement): void {
  const reference = { expected: (output && labelAt(one.expected, output.pointer)) ?? null, tags: one.tags };
  for (const [condition, count] of counted) if (concerns(condition, reference)) counted.set(condition, count + 1);
}

/** Where scorers alone decide, no case needs a reference label. */
function pointerOf(agreement: Agreement, { id }: Dataset): { readonly pointer?: string } {
  const { output } = decidedBy(agreement, id);
  return output === undefined ? {} : { pointer: output.pointer };
}

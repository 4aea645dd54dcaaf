/** What a run asks: each data set under each agreement that has a condition on it. */
import { Fault } from '../../domain/fault.js';
import type { Agreement, Dataset, Pacts } from '../../evaluation/condition.js';
import { decidedBy } from '../../evaluation/decided-by.js';
import { casesOfRun, type CasesOfRun } from '../../evaluation/flow/cases.js';
import type { Session } from '../session.js';

export interface Part {
  readonly dataset: Dataset;
  readonly agreement: Agreement;
}

/** A part whose cases were read and checked. */
export interface OpenPart extends Part, CasesOfRun {}

export function partsOf(pacts: Pacts): readonly Part[] {
  return pacts.agreements.flatMap((agreement) =>
    pacts.datasets.filter((one) => agreement.conditions.some((condition) => condition.dataset === one.id)).map((dataset) => ({ dataset, agreement })));
}

/** @throws {Fault} DATASET_INVALID when a data set is not the declared one, or has a broken case */
export async function openPart({ world, folder, manifest }: Session, { dataset, agreement }: Part, run: string): Promise<OpenPart> {
  const path = `${folder}/${dataset.file}`;
  if ((await world.files.digest(path)) !== dataset.sha256) throw new Fault('DATASET_INVALID', `data set ${dataset.id} is not the declared one`, { at: dataset.file, hint: `declared: ${dataset.sha256}` });
  const { output } = decidedBy(agreement, dataset.id);
  return { dataset, agreement, ...(await casesOfRun(world.files, { path, file: dataset.file, kind: manifest.target.kind, ...(output === undefined ? {} : { pointer: output.pointer }) }, run)) };
}

/** Rows of a whole run: every case as often as it is asked. */
export function rowsIn(parts: readonly OpenPart[]): number {
  return parts.reduce((sum, { count, agreement }) => sum + count * (agreement.repeats ?? 1), 0);
}

/** Where a draft comes from: a declared data set or a file of cases, and the newest run in the ledger that asked exactly those cases. */
import { Fault } from '../../domain/fault.js';
import type { Entry } from '../../domain/entry.js';
import { isObject, type JsonObject } from '../../domain/json.js';
import { digestBytes, type Digest } from '../../domain/digest.js';
import type { Dataset, OutputRule, Pacts } from '../../evaluation/condition.js';
import { labelAt, linesOf, readCases, type Case } from '../../evaluation/dataset.js';
import { DataCount, type Candidate } from '../../evaluation/draft-candidates.js';
import { concerns } from '../../evaluation/concerns.js';
import type { ResultRow } from '../../evaluation/score.js';
import type { ScorerSpec } from '../../evaluation/scorers/spec.js';
import { rowsOfRun } from '../evaluation/rows.js';
import type { Session } from '../session.js';
import { absolute } from '../trust-roots.js';

export interface DraftRequest {
  /** Id of a declared data set, or a file of cases; the first that is held out unless given. */
  readonly data?: string;
  readonly run?: string;
  readonly capability?: string;
  /** JSON Pointer to the label, where no agreement says it. */
  readonly pointer?: string;
}

export interface DraftSource {
  /** For people and for `because`. */
  readonly name: string;
  readonly capability: string;
  readonly output: OutputRule;
  readonly confidence: string;
  readonly facts: DataCount;
  /** What the conditions are to be measured on, and the data sets of the pact. */
  readonly condition: { readonly dataset: string; readonly datasets: Pacts['datasets'] };
  readonly measured: Dataset;
  readonly run: string | null;
  /** Rows of the run on these cases; undefined without a run. */
  readonly rows: (() => AsyncIterable<ResultRow>) | undefined;
  /** How often each case is asked. */
  readonly repeats: number;
  /** Scorers of the agreement. */
  readonly scorers: readonly ScorerSpec[];
  countFor(candidate: Candidate): number;
  readonly cautions: readonly string[];
}

/** @throws {Fault} DATASET_INVALID, USAGE, EVIDENCE_MISSING for a run that did not ask these cases */
export async function draftSource(session: Session, request: DraftRequest): Promise<DraftSource> {
  const pacts = session.manifest['pacts'] as unknown as Pacts | undefined;
  const { dataset, bytes } = await readData(session, pacts, request.data);
  const capability = capabilityOf(session, request.capability);
  const cases: Case[] = [];
  for await (const one of readCases(linesOf(bytes), { file: dataset.file })) cases.push(one);
  const agreement = pacts?.agreements.find((one) => one.capability === capability);
  const output = agreement?.output ?? { pointer: request.pointer ?? guessPointer(cases, dataset.file) };
  const facts = new DataCount();
  const references = cases.map((one) => ({ expected: labelAt(one.expected, output.pointer) ?? null, tags: one.tags }));
  for (const { expected, tags } of references) facts.add(expected, tags);
  const finished = await runOn(session, dataset, request.run);
  const run = finished ? String(finished.data['run']) : null;
  const { target, cautions } = measuredLater(dataset, pacts?.datasets ?? []);
  return {
    name: run === null ? dataset.id : `${run} on ${dataset.id}`, capability, output, confidence: pacts?.confidence ?? '0.95', facts, repeats: agreement?.repeats ?? 1, scorers: agreement?.scorers ?? [],
    condition: { dataset: target.id, datasets: withData(pacts?.datasets ?? [], dataset) },
    measured: dataset, run, rows: finished && (() => rowsAbout(session, finished, { capability, dataset: dataset.id })),
    countFor: (candidate) => references.filter((one) => concerns(candidate, one)).length,
    cautions: [
      ...cautions,
      ...(finished && finished.agent.build !== session.build.digest ? [`${run ?? ''} was about another build than the files at hand.`] : []),
      ...(finished ? [] : ['No run on these cases is in the ledger: thresholds are the most that so many cases can show.']),
    ],
  };
}

/** A declared data set is asked for by its id and must be what was declared; a file that is named is taken as it is, so that there is a draft before there is a digest. */
async function readData(session: Session, pacts: Pacts | undefined, data: string | undefined): Promise<{ readonly dataset: Dataset; readonly bytes: Uint8Array }> {
  const { world, folder } = session;
  const declared = pacts?.datasets.find((one) => (data === undefined ? one.use === 'held-out' : one.id === data));
  const path = declared ? `${folder}/${declared.file}` : data === undefined ? undefined : absolute(world, data);
  if (path === undefined || (await world.files.info(path))?.kind !== 'file') throw declared ? missing(declared, pacts?.datasets ?? []) : new Fault('DATASET_INVALID', data === undefined ? 'there is no held-out data set' : `"${data}" is neither a declared data set nor a file`, { at: data ?? 'agent.yaml', hint: 'agentctl pact draft <data>, with the id of a data set or a JSON Lines file of cases' });
  const bytes = await world.files.read(path);
  const sha256 = digestBytes(bytes);
  if (declared) {
    if (sha256 === declared.sha256) return { dataset: declared, bytes };
    const place = session.source.place(`/pacts/datasets/${pacts?.datasets.indexOf(declared) ?? 0}/sha256`, 'value');
    throw new Fault('DATASET_INVALID', `data set ${declared.id} is declared with another digest than ${declared.file} has: if the file is the one you mean, write "${sha256}"`, { at: `agent.yaml:${place}`, hint: `agentctl pact draft ${world.surroundings.cwd === folder ? declared.file : path}, which takes the file as it is` });
  }
  const named = pacts?.datasets.find(({ file }) => `${folder}/${file}` === path);
  if (named) return { dataset: { ...named, sha256 }, bytes };
  const id = (path.split('/').at(-1) ?? '').replace(/\.[^.]*$/, '').toLowerCase().replace(/[^a-z0-9]+/g, '-').replace(/^-+|-+$/g, '').slice(0, 60) || 'data';
  return { dataset: { id, file: data ?? '', sha256, use: 'held-out' }, bytes };
}

/** Two parts of one file are made by a command; any other data set, only its owner can bring. */
function missing({ id, file, use }: Dataset, declared: Pacts['datasets']): Fault {
  const other = declared.find((one) => one.use === (use === 'held-out' ? 'tuning' : 'held-out'));
  const [heldOut, tuning] = use === 'held-out' ? [file, other?.file] : [other?.file, file];
  const splits = (use === 'held-out' || use === 'tuning') && heldOut !== undefined && tuning !== undefined;
  const hint = splits ? `agentctl baseline split <cases> --fraction 0.2 --held-out ${heldOut} --tuning ${tuning}` : `write ${file}, a case a line: {"id":"1","input":{},"expected":{"decision":"accept"}}`;
  return new Fault('DATASET_INVALID', `data set ${id} is missing: ${file}`, { at: file, hint });
}

/** The data sets of the pact with this one as it is. */
function withData(declared: Pacts['datasets'], dataset: Dataset): Pacts['datasets'] {
  return declared.some(({ id }) => id === dataset.id) ? declared.map((one) => (one.id === dataset.id ? dataset : one)) : [...declared, dataset];
}

function capabilityOf({ manifest: { capabilities } }: Session, named: string | undefined): string {
  const found = named === undefined ? capabilities[0]?.id : capabilities.find(({ id }) => id === named)?.id;
  if (found !== undefined && (named !== undefined || capabilities.length === 1)) return found;
  throw new Fault('USAGE', named === undefined ? 'there are several capabilities' : `there is no capability "${named}"`, { at: '--capability', hint: `one of ${capabilities.map(({ id }) => id).join(', ')}` });
}

/** Where every reference is one member with one label, that is the label. */
function guessPointer(cases: readonly Case[], file: string): string {
  const names = (expected: JsonObject) => Object.keys(expected).filter((name) => !isObject(expected[name]) && !Array.isArray(expected[name]));
  const [name, ...others] = [...new Set(cases.flatMap(({ expected }) => names(expected)))];
  if (name !== undefined && others.length === 0) return `/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`;
  throw new Fault('USAGE', `the references of ${file} do not tell which member is the label`, { at: file, hint: 'add --pointer /decision, or an agreement for the capability' });
}

/** The run that was named, or the newest that asked exactly these cases, whatever its purpose. */
async function runOn({ store, chain }: Session, { id, sha256 }: Dataset, named: string | undefined): Promise<Entry | undefined> {
  const asked = new Set((await store.readEvidence(chain, 'evaluation.started')).filter(({ data }) => data['dataset'] === id && data['datasetDigest'] === (sha256 as Digest)).map(({ data }) => data['run']));
  const finished = (await store.readEvidence(chain, 'evaluation.finished')).filter(({ data }) => asked.has(data['run']));
  const found = named === undefined ? finished.at(-1) : finished.find(({ data }) => data['run'] === named);
  if (named !== undefined && !found) throw new Fault('EVIDENCE_MISSING', `no finished run "${named}" asked the cases of ${id}`, { at: '--run', hint: 'agentctl baseline show' });
  return found;
}

async function* rowsAbout(session: Session, finished: Entry, { capability, dataset }: { readonly capability: string; readonly dataset: string }): AsyncGenerator<ResultRow> {
  for await (const row of rowsOfRun(session, String(finished.data['run']))) if (row.capability === capability && row.dataset === dataset) yield row;
}

/** Thresholds may come from tuning data; the verdict may not. */
function measuredLater(dataset: Dataset, declared: Pacts['datasets']): { readonly target: Dataset; readonly cautions: readonly string[] } {
  const heldOut = declared.find(({ use }) => use === 'held-out');
  if (dataset.use === 'tuning' && heldOut) return { target: heldOut, cautions: [`Drafted on tuning data, to be measured on ${heldOut.id}.`] };
  return { target: dataset, cautions: [`A verdict on the same cases that a threshold was chosen on is flattered: prefer fresh ones over ${dataset.id}.`] };
}

/** `baseline import`: results that another harness made go on record, as evidence of what they measured and of nothing else. */
import { canonical } from '../../domain/canonical.js';
import { digestBytes, short, type Digest } from '../../domain/digest.js';
import { Fault } from '../../domain/fault.js';
import type { JsonObject } from '../../domain/json.js';
import { visible } from '../../domain/visible.js';
import { linesOf, readCases } from '../../evaluation/dataset.js';
import { decimalText, numberOf } from '../../evaluation/exchange/fields.js';
import { EXCHANGE_FORMATS, type ExchangeFormat, type ImportedRun } from '../../evaluation/exchange/imported-run.js';
import { summaryOf, type ImportSummary } from '../../evaluation/exchange/summary.js';
import { rootOfTexts } from '../../ledger/row-root.js';
import { performAct, type SignedAct } from '../human-act.js';
import { outcome } from '../outcome.js';
import { pactsOf } from '../pact/document.js';
import { recordEvidence, type Session } from '../session.js';
import { listOption, textOption, type Verb, type VerbInput } from '../verb.js';
import { importedTables } from './imported-table.js';
import { readResults } from './read-results.js';
import { ResultsFile } from './results-file.js';

/** Files up to this size are kept with the ledger, byte for byte; of larger ones their digest. */
const LARGEST_KEPT = 8 * 1024 * 1024;
/** Scores and doubts that an entry has room for. */
const MOST_SCORES = 100;
const MOST_DOUBTS = 20;

export const run: Verb = async (session, input) => {
  const [name = ''] = input.args;
  const asked = askedFor(input);
  const measures = measuresOf(session, input);
  const file = await ResultsFile.open(session.world, name);
  const { format, run: imported } = await readResults(session.world, file, asked);
  refuseIdle(format, asked);
  const { digest, size } = file.identity();
  const summary = summaryOf(imported);
  const dataset = await matchedTo(session, textOption(input, 'asDataset'), imported);
  const kept = size <= LARGEST_KEPT && input.options['digestOnly'] !== true;
  const read: JsonObject = {
    subject: digest, bytes: size, kept, format, ...described(imported), ...countsOf(summary), rowsRoot: rootOfTexts(imported.rows.map((row) => canonical(row))),
    scores: scoresOf(summary, measures), passFrom: asked.rule.passFrom === null ? null : decimalText(asked.rule.passFrom), decides: asked.rule.score === null ? null : plain(asked.rule.score), dataset,
    build: input.options['ofThisBuild'] === true ? 'attested' : 'unknown',
  };
  await refuseTwice(session, read);
  const act = await attested(session, input, { name, digest, tool: plain(imported.origin.tool) });
  const data: JsonObject = { ...read, ...(act ? { act: act.digest, operator: act.operator.id, ceremony: act.ceremony } : {}) };
  const blobs = [...(kept && file.bytes ? [{ mediaType: 'application/octet-stream', bytes: file.bytes }] : []), ...(act ? [act.blob] : [])];
  await recordEvidence(session, 'baseline', { type: 'baseline.imported', data, ...(act ? { actor: act.operator.did } : {}) }, { blobs });
  return outcome({
    step: 'baseline', verb: 'import', headline: `${summary.rows} results of ${plain(imported.origin.tool)} imported, as evidence of what they measured`,
    facts: [
      { label: 'file', value: `${visible(name)}, ${format}, sha256 ${short(digest)}, ${kept ? 'kept byte for byte' : 'its digest is kept'}` },
      ...imported.doubts.slice(0, MOST_DOUBTS).map((doubt) => ({ label: 'doubt', value: visible(doubt) })),
    ],
    tables: importedTables([data]),
    notes: ['An imported result meets no condition: what the pact asks is measured by agentctl baseline run.'],
    next: 'agentctl baseline show',
    data,
  });
};

interface Asked {
  readonly format: ExchangeFormat | undefined;
  readonly rule: { readonly passFrom: number | null; readonly score: string | null };
}

/** @throws {Fault} USAGE */
function askedFor(input: VerbInput): Asked {
  const [named, number] = [textOption(input, 'from'), textOption(input, 'passFrom')];
  const format = EXCHANGE_FORMATS.find((one) => one === named);
  if (named !== undefined && format === undefined) throw new Fault('USAGE', `--from "${named}" is not read`, { hint: `--from ${EXCHANGE_FORMATS.join(', ')}` });
  const passFrom = number === undefined ? null : numberOf(number);
  if (number !== undefined && (passFrom === null || decimalText(passFrom) === null)) throw new Fault('USAGE', `--pass-from "${number}" is no number`, { hint: '--pass-from 0.5' });
  return { format, rule: { passFrom, score: textOption(input, 'score') ?? null } };
}

/** A flag that does nothing must not pass in silence. @throws {Fault} USAGE */
function refuseIdle(format: ExchangeFormat, { rule }: Asked): void {
  if (format === 'inspect' || format === 'otel' || (rule.passFrom === null && rule.score === null)) return;
  throw new Fault('USAGE', `results of the form ${format} say themselves what passed`, { at: rule.passFrom === null ? '--score' : '--pass-from', hint: 'leave it out' });
}

/** The same said twice is no more evidence. @throws {Fault} REFUSED naming the entry */
async function refuseTwice({ store, chain, build }: Session, read: JsonObject): Promise<void> {
  const text = canonical(read);
  const earlier = (await store.readEvidence(chain, 'baseline.imported')).find(({ agent, data: { act: _act, operator: _operator, ceremony: _ceremony, ...rest } }) => agent.build === build.digest && canonical(rest) === text);
  if (earlier) throw new Fault('REFUSED', 'these results are on record already', { at: `entry ${earlier.seq}`, hint: 'agentctl baseline show' });
}

/** Conditions by the score that is said to measure them. @throws {Fault} USAGE */
function measuresOf(session: Session, input: VerbInput): ReadonlyMap<string, string> {
  const known = pactsOf(session).agreements.flatMap(({ conditions }) => conditions.map(({ id }) => id));
  return new Map(listOption(input, 'measures').map((text) => {
    const at = text.lastIndexOf('=');
    const [score, condition] = [text.slice(0, at), text.slice(at + 1)];
    if (at < 1) throw new Fault('USAGE', `--measures "${text}" names no condition`, { hint: '--measures accuracy=keeps-people' });
    if (!known.includes(condition)) throw new Fault('USAGE', `the pact has no condition "${condition}"`, { at: '--measures', hint: `conditions: ${known.join(', ')}` });
    return [score, condition];
  }));
}

function described({ origin, doubts }: ImportedRun): JsonObject {
  const { tool, version, run: theirs, created, model, dataset, complete } = origin;
  const orNull = (text: string | null) => (text === null ? null : plain(text));
  return {
    origin: { tool: plain(tool), version: orNull(version), run: orNull(theirs), created: orNull(created), model: orNull(model), dataset: orNull(dataset) },
    complete: complete === null ? 'unknown' : complete ? 'yes' : 'no',
    doubts: doubts.slice(0, MOST_DOUBTS).map((doubt) => plain(doubt, 300)),
  };
}

function countsOf({ rows, cases, repeats, outcomes }: ImportSummary): JsonObject {
  return { rows, cases, repeats, outcomes };
}

/** Declared scores first: they must not be crowded out. @throws {Fault} USAGE when one is not in the file */
function scoresOf({ scores }: ImportSummary, measures: ReadonlyMap<string, string>): readonly JsonObject[] {
  const names = scores.map(({ name }) => name);
  const absent = [...measures.keys()].find((name) => !names.includes(name));
  if (absent !== undefined) throw new Fault('USAGE', `the results have no score "${absent}"`, { at: '--measures', hint: `scores in the file: ${names.slice(0, 20).map((name) => plain(name)).join(', ') || 'none'}` });
  const declaredFirst = [...scores].sort((a, b) => Number(measures.has(b.name)) - Number(measures.has(a.name)));
  return declaredFirst.slice(0, MOST_SCORES).map(({ name, n, mean }) => ({ name: plain(name), n, mean, condition: measures.get(name) ?? null }));
}

/** @throws {Fault} DATASET_INVALID when there is no such data set, or none of the cases is of it */
async function matchedTo(session: Session, id: string | undefined, { rows }: ImportedRun): Promise<JsonObject | null> {
  if (id === undefined) return null;
  const { datasets } = pactsOf(session);
  const dataset = datasets.find((one) => one.id === id);
  if (!dataset) throw new Fault('DATASET_INVALID', `no data set "${id}" under pacts.datasets`, { at: '--as-dataset', hint: `declared: ${datasets.map((one) => one.id).join(', ')}` });
  const bytes = await session.world.files.read(`${session.folder}/${dataset.file}`);
  if (digestBytes(bytes) !== dataset.sha256) throw new Fault('DATASET_INVALID', `data set ${id} is not the declared one`, { at: dataset.file, hint: `declared: ${dataset.sha256}` });
  const ids = new Set<string>();
  for await (const one of readCases(linesOf(bytes), { file: dataset.file })) ids.add(one.id);
  const matched = new Set(rows.map((row) => row.case).filter((one) => ids.has(one))).size;
  if (matched === 0) throw new Fault('DATASET_INVALID', `none of the cases is of data set ${id}`, { at: '--as-dataset', hint: `such as ${plain(rows[0]?.case ?? '')}` });
  return { id, sha256: dataset.sha256, matched };
}

interface Subject {
  readonly name: string;
  readonly digest: Digest;
  readonly tool: string;
}

/** Which build was evaluated, no file can prove; an operator may put a name to it. @throws {Fault} USAGE when only one of the two options is given */
async function attested(session: Session, input: VerbInput, { name, digest, tool }: Subject): Promise<SignedAct | undefined> {
  const as = textOption(input, 'as');
  const claimed = input.options['ofThisBuild'] === true;
  if (claimed !== (as !== undefined)) throw new Fault('USAGE', 'whoever says that the results are of this build gives a name to it', { at: claimed ? '--of-this-build' : '--as', hint: '--of-this-build --as <operator>' });
  if (!claimed) return undefined;
  const { metadata } = session.manifest;
  return performAct(session, {
    act: 'baseline-import', step: 'baseline', as, subject: digest,
    sentence: `I say that the results of ${tool} in ${plain(name)} (sha256 ${short(digest)}) are of ${metadata.name} ${metadata.version}, build ${short(session.build.digest)}.`,
  });
}

/** Text from outside as the ledger takes it: printable ASCII. */
function plain(text: string, longest = 200): string {
  return visible(text).replace(/[^ -~]/gu, '?').slice(0, longest).trim() || '-';
}

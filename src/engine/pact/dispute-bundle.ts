/** What goes into a dispute bundle: the pact as signed, every row of the run, the cases in question, and the entries that commit to them. */
import { canonical } from '../../domain/canonical.js';
import { sha256Hex, type Digest } from '../../domain/digest.js';
import type { Entry } from '../../domain/entry.js';
import { Fault } from '../../domain/fault.js';
import { asObject, parseJson, type JsonObject } from '../../domain/json.js';
import { countsAgainst } from '../../evaluation/against.js';
import type { Condition, Pacts } from '../../evaluation/condition.js';
import { linesOf, readCases } from '../../evaluation/dataset.js';
import type { ResultRow } from '../../evaluation/score.js';
import { inclusionProof } from '../../ledger/merkle.js';
import { formatProof } from '../../ledger/tlog-proof.js';
import { coveringCheckpoint, proofUnder } from '../audit/prove.js';
import { logKeyOf } from '../checkpoint.js';
import { readBlobText, type Session } from '../session.js';
import type { Texts } from './dispute-folder.js';
import { runRecord, type RunRecord } from './run-record.js';

export const DISPUTE_FORMAT = 'agentctl-dispute/1';

export interface DisputeRequest {
  /** The newest run that was judged by a pact unless named. */
  readonly run?: string;
  /** Ids; none for all that were not met, or else for all. */
  readonly conditions: readonly string[];
  /** Ids; none for all that count against a condition in question. */
  readonly cases: readonly string[];
  readonly inputs: boolean;
}

/** What the bundle says about itself, in bundle.json. */
export type DisputeClaim = {
  readonly format: string;
  readonly agent: string;
  readonly run: string;
  readonly document: string;
  readonly conditions: readonly string[];
  readonly cases: number;
  readonly inputs: boolean;
  readonly versions: JsonObject;
};

/** @throws {Fault} EVIDENCE_MISSING, REFUSED with the reason, when there is nothing to dispute; DIGEST_MISMATCH when bytes that the ledger names are gone or altered */
export async function disputeBundle(session: Session, request: DisputeRequest): Promise<{ readonly texts: Texts; readonly claim: DisputeClaim; readonly log: string }> {
  const record = await runRecord(session, request.run);
  const { store } = session;
  const [document, envelope, act] = await Promise.all(['document', 'envelope', 'act'].map((member) => stored(session, record.signed, member)));
  const pacts = asObject(parseJson(document ?? '', 'pact document'), 'pact document')['pacts'] as unknown as Pacts;
  const disputed = chooseConditions(record, pacts, request.conditions);
  const batches = await Promise.all(record.batches.map((entry) => rowTexts(store, entry)));
  const cases = await chooseCases(session, { record, pacts, disputed, batches }, request);
  const claim: DisputeClaim = {
    format: DISPUTE_FORMAT, agent: session.chain, run: record.run, document: String(record.signed.data['document']), conditions: disputed.map(({ id }) => id),
    cases: cases.length, inputs: request.inputs, versions: asObject(record.finished.data['versions'], 'versions'),
  };
  const { files, surroundings } = session.world;
  const texts = new Map([
    ['README.md', await files.readText(`${surroundings.home}/templates/dispute/README.md`)],
    ['bundle.json', `${canonical(claim)}\n`], ['pact.json', document ?? ''], ['pact.dsse.json', envelope ?? ''], ['act.dsse.json', act ?? ''],
    ['rows.jsonl', batches.flat().map((row) => `${row}\n`).join('')], ['cases.jsonl', cases.map((one) => `${canonical(one)}\n`).join('')],
    ...(await proofs(session, record)),
  ]);
  return { texts, claim, log: await logKeyOf(session) };
}

async function stored(session: Session, signed: Entry, member: string): Promise<string> {
  const text = await readBlobText(session.store, signed.data[member]);
  if (text !== undefined) return text;
  throw new Fault('DIGEST_MISMATCH', `the ${member} of entry ${signed.seq} is gone from the store`, { at: `entry ${signed.seq}`, hint: 'agentctl audit verify' });
}

/** @throws {Fault} REFUSED for a condition that the pact does not have */
function chooseConditions({ finished }: RunRecord, { agreements }: Pacts, ids: readonly string[]): readonly Condition[] {
  const all = agreements.flatMap(({ conditions }) => conditions);
  const unknown = ids.find((id) => !all.some((one) => one.id === id));
  if (unknown !== undefined) throw new Fault('REFUSED', `the pact that the run was judged by promises nothing called "${unknown}"`, { at: '--condition', hint: `conditions: ${all.map(({ id }) => id).join(', ')}` });
  if (ids.length > 0) return all.filter(({ id }) => ids.includes(id));
  const verdicts = finished.data['conditions'] as unknown as readonly { readonly id: string; readonly verdict: string }[];
  const unmet = all.filter(({ id }) => verdicts.some((one) => one.id === id && one.verdict !== 'met'));
  return unmet.length > 0 ? unmet : all;
}

async function rowTexts(store: Session['store'], entry: Entry): Promise<readonly string[]> {
  const text = await readBlobText(store, entry.data['results']);
  if (text === undefined) throw new Fault('DIGEST_MISMATCH', `the results of entry ${entry.seq} are gone from the store`, { at: `entry ${entry.seq}`, hint: 'agentctl audit verify' });
  return text.split('\n').slice(0, -1);
}

interface Material {
  readonly record: RunRecord;
  readonly pacts: Pacts;
  readonly disputed: readonly Condition[];
  readonly batches: readonly (readonly string[])[];
}

/** @throws {Fault} REFUSED for a case that the run did not ask */
async function chooseCases(session: Session, { record, pacts, disputed, batches }: Material, { cases, inputs }: DisputeRequest): Promise<readonly JsonObject[]> {
  const inQuestion = { ...pacts, agreements: pacts.agreements.map((one) => ({ ...one, conditions: one.conditions.filter((condition) => disputed.includes(condition)) })) };
  const chosen: JsonObject[] = [];
  const texts = inputs ? await inputTexts(session, record, pacts) : undefined;
  for (const [batch, rows] of batches.entries()) {
    const leaves = rows.map((text) => sha256Hex(`\u0000${text}`));
    for (const [place, text] of rows.entries()) {
      const row = parseJson(text, `row ${place}`) as unknown as ResultRow;
      const against = conditionsAgainst(inQuestion, row);
      if (cases.length > 0 ? !cases.includes(row.case) : against.length === 0) continue;
      chosen.push({ case: row.case, dataset: row.dataset, repeat: row.repeat, batch, row: place, against: [...against], proof: [...inclusionProof(leaves, place)], ...texts?.get(`${row.dataset}/${row.case}`) });
    }
  }
  const missing = cases.find((id) => !chosen.some((one) => one['case'] === id));
  if (missing !== undefined) throw new Fault('REFUSED', `${record.run} did not ask the case "${missing}"`, { at: '--case', hint: 'name cases by their id in the data set' });
  return chosen;
}

/** Ids of the conditions that the row counts against. */
export function conditionsAgainst({ agreements }: Pick<Pacts, 'agreements'>, row: ResultRow): readonly string[] {
  return agreements.filter(({ capability }) => capability === row.capability).flatMap(({ conditions }) => conditions.filter((one) => countsAgainst(one, row)).map(({ id }) => id));
}

/** Input and reference of every case, by data set and id. @throws {Fault} DATASET_INVALID when a data set is another one than the run used */
async function inputTexts({ world, folder, inputs }: Session, { started }: RunRecord, { datasets }: Pacts): Promise<ReadonlyMap<string, JsonObject>> {
  const found = new Map<string, JsonObject>();
  const onDisk = asObject(parseJson(inputs.datasets.text, 'datasets'), 'datasets');
  for (const { data } of started) {
    const dataset = datasets.find(({ id }) => id === data['dataset']);
    if (!dataset || onDisk[dataset.id] !== (data['datasetDigest'] as Digest)) throw new Fault('DATASET_INVALID', `data set ${String(data['dataset'])} is not the one that the run used`, { at: dataset?.file ?? 'agent.yaml', hint: 'leave out --with-inputs, or bring the data set back' });
    for await (const one of readCases(linesOf(await world.files.read(`${folder}/${dataset.file}`)), { file: dataset.file })) found.set(`${dataset.id}/${one.id}`, { input: one.input, ...(one.turns === undefined ? {} : { turns: one.turns }), expected: one.expected });
  }
  return found;
}

/** Entry 0 names the log key; all under one checkpoint. */
async function proofs(session: Session, { signed, started, batches, finished }: RunRecord): Promise<readonly (readonly [string, string])[]> {
  const entries = [signed, ...started, ...batches, finished].map(({ seq }) => seq);
  const covering = await coveringCheckpoint(session, Math.max(...entries));
  const list: (readonly [string, string])[] = [];
  for (const seq of [...new Set([0, ...entries])].sort((a, b) => a - b)) list.push([`entries/${seq}.tlog-proof`, formatProof(await proofUnder(session, seq, covering))]);
  return list;
}

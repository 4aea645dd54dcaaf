/** Opens a dispute bundle: entries to a signed checkpoint, the pact to its signature, rows to their roots, cases to their rows. */
import { openAct } from '../../attestation/human-act.js';
import { openEnvelope } from '../../attestation/dsse.js';
import { canonical } from '../../domain/canonical.js';
import { digestBytes, sha256Hex } from '../../domain/digest.js';
import { conforms } from '../../domain/conforms.js';
import type { Entry } from '../../domain/entry.js';
import { Fault } from '../../domain/fault.js';
import { asObject, parseJson, type Json, type JsonObject } from '../../domain/json.js';
import { boolean, integer, list, nullable, object, oneOf, record, string } from '../../domain/schema.js';
import { pacts as pactsSection, type Pacts } from '../../evaluation/condition.js';
import type { ConditionResult } from '../../evaluation/judge.js';
import type { ResultRow } from '../../evaluation/score.js';
import { keyOfDid } from '../../identity/did-key.js';
import { verifySignature } from '../../identity/ed25519-verify.js';
import { openCheckpointNote, parseNote, parseVerifierKey, readCheckpointNote, vouchersOf, type VerifierKey } from '../../ledger/checkpoint.js';
import { verifyInclusion } from '../../ledger/merkle.js';
import { rootOfTexts } from '../../ledger/row-root.js';
import { parseProof, proves } from '../../ledger/tlog-proof.js';
import { entryIn, judgeVouchers, type Judged } from '../audit/verify-proof.js';
import { conditionsAgainst, DISPUTE_FORMAT, type DisputeClaim } from './dispute-bundle.js';
import type { Texts } from './dispute-folder.js';
import { PACT_MEDIA_TYPE } from './document.js';

export interface DisputedCase {
  readonly case: string;
  readonly against: readonly string[];
}

/** A bundle all of whose texts lead to one checkpoint. */
export interface OpenDispute {
  readonly claim: DisputeClaim;
  readonly pacts: Pacts;
  readonly rows: readonly ResultRow[];
  readonly cases: readonly DisputedCase[];
  readonly signed: Entry;
  readonly signer: string;
  readonly finished: Entry;
  readonly recorded: readonly ConditionResult[];
  readonly origin: string;
  readonly size: number;
  /** Whether those whom the reader trusts vouch for the checkpoint. */
  readonly vouched: Judged;
}

const claimForm = object({
  format: oneOf([DISPUTE_FORMAT]), agent: string(), run: string(), document: string(), conditions: list(string(), { minItems: 1 }),
  cases: integer({ minimum: 0 }), inputs: boolean(), versions: record(nullable(string())),
});

/** @throws {Fault} INPUT_INVALID when it is no bundle; DIGEST_MISMATCH, LEDGER_BROKEN, SIGNATURE_INVALID when it is a false one */
export async function openDispute(texts: Texts, keys: readonly VerifierKey[], folder: string): Promise<OpenDispute> {
  const at = (file: string) => `${folder}/${file}`;
  const claim = formed(claimForm, textOf(texts, 'bundle.json', folder), at('bundle.json')) as unknown as DisputeClaim;
  const { entries, checkpoint, place } = openEntries(texts, folder);
  const log = entries.find(({ seq }) => seq === 0)?.data['log'];
  if (typeof log !== 'string') throw mismatch('entry 0, which names the log key, is missing', at('entries'));
  const { origin, size } = await openCheckpointNote(checkpoint, [parseVerifierKey(log)], verifySignature, place);
  const vouched = judgeVouchers(origin, keys, await vouchersOf(parseNote(checkpoint, place), keys, verifySignature));
  const run = runOf(entries, claim, at('entries'));
  const { pacts, signer } = await openPact(texts, run.signed, folder);
  const rows = openRows(textOf(texts, 'rows.jsonl', folder), run, at('rows.jsonl'));
  const cases = openCases(textOf(texts, 'cases.jsonl', folder), { run, rows, claim, pacts }, at('cases.jsonl'));
  return { claim, pacts, rows: rows.flat().map(({ row }) => row), cases, signed: run.signed, signer, finished: run.finished, recorded: run.finished.data['conditions'] as unknown as readonly ConditionResult[], origin, size, vouched };
}

const mismatch = (message: string, at: string): Fault => new Fault('DIGEST_MISMATCH', message, { at });

function textOf(texts: Texts, name: string, folder: string): string {
  const text = texts.get(name);
  if (text === undefined) throw mismatch(`the bundle has no ${name}`, folder);
  return text;
}

function formed(schema: JsonObject, text: string, at: string): Json {
  const value = parseJson(text, at);
  const problem = conforms(schema, value);
  if (problem !== null) throw new Fault('INPUT_INVALID', `${at} is not what a dispute bundle holds: ${problem.trim()}`, { at });
  return value;
}

function openEntries(texts: Texts, folder: string): { readonly entries: readonly Entry[]; readonly checkpoint: string; readonly place: string } {
  const files = [...texts.keys()].filter((name) => name.startsWith('entries/'));
  const first = files[0] ?? 'entries/0.tlog-proof';
  const place = `${folder}/${first}`;
  const { checkpoint } = parseProof(textOf(texts, first, folder), place);
  const { origin } = readCheckpointNote(checkpoint, place);
  const entries = files.map((file) => {
    const name = `${folder}/${file}`;
    const proof = parseProof(textOf(texts, file, folder), name);
    if (proof.checkpoint !== checkpoint) throw mismatch(`${file} is proven by another checkpoint`, name);
    if (proof.text === undefined || !proves(proof, proof.text, name)) throw mismatch(`${file} does not stand at place ${proof.index} in the tree of the checkpoint`, name);
    return entryIn(proof.text, proof.index, origin, name);
  });
  return { entries, checkpoint, place };
}

interface DisputedRun {
  readonly signed: Entry;
  readonly batches: readonly Entry[];
  readonly finished: Entry;
}

/** The entries of the run, which must all be there: the root over the batches says so. */
function runOf(entries: readonly Entry[], claim: DisputeClaim, at: string): DisputedRun {
  const of = (type: string) => entries.filter((entry) => entry.type === type && entry.data['run'] === claim.run);
  const [finished] = of('evaluation.finished');
  const started = of('evaluation.started');
  const signed = entries.find((entry) => entry.type === 'pact.signed' && entry.data['document'] === claim.document);
  if (!finished || !signed || started.length === 0) throw mismatch(`the entries do not hold the signature of the pact, and beginning and end of ${claim.run}`, at);
  if (finished.chain !== claim.agent || canonical(finished.data['versions'] ?? null) !== canonical(claim.versions)) throw mismatch('bundle.json names another agent, or other versions, than the ledger', at);
  if (started.some((entry) => entry.data['pact'] !== claim.document || entry.seq < signed.seq)) throw mismatch(`${claim.run} was not judged by this pact, or before it was signed`, at);
  const batches = of('evaluation.batch').sort((a, b) => Number(a.data['index']) - Number(b.data['index']));
  if (rootOfTexts(batches.map((entry) => String(entry.data['root']))) !== finished.data['rowsRoot']) throw mismatch(`not every batch of ${claim.run} is here`, at);
  return { signed, batches, finished };
}

/** The promise under the signature that the ledger names, and under the human act. @throws {Fault} SIGNATURE_INVALID, DIGEST_MISMATCH */
async function openPact(texts: Texts, signed: Entry, folder: string): Promise<{ readonly pacts: Pacts; readonly signer: string }> {
  for (const [file, member] of [['pact.json', 'document'], ['pact.dsse.json', 'envelope'], ['act.dsse.json', 'act']] as const) {
    if (digestBytes(textOf(texts, file, folder)) !== signed.data[member]) throw mismatch(`${file} is not the ${member} of entry ${signed.seq}`, `${folder}/${file}`);
  }
  const { act, subject } = await openAct(textOf(texts, 'act.dsse.json', folder));
  const { did } = act.operator;
  const opened = await openEnvelope(textOf(texts, 'pact.dsse.json', folder), [{ keyid: did, publicKey: keyOfDid(did) }], { ssh: true });
  const document = textOf(texts, 'pact.json', folder);
  if (opened.payloadType !== PACT_MEDIA_TYPE || !Buffer.from(opened.payload).equals(Buffer.from(document)) || subject !== signed.data['document']) throw mismatch('what was signed is not pact.json', `${folder}/pact.dsse.json`);
  const { pacts } = asObject(parseJson(document, `${folder}/pact.json`), `${folder}/pact.json`);
  const problem = conforms(pactsSection, pacts ?? null);
  if (problem !== null) throw new Fault('INPUT_INVALID', `the pact is of a form that this agentctl does not know: pacts${problem}`, { at: `${folder}/pact.json`, hint: 'use the agentctl that made the bundle, or a newer one' });
  return { pacts: pacts as unknown as Pacts, signer: `${act.operator.name} (${act.operator.did})${act.ceremony === 'scripted' ? ', by a script' : ''}` };
}

interface ProvenRow {
  readonly text: string;
  readonly row: ResultRow;
}

/** Rows by batch, each batch with the root that its entry commits to. */
function openRows(text: string, { batches }: DisputedRun, at: string): readonly (readonly ProvenRow[])[] {
  const lines = text.split('\n').slice(0, -1);
  let taken = 0;
  const rows = batches.map((entry) => {
    const part = lines.slice(taken, taken + Number(entry.data['rows']));
    taken += part.length;
    if (rootOfTexts(part) !== entry.data['root'] || digestBytes(part.map((line) => `${line}\n`).join('')) !== entry.data['results']) throw mismatch(`the rows of batch ${String(entry.data['index'])} are not those that entry ${entry.seq} commits to`, at);
    return part.map((line) => ({ text: line, row: parseJson(line, at) as unknown as ResultRow }));
  });
  if (taken !== lines.length || !text.endsWith('\n')) throw mismatch('there are rows that no batch commits to', at);
  return rows;
}

const caseForm = object({
  case: string(), dataset: string(), repeat: integer({ minimum: 0 }), batch: integer({ minimum: 0 }), row: integer({ minimum: 0 }),
  against: list(string()), proof: list(string({ pattern: '^[0-9a-f]{64}$' })),
});
const HELD: ReadonlySet<string> = new Set(['input', 'expected']);

interface Proven {
  readonly run: DisputedRun;
  readonly rows: readonly (readonly ProvenRow[])[];
  readonly claim: DisputeClaim;
  readonly pacts: Pacts;
}

function openCases(text: string, { run, rows, claim, pacts }: Proven, at: string): readonly DisputedCase[] {
  const disputed = { agreements: pacts.agreements.map((one) => ({ ...one, conditions: one.conditions.filter(({ id }) => claim.conditions.includes(id)) })) };
  const unknown = claim.conditions.find((id) => !pacts.agreements.some(({ conditions }) => conditions.some((one) => one.id === id)));
  if (unknown !== undefined) throw mismatch(`the pact promises nothing called "${unknown}"`, at);
  const cases = text.split('\n').slice(0, -1).map((line, index) => {
    const place = `${at}:${index + 1}`;
    const members = Object.fromEntries(Object.entries(asObject(parseJson(line, place), place)).filter(([name]) => !(claim.inputs && HELD.has(name))));
    const one = formed(caseForm, JSON.stringify(members), place) as unknown as DisputedCase & { readonly dataset: string; readonly repeat: number; readonly batch: number; readonly row: number; readonly proof: readonly string[] };
    const found = rows[one.batch]?.[one.row];
    const root = String(run.batches[one.batch]?.data['root']);
    if (!found || !verifyInclusion({ index: BigInt(one.row), size: BigInt(rows[one.batch]?.length ?? 0), leaf: sha256Hex(`\u0000${found.text}`), proof: one.proof, root })) throw mismatch(`the case "${one.case}" is not the row that it names`, place);
    const same = found.row.case === one.case && found.row.dataset === one.dataset && found.row.repeat === one.repeat;
    if (!same || JSON.stringify(conditionsAgainst(disputed, found.row)) !== JSON.stringify(one.against)) throw mismatch(`the case "${one.case}" counts otherwise than it says`, place);
    return one;
  });
  if (cases.length !== claim.cases) throw mismatch(`${cases.length} cases are here, and bundle.json says ${claim.cases}`, at);
  return cases;
}

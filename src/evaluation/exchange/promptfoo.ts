/** Reads what promptfoo writes: its results as JSON (`results.version` 3), or one of their rows on each line. */
import { canonical } from '../../domain/canonical.js';
import { sha256Hex } from '../../domain/digest.js';
import { Fault } from '../../domain/fault.js';
import { isObject, type Json, type JsonObject } from '../../domain/json.js';
import { decimalText, idIn, listIn, millisecondsOf, numberIn, objectIn, textIn, usageOf } from './fields.js';
import { clipped, RowCollector, runOf, type ImportedOutcome, type ImportedRun, type RunOrigin } from './imported-run.js';
import { ownMarksIn } from './own-marks.js';

/** The version of its results that is read. */
export const PROMPTFOO_VERSION = 3;

/** What each of our outcomes looks like there: it knows no third one. */
export const IN_PROMPTFOO = { pass: 'pass', fail: 'fail', abstain: 'fail', infrastructure: 'error', unscored: 'error', 'not-evaluable': 'error' } as const satisfies Readonly<Record<ImportedOutcome, string>>;

/** @throws {Fault} INPUT_INVALID */
export function readPromptfoo(document: JsonObject, file: string): ImportedRun {
  const results = objectIn(document, 'results');
  const version = results['version'];
  if (version !== PROMPTFOO_VERSION) throw new Fault('INPUT_INVALID', `results.version is ${JSON.stringify(version ?? null)}; ${PROMPTFOO_VERSION} is read`, { at: file, hint: 'write the results again with promptfoo eval --output results.json' });
  const reader = new PromptfooRows();
  const rows = listIn(results, 'results');
  rows.forEach((row, index) => reader.add(row, `${file}: results.results[${index}]`, `results.results[${index}]`));
  const doubts = [...reader.doubts, ...contradictions(results, rows, reader)];
  const own = objectIn(objectIn(document, 'metadata'), 'agentctl');
  const metadata = objectIn(document, 'metadata');
  const origin: RunOrigin = {
    tool: textIn(own, 'version') === null ? 'promptfoo' : 'agentctl',
    version: textIn(own, 'version') ?? textIn(metadata, 'promptfooVersion'),
    run: textIn(own, 'run') ?? textIn(document, 'evalId'),
    created: textIn(results, 'timestamp'),
    model: reader.models,
    dataset: null,
    complete: isObject(results['stats']) ? doubts.length === 0 : null,
  };
  return runOf(origin, reader.rows, file, doubts);
}

/** @throws {Fault} INPUT_INVALID at `file:line` */
export async function readPromptfooLines(lines: AsyncIterable<{ readonly value: JsonObject; readonly at: string; readonly number: number }>, file: string): Promise<ImportedRun> {
  const reader = new PromptfooRows();
  for await (const { value, at, number } of lines) reader.add(value, at, `line ${number}`);
  return runOf({ tool: 'promptfoo', version: null, run: null, created: null, model: reader.models, dataset: null, complete: null }, reader.rows, file, reader.doubts);
}

class PromptfooRows {
  readonly #collector = new RowCollector();
  readonly #models = new Set<string>();
  /** Keys of cases by the name that they go by. */
  readonly #named = new Map<string, string>();
  #contradicted = 0;

  get rows() {
    return this.#collector.rows;
  }

  get models(): string | null {
    return this.#models.size === 0 ? null : [...this.#models].join(', ');
  }

  get doubts(): readonly string[] {
    return this.#contradicted === 0 ? [] : [`${this.#contradicted} rows are no success but name no reason; they count as failures`];
  }

  add(row: Json, at: string, transcript: string): void {
    if (!isObject(row)) throw new Fault('INPUT_INVALID', 'a result must be a JSON object', { at });
    const provider = providerOf(row);
    if (provider !== null) this.#models.add(clipped(provider));
    const coarse = this.#outcomeOf(row, at);
    const marks = ownMarksIn(objectIn(row, 'metadata')['agentctl'], at, coarse, IN_PROMPTFOO);
    const prompt = objectIn(row, 'prompt');
    const label = textIn(prompt, 'label') ?? textIn(prompt, 'raw') ?? '';
    const key = canonical([row['vars'] ?? null, label, provider]);
    const usage = usageOf(numberIn(objectIn(objectIn(row, 'response'), 'tokenUsage'), 'total') ?? numberIn(objectIn(row, 'tokenUsage'), 'total'), numberIn(row, 'cost'));
    const shared = { scores: scoresOf(row), milliseconds: millisecondsOf(numberIn(row, 'latencyMs')), usage, transcript };
    if (marks) this.#collector.add({ ...marks, ...shared }, at);
    else {
      const told = coarse === 'error' ? { outcome: 'infrastructure' as const, cause: 'provider-error' } : { outcome: coarse, cause: null };
      this.#collector.add({ part: clipped(`${label} · ${provider ?? 'no provider'}`), case: this.#nameOf(row, key), ...told, ...shared }, at, key);
    }
  }

  /** By `failureReason`: `error` is set on failed assertions as well. */
  #outcomeOf(row: JsonObject, at: string): 'pass' | 'fail' | 'error' {
    const reason = row['failureReason'];
    const success = row['success'];
    if (typeof success !== 'boolean' && reason === undefined) throw new Fault('INPUT_INVALID', 'it has neither "failureReason" nor "success"', { at });
    if (reason === 2) return 'error';
    if (reason === 1) return 'fail';
    if (reason === 0) {
      if (success === false) this.#contradicted += 1;
      return success === false ? 'fail' : 'pass';
    }
    if (reason !== undefined) throw new Fault('INPUT_INVALID', `failureReason ${JSON.stringify(reason)} is not 0, 1 or 2`, { at });
    if (success === true) return 'pass';
    return !isObject(row['gradingResult']) && textIn(row, 'error') !== null ? 'error' : 'fail';
  }

  /** An id among the variables where there is one that no other case has, else a digest of all of them. */
  #nameOf(row: JsonObject, key: string): string {
    const vars = objectIn(row, 'vars');
    const name = clipped(idIn(vars, 'id') ?? idIn(vars, 'case') ?? '');
    const of = canonical(vars);
    if (name !== '' && (this.#named.get(name) ?? of) === of) {
      this.#named.set(name, of);
      return name;
    }
    return `vars-${sha256Hex(Object.keys(vars).length === 0 ? key : of).slice(0, 16)}`;
  }
}

function providerOf(row: JsonObject): string | null {
  const provider = objectIn(row, 'provider');
  return textIn(provider, 'id') ?? textIn(provider, 'label') ?? textIn(row, 'provider');
}

/** The score, those with names, and each assertion without a name of its own by its kind and place. */
function scoresOf(row: JsonObject): Record<string, string | null> {
  const named = Object.entries(objectIn(row, 'namedScores'));
  const parts = listIn(objectIn(row, 'gradingResult'), 'componentResults').flatMap((part, index) => {
    const assertion = objectIn(part, 'assertion');
    return textIn(assertion, 'metric') === null ? [[`${textIn(assertion, 'type') ?? 'assertion'}#${index + 1}`, isObject(part) ? (part['score'] ?? null) : null] as const] : [];
  });
  const all = [['score', row['score'] ?? null] as const, ...named, ...parts];
  return Object.fromEntries(all.map(([name, value]) => [clipped(name), typeof value === 'number' ? decimalText(value) : null]));
}

/** Where its totals differ from its rows. Named scores of a prompt are sums over its rows, never means. */
function contradictions(results: JsonObject, rows: readonly Json[], { rows: read }: PromptfooRows): readonly string[] {
  const stats = objectIn(results, 'stats');
  const counted = (outcome: string) => read.filter((row) => IN_PROMPTFOO[row.outcome] === outcome).length;
  const totals = ([['successes', 'pass'], ['failures', 'fail'], ['errors', 'error']] as const).flatMap(([name, outcome]) => {
    const said = numberIn(stats, name);
    return said === null || said === counted(outcome) ? [] : [`stats.${name} says ${said}, the rows say ${counted(outcome)}`];
  });
  const sums = listIn(results, 'prompts').flatMap((prompt, index) => {
    const metrics = objectIn(prompt, 'metrics');
    // Weighted sums cannot be held against rows that do not carry the weights.
    if (Object.keys(objectIn(metrics, 'namedScoreWeights')).length > 0) return [];
    const own = rows.filter((row) => numberIn(row, 'promptIdx') === index).map((row) => objectIn(row, 'namedScores'));
    return Object.entries(objectIn(metrics, 'namedScores')).flatMap(([name, said]) => {
      const values = own.flatMap((scores) => (typeof scores[name] === 'number' ? [scores[name]] : []));
      const sum = values.reduce((total, value) => total + value, 0);
      // A derived metric stands in the totals only.
      const differs = typeof said === 'number' && values.length > 0 && Math.abs(said - sum) > 1e-6 * Math.max(1, Math.abs(sum));
      return differs ? [`prompts[${index}] says a sum of ${said} for ${clipped(name)}, its rows say ${decimalText(sum) ?? '-'}`] : [];
    });
  });
  return [...totals, ...sums];
}

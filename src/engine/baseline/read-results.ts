/** Reads a file of another harness: recognises its form by what stands in it, and hands it to the reader of that form. */
import { Fault } from '../../domain/fault.js';
import { asObject, isObject, parseJson, type Json, type JsonObject } from '../../domain/json.js';
import type { World } from '../../domain/ports.js';
import { csvRecords } from '../../evaluation/exchange/csv-records.js';
import { EXCHANGE_FORMATS, type ExchangeFormat, type ImportedRun } from '../../evaluation/exchange/imported-run.js';
import { InspectReader, readInspect } from '../../evaluation/exchange/inspect.js';
import { readJunit } from '../../evaluation/exchange/junit.js';
import type { MarkRule } from '../../evaluation/exchange/marks.js';
import { readOtel } from '../../evaluation/exchange/otel.js';
import { readPlainLines, readPlainRecords } from '../../evaluation/exchange/plain.js';
import { readPromptfoo, readPromptfooLines } from '../../evaluation/exchange/promptfoo.js';
import { recogniseBytes, recogniseDocument, recogniseHeader, recogniseLine } from '../../evaluation/exchange/recognise.js';
import { readTau2, readTauBench } from '../../evaluation/exchange/tau-bench.js';
import type { ResultsFile } from './results-file.js';

/** Limits of an archive: a run of 100,000 samples fits, a bomb does not. */
const ARCHIVE = { files: 100_000, each: 64 * 1024 * 1024, total: 2 * 1024 * 1024 * 1024 } as const;

/** What a file is made of, whoever wrote it. */
type Shape =
  | { readonly kind: 'archive' | 'xml' }
  | { readonly kind: 'document'; readonly value: Json }
  | { readonly kind: 'lines'; readonly value: Json }
  | { readonly kind: 'text'; readonly first: string };

export interface Asked {
  /** The form, where the user names it. */
  readonly format: ExchangeFormat | undefined;
  readonly rule: MarkRule;
}

/** @throws {Fault} INPUT_INVALID with the place in the file */
export async function readResults({ forms }: Pick<World, 'forms'>, file: ResultsFile, { format: given, rule }: Asked): Promise<{ readonly format: ExchangeFormat; readonly run: ImportedRun }> {
  const shape = await shapeOf(file);
  const format = given ?? recognised(shape);
  if (format === undefined) throw new Fault('INPUT_INVALID', 'it is no results file of a known form', { at: file.name, hint: `--from ${EXCHANGE_FORMATS.join(', ')}` });
  const document = () => (shape.kind === 'document' ? shape.value : parsed(file.text(), file.name));
  switch (format) {
    case 'inspect': return { format, run: shape.kind === 'archive' ? await readArchive(forms, file, rule) : readInspect(asObject(document(), file.name), file.name, rule) };
    case 'junit': return { format, run: readJunit(await forms.xml(file.text(), file.name), file.name) };
    case 'otel': return { format, run: await readOtel(shape.kind === 'document' ? [{ value: asObject(shape.value, file.name), at: file.name }] : jsonLines(file), file.name, rule) };
    case 'tau-bench': return { format, run: readTauBench(asList(document(), file.name), file.name) };
    case 'tau2': return { format, run: readTau2(asObject(document(), file.name), file.name) };
    case 'jsonl': return { format, run: await readPlainLines(jsonLines(file), file.name) };
    case 'csv': return { format, run: await readPlainRecords(csvRecords(file.lines(), file.name), file.name) };
    case 'promptfoo': return { format, run: isRow(shape) ? await readPromptfooLines(jsonLines(file), file.name) : readPromptfoo(asObject(document(), file.name), file.name) };
  }
}

/** Whether it holds rows of promptfoo, one on each line, and be it only one. */
function isRow(shape: Shape): boolean {
  return shape.kind === 'lines' || (shape.kind === 'document' && isObject(shape.value) && !isObject(shape.value['results']));
}

async function shapeOf(file: ResultsFile): Promise<Shape> {
  const bytes = file.bytes && recogniseBytes(file.bytes);
  if (bytes !== undefined) return { kind: bytes === 'inspect' ? 'archive' : 'xml' };
  let first: { readonly text: string; readonly value: Json | undefined } | undefined;
  for await (const line of file.lines()) {
    const text = line.text.replace(/^\ufeff/, '');
    if (text.trim() === '') continue;
    if (first?.value !== undefined) return { kind: 'lines', value: first.value };
    if (first) break;
    first = { text, value: attempted(text) };
  }
  if (first === undefined) throw new Fault('INPUT_INVALID', `${file.name} is empty`, { at: file.name });
  if (first.value !== undefined) return { kind: 'document', value: first.value };
  return /^\s*[[{]/.test(first.text) ? { kind: 'document', value: parsed(file.text(), file.name) } : { kind: 'text', first: first.text };
}

function recognised(shape: Shape): ExchangeFormat | undefined {
  switch (shape.kind) {
    case 'archive': return 'inspect';
    case 'xml': return 'junit';
    case 'document': return recogniseDocument(shape.value);
    case 'lines': return recogniseLine(shape.value);
    case 'text': return recogniseHeader(shape.first);
  }
}

/** Python writes bare NaN, and integers of any length. */
function parsed(text: string, name: string): Json {
  return parseJson(text, name, 'any as text');
}

/** The first line of a document that was broken into lines is no JSON by itself. */
function attempted(text: string): Json | undefined {
  try {
    return parsed(text, '');
  } catch (cause) {
    if (cause instanceof Fault) return undefined;
    throw cause;
  }
}

async function* jsonLines(file: ResultsFile): AsyncGenerator<{ readonly value: JsonObject; readonly at: string; readonly number: number }> {
  for await (const { text, number } of file.lines()) {
    const line = number === 1 ? text.replace(/^\ufeff/, '') : text;
    const at = `${file.name}:${number}`;
    if (line.trim() !== '') yield { value: asObject(onLine(line, at), at), at, number };
  }
}

/** The place inside a line of JSON Lines is its column: the line number stands before it already. */
function onLine(line: string, at: string): Json {
  try {
    return parsed(line, at);
  } catch (cause) {
    if (!(cause instanceof Fault)) throw cause;
    throw new Fault('INPUT_INVALID', cause.message, { at: (cause.at ?? at).replace(/:1:(\d+)$/, ':$1'), cause });
  }
}

function asList(value: Json, name: string): readonly Json[] {
  if (Array.isArray(value)) return value as readonly Json[];
  throw new Fault('INPUT_INVALID', `${name} must be a JSON array`, { at: name });
}

/** The header of a run that came to its end stands last; one that did not has only said what it set out to do. */
async function readArchive(forms: World['forms'], file: ResultsFile, rule: MarkRule): Promise<ImportedRun> {
  const reader = new InspectReader(file.name);
  let [header, start]: (JsonObject | undefined)[] = [];
  for await (const { name, bytes } of forms.unzip(file.bytes ?? new Uint8Array(), file.name, ARCHIVE)) {
    const read = () => asObject(parsed(textOf(bytes, `${file.name}: ${name}`), `${file.name}: ${name}`), `${file.name}: ${name}`);
    if (name === 'header.json') header = read();
    else if (name === '_journal/start.json') start = read();
    else if (/^samples\/[^/]+\.json$/.test(name)) reader.sample(read(), name);
  }
  if (header === undefined && start === undefined) throw new Fault('INPUT_INVALID', 'the archive is no log of Inspect: it has no header.json', { at: file.name });
  return reader.run(header ?? { ...start, status: 'started' }, rule);
}

function textOf(bytes: Uint8Array, at: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (cause) {
    throw new Fault('INPUT_INVALID', 'it is not UTF-8 text', { at, cause });
  }
}

/** A file of complaints, as a help desk exports them: JSON Lines or CSV with a request and, where somebody said it, a reason. */
import { Fault } from '../../domain/fault.js';
import { asObject, parseJson, type Json } from '../../domain/json.js';
import type { World } from '../../domain/ports.js';
import { visible } from '../../domain/visible.js';
import { csvRecords } from '../../evaluation/exchange/csv-records.js';
import { ACTION_ID } from '../../ledger/types/action.js';
import { plainFile } from '../plain-file.js';

export interface Complaint {
  /** As it was given: of an action, a trace, or `<trace>/<span>`. */
  readonly request: string;
  readonly reason?: string;
  /** Where it was given. */
  readonly at: string;
}

/** Characters of a reason. */
export const LONGEST_REASON = 10_000;
const LONGEST_LINE = 1024 * 1024;
const LARGEST_FILE = 64 * 1024 * 1024;
const REQUEST = new RegExp(ACTION_ID);

/** @throws {Fault} INPUT_INVALID for what cannot be the id of a request, or a reason beyond {@link LONGEST_REASON} */
export function complaintOf(request: Json | undefined, reason: Json | undefined, at: string): Complaint {
  const invalid = (message: string, hint: string) => new Fault('INPUT_INVALID', message, { at, hint });
  if (typeof request !== 'string') throw invalid('it names no request', 'give "request": an id from agentctl audit log --type action.');
  if (!REQUEST.test(request)) throw invalid(`"${visible(request.slice(0, 100))}" is no id of a request`, 'agentctl audit log --type action.');
  if (reason === undefined || reason === null || reason === '') return { request, at };
  if (typeof reason !== 'string' || !reason.isWellFormed()) throw invalid('the reason is no text', 'leave it out, or write it between quotes');
  if (reason.length > LONGEST_REASON) throw invalid(`the reason has ${reason.length} characters, more than ${LONGEST_REASON}`, 'shorten it: what counts is that there is a complaint');
  return { request, reason, at };
}

/**
 * All of a file, so that nothing is recorded of one that is broken. Other columns and members are left out.
 * @throws {Fault} INPUT_INVALID at `file:line`
 */
export async function readComplaints(world: Pick<World, 'files' | 'surroundings'>, name: string): Promise<readonly Complaint[]> {
  const path = name.startsWith('/') ? name : `${world.surroundings.cwd}/${name}`;
  const given = visible(name);
  const { size } = await plainFile(world, path, { code: 'INPUT_INVALID', what: 'file of complaints', given, hint: 'agentctl monitor complain --from complaints.csv' });
  if (size > LARGEST_FILE) throw new Fault('INPUT_INVALID', `${given} has ${size} bytes, more than ${LARGEST_FILE}`, { at: given, hint: 'split it' });
  const lines = numbered(world.files.lines(path, LONGEST_LINE));
  const complaints: Complaint[] = [];
  for await (const one of (await isJson(world, path)) ? fromJson(lines, given) : fromCsv(lines, given)) complaints.push(one);
  if (complaints.length === 0) throw new Fault('INPUT_INVALID', `${given} holds no complaint`, { at: given, hint: 'a line {"request":"…","reason":"…"}, or a column request' });
  return complaints;
}

type Lines = AsyncIterable<{ readonly text: string; readonly number: number }>;

async function* numbered(lines: AsyncIterable<string>): Lines {
  let number = 0;
  for await (const text of lines) yield { text, number: (number += 1) };
}

async function isJson({ files }: Pick<World, 'files'>, path: string): Promise<boolean> {
  for await (const line of files.lines(path, LONGEST_LINE)) if (line.trim() !== '') return line.replace('\ufeff', '').trimStart().startsWith('{');
  return false;
}

async function* fromJson(lines: Lines, file: string): AsyncGenerator<Complaint> {
  for await (const { text, number } of lines) {
    const at = `${file}:${number}`;
    const line = number === 1 ? text.replace(/^\ufeff/, '') : text;
    if (line.trim() === '') continue;
    const { request, reason } = asObject(parseJson(line, at, 'as text'), at);
    yield complaintOf(request, reason, at);
  }
}

async function* fromCsv(lines: Lines, file: string): AsyncGenerator<Complaint> {
  for await (const { cells, at } of csvRecords(lines, file)) yield complaintOf(cells.get('request'), cells.get('reason'), at);
}

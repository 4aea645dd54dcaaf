/** Whether attacks that come as a bare text are what the agent reads: the cases of its own data sets show the shape of an input. */
import { Fault } from '../../domain/fault.js';
import { isObject, type Json, type JsonObject } from '../../domain/json.js';
import type { Pacts } from '../../evaluation/condition.js';
import { readCases } from '../../evaluation/dataset.js';
import { linesOfFile } from '../../evaluation/flow/cases.js';
import type { Session } from '../session.js';

/** Characters of an input that a hint repeats; of a longer one it shows the place of the attack alone. */
const LONGEST_SHOWN = 160;

/** @returns a note with what to type, or none where a text is what the agent reads, or no data set tells */
export async function shapeNotes(session: Pick<Session, 'world' | 'folder'>, pacts: Pacts | undefined): Promise<readonly string[]> {
  for (const { id, file, use } of pacts?.datasets ?? []) {
    const input = use === 'attack' ? undefined : await firstInput(session, file);
    if (input === undefined) continue;
    if (!isObject(input)) return [];
    return [`The inputs of ${id} are objects with ${Object.keys(input).join(', ')}, and these attacks are bare texts, which this agent will not read as it reads those: write them again, to another file, with --input '${JSON.stringify(template(input)).replaceAll("'", "'\\''")}' or wherever a stranger's words go.`];
  }
  return [];
}

/** What is missing or broken is for `pact lint` to say. */
async function firstInput({ world, folder }: Pick<Session, 'world' | 'folder'>, file: string): Promise<Json | undefined> {
  try {
    for await (const { input } of readCases(linesOfFile(world.files, { path: `${folder}/${file}`, file }), { file })) return input;
    return undefined;
  } catch (cause) {
    if (cause instanceof Fault && (cause.code === 'IO' || cause.code === 'DATASET_INVALID')) return undefined;
    throw cause;
  }
}

/** The input with the attack where its longest text is: that is most likely what others wrote. */
function template(input: JsonObject): JsonObject {
  const length = ([, value]: readonly [string, Json]) => (typeof value === 'string' ? value.length : -1);
  const [[name] = ['text']] = Object.entries(input).sort((a, b) => length(b) - length(a));
  const whole = { ...input, [name]: '{attack}' };
  return JSON.stringify(whole).length <= LONGEST_SHOWN ? whole : { [name]: '{attack}' };
}

/** The files beside agent.yaml: its schema for editors, the git rule for the store, the shipped texts that the manifest names. */
import { isObject, type Json, type JsonObject } from '../../domain/json.js';
import type { World } from '../../domain/ports.js';
import { MANIFEST_FILE, manifestSchema, SCHEMA_FILE } from '../manifest.js';
import { STORE_FOLDER } from '../session.js';

/** A file that was written, and why it is there. */
export interface Written {
  readonly file: string;
  readonly what: string;
}

/** Writes what is missing; a schema of another release is renewed, since it is generated. */
export async function writeCompanions(world: Pick<World, 'files' | 'surroundings'>, folder: string, manifest: Json): Promise<readonly Written[]> {
  const written = [await writeSchema(world, folder), await ignoreStore(world, folder), ...(await copyShipped(world, folder, manifest))];
  return written.filter((one) => one !== undefined);
}

async function writeSchema({ files }: Pick<World, 'files'>, folder: string): Promise<Written | undefined> {
  const path = `${folder}/${SCHEMA_FILE}`;
  const text = schemaText();
  if ((await files.exists(path)) && (await files.readText(path)) === text) return undefined;
  await files.write(path, text);
  return { file: SCHEMA_FILE, what: `schema of ${MANIFEST_FILE}, for completion in editors` };
}

export function schemaText(): string {
  return `${JSON.stringify(manifestSchema(), null, 2)}\n`;
}

const RULE = `${STORE_FOLDER}/`;
const SAME = new Set([STORE_FOLDER, RULE, `/${STORE_FOLDER}`, `/${RULE}`, `**/${STORE_FOLDER}`, `**/${RULE}`]);

/** Whether a .gitignore keeps the store, with its service keys and tokens, out of git. */
export function ignoresStore(text: string): boolean {
  return text.split(/\r?\n/).some((line) => SAME.has(line.trim()));
}

async function ignoreStore({ files }: Pick<World, 'files'>, folder: string): Promise<Written | undefined> {
  const path = `${folder}/.gitignore`;
  const text = (await files.exists(path)) ? await files.readText(path) : '';
  if (ignoresStore(text)) return undefined;
  await files.write(path, `${text}${text === '' || text.endsWith('\n') ? '' : '\n'}${RULE}\n`);
  return { file: '.gitignore', what: `keeps ${RULE} out of git: it holds keys` };
}

/**
 * Notices go where `incidents.templates` says, and the runbook beside the first of them. A text that is there is the
 * user's and stays.
 */
async function copyShipped({ files, surroundings }: Pick<World, 'files' | 'surroundings'>, folder: string, manifest: Json): Promise<readonly Written[]> {
  const shipped = `${surroundings.home}/templates`;
  const notices = Object.entries(noticesOf(manifest)).filter((pair): pair is [string, string] => typeof pair[1] === 'string' && staysInside(pair[1]));
  const [first] = notices;
  const copies = [
    ...notices.map(([notice, to]) => ({ from: `${shipped}/incident-notices/${notice}.md`, to, what: `${notice} notice of an incident, filled from the facts` })),
    ...(first === undefined ? [] : [{ from: `${shipped}/runbook.md`, to: first[1].replace(/[^/]*$/, 'runbook.md'), what: 'what to do when the agent misbehaves' }]),
  ];
  const written: Written[] = [];
  for (const { from, to, what } of copies) {
    if ((await files.exists(`${folder}/${to}`)) || !(await files.exists(from))) continue;
    await files.write(`${folder}/${to}`, await files.read(from));
    written.push({ file: to, what });
  }
  return written;
}

function noticesOf(manifest: Json): JsonObject {
  const incidents = isObject(manifest) ? manifest['incidents'] : undefined;
  return isObject(incidents) && isObject(incidents['templates']) ? incidents['templates'] : {};
}

/** The manifest was not validated yet: a path out of the folder must not be written to. */
function staysInside(path: string): boolean {
  return path !== '' && !path.startsWith('/') && !path.split('/').includes('..');
}

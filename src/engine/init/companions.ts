/** The files beside agent.yaml: its schema for editors, the git rule for the store, the shipped texts that the manifest names. */
import { isObject, type Json } from '../../domain/json.js';
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

/** Shipped texts by the manifest key that says where they go: a folder of notices, a runbook. */
const SHIPPED: readonly (readonly [section: string, key: string, source: string, what: string])[] = [
  ['incidents', 'templates', 'incident-notices', 'notices of an incident, filled from the facts'],
  ['incidents', 'runbook', 'runbook.md', 'what to do, by whom, in which order'],
];

async function copyShipped(world: Pick<World, 'files' | 'surroundings'>, folder: string, manifest: Json): Promise<readonly Written[]> {
  const written: Written[] = [];
  for (const [section, key, source, what] of SHIPPED) {
    const place = isObject(manifest) && isObject(manifest[section]) ? manifest[section][key] : undefined;
    if (typeof place !== 'string' || place.startsWith('/') || place.split('/').includes('..')) continue;
    for (const [from, to] of await pairs(world, source, place)) {
      if (await world.files.exists(`${folder}/${to}`)) continue;
      await world.files.write(`${folder}/${to}`, await world.files.read(from));
      written.push({ file: to, what });
    }
  }
  return written;
}

async function pairs({ files, surroundings }: Pick<World, 'files' | 'surroundings'>, source: string, place: string): Promise<readonly (readonly [from: string, to: string])[]> {
  const from = `${surroundings.home}/templates/${source}`;
  if (source.endsWith('.md')) return [[from, place]];
  return (await files.list(from)).map((info) => [`${from}/${info.path}`, `${place.replace(/\/$/, '')}/${info.path}`]);
}

/** Looks around in a folder for what `init` would ask: a package, an entry file, a user. Only guesses; the user or --yes accepts them. */
import { Fault } from '../../domain/fault.js';
import { isObject, parseJson, type JsonObject } from '../../domain/json.js';
import type { World } from '../../domain/ports.js';
import type { Answers } from './questions.js';

type Eyes = Pick<World, 'files' | 'surroundings'>;

const STARTERS: readonly (readonly [file: string, command: string])[] = [
  ['agent.js', 'node agent.js'],
  ['agent.mjs', 'node agent.mjs'],
  ['index.js', 'node index.js'],
  ['agent.py', 'python3 agent.py'],
  ['main.py', 'python3 main.py'],
];

/** @param folder where agent.yaml will lie */
export async function detect(world: Eyes, folder: string): Promise<Partial<Answers>> {
  const manifest = await packageJson(world, folder);
  const user = ['USER', 'LOGNAME', 'USERNAME'].map((name) => world.surroundings.variable(name)).find((name) => name !== undefined);
  const operator = user === undefined ? undefined : slug(user);
  const name = slug(textOf(manifest, 'name')?.replace(/^@[^/]*\//, '') ?? folder.slice(folder.lastIndexOf('/') + 1));
  const command = await commandOf(world, folder, manifest);
  return {
    ...(name === undefined ? {} : { name, description: textOf(manifest, 'description') ?? `${name}: not described yet` }),
    ...(command === undefined ? {} : { command }),
    money: false,
    stakes: 'standard',
    // Who runs this answers for the agent, until another organisation is named.
    ...withOrganisation(textOf(manifest, 'author') ?? user),
    ...(operator === undefined || user === undefined ? {} : { operator, operatorName: user }),
    roles: ['engineering', 'product', 'operations'],
  };
}

function withOrganisation(name: string | undefined): { organisation?: string } {
  const plain = name?.replace(/\s*[<(].*$/, '').trim();
  return plain === undefined || plain === '' ? {} : { organisation: plain };
}

async function packageJson({ files }: Eyes, folder: string): Promise<JsonObject> {
  const path = `${folder}/package.json`;
  if (!(await files.exists(path))) return {};
  try {
    const value = parseJson(await files.readText(path), path);
    return isObject(value) ? value : {};
  } catch (cause) {
    // A package.json that cannot be read tells nothing; it is not ours to complain about.
    if (cause instanceof Fault) return {};
    throw cause;
  }
}

async function commandOf({ files }: Eyes, folder: string, manifest: JsonObject): Promise<string | undefined> {
  for (const [file, command] of STARTERS.slice(0, 2)) if (await files.exists(`${folder}/${file}`)) return command;
  const bin = manifest['bin'];
  const main = textOf(manifest, 'main') ?? (typeof bin === 'string' ? bin : isObject(bin) ? textOf(bin, Object.keys(bin)[0] ?? '') : undefined);
  const path = main?.replace(/^\.\//, '');
  if (path !== undefined && /^[\w./-]+$/.test(path) && (await files.exists(`${folder}/${path}`))) return `node ${path}`;
  for (const [file, command] of STARTERS) if (await files.exists(`${folder}/${file}`)) return command;
  return undefined;
}

function textOf(object: JsonObject, key: string): string | undefined {
  const value = object[key];
  return typeof value === 'string' && value.trim() !== '' ? value.trim() : undefined;
}

/** A name that may be an id or name a key; undefined when nothing is left of it. */
export function slug(text: string): string | undefined {
  const plain = text.normalize('NFKD').toLowerCase().replace(/\p{M}/gu, '').replace(/[^a-z0-9_-]+/g, '-').replace(/^[-_]+|[-_]+$/g, '').slice(0, 63);
  return plain === '' ? undefined : plain;
}

const BESIDE = ['package.json', 'package-lock.json', 'requirements.txt', 'pyproject.toml'];
const FOLDERS = ['src', 'lib'];

/** What shapes the agent, as far as it can be seen: the files that its command names, its packages, its source folders, its prompts. */
export async function detectBuild({ files }: Eyes, folder: string, command: readonly string[]): Promise<{ files: readonly string[]; prompts: readonly string[]; missing: readonly string[] }> {
  const named = command.filter((word, index) => /^(\.\/)?[\w-][\w./-]*\.\w+$/.test(word) || (index === 0 && word.startsWith('./'))).map((word) => word.replace(/^\.\//, ''));
  const found: string[] = [];
  for (const file of [...named, ...BESIDE]) if ((await files.info(`${folder}/${file}`))?.kind === 'file') found.push(file);
  for (const below of FOLDERS) if (await hasFiles(files, `${folder}/${below}`)) found.push(`${below}/**`);
  const prompts = (await hasFiles(files, `${folder}/prompts`)) ? (await files.list(`${folder}/prompts`)).filter((info) => info.kind === 'file').map((info) => `prompts/${info.path}`) : [];
  const missing = named.filter((file) => !found.includes(file));
  const covered = (file: string) => found.some((pattern) => pattern.endsWith('/**') && file.startsWith(pattern.slice(0, -2)));
  const list = [...new Set([...found.filter((file) => file.endsWith('/**') || !covered(file)), ...missing])];
  return { files: list.length > 0 ? list : ['agent.js'], prompts, missing: list.length > 0 ? missing : ['agent.js'] };
}

async function hasFiles(files: Eyes['files'], folder: string): Promise<boolean> {
  if ((await files.info(folder))?.kind !== 'directory') return false;
  return (await files.list(folder)).length > 0;
}

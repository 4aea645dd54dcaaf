/** Whose keys count for a received request: a directory by file or address, or a key that the verifier names. */
import { Fault } from '../../domain/fault.js';
import { isObject, parseJson } from '../../domain/json.js';
import type { World } from '../../domain/ports.js';
import { keyOfDid } from '../../identity/did-key.js';
import { standingOf } from '../../identity/key-history.js';
import { DIRECTORY_TYPE, directoryKeys, directoryUrl, parseDirectory, parseSidecar, provePossession, readAgentCard, SIDECAR, type KeyDirectory } from '../../identity/key-directory.js';
import { pinnedKey, type KeySource } from '../../identity/web-bot-auth.js';
import { resolveDid } from '../resolve-did.js';
import { absolute, readTrustRoots } from '../trust-roots.js';
import { plainFile } from '../plain-file.js';

const LIMITS = { bytes: 65_536, timeout: 10_000 };

export interface RequestKeys {
  readonly source: KeySource;
  /** One sentence on where they come from. */
  readonly because: string;
}

type Ports = Pick<World, 'files' | 'http' | 'clock' | 'surroundings'>;

/** @param key did:key, did:web, or a file that holds one or a DID document @param directory file or https address */
export async function requestKeys(world: Ports, { key, directory }: { key: string | undefined; directory: string | undefined }): Promise<RequestKeys> {
  if (key !== undefined && directory !== undefined) throw new Fault('USAGE', '--key and --directory are two answers to one question', { hint: 'leave one of them out' });
  if (key !== undefined) return namedKeys(world, key);
  if (directory === undefined) return { source: { find: () => Promise.resolve({ publicKey: null, because: 'you have not said whose key counts: --directory or --key' }) }, because: 'none named' };
  return /^https?:\/\//.test(directory) ? fetchedKeys(world, directory) : filedKeys(world, directory);
}

async function namedKeys(world: Ports, key: string): Promise<RequestKeys> {
  const now = world.clock.now();
  if (key.startsWith('did:web:')) {
    const { assertionKeys, source } = await resolveDid(world, key);
    const speaking = assertionKeys.filter(({ until }) => until === undefined || now < until);
    return { source: pinnedKey(...speaking.map(({ did }) => keyOfDid(did))), because: `${key}, named by you: ${source?.url ?? key}` };
  }
  // A did.json may state keys that have ended, for what they signed before; a request is signed now.
  const speaking = ((await readTrustRoots(world, [key])) ?? []).flatMap((root) => root.keys.filter(({ did }) => standingOf(root, did, now) === 'valid'));
  return { source: pinnedKey(...speaking.map(({ did }) => keyOfDid(did))), because: 'named by you' };
}

async function filedKeys(world: Ports, file: string): Promise<RequestKeys> {
  const path = absolute(world, file);
  await plainFile(world, path, { code: 'EVIDENCE_MISSING', what: 'key directory', given: file, hint: '--directory <file or https address>' });
  const text = await world.files.readText(path);
  const directory = parseDirectory(text, file);
  if (!(await world.files.exists(path + SIDECAR))) return { source: directoryKeys(directory, null), because: `${file}, as you have it` };
  const { authority, headers } = parseSidecar(await world.files.readText(path + SIDECAR), `${file}${SIDECAR}`);
  const url = directoryUrl(`https://${authority}`);
  const { proven, because } = await provePossession(text, headers, { url, now: world.clock.now() });
  // Unsigned, the file says nothing of its home, and stands for what the verifier named himself.
  return { source: directoryKeys(directory, proven.length > 0 ? url : null), because: `${file}, of ${authority}: ${because}` };
}

async function fetchedKeys(world: Ports, address: string): Promise<RequestKeys> {
  const { pathname, origin, href } = new URL(address);
  const location = pathname === '/' ? directoryUrl(origin) : href;
  const { body, headers } = await fetchJson(world, location);
  const document = parseJson(body, location);
  const { directory, because } = isObject(document) && 'client_id' in document
    ? { directory: await cardKeys(world, body, location), because: 'a Signature Agent Card' }
    : { directory: parseDirectory(body, location), because: (await provePossession(body, headers, { url: location, now: world.clock.now() })).because };
  return { source: directoryKeys(directory, location), because: `${location}: ${because}` };
}

async function cardKeys(world: Ports, body: string, url: string): Promise<KeyDirectory> {
  const card = readAgentCard(body, url);
  return 'keys' in card ? card.keys : parseDirectory((await fetchJson(world, card.jwksUri)).body, card.jwksUri);
}

async function fetchJson({ http }: Ports, url: string): Promise<{ readonly body: string; readonly headers: Readonly<Record<string, string>> }> {
  const { status, headers, body } = await http.fetchPublic(url, LIMITS);
  if (status !== 200) throw new Fault('EVIDENCE_MISSING', `${url} answers ${status}: no directory is there`, { at: url, hint: 'ask whoever runs it where the key directory is' });
  const type = (headers['content-type'] ?? '').split(';')[0]?.trim().toLowerCase();
  const wellKnown = directoryUrl(url) === url;
  const fits = type === DIRECTORY_TYPE || (!wellKnown && (type === 'application/json' || type === 'application/jwk-set+json'));
  if (!fits) throw new Fault('EVIDENCE_MISSING', `${url} is served as ${JSON.stringify(type)}: no key directory`, { at: url, hint: `it has to be served as ${DIRECTORY_TYPE}` });
  return { body, headers };
}

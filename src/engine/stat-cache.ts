/** File digests remembered by size, time and mode: lets what only shows skip hashing what did not change. Losable, and never used by `verify`. */
import { isDigest } from '../domain/digest.js';
import type { Store, World } from '../domain/ports.js';
import type { Hasher } from './build.js';

export function cachedHasher(world: Pick<World, 'files'>, store: Pick<Store, 'cached'>): Hasher {
  return async (path) => {
    const info = await world.files.info(path);
    const stamp = info && `${info.size}:${info.modified}:${info.mode}`;
    const [known, digest] = ((await store.cached(`file:${path}`)) ?? '').split(' ');
    if (stamp !== undefined && known === stamp && isDigest(digest)) return digest;
    return world.files.digest(path);
  };
}

/** Always hashes the bytes, and leaves the digest for the next `status`. */
export function rememberingHasher(world: Pick<World, 'files'>, store: Pick<Store, 'cache'>): Hasher {
  return async (path) => {
    const info = await world.files.info(path);
    const digest = await world.files.digest(path);
    if (info) await store.cache(`file:${path}`, `${info.size}:${info.modified}:${info.mode} ${digest}`);
    return digest;
  };
}

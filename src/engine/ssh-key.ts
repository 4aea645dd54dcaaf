/** An SSH key that is to sign for an operator: the private half stays where it is, all that is kept is which file names it. */
import type { SshKey, World } from '../domain/ports.js';
import { refusePublished } from '../identity/key-formats.js';
import { readSshPublicKey } from '../identity/sshsig.js';

/** @param given .pub file, as it was typed @throws {Fault} INPUT_INVALID for another kind of file or key, KEY_UNFIT for a weak or published one, IO */
export async function readSshKey({ files, surroundings }: Pick<World, 'files' | 'surroundings'>, given: string): Promise<SshKey> {
  const file = given.startsWith('/') ? given : `${surroundings.cwd}/${given}`;
  const publicKey = readSshPublicKey(await files.readText(file), given);
  refusePublished(publicKey, given);
  return { file, publicKey };
}

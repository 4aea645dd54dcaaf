/** Signs with an Ed25519 key that OpenSSH keeps, in a file or in the user's agent: `ssh-keygen -Y sign`. */
import { dirname } from 'node:path';
import { Fault } from '../domain/fault.js';
import { asObject, parseJson } from '../domain/json.js';
import type { Processes, Signer, SshKey } from '../domain/ports.js';
import { didKeyOf } from '../identity/did-key.js';
import { readSshPublicKey, readSshSignature, SSH_NAMESPACE, sshPublicKeyLine, unarmourSsh, verifySshSignature } from '../identity/sshsig.js';
import { readSecret } from './secret-file.js';

export interface SshTools {
  readonly processes: Processes;
  /** Variables that ssh-keygen may see: the socket of the user's agent. */
  readonly env: Readonly<Record<string, string>>;
}

/** Time to touch a security key or to confirm in the agent. */
const PATIENCE = 60_000;

/** The reference as a file: which key, and where OpenSSH keeps it. No secret is in it, but whoever could change it could point at another key. */
export function sshReferenceText({ file, publicKey }: SshKey): string {
  return `${JSON.stringify({ v: 1, key: sshPublicKeyLine(publicKey), file })}\n`;
}

/** @throws {Fault} UPGRADE_NEEDED, INPUT_INVALID, KEY_UNFIT, STORE_UNFIT */
export async function readSshReference(path: string): Promise<SshKey | undefined> {
  const bytes = await readSecret(path);
  if (!bytes) return undefined;
  const { v, key, file } = asObject(parseJson(bytes.toString('utf8'), path), path);
  if (v !== 1) throw new Fault('UPGRADE_NEEDED', 'the key file was written by another version of agentctl', { at: path });
  if (typeof key !== 'string' || typeof file !== 'string') throw new Fault('INPUT_INVALID', 'the file does not name a key of OpenSSH', { at: path });
  return { file, publicKey: readSshPublicKey(key, path) };
}

/** A signer whose signatures are whole SSHSIG containers instead of 64 bytes: they count where a person signs, and nowhere else. */
export function sshSigner(tools: SshTools, { file, publicKey }: SshKey): Signer {
  return {
    did: didKeyOf(publicKey),
    publicKey,
    async sign(bytes) {
      const container = readAnswer(await askOpenSsh(tools, file, textOf(bytes)), file);
      // The file may name another key by now, and the agent is another program.
      if (await verifySshSignature(publicKey, bytes, container)) return container;
      throw new Fault('KEY_UNFIT', 'ssh-keygen signed with another key than the operator\'s', { at: file, hint: `ssh-keygen -l -f ${file}` });
    },
  };
}

/** Nothing that the user typed is at fault when the tool answers with something else. @throws {Fault} IO */
function readAnswer(text: string, file: string): Uint8Array {
  try {
    const container = unarmourSsh(text);
    readSshSignature(container);
    return container;
  } catch (cause) {
    if (!(cause instanceof Fault)) throw cause;
    throw new Fault('IO', 'ssh-keygen answered with something else than a signature', { at: file, hint: 'ssh -V', cause });
  }
}

/** The port hands over text, and everything that people sign is text. */
function textOf(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (cause) {
    throw new Fault('INTERNAL', 'an SSH key signs texts only', { cause });
  }
}

async function askOpenSsh({ processes, env }: SshTools, file: string, input: string): Promise<string> {
  const { exit, stdout, stderr, timedOut } = await processes.run(['ssh-keygen', '-Y', 'sign', '-f', file, '-n', SSH_NAMESPACE], { cwd: dirname(file), input, timeout: PATIENCE, env });
  if (exit === 0) return stdout;
  const because = timedOut ? 'it did not answer in time' : lastLine(stderr);
  throw new Fault('KEY_MISSING', `ssh-keygen does not sign: ${because}`, { at: file, hint: `add the key to your agent: ssh-add ${file.replace(/\.pub$/, '')}` });
}

function lastLine(text: string): string {
  return text.trim().split('\n').at(-1) || 'no reason given';
}

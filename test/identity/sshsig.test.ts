/** SSH signatures against the real ssh-keygen, both ways, from a file and from an agent; and what a forger tries. */
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { processes } from '../../src/adapters/processes.js';
import { sshSigner } from '../../src/adapters/ssh-signer.js';
import { digestBytes } from '../../src/domain/digest.js';
import type { Signer } from '../../src/domain/ports.js';
import { addSignature, openEnvelope, preAuthEncoding, signEnvelope } from '../../src/attestation/dsse.js';
import { openAct, signAct } from '../../src/attestation/human-act.js';
import { openStatement, signStatement } from '../../src/attestation/statement.js';
import { fromBase64 } from '../../src/identity/base-encoding.js';
import { armourSsh, isSshSignature, readSshPublicKey, readSshSignature, signedBlob, sshPublicKeyLine, unarmourSsh, verifySshSignature, writeSshSignature } from '../../src/identity/sshsig.js';
import { signerOf } from '../../src/identity/signer.js';
import { act, CANDIDATE } from '../attestation/certified.js';
import { testWith } from '../support/needs.js';

const path = process.env['PATH'] ?? '';
const answers = (tool: string, ...words: readonly string[]) => spawnSync(tool, words).error === undefined;
const withSsh = testWith('ssh-keygen', answers('ssh-keygen', '-?'));
const withAgent = testWith('ssh-agent', answers('ssh-keygen', '-?') && answers('ssh-agent', '-?') && answers('ssh-add', '-?'));

let folder = '';
const at = (name: string) => join(folder, name);
const text = 'DSSEv1 4 text 12 a sentence…';
const message = new TextEncoder().encode(text);
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'agentctl-ssh-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function keygen(name: string, ...words: readonly string[]): Uint8Array {
  execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', 'ann@example.com', '-f', at(name), ...words]);
  return readSshPublicKey(readFileSync(at(`${name}.pub`), 'utf8'), name);
}
const signed = (name: string, namespace = 'agentctl', ...words: readonly string[]) => unarmourSsh(execFileSync('ssh-keygen', ['-q', '-Y', 'sign', '-f', at(name), '-n', namespace, ...words], { input: text, encoding: 'utf8', stdio: ['pipe', 'pipe', 'ignore'] }));
const opener = (name: string, publicKey: Uint8Array, env: Record<string, string> = {}) => sshSigner({ processes: processes(path), env }, { file: at(name), publicKey });

describe('X6 signatures of OpenSSH', () => {
  withSsh('ours verify what ssh-keygen signs, with either hash', async () => {
    const publicKey = keygen('one');
    for (const hash of ['sha512', 'sha256']) {
      const container = signed('one', 'agentctl', '-O', `hashalg=${hash}`);
      expect(readSshSignature(container)).toMatchObject({ publicKey, namespace: 'agentctl', hash });
      expect(await verifySshSignature(publicKey, message, container)).toBe(true);
      expect(await verifySshSignature(publicKey, new TextEncoder().encode(`${text} `), container)).toBe(false);
      expect(writeSshSignature(readSshSignature(container))).toEqual(container);
    }
  });

  withSsh('ssh-keygen verifies what ours write', async () => {
    const ours = await signerOf(new Uint8Array(32).fill(42));
    const parts = { publicKey: ours.publicKey, namespace: 'agentctl', hash: 'sha512' };
    writeFileSync(at('ours.sig'), armourSsh(writeSshSignature({ ...parts, signature: await ours.sign(signedBlob(parts, message)) })));
    writeFileSync(at('allowed'), `ann@example.com ${sshPublicKeyLine(ours.publicKey)}\n`);
    const verify = (input: string) => spawnSync('ssh-keygen', ['-Y', 'verify', '-f', at('allowed'), '-I', 'ann@example.com', '-n', 'agentctl', '-s', at('ours.sig')], { input, encoding: 'utf8' });
    expect(verify(text)).toMatchObject({ status: 0, stdout: expect.stringContaining('Good "agentctl" signature') });
    expect(verify(`${text}!`).status).not.toBe(0);
  });

  withSsh('ssh-keygen verifies the sig of an act that was signed with a key file', async () => {
    const publicKey = keygen('operator');
    const signer = opener('operator.pub', publicKey);
    const envelope = await signAct(act({ operator: { id: 'ann', name: 'Ann Example', did: signer.did } }), CANDIDATE, signer);
    expect(await openAct(envelope)).toMatchObject({ subject: CANDIDATE, act: { operator: { did: signer.did } } });
    writeFileSync(at('act.sig'), armourSsh(fromBase64(envelope.signatures[0]?.sig ?? '')));
    writeFileSync(at('allowed'), `ann ${readFileSync(at('operator.pub'), 'utf8')}`);
    const pae = preAuthEncoding(envelope.payloadType, fromBase64(envelope.payload));
    expect(spawnSync('ssh-keygen', ['-Y', 'verify', '-f', at('allowed'), '-I', 'ann', '-n', 'agentctl', '-s', at('act.sig')], { input: pae }).status).toBe(0);
  });

  withAgent('a key that only the agent holds signs through it', async () => {
    const publicKey = keygen('held');
    const socket = at('agent.sock');
    const started = execFileSync('ssh-agent', ['-s', '-a', socket], { encoding: 'utf8' });
    const pid = Number(/SSH_AGENT_PID=(\d+)/.exec(started)?.[1]);
    try {
      execFileSync('ssh-add', ['-q', at('held')], { env: { PATH: path, SSH_AUTH_SOCK: socket } });
      rmSync(at('held'));
      expect(await verifySshSignature(publicKey, message, await opener('held.pub', publicKey, { SSH_AUTH_SOCK: socket }).sign(message))).toBe(true);
      await expect(opener('held.pub', publicKey).sign(message)).rejects.toMatchObject({ code: 'KEY_MISSING', hint: expect.stringContaining('ssh-add') });
    } finally {
      process.kill(pid);
    }
  });

  withSsh('twin: a .pub file that was swapped for another key signs nothing', async () => {
    const publicKey = keygen('mine');
    keygen('other');
    await expect(opener('other.pub', publicKey).sign(message)).rejects.toMatchObject({ code: 'KEY_UNFIT' });
  });

  withSsh('keys of other kinds are refused where they enter', () => {
    execFileSync('ssh-keygen', ['-q', '-t', 'ecdsa', '-N', '', '-f', at('ecdsa')]);
    expect(() => readSshPublicKey(readFileSync(at('ecdsa.pub'), 'utf8'), 'ecdsa.pub')).toThrow(expect.objectContaining({ code: 'INPUT_INVALID', exit: 2, hint: 'ssh-keygen -t ed25519' }));
    expect(() => readSshSignature(signed('ecdsa'))).toThrow(expect.objectContaining({ code: 'KEY_UNFIT' }));
  });

  test.each([['garbage', 'no signature'], ['armour around garbage', armourSsh(new Uint8Array(80))], ['nothing', '']])('a tool that answers with %s has failed: nothing that was typed did', async (_what, stdout) => {
    const broken = { processes: { run: () => Promise.resolve({ exit: 0, stdout, stderr: '', timedOut: false }) }, env: {} };
    await expect(sshSigner(broken, { file: at('ann.pub'), publicKey: ann.publicKey }).sign(message)).rejects.toMatchObject({ code: 'IO', exit: 6, at: at('ann.pub') });
  });
});

const ann = await signerOf(new Uint8Array(32).fill(42));
const other = await signerOf(new Uint8Array(32).fill(43));
const container = async (signer: Signer, bytes: Uint8Array, { namespace = 'agentctl', hash = 'sha512', carried = signer.publicKey } = {}) =>
  writeSshSignature({ publicKey: carried, namespace, hash, signature: await signer.sign(signedBlob({ namespace, hash }, bytes)) });
const genuine = await container(ann, message);

describe('X6 what an SSH signature may stand for', () => {
  /** Signs as OpenSSH would. */
  const ssh = (signer: Signer, how: Parameters<typeof container>[2] = {}): Signer => ({ ...signer, sign: (bytes) => container(signer, bytes, how) });
  const people = { id: 'ann', name: 'Ann Example', did: ann.did };

  test('a human act, and nothing else', async () => {
    const signedAct = await signAct(act({ operator: people }), CANDIDATE, ssh(ann));
    expect(await openAct(signedAct)).toMatchObject({ subject: CANDIDATE });
    const statement = { subject: [{ name: 'x', digest: digestBytes('x') }], predicateType: 'https://agentctl.dev/attestations/agent-certification/v1', predicate: {} };
    await expect(openStatement(await signStatement(statement, ssh(ann)), ann.did, statement.predicateType)).rejects.toMatchObject({ code: 'SIGNATURE_INVALID', message: expect.stringContaining('SSH key') });
    const pact = await signEnvelope('application/vnd.agentctl.pact+json', message, ssh(ann));
    await expect(openEnvelope(pact, [{ keyid: ann.did, publicKey: ann.publicKey }])).rejects.toMatchObject({ code: 'SIGNATURE_INVALID' });
    expect((await openEnvelope(pact, [{ keyid: ann.did, publicKey: ann.publicKey }], { ssh: true })).key.keyid).toBe(ann.did);
  });

  test.each<[string, (bytes: Uint8Array) => Promise<Uint8Array>]>([
    ['made for another purpose', (bytes) => container(ann, bytes, { namespace: 'git' })],
    ['of another key that carries itself', (bytes) => container(other, bytes)],
    ['of another key that carries the expected one', (bytes) => container(other, bytes, { carried: ann.publicKey })],
    ['that is a raw one in a container', async (bytes) => writeSshSignature({ publicKey: ann.publicKey, namespace: 'agentctl', hash: 'sha512', signature: await ann.sign(bytes) })],
    ['whose hash was renamed', async (bytes) => writeSshSignature({ ...readSshSignature(await container(ann, bytes)), hash: 'sha256' })],
    ['over something else', () => container(ann, message)],
  ])('not one %s', async (_what, sign) => {
    const envelope = await signAct(act({ operator: people }), CANDIDATE, { ...ann, sign });
    await expect(openAct(envelope)).rejects.toMatchObject({ code: 'SIGNATURE_INVALID' });
  });

  test('beside a raw signature of the same key it adds nothing', async () => {
    const both = await addSignature(await signAct(act({ operator: people }), CANDIDATE, ann), ssh(ann));
    await expect(openAct(both)).rejects.toMatchObject({ code: 'SIGNATURE_INVALID' });
  });

  const edit = (index: number, value: number) => Uint8Array.from(genuine, (byte, place) => (place === index ? value : byte));
  test.each<[string, Uint8Array]>([
    ['cut short', genuine.subarray(0, -1)],
    ['with something behind', Uint8Array.from([...genuine, 0])],
    ['of a version to come', edit(9, 2)],
    ['with a length beyond its end', edit(10, 0xff)],
    ['with another kind of key', edit(18, 'x'.charCodeAt(0))],
    ['of another hash', writeSshSignature({ publicKey: ann.publicKey, namespace: 'agentctl', hash: 'md5', signature: new Uint8Array(64) })],
    ['with a short signature', writeSshSignature({ publicKey: ann.publicKey, namespace: 'agentctl', hash: 'sha512', signature: new Uint8Array(63) })],
    ['with a control character in its purpose', writeSshSignature({ publicKey: ann.publicKey, namespace: 'agent\nctl', hash: 'sha512', signature: new Uint8Array(64) })],
    ['of a key of small order', writeSshSignature({ publicKey: Uint8Array.from([1, ...new Uint8Array(31)]), namespace: 'agentctl', hash: 'sha512', signature: new Uint8Array(64) })],
    ['without its magic', genuine.subarray(6)],
  ])('a container %s is none', (_what, bytes) => {
    expect(() => readSshSignature(bytes)).toThrow(expect.objectContaining({ name: 'Fault' }));
  });

  test('a raw signature is never taken for a container', () => {
    expect(isSshSignature(genuine)).toBe(true);
    expect(isSshSignature(Uint8Array.from([...new TextEncoder().encode('SSHSIG'), ...new Uint8Array(58)]))).toBe(false);
  });

  test.each([
    ['two lines', `${sshPublicKeyLine(ann.publicKey)}\n${sshPublicKeyLine(other.publicKey)}`, 'INPUT_INVALID'],
    ['nothing', '', 'INPUT_INVALID'],
    ['a private key', '-----BEGIN OPENSSH PRIVATE KEY-----\nAAAA\n-----END OPENSSH PRIVATE KEY-----', 'INPUT_INVALID'],
    ['a key of small order', sshPublicKeyLine(Uint8Array.from([1, ...new Uint8Array(31)])), 'KEY_UNFIT'],
    ['a key in a second spelling', sshPublicKeyLine(Uint8Array.from([0xee, ...new Uint8Array(30).fill(0xff), 0x7f])), 'KEY_UNFIT'],
    ['another kind in the blob', 'ssh-ed25519 AAAAB3NzaC1yc2EAAAADAQABAAAAAQA=', 'KEY_UNFIT'],
    ['no base64', 'ssh-ed25519 ???', 'INPUT_INVALID'],
  ])('a .pub file with %s is refused', (_what, line, code) => {
    expect(() => readSshPublicKey(line, 'x.pub')).toThrow(expect.objectContaining({ code }));
  });
});

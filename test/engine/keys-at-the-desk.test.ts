/** Keys as they are typed: taken out, taken in, kept by OpenSSH, opened by a passphrase from standard input; each in a real process. */
import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, existsSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createPrivateKey, createPublicKey, generateKeyPairSync } from 'node:crypto';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { importJWK, exportJWK } from 'jose';
import { openEnvelope, preAuthEncoding, readEnvelope, type Envelope } from '../../src/attestation/dsse.js';
import { addOperator } from '../../src/engine/operator.js';
import { fromBase64 } from '../../src/identity/base-encoding.js';
import { didKeyOf, keyOfDid } from '../../src/identity/did-key.js';
import { armourSsh, readSshPublicKey } from '../../src/identity/sshsig.js';
import { clearDesks, type Desk } from '../support/cli.js';
import { testWith } from '../support/needs.js';
import { desk } from '../support/stages.js';
import { removeTinies, tiny, type Tiny } from '../support/tiny.js';

let bare: Desk;
/** The same agent in this process, for what is refused before anything is done. */
let quick: Tiny;
beforeAll(async () => {
  [bare, quick] = await Promise.all([desk('bare'), tiny()]);
}, 120_000);
afterAll(() => {
  clearDesks();
  removeTinies();
});

const withSsh = testWith('ssh-keygen', spawnSync('ssh-keygen', ['-?']).error === undefined);
const withOpenssl = testWith('openssl', spawnSync('openssl', ['version']).error === undefined);
const keyFolder = (at: Desk) => join(at.home, '.config/agentctl/keys');
const didOf = (at: Desk, id: string) => new RegExp(`id: ${id}\\b[^}]*?did: "?(did:key:\\w+)`).exec(at.read('agent.yaml'))?.[1] ?? '';
const secret = (at: Desk, name: string, text: string) => {
  writeFileSync(at.path(name), text, { mode: 0o600 });
  return at.path(name);
};
/** Public key as raw bytes, by node. */
const raw = (pem: string) => Uint8Array.from(Buffer.from(createPublicKey(pem).export({ format: 'jwk' })['x'] ?? '', 'base64url'));

describe('X6 identity export', () => {
  test('the public half goes to standard output, in PEM that node reads and a JWK that jose reads', async () => {
    const pem = await bare.expect(0, 'identity', 'export', '--role', 'operator', '--name', 'erin', '--key-format', 'pem');
    expect(didKeyOf(raw(pem.stdout))).toBe(didOf(bare, 'erin'));
    const jwk = JSON.parse((await bare.expect(0, 'identity', 'export', '--role', 'operator', '--name', 'erin', '--key-format', 'jwk')).stdout) as { x: string };
    expect(jwk).toEqual({ kty: 'OKP', crv: 'Ed25519', x: Buffer.from(keyOfDid(didOf(bare, 'erin'))).toString('base64url') });
    const key = await importJWK(jwk, 'EdDSA');
    if (key instanceof Uint8Array) throw new Error('jose reads a secret');
    expect((await exportJWK(key)).x).toBe(jwk.x);
  });

  test('the private half goes only into a file of its owner, encrypted unless plain was asked for', async () => {
    const at = bare.copy();
    const passphrase = secret(at, 'way.txt', 'for the way\n');
    await at.expect(0, 'identity', 'export', '--role', 'operator', '--name', 'erin', '--key-format', 'pem', '--private', '--out', 'erin.pem', '--key-passphrase-file', passphrase);
    expect(statSync(at.path('erin.pem')).mode & 0o777).toBe(0o600);
    expect(at.read('erin.pem')).toMatch(/^-----BEGIN ENCRYPTED PRIVATE KEY-----/);
    expect(didKeyOf(raw(createPublicKey(createPrivateKey({ key: at.read('erin.pem'), passphrase: 'for the way' })).export({ format: 'pem', type: 'spki' }).toString()))).toBe(didOf(at, 'erin'));
    await at.expect(0, 'identity', 'export', '--role', 'operator', '--name', 'erin', '--key-format', 'jwk', '--private', '--plain', '--out', 'erin.jwk');
    const { d, x } = JSON.parse(at.read('erin.jwk')) as { d: string; x: string };
    expect(createPrivateKey({ key: { kty: 'OKP', crv: 'Ed25519', d, x }, format: 'jwk' }).asymmetricKeyType).toBe('ed25519');
    for (const { stdout, stderr } of [await at.run(['audit', 'log']), await at.run(['identity', 'show'])]) expect(stdout + stderr).not.toContain(d);
  });

  test.each<[string, Record<string, string | boolean>, number, string]>([
    ['a private half on standard output', { keyFormat: 'pem', private: true }, 2, 'never printed'],
    ['an encrypted JWK', { keyFormat: 'jwk', private: true, out: 'x' }, 2, 'cannot be encrypted'],
    ['a file that is there', { keyFormat: 'pem', private: true, plain: true, out: 'agent.yaml' }, 1, 'exists already'],
    ['a passphrase that others can read', { keyFormat: 'pem', private: true, out: 'x', keyPassphraseFile: 'agent.yaml' }, 6, 'read by other users'],
    ['another format', { keyFormat: 'der' }, 2, 'no format'],
    ['a key without a passphrase and a terminal', { keyFormat: 'pem', private: true, out: 'x' }, 2, 'no terminal'],
    ['a readable public half', { keyFormat: 'pem', plain: true }, 2, 'private half'],
  ])('refused: %s', async (_what, options, exit, message) => {
    const placed = Object.fromEntries(Object.entries(options).map(([name, value]) => [name, name === 'out' || name === 'keyPassphraseFile' ? quick.path(String(value)) : value]));
    expect(await quick.fault('identity', 'export', { role: 'operator', name: 'erin', ...placed })).toMatchObject({ exit, message: expect.stringContaining(message) });
    expect(existsSync(quick.path('x'))).toBe(false);
  });
});

describe('X6 identity import', () => {
  const { privateKey } = generateKeyPairSync('ed25519');
  const jwk = privateKey.export({ format: 'jwk' });
  const pem = privateKey.export({ format: 'pem', type: 'pkcs8' }).toString();

  test.each<[string, string, boolean]>([
    ['PKCS#8 in PEM', pem, false],
    ['encrypted PKCS#8', privateKey.export({ format: 'pem', type: 'pkcs8', cipher: 'aes-256-cbc', passphrase: 'theirs' }).toString(), true],
    ['a JWK', JSON.stringify(jwk), false],
  ])('takes over %s; the operator signs with it', async (_what, text, encrypted) => {
    const one = quick.copy();
    writeFileSync(one.path('theirs.txt'), 'theirs', { mode: 0o600 });
    writeFileSync(one.path('key'), text);
    expect((await one.run('identity', 'import', { role: 'operator', name: 'nora', from: one.path('key'), ...(encrypted ? { keyPassphraseFile: one.path('theirs.txt') } : {}) })).exit).toBe(0);
    expect(readFileSync(one.path('.config/keys/operator-nora.json'), 'utf8')).not.toContain(String(jwk.d));
    const did = didKeyOf(Uint8Array.from(Buffer.from(String(jwk.x), 'base64url')));
    expect(await addOperator(one.world, { yes: true }, { id: 'nora', roles: ['product'] })).toMatchObject({ data: { data: { did, made: false } } });
    expect((await one.run('pact', 'sign', { as: 'nora' })).exit).toBe(0);
  });

  withOpenssl('takes over what openssl makes', async () => {
    const one = quick.copy();
    execFileSync('openssl', ['genpkey', '-algorithm', 'ed25519', '-out', one.path('openssl.pem')], { stdio: 'ignore' });
    expect((await one.run('identity', 'import', { role: 'operator', name: 'nora', from: one.path('openssl.pem') })).exit).toBe(0);
  });

  test('a key that was lost comes back from its copy, and only that one', async () => {
    const at = bare.copy();
    await at.expect(0, 'identity', 'export', '--role', 'operator', '--name', 'erin', '--key-format', 'pem', '--private', '--plain', '--out', 'erin.pem');
    expect(await at.run(['identity', 'import', '--role', 'operator', '--name', 'erin', '--from', 'erin.pem'])).toMatchObject({ exit: 1, stderr: expect.stringContaining('already') });
    renameSync(join(keyFolder(at), 'operator-erin.json'), at.path('away'));
    secret(at, 'key', pem);
    expect(await at.run(['identity', 'import', '--role', 'operator', '--name', 'erin', '--from', 'key'])).toMatchObject({ exit: 4, stderr: expect.stringMatching(/not\s+the operator key/) });
    await at.expect(0, 'identity', 'import', '--role', 'operator', '--name', 'erin', '--from', 'erin.pem');
    await at.expect(0, 'pact', 'sign', '--as', 'erin', '--yes');
  });

  const rsa = generateKeyPairSync('rsa', { modulusLength: 1024 }).privateKey.export({ format: 'pem', type: 'pkcs8' }).toString();
  const { x: otherX } = generateKeyPairSync('ed25519').publicKey.export({ format: 'jwk' });
  const published = (seed: string) => createPrivateKey({ key: Buffer.concat([Buffer.from('302e020100300506032b657004220420', 'hex'), Buffer.from(seed, 'hex')]), format: 'der', type: 'pkcs8' }).export({ format: 'pem', type: 'pkcs8' }).toString();
  test.each<[string, string, number, string]>([
    ['two halves that do not belong together', JSON.stringify({ ...jwk, x: otherX }), 4, 'does not belong'],
    ['a public JWK', JSON.stringify({ ...jwk, d: undefined }), 2, 'no private half'],
    ['a JWK without its public half', JSON.stringify({ ...jwk, x: undefined }), 2, 'no public half'],
    ['a JWK for another curve', JSON.stringify({ ...jwk, crv: 'X25519' }), 2, 'no Ed25519 key'],
    ['a JWK for encryption', JSON.stringify({ ...jwk, use: 'enc' }), 2, 'not meant for signing'],
    ['a member twice', JSON.stringify(jwk).replace('{', '{"kty":"OKP",'), 2, 'kty'],
    ['a seed that is too short', JSON.stringify({ ...jwk, d: 'AAAA' }), 2, 'bytes instead of 32'],
    ['RSA', rsa, 2, 'no Ed25519 key'],
    ['a key of an elliptic curve', generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({ format: 'pem', type: 'pkcs8' }).toString(), 2, 'no Ed25519 key'],
    ['a private key of OpenSSH', '-----BEGIN OPENSSH PRIVATE KEY-----\nAAAA\n-----END OPENSSH PRIVATE KEY-----\n', 2, 'no private key in PKCS#8'],
    ['a public PEM', createPublicKey(privateKey).export({ format: 'pem', type: 'spki' }).toString(), 2, 'no private key'],
    ['a PEM with something behind', `${pem}junk`, 2, 'no end'],
    ['the key of RFC 8032, test 1', published('9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60'), 4, 'printed in a specification'],
    ['the key of RFC 8032, test 2', published('4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb'), 4, 'printed in a specification'],
    ['the key of RFC 9421', published(Buffer.from('n4Ni-HpISpVObnQMW0wOhCKROaIKqKtW_2ZYb2p9KcU', 'base64url').toString('hex')), 4, 'printed in a specification'],
    ['garbage', 'garbage', 2, 'JSON'],
  ])('refused: %s', async (_what, text, exit, message) => {
    writeFileSync(quick.path('bad'), text);
    expect(await quick.fault('identity', 'import', { role: 'operator', name: 'nora', from: quick.path('bad') })).toMatchObject({ exit, message: expect.stringContaining(message) });
    expect(readdirSync(quick.path('.config/keys')).filter((name) => name.includes('nora'))).toEqual([]);
  });
});

describe('X6 operators who sign with an SSH key', () => {
  withSsh('the pact bears a signature that ssh-keygen verifies, and no private key was copied', async () => {
    const at = bare.copy();
    execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', join(at.home, 'id_ed25519')]);
    await at.expect(0, 'operator', 'add', 'sam', '--role', 'product', '--ssh-key', join(at.home, 'id_ed25519.pub'));
    const publicKey = readSshPublicKey(readFileSync(join(at.home, 'id_ed25519.pub'), 'utf8'), 'x');
    expect(didOf(at, 'sam')).toBe(didKeyOf(publicKey));
    expect(readdirSync(keyFolder(at)).filter((name) => name.includes('sam'))).toEqual(['operator-sam.ssh']);
    expect((await at.json('operator', 'list')).report).toMatchObject({ data: { operators: expect.arrayContaining([expect.objectContaining({ id: 'sam', keyHere: true })]) } });
    await at.expect(0, 'pact', 'sign', '--as', 'sam', '--yes');
    const envelope: Envelope = readEnvelope(at.read('artifacts/pact.dsse.json'));
    expect((await openEnvelope(envelope, [{ keyid: '', publicKey }], { ssh: true })).payloadType).toBe('application/vnd.agentctl.pact+json');
    writeFileSync(at.path('pact.sig'), armourSsh(fromBase64(envelope.signatures[0]?.sig ?? '')));
    writeFileSync(at.path('allowed'), `sam ${readFileSync(join(at.home, 'id_ed25519.pub'), 'utf8')}`);
    expect(spawnSync('ssh-keygen', ['-Y', 'verify', '-f', at.path('allowed'), '-I', 'sam', '-n', 'agentctl', '-s', at.path('pact.sig')], { input: preAuthEncoding(envelope.payloadType, fromBase64(envelope.payload)) }).status).toBe(0);
    expect((await at.json('pact')).report).toMatchObject({ step: { findings: expect.arrayContaining([expect.objectContaining({ is: 'yes', proof: 'attested' })]) } });
    // OpenSSH hands its key to nobody.
    expect((await at.run(['identity', 'export', '--role', 'operator', '--name', 'sam', '--key-format', 'pem', '--private', '--plain', '--out', 'x'])).exit).toBe(1);
    await at.expect(0, 'identity', 'withdraw', '--role', 'operator', '--name', 'sam', '--cause', 'ceased', '--yes');
    rmSync(join(at.home, 'id_ed25519'));
    expect((await at.run(['pact', 'sign', '--as', 'sam', '--yes'])).exit).toBe(1);
  }, 60_000);

  withSsh('a key that went away is missed by name; a key of another kind never becomes an operator\'s', async () => {
    const at = bare.copy();
    execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', join(at.home, 'gone')]);
    execFileSync('ssh-keygen', ['-q', '-t', 'ecdsa', '-N', '', '-f', join(at.home, 'ecdsa')]);
    await at.expect(0, 'operator', 'add', 'sam', '--role', 'product', '--ssh-key', join(at.home, 'gone.pub'));
    rmSync(join(at.home, 'gone'));
    expect(await at.run(['pact', 'sign', '--as', 'sam', '--yes'])).toMatchObject({ exit: 6, stderr: expect.stringContaining('ssh-add') });
    expect((await at.run(['operator', 'add', 'eve', '--role', 'product', '--ssh-key', join(at.home, 'ecdsa.pub')])).exit).toBe(2);
    expect(didOf(at, 'eve')).toBe('');
  });
});

describe('8.2 a container: the store is there, the configuration folder holds no wrapping key', () => {
  const kdf = (at: Desk) => readdirSync(at.path('.agentctl/keys')).filter((name) => name.endsWith('.json')).map((name) => (JSON.parse(at.read('.agentctl/keys', name)) as { kdf: { name: string } }).kdf.name);

  test('the passphrase file alone wraps and opens the service keys; what was wrapped at a desk comes along by rewrap', async () => {
    const at = bare.copy();
    rmSync(join(at.home, '.config/agentctl/wrapping'), { recursive: true });
    await at.expect(0, 'identity', 'register');
    expect(kdf(at)).toEqual(['scrypt', 'scrypt']);
    const container = { AGENTCTL_CONFIG_DIR: join(at.home, 'nothing') };
    expect(await at.run(['identity', 'verify'], { env: container })).toMatchObject({ exit: 0 });
    const other = secret(at, 'other.txt', 'another\n');
    expect(await at.run(['identity', 'verify'], { env: { ...container, AGENTCTL_PASSPHRASE_FILE: other } })).toMatchObject({ exit: 6, stderr: expect.stringMatching(/does not open\s+the log key[\s\S]*AGENTCTL_PASSPHRASE_FILE/) });
    await at.expect(0, 'identity', 'rewrap', '--by', 'folder');
    expect(kdf(at)).toEqual(['wrapping-key', 'wrapping-key']);
    expect(await at.run(['identity', 'verify'], { env: container })).toMatchObject({ exit: 6, stderr: expect.stringContaining('identity rewrap') });
    await at.expect(0, 'identity', 'rewrap', '--by', 'passphrase');
    expect(kdf(at)).toEqual(['scrypt', 'scrypt']);
  }, 120_000);
});

describe('X6 the passphrase from standard input', () => {
  const sign = ['pact', 'sign', '--as', 'erin', '--yes', '--passphrase-stdin'];
  const none = { AGENTCTL_PASSPHRASE_FILE: '' };

  test('opens the keys, and comes before the file', async () => {
    const at = bare.copy();
    const passphrase = readFileSync(join(at.home, '.passphrase'), 'utf8');
    expect(await at.run(sign, { env: none, input: passphrase.replace(/\n$/, '\r\n') })).toMatchObject({ exit: 0 });
    // The hint is about where the passphrase came from.
    expect(await at.run(sign, { input: 'wrong\n' })).toMatchObject({ exit: 6, stderr: expect.stringMatching(/does not open(?![\s\S]*AGENTCTL_PASSPHRASE_FILE)[\s\S]*--passphrase-stdin/) });
  });

  test.each([
    ['nothing', '', 'holds no passphrase'],
    ['an empty line', '\n', 'holds no passphrase'],
    ['more than a line', 'one\ntwo\n', 'more than a passphrase'],
    ['a file by mistake', 'x'.repeat(5000), 'more than a passphrase'],
  ])('refused: %s', async (_what, input, message) => {
    expect(await bare.copy().run(sign, { env: none, input })).toMatchObject({ exit: 6, stderr: expect.stringContaining(message) });
  });

  test('cannot share standard input with an API key', async () => {
    expect(await bare.run(['identity', 'key', 'check', '--permission', 'note:read', '--passphrase-stdin'], { input: 'x' })).toMatchObject({ exit: 2, stderr: expect.stringContaining('both') });
  });

  test('without it, a file and a terminal the way on is named', async () => {
    const at = bare.copy();
    expect(await at.run(sign.slice(0, -1), { env: none })).toMatchObject({ exit: 6, stderr: expect.stringContaining('--passphrase-stdin') });
    chmodSync(join(at.home, '.passphrase'), 0o644);
    expect(await at.run(sign.slice(0, -1))).toMatchObject({ exit: 6, stderr: expect.stringContaining('other users') });
  });
});

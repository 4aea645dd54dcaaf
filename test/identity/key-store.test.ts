/** Keys at rest, on real files. */
import { chmod, mkdir, mkdtemp, readdir, readFile, rename, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { randomBytes } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { keyStore } from '../../src/adapters/key-store.js';
import { verifySignature } from '../../src/identity/ed25519-verify.js';
import { LEAST_SCRYPT, readKeyFile, SCRYPT } from '../../src/identity/key-file.js';
import { signerOf } from '../../src/identity/signer.js';
import type { KeyName, SshKey } from '../../src/domain/ports.js';

const random = { bytes: (count: number) => Uint8Array.from(randomBytes(count)) };
const source = (text: () => string) => ({ ask: () => Promise.resolve(text()), ifWrong: 'think again' });
const NEVER = { ask: () => Promise.reject(new Error('asked')), ifWrong: '' };
const AGENT: KeyName = { role: 'agent', name: '7f1d0c1e-0000-4000-8000-000000000001' };
const MEMBERS = ['v', 'kid', 'role', 'name', 'alg', 'publicKeyMultibase', 'kdf', 'cipher', 'ciphertext'];
const LOG: KeyName = { role: 'log', name: AGENT.name };
const ANN: KeyName = { role: 'operator', name: 'ann' };
const ORG: KeyName = { role: 'organisation', name: 'example' };
let root = '';
let config = '';
let store = '';
const open = (passphrase = 'correct horse') => keyStore({ configFolder: config, passphrase: source(() => passphrase), random, cost: LEAST_SCRYPT })(store);
const fileOf = ({ role, name }: KeyName) => join(role === 'agent' || role === 'log' ? store : config, 'keys', `${role}-${name}.json`);

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'agentctl-keys-'));
  config = join(root, 'home', 'config');
  store = join(root, 'project', '.agentctl');
  const keys = open();
  for (const name of [ORG, ANN, AGENT, LOG]) await keys.create(name);
});
afterAll(() => rm(root, { recursive: true, force: true }));

describe('keys', () => {
  test('come back from disk and sign', async () => {
    const keys = open();
    for (const name of [ORG, ANN, AGENT, LOG]) {
      const signer = await keys.open(name);
      const bytes = new TextEncoder().encode('hello');
      expect(await verifySignature(signer.publicKey, bytes, await signer.sign(bytes))).toBe(true);
      expect((await keys.openByDid(name.role, signer.did)).did).toBe(signer.did);
      expect(await keys.list(name.role)).toEqual([{ name: name.name, did: signer.did, former: [] }]);
      expect(await keys.has(name)).toBe(true);
    }
  });

  test('lie in files of their own, closed to others, and no secret is readable in them', async () => {
    for (const name of [ORG, ANN, AGENT, LOG]) {
      const info = await stat(fileOf(name));
      expect(info.mode & 0o777).toBe(0o600);
      expect((await stat(join(fileOf(name), '..'))).mode & 0o777).toBe(0o700);
      expect(Object.keys(JSON.parse(await readFile(fileOf(name), 'utf8')))).toEqual(MEMBERS);
    }
    const wrapping = await readdir(join(config, 'wrapping'));
    expect(wrapping).toHaveLength(2);
    for (const name of wrapping) expect((await stat(join(config, 'wrapping', name))).mode & 0o777).toBe(0o600);
    expect((await readdir(join(store, 'keys'))).filter((name) => name.endsWith('.tmp'))).toEqual([]);
  });

  test('an existing key is never replaced', async () => {
    const before = await readFile(fileOf(ANN), 'utf8');
    await expect(open().create(ANN)).rejects.toMatchObject({ code: 'REFUSED' });
    expect(await readFile(fileOf(ANN), 'utf8')).toBe(before);
    const twin: KeyName = { role: 'agent', name: 'twin' };
    const results = await Promise.allSettled([open().create(twin), open().create(twin), open().create(twin)]);
    expect(results.filter((result) => result.status === 'fulfilled')).toHaveLength(1);
    await open().open(twin);
    await rm(fileOf(twin));
  });

  test('a wrong passphrase opens nothing, an empty one is refused, the right one is asked for once', async () => {
    await expect(open('wrong').open(ANN)).rejects.toMatchObject({ code: 'PASSPHRASE', exit: 6 });
    await expect(open('').open(ANN)).rejects.toMatchObject({ code: 'PASSPHRASE' });
    let asked = 0;
    const keys = keyStore({ configFolder: config, random, passphrase: source(() => `${'correct horse'}${(asked += 1) > 1 ? '!' : ''}`) })(store);
    await Promise.all([keys.open(ANN), keys.open(ORG), keys.open(ANN)]);
    expect(asked).toBe(1);
  });

  test('a key of a person costs a thief the whole scrypt, unless a test says otherwise', async () => {
    const dear = keyStore({ configFolder: join(root, 'dear'), passphrase: source(() => 'correct horse'), random })(store);
    const { did } = await dear.create(ANN);
    const file = join(root, 'dear/keys/operator-ann.json');
    expect(readKeyFile(await readFile(file, 'utf8'), file).lock).toEqual({ name: 'scrypt', ...SCRYPT, salt: expect.any(Uint8Array) });
    const cheap = keyStore({ configFolder: join(root, 'dear'), passphrase: source(() => 'correct horse'), random, cost: LEAST_SCRYPT })(store);
    expect((await cheap.open(ANN)).did).toBe(did);
  });

  test('service keys need no passphrase', async () => {
    const keys = keyStore({ configFolder: config, random, passphrase: NEVER })(store);
    await keys.open(LOG);
  });

  test('a missing key names the command that makes it', async () => {
    await expect(open().open({ role: 'operator', name: 'bob' })).rejects.toMatchObject({ code: 'KEY_MISSING', hint: expect.stringContaining('agentctl operator add bob') });
    await expect(open().openByDid('operator', 'did:key:z6MktwupdmLXVVqTzCw4i46r4uGyosGXRnR3XjN4Zq7oMMsw')).rejects.toMatchObject({ code: 'KEY_MISSING' });
    await expect(open().open({ role: 'operator', name: '../ann' })).rejects.toMatchObject({ code: 'USAGE' });
    const wrapping = join(config, 'wrapping');
    await rename(wrapping, `${wrapping}-away`);
    await expect(open().open(LOG)).rejects.toMatchObject({ code: 'KEY_MISSING', message: expect.stringContaining('wrapping key') });
    await rename(`${wrapping}-away`, wrapping);
  });
});

describe('1.1 service keys without a key in the configuration folder', () => {
  let [home, away] = ['', ''];
  /** As a container has it: the passphrase comes from a file, and is asked for by nobody. */
  const at = (configFolder: string, file: string | undefined, count = { asked: 0 }) => keyStore({
    configFolder, random, cost: LEAST_SCRYPT, passphrase: NEVER,
    servicePassphrase: file === undefined ? undefined : { ask: () => Promise.resolve((count.asked += 1) > 0 ? file : ''), ifWrong: 'check the file' },
  })(join(away, '.agentctl'));
  const lockOf = async ({ role, name }: KeyName) => readKeyFile(await readFile(join(away, '.agentctl/keys', `${role}-${name}.json`), 'utf8'), 'x').lock;
  const wrapping = () => readdir(join(home, 'wrapping')).catch(() => []);
  beforeEach(async () => {
    away = await mkdtemp(join(root, 'away-'));
    home = join(away, 'config');
  });

  test('they are wrapped by what the passphrase gives, derived once for all of them, and opened by it again', async () => {
    const made = await at(home, 'on file').create(LOG);
    await at(home, 'on file').create(AGENT);
    expect([(await lockOf(LOG)), await wrapping()]).toEqual([{ name: 'scrypt', ...LEAST_SCRYPT, salt: expect.any(Uint8Array) }, []]);
    const count = { asked: 0 };
    const keys = at(join(away, 'another folder'), 'on file', count);
    for (let time = 0; time < 20; time += 1) expect((await keys.open(LOG)).did).toBe(made.did);
    expect(count.asked).toBe(1);
    await keys.create({ role: 'agent', name: 'second' });
    expect(await lockOf({ role: 'agent', name: 'second' })).toEqual(await lockOf(LOG));
  });

  test('another passphrase is the one fault, whose hint names the file; a desk without that file may give it another way', async () => {
    await at(home, 'on file').create(LOG);
    await expect(at(home, 'off file').open(LOG)).rejects.toMatchObject({ code: 'PASSPHRASE', exit: 6, message: expect.stringContaining('does not open the log key'), hint: 'check the file' });
    const keys = at(home, 'off file');
    await expect(keys.open(LOG)).rejects.toMatchObject({ code: 'PASSPHRASE' });
    await expect(keys.open(LOG)).rejects.toMatchObject({ code: 'PASSPHRASE' });
    await expect(keyStore({ configFolder: home, random, passphrase: source(() => 'on file') })(join(away, '.agentctl')).open(LOG)).resolves.toBeDefined();
  });

  test('where the configuration folder holds a wrapping key, new ones join it; people\'s keys never use the file of services', async () => {
    await at(home, undefined).create(LOG);
    await at(home, 'on file').create(AGENT);
    expect([(await lockOf(LOG)).name, (await lockOf(AGENT)).name]).toEqual(['wrapping-key', 'wrapping-key']);
    await expect(at(home, 'on file').create(ANN)).rejects.toThrow('asked');
  });

  test('rewrap takes them from the one to the other and back: same keys, former ones as well, nothing left behind', async () => {
    const log = await at(home, undefined).create(LOG);
    const first = await at(home, undefined).create(AGENT);
    const agent = await at(home, undefined).replace(AGENT);
    expect(await at(home, 'on file').rewrap('folder')).toEqual([]);
    expect(await at(home, 'on file').rewrap('passphrase')).toEqual([AGENT, AGENT, LOG]);
    expect(await wrapping()).toEqual([]);
    const elsewhere = at(join(away, 'another folder'), 'on file');
    expect([(await elsewhere.open(LOG)).did, (await elsewhere.open(AGENT)).did, (await elsewhere.openFormer('agent', first.did)).did]).toEqual([log.did, agent.did, first.did]);
    await at(home, 'on file').rewrap('folder');
    expect(await wrapping()).toHaveLength(3);
    expect((await at(home, undefined).open(LOG)).did).toBe(log.did);
    for (const file of await readdir(join(away, '.agentctl/keys'))) expect([file, (await stat(join(away, '.agentctl/keys', file))).mode & 0o777]).toEqual([expect.not.stringContaining('tmp'), 0o600]);
  });

  test('rewrap without the passphrase file, or with a wrong one, changes nothing', async () => {
    await at(home, undefined).create(LOG);
    await expect(at(home, undefined).rewrap('passphrase')).rejects.toMatchObject({ code: 'PASSPHRASE', hint: expect.stringContaining('AGENTCTL_PASSPHRASE_FILE') });
    await at(home, 'on file').rewrap('passphrase');
    await expect(at(home, 'off file').rewrap('folder')).rejects.toMatchObject({ code: 'PASSPHRASE' });
    expect([(await lockOf(LOG)).name, await wrapping()]).toEqual(['scrypt', []]);
  });

  test('a wrapping key that stayed behind is named, with the way to leave without it', async () => {
    await at(home, undefined).create(LOG);
    await expect(at(join(away, 'another folder'), 'on file').open(LOG)).rejects.toMatchObject({ code: 'KEY_MISSING', hint: expect.stringMatching(/wrapping\/[0-9a-f]{32}\.key .* agentctl identity rewrap --by passphrase$/) });
  });

  test('8.2 placement warns when the passphrase file travels with the ledger, and only where it opens something', async () => {
    const placed = (passphraseFile: string) => keyStore({ configFolder: home, random, passphrase: NEVER, passphraseFile })(join(away, 'project/.agentctl')).placement();
    expect(await placed(join(away, 'passphrase'))).toEqual([]);
    expect(await placed(join(away, 'project/passphrase'))).toEqual([expect.stringContaining('passphrase file')]);
    await at(home, undefined).create(LOG);
    expect(await placed(join(away, 'project/passphrase'))).toEqual([]);
  });
});

describe('1.1 a key that is replaced', () => {
  const CAT: KeyName = { role: 'operator', name: 'cat' };
  const folder = () => join(config, 'keys');
  const files = async () => (await readdir(folder())).filter((name) => name.startsWith('operator-cat')).sort();
  const quick = () => keyStore({ configFolder: config, passphrase: source(() => 'correct horse'), random, cost: LEAST_SCRYPT })(store);
  const listed = async () => (await quick().list('operator')).find((key) => key.name === 'cat');

  test('is kept beside the new one, under its number, and opens only as a former one', async () => {
    const first = await quick().create(CAT);
    const second = await quick().replace(CAT);
    const third = await quick().replace(CAT);
    expect(await files()).toEqual(['operator-cat.1.retired.json', 'operator-cat.2.retired.json', 'operator-cat.json']);
    for (const name of await files()) expect((await stat(join(folder(), name))).mode & 0o777).toBe(0o600);
    expect(await listed()).toEqual({ name: 'cat', did: third.did, former: [first.did, second.did] });
    expect((await quick().open(CAT)).did).toBe(third.did);
    expect((await quick().openFormer('operator', first.did)).did).toBe(first.did);
    await expect(quick().openFormer('operator', third.did)).rejects.toMatchObject({ code: 'KEY_MISSING' });
    await expect(quick().openByDid('operator', first.did)).rejects.toMatchObject({ code: 'KEY_MISSING', hint: 'agentctl identity rotate --role operator --name cat' });
  });

  test('an interruption at any point leaves the name with one key, and the next replacement finishes', async () => {
    const before = await listed();
    // Killed before the old key had its second name, and between that and the new key's taking its place.
    const [full, half] = [join(root, 'full'), join(root, 'half')];
    await quick().replace(CAT);
    await rename(join(folder(), 'operator-cat.json'), full);
    await rename(join(folder(), 'operator-cat.3.retired.json'), half);
    for (const torn of [['operator-cat.next.json', 'operator-cat.json'], ['operator-cat.next.json', 'operator-cat.json', 'operator-cat.3.retired.json']]) {
      for (const name of ['operator-cat.json', 'operator-cat.next.json', 'operator-cat.3.retired.json']) await rm(join(folder(), name), { force: true });
      for (const name of torn) await writeFile(join(folder(), name), await readFile(name.includes('next') ? full : half), { mode: 0o600 });
      expect(await listed()).toEqual(before);
      expect((await quick().open(CAT)).did).toBe(before?.did);
      const finished = await quick().replace(CAT);
      expect(await files()).toEqual(['operator-cat.1.retired.json', 'operator-cat.2.retired.json', 'operator-cat.3.retired.json', 'operator-cat.json']);
      expect(await listed()).toEqual({ name: 'cat', did: finished.did, former: [...(before?.former ?? []), before?.did] });
    }
  });

  test('an SSH key and a native one follow each other; interrupted between, the one that has no number yet signs', async () => {
    const DAN: KeyName = { role: 'operator', name: 'dan' };
    const ssh: SshKey = { file: '/nowhere/dan.pub', publicKey: (await signerOf(new Uint8Array(32).fill(7))).publicKey };
    const store2 = () => keyStore({ configFolder: config, passphrase: source(() => 'correct horse'), random, cost: LEAST_SCRYPT, ssh: { processes: { run: () => Promise.reject(new Error('run')) }, env: {} } })(store);
    const dans = async () => (await readdir(folder())).filter((name) => name.startsWith('operator-dan')).sort();
    const now = async () => (await store2().list('operator')).find((key) => key.name === 'dan');
    const first = await store2().create(DAN);
    const native = await readFile(join(folder(), 'operator-dan.json'));
    const second = await store2().replace(DAN, ssh);
    expect([await dans(), await now()]).toEqual([['operator-dan.1.retired.json', 'operator-dan.ssh'], { name: 'dan', did: second.did, former: [first.did], ssh: ssh.file }]);
    // Killed before the old file was removed.
    await writeFile(join(folder(), 'operator-dan.json'), native, { mode: 0o600 });
    expect([(await store2().open(DAN)).did, await now()]).toMatchObject([second.did, { did: second.did, former: [first.did] }]);
    const reference = await readFile(join(folder(), 'operator-dan.ssh'));
    const third = await store2().replace(DAN);
    expect(await dans()).toEqual(['operator-dan.1.retired.json', 'operator-dan.2.retired.ssh', 'operator-dan.json']);
    await writeFile(join(folder(), 'operator-dan.ssh'), reference, { mode: 0o600 });
    expect([(await store2().open(DAN)).did, (await now())?.former, (await store2().openFormer('operator', second.did)).did]).toEqual([third.did, [first.did, second.did], second.did]);
  });

  test('a key that is not here cannot be replaced', async () => {
    await expect(quick().replace({ role: 'operator', name: 'nobody' })).rejects.toMatchObject({ code: 'KEY_MISSING' });
  });
});

describe('tampering', () => {
  const edits: readonly (readonly [string, KeyName, (file: Record<string, unknown>, other: Record<string, unknown>) => unknown, string])[] = [
    ['swapped ciphertext', AGENT, (file, other) => ({ ...file, ciphertext: other['ciphertext'] }), 'KEY_UNFIT'],
    ['swapped ciphertext and cipher', AGENT, (file, other) => ({ ...file, ciphertext: other['ciphertext'], cipher: other['cipher'] }), 'KEY_UNFIT'],
    ['swapped ciphertext, cipher and wrapping key', AGENT, (file, other) => ({ ...file, ciphertext: other['ciphertext'], cipher: other['cipher'], kdf: other['kdf'] }), 'KEY_UNFIT'],
    ['another key under this name', AGENT, (_file, other) => other, 'KEY_UNFIT'],
    ['another public key', AGENT, (file, other) => ({ ...file, kid: other['kid'], publicKeyMultibase: other['publicKeyMultibase'] }), 'KEY_UNFIT'],
    ['kid and key disagree', AGENT, (file, other) => ({ ...file, kid: other['kid'] }), 'KEY_UNFIT'],
    ['one more member', AGENT, (file) => ({ ...file, note: 'x' }), 'KEY_UNFIT'],
    ['a newer version', AGENT, (file) => ({ ...file, v: 2 }), 'UPGRADE_NEEDED'],
    ['scrypt that would take all memory', ANN, (file) => ({ ...file, kdf: { ...(file['kdf'] as object), N: 2 ** 30 } }), 'KEY_UNFIT'],
    ['scrypt that takes no time', ANN, (file) => ({ ...file, kdf: { ...(file['kdf'] as object), N: 2 } }), 'KEY_UNFIT'],
    ['another salt', ANN, (file) => ({ ...file, kdf: { ...(file['kdf'] as object), salt: 'AAAAAAAAAAAAAAAAAAAAAA' } }), 'PASSPHRASE'],
    ['a role of its own', ANN, (file) => ({ ...file, role: 'root' }), 'KEY_UNFIT'],
  ];
  test.each(edits)('%s is refused', async (_name, key, edit, code) => {
    const original = await readFile(fileOf(key), 'utf8');
    const other = JSON.parse(await readFile(fileOf(key === AGENT ? LOG : ORG), 'utf8')) as Record<string, unknown>;
    await writeFile(fileOf(key), JSON.stringify(edit(JSON.parse(original) as Record<string, unknown>, other)));
    await expect(open().open(key)).rejects.toMatchObject({ code });
    await writeFile(fileOf(key), original);
    await open().open(key);
  });

  test('a file or folder that others can open, or a link, is refused', async () => {
    await chmod(fileOf(AGENT), 0o640);
    await expect(open().open(AGENT)).rejects.toMatchObject({ code: 'STORE_UNFIT', hint: `chmod 600 ${fileOf(AGENT)}` });
    await chmod(fileOf(AGENT), 0o600);
    await chmod(join(store, 'keys'), 0o755);
    await expect(open().open(AGENT)).rejects.toMatchObject({ code: 'STORE_UNFIT' });
    await chmod(join(store, 'keys'), 0o700);
    await rename(fileOf(AGENT), join(root, 'elsewhere.json'));
    await symlink(join(root, 'elsewhere.json'), fileOf(AGENT));
    await expect(open().open(AGENT)).rejects.toMatchObject({ code: 'STORE_UNFIT' });
    await rm(fileOf(AGENT));
    await rename(join(root, 'elsewhere.json'), fileOf(AGENT));
    await open().open(AGENT);
  });

  test('an unfinished file is no key', () => {
    expect(() => readKeyFile('', 'x')).toThrow(expect.objectContaining({ code: 'INPUT_INVALID' }));
    expect(() => readKeyFile('{"v":1}', 'x')).toThrow();
  });
});

test('8.2 placement warns when the ledger and what unwraps its key travel together', async () => {
  const at = (configFolder: string) => keyStore({ configFolder, passphrase: source(() => 'x'), random })(store).placement();
  expect(await at(config)).toEqual([]);
  expect(await at(join(store, 'config'))).toEqual([expect.stringContaining('lies in the store')]);
  expect(await at(join(root, 'project', '.config'))).toEqual([expect.stringContaining('beside the ledger')]);
  await mkdir(join(store, 'inside'), { recursive: true });
  await symlink(join(store, 'inside'), join(root, 'disguised'));
  expect(await at(join(root, 'disguised', 'config'))).toEqual([expect.stringContaining('lies in the store')]);
});


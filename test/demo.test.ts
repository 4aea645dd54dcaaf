/** The demo, end to end: one run as its user runs it; then, in the finished folder, what a CI job, a counterparty, an investigator and a vandal would do. */
import { readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { bundleFromJSON } from '@sigstore/bundle';
import { toSignedEntity, toTrustMaterial, Verifier } from '@sigstore/verify';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { passphraseKeys, unseal } from '../src/adapters/key-cipher.js';
import { spkiOf } from '../src/attestation/sigstore-bundle.js';
import type { JsonObject } from '../src/domain/json.js';
import { keyOfDid } from '../src/identity/did-key.js';
import { readKeyFile } from '../src/identity/key-file.js';
import { signerOf } from '../src/identity/signer.js';
import { wrap } from '../src/views/human/text.js';
import { cloneState, Demo, filesIn } from './support/demo.js';
import { blockOf, ciWords, readme, shapeOf, updating, writeBlock } from './support/readme.js';

const MAILS = 304;
const STAND_IN = '[demo: scripted stand-in for the operator]';
const ACTS = ['pact sign', 'baseline accept', 'escalation test', 'rollback drill', 'review decide', 'certify sign-off'];

const demo = new Demo();
const before = cloneState();
const exit = { demo: null as number | null };
const didsOf = (key: string) => [...read('agent.yaml').matchAll(new RegExp(`${key}: (did:key:\\w+)`, 'g'))].map(([, did = '']) => did);
const read = (...parts: string[]) => readFileSync(join(demo.folder, ...parts), 'utf8');
const root = () => didsOf('did')[0] ?? '';

beforeAll(async () => {
  exit.demo = await demo.run();
}, 300_000);
afterAll(() => demo.clear());

describe('the demo', () => {
  test('ends well, in under three minutes, and names its folder on the last line', () => {
    expect(exit.demo).toBe(0);
    expect(demo.seconds).toBeLessThan(180);
    expect(dirname(demo.folder)).toBe(join(demo.scratch, 'demo'));
    expect(demo.output.trimEnd().split('\n').at(-1)).toBe(`folder: ${demo.folder}`);
  });

  test('everything that it made lies in that folder: home, configuration, temporary files and the clone are as they were', () => {
    expect(demo.files('outside')).toEqual([]);
    expect(readdirSync(join(demo.scratch, 'demo'))).toEqual([demo.folder.slice(demo.folder.lastIndexOf('/') + 1)]);
    expect(filesIn(demo.folder).filter((name) => name.startsWith('.config/')).length).toBeGreaterThan(4);
    expect(cloneState()).toBe(before);
  });

  test('all twelve steps are passed, by evidence', async () => {
    const { report } = await demo.json(demo.folder, ['status']);
    const steps = report['steps'] as { id: string; state: string; evidence: unknown[]; findings: { severity: string; is: string }[] }[];
    expect(steps.map((step) => step.state)).toEqual(Array.from({ length: 12 }, () => 'passed'));
    for (const step of steps) {
      expect([step.id, step.evidence.length > 0]).toEqual([step.id, true]);
      expect(step.findings.filter((finding) => finding.severity === 'must' && (finding.is === 'no' || finding.is === 'unknown'))).toEqual([]);
    }
  });

  test('each human act stands on a line of its own, and in the ledger as scripted', async () => {
    const lines = demo.output.split('\n').filter((line) => line.startsWith(STAND_IN));
    expect(lines.map((line) => /: agentctl (\S+ \S+)/.exec(line.slice(STAND_IN.length))?.[1])).toEqual(ACTS);
    const { report } = await demo.json(demo.folder, ['audit', 'log']);
    const entries = (report['data'] as { entries: { data: { ceremony?: string } }[] }).entries;
    expect(entries.filter((entry) => entry.data.ceremony === 'interactive')).toEqual([]);
    expect(entries.filter((entry) => entry.data.ceremony === 'scripted').length).toBeGreaterThanOrEqual(ACTS.length);
  });

  test('tells the numbers, why that root is trusted, where things lie and what to do next', () => {
    const place = (words: string) => demo.output.indexOf(words);
    const told = ['mail-triage delivers, quarantines, or asks a human', 'Where it stands', 'hard-ham-not-quarantined', 'The root of trust is did:key:', 'You trust it here because', 'every link holds', '\nartifacts/  ', 'Look around: cd ', '\nfolder: '].map(place);
    expect(told.filter((at) => at < 0)).toEqual([]);
    expect(demo.progress).toMatch(/baseline: held-out: .*\d+ of 2038|baseline: held-out: done/);
    expect(told).toEqual(told.toSorted((a, b) => a - b));
  });

  test('the transcript in README.md is what it prints', () => {
    const seen = /\$ agentctl status\n([\s\S]*?)\n\n== /.exec(demo.output)?.[1] ?? '';
    expect(seen.split('\n').filter((line) => /^ ?\d+ \w+ +✔ passed /.test(line))).toHaveLength(12);
    const block = (text: string) => `\`\`\`console\n$ agentctl status\n${text}\n\`\`\`\n`;
    if (updating) writeBlock('transcript:status', block(reflowed(seen.replaceAll(demo.folder, '/tmp/agentctl-demo-x7Qw2k'))));
    expect(shapeOf(blockOf(readme(), 'transcript:status'))).toBe(shapeOf(block(seen)));
  });
});

/** Lines after a mark wrapped anew, since a folder's name was put in. */
function reflowed(text: string): string {
  return text.replace(/^! (.+(?:\n {2}.+)*)/gm, (_, words: string) => wrap(words.replace(/\n {2}/g, ' '), 78).map((line, index) => `${index === 0 ? '! ' : '  '}${line}`).join('\n'));
}

describe('the CI flow: the line of the README in a checkout without store and keys', () => {
  const gate = (folder: string, { trust = [root()], more = ['--allow-scripted'] }: { trust?: readonly string[]; more?: readonly string[] } = {}) => {
    const [at, words] = [ciWords().indexOf('--trust'), ciWords()];
    const asked = [...words.slice(0, at), ...(trust.length > 0 ? ['--trust', ...trust] : []), ...words.slice(at + 2)];
    return demo.agentctl(folder, [...asked, ...more], 'none');
  };
  const edit = (folder: string, file: string, change: (text: string) => string) => {
    const text = readFileSync(join(folder, file), 'utf8');
    expect(change(text)).not.toBe(text);
    writeFileSync(join(folder, file), change(text));
  };

  test('9.3 11.3 the certified build: exit 0 with --allow-scripted, 1 without, and nothing is written', async () => {
    const folder = demo.copy('checkout', 'checkout');
    const files = filesIn(folder);
    expect(files.filter((name) => /^\.(agentctl|config)/.test(name))).toEqual([]);
    expect(await gate(folder)).toMatchObject({ exit: 0, stdout: expect.stringContaining('every link holds') });
    expect(await gate(folder, { more: [] })).toMatchObject({ exit: 1, stdout: expect.stringContaining('scripted stand-in') });
    expect(filesIn(folder)).toEqual(files);
    expect(demo.files('outside')).toEqual([]);
  });

  test.each([
    ['prompts/policy.json', (text: string) => text.replace(/\d/, (digit) => String((Number(digit) + 1) % 10))],
    ['lib/bayes.js', (text: string) => `${text}// one more line\n`],
    ['model.json', (text: string) => text.replace(/\d(?=\D*$)/, (digit) => String((Number(digit) + 1) % 10))],
  ])('9.2 %s edited: exit 3, naming it', async (file, change) => {
    const folder = demo.copy(`edited-${file.replace(/\W/g, '-')}`, 'checkout');
    edit(folder, file, change);
    const { exit: status, stdout } = await gate(folder);
    expect(status).toBe(3);
    expect(stdout).toContain(file);
  });

  test('another root, and none: exit 3', async () => {
    const folder = demo.copy('other-root', 'checkout');
    const operator = didsOf('did').find((did) => did !== root()) ?? '';
    expect(await gate(folder, { trust: [operator] })).toMatchObject({ exit: 3 });
    expect(await gate(folder, { trust: [] })).toMatchObject({ exit: 3, stdout: expect.stringContaining('whom you trust') });
  });

  test('9.3 one number of the certificate changed: exit 4', async () => {
    const folder = demo.copy('forged', 'checkout');
    edit(folder, 'artifacts/certificate.dsse.json', (text) => {
      const envelope = JSON.parse(text) as { payload: string };
      const payload = Buffer.from(envelope.payload, 'base64').toString('utf8');
      const forged = payload.replace(/"composite":"0\.(\d)/, (_, digit: string) => `"composite":"0.${(Number(digit) + 1) % 10}`);
      expect(forged).not.toBe(payload);
      return text.replace(envelope.payload, Buffer.from(forged).toString('base64'));
    });
    expect(await gate(folder)).toMatchObject({ exit: 4 });
  });
});

describe('the store', () => {
  test('8.2 verify and audit verify rehash everything and pass', async () => {
    const folder = demo.copy('rehashed');
    expect(await demo.agentctl(folder, ['verify'])).toMatchObject({ exit: 0, stdout: expect.stringContaining('every byte verified') });
    expect(await demo.agentctl(folder, ['audit', 'verify'])).toMatchObject({ exit: 0, stdout: expect.stringMatching(/\d+ entries hold/) });
  });

  test.each([
    ['verify', /"ceremony":"scripted"/, '"ceremony":"scriptex"'],
    ['audit verify', /"decision":"permit"/, '"decision":"permiu"'],
  ])('8.2 one byte of one entry changed: %s ends with 4 and names the place', async (command, from, to) => {
    const folder = demo.copy(`tampered-${command.replace(' ', '-')}`);
    const file = join(folder, '.agentctl', 'ledger.db');
    // latin1: one character is one byte, whatever the bytes are.
    const bytes = readFileSync(file, 'latin1');
    writeFileSync(file, bytes.replace(from, to), 'latin1');
    const { exit: status, stdout, stderr } = await demo.agentctl(folder, command.split(' '));
    expect(status).toBe(4);
    expect(stdout + stderr).toMatch(/entry \d+/);
  });

  test('a prompt edited: exactly what depended on it is stale, and status prints the edit', async () => {
    const folder = demo.copy('stale');
    writeFileSync(join(folder, 'prompts', 'policy.json'), `${readFileSync(join(folder, 'prompts', 'policy.json'), 'utf8')}\n`);
    const { report } = await demo.json(folder, ['status']);
    const stale = (report['steps'] as { id: string; state: string; because: string }[]).filter((step) => step.state === 'stale');
    expect(stale.map((step) => step.id)).toEqual(expect.arrayContaining(['identity', 'baseline', 'rollback']));
    expect(stale.map((step) => step.id)).not.toContain('pact');
    expect(stale[0]?.because).toContain('prompts/policy.json');
  });

  test('9.3 certificate.sigstore.json verifies with @sigstore/verify under the organisation\'s key, and under no other', () => {
    const bundle = JSON.parse(read('artifacts', 'certificate.sigstore.json')) as JsonObject;
    const verify = (did: string) => {
      const keys = { [root()]: { rawBytes: Buffer.from(spkiOf(keyOfDid(did))) } };
      const trust = toTrustMaterial({ mediaType: '', tlogs: [], certificateAuthorities: [], ctlogs: [], timestampAuthorities: [] }, keys as never);
      return new Verifier(trust, { tlogThreshold: 0, ctlogThreshold: 0, timestampThreshold: 0 } as never).verify(toSignedEntity(bundleFromJSON(bundle)));
    };
    expect(() => verify(root())).not.toThrow();
    expect(() => verify(didsOf('did')[1] ?? '')).toThrow();
  });
});

describe('what the agent did', () => {
  const inNew = (name: string) => readdirSync(join(demo.folder, 'mailbox', name, 'new'));

  test('6.7 every mail is in exactly one folder, and those that wait for a human did not move', async () => {
    const [inbox, delivered, quarantine] = [inNew('inbox'), inNew('delivered'), inNew('quarantine')];
    expect(new Set([...inbox, ...delivered, ...quarantine]).size).toBe(MAILS);
    expect(inbox.length + delivered.length + quarantine.length).toBe(MAILS);
    for (const names of [inbox, delivered, quarantine]) expect(names.length).toBeGreaterThan(10);
    const { report } = await demo.json(demo.folder, ['escalation', 'list']);
    expect((report['data'] as { open: unknown[] }).open).toHaveLength(inbox.length);
  });

  test('8.1 one action.recorded for each mail of the pilot stream, as many of them carried out as mails moved', async () => {
    const { report } = await demo.json(demo.folder, ['audit', 'log', '--type', 'action.recorded']);
    const entries = (report['data'] as { entries: { data: { action: string; source: string; outcome: string } }[] }).entries.map((entry) => entry.data).filter((data) => data.source === 'pilot');
    expect(entries).toHaveLength(MAILS);
    expect(new Set(entries.map((data) => data.action)).size).toBe(MAILS);
    expect(entries.filter((data) => data.outcome === 'done')).toHaveLength(inNew('delivered').length + inNew('quarantine').length);
  });
});

describe('secrets', () => {
  const KEYS = ['.agentctl/keys', '.config/agentctl/keys'];

  test('1.3 only their owner can read store and keys', () => {
    for (const name of ['.agentctl', '.config']) {
      const all = readdirSync(join(demo.folder, name), { recursive: true, encoding: 'utf8' }).map((one) => join(name, one)).concat(name);
      const modes = all.map((one) => [one, statSync(join(demo.folder, one))] as const);
      expect(modes.filter(([, stat]) => (stat.mode & 0o777) !== (stat.isDirectory() ? 0o700 : 0o600)).map(([one, stat]) => [one, (stat.mode & 0o777).toString(8)])).toEqual([]);
    }
  });

  test('5 no private key, token or passphrase is in an artifact, a published file, the ledger or on the screen', async () => {
    const secrets = await secretsOf(KEYS);
    expect(secrets.map(([name]) => name)).toEqual(expect.arrayContaining(['passphrase', 'organisation', 'operator', 'agent', 'log', 'token']));
    const open = filesIn(demo.folder).filter((name) => !name.startsWith('.config/') && !name.startsWith('.agentctl/keys/'));
    expect(open).toEqual(expect.arrayContaining(['.agentctl/ledger.db', 'artifacts/certificate.dsse.json', 'public/build.json', 'agent.yaml', 'alerts.jsonl']));
    const texts = [...open.map((name) => [name, readFileSync(join(demo.folder, name))] as const), ['standard output', Buffer.from(demo.output)] as const];
    const spelled = (secret: Buffer) => [secret, ...(['hex', 'base64', 'base64url'] as const).map((as) => Buffer.from(secret.toString(as).replace(/=+$/, '')))];
    const found = texts.flatMap(([file, bytes]) => secrets.filter(([, secret]) => spelled(secret).some((one) => bytes.includes(one))).map(([name]) => `${name} in ${file}`));
    expect(found).toEqual([]);
  }, 60_000);

  /** Every secret of the demo, really opened: seeds of all key files, API tokens, the passphrase that wraps the keys of services as well. */
  async function secretsOf(folders: readonly string[]): Promise<readonly (readonly [name: string, secret: Buffer])[]> {
    const passphrase = read('.config', 'passphrase').trim();
    const derived = passphraseKeys(() => Promise.resolve(passphrase));
    const secrets: (readonly [string, Buffer])[] = [['passphrase', Buffer.from(passphrase)]];
    for (const path of folders.flatMap((folder) => filesIn(join(demo.folder, folder)).map((name) => join(demo.folder, folder, name)))) {
      if (path.endsWith('.token')) secrets.push(['token', Buffer.from(readFileSync(path, 'utf8').trim())]);
      else {
        const file = readKeyFile(readFileSync(path, 'utf8'), path);
        const key = file.lock.name === 'scrypt' ? await derived.derive(file.lock) : undefined;
        if (!key) throw new Error(`${path} is wrapped by a key that lies in no folder of the demo`);
        const seed = Buffer.from(unseal(file, key) ?? []);
        expect((await signerOf(seed)).publicKey).toEqual(file.publicKey);
        secrets.push([file.role, seed]);
      }
    }
    return secrets;
  }
});

/** Ownership over what is published: the documents that register writes, served over TLS, and what the walk says when one of them is not what it should be. */
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { canonical } from '../../src/domain/canonical.js';
import type { LinkView } from '../../src/domain/report.js';
import { didWebDocument, didWebHistory } from '../../src/identity/did-document.js';
import { keyOfDid } from '../../src/identity/did-key.js';
import { signerOf } from '../../src/identity/signer.js';
import { clearDesks, type Desk, type Report } from '../support/cli.js';
import { certified } from '../support/launched.js';
import { Publisher, TRUSTING, type Published } from '../support/publisher.js';
import { desk } from '../support/stages.js';
import { removeTinies } from '../support/tiny.js';

const stranger = await signerOf(new Uint8Array(32).fill(9));
let publisher: Publisher;
let registered: Desk;
beforeAll(async () => {
  publisher = await Publisher.start();
  registered = await desk('bare', 'online');
  const place = `https://localhost:${publisher.port}`;
  registered.edit('agent.yaml', (text) => text.replace(/(name: Tiny Cooperative\n)/, `$1    web: ${place}\n`).replace('lifetime: P90D }', `lifetime: P90D }\n  web: ${place}/agents/tiny`));
  await registered.expect(0, 'identity', 'register');
}, 60_000);
afterAll(() => {
  publisher.stop();
  clearDesks();
  removeTinies();
});

const AGENT = '/agents/tiny/did.json';
const ORGANISATION = '/.well-known/did.json';
const written = (file: string): string => registered.read('artifacts', file);
const documentOf = (file: string) => JSON.parse(written(file)) as { id: string; alsoKnownAs: [string] };

/** `identity verify --online` on a copy, with the honest documents published but for those named. */
async function verify(published: { agent?: Published; organisation?: Published } = {}): Promise<{ report: Report; said: readonly string[]; recorded: (probe?: string) => Promise<boolean> }> {
  await publisher.publish(AGENT, published.agent ?? { text: written('did.json') });
  await publisher.publish(ORGANISATION, published.organisation ?? { text: written('organisation.did.json') });
  const one = registered.copy();
  const { stdout } = await one.run(['identity', 'verify', '--online', '--json'], { env: TRUSTING });
  const report = JSON.parse(stdout) as Report;
  const { links } = (report.report as { data: { links: readonly LinkView[] } }).data;
  const recorded = async (probe = 'identity.signed-requests') => {
    const [{ findings }] = ((await one.json('status')).report as { steps: [{ findings: readonly { id: string; is: string }[] }] }).steps;
    return findings.some(({ id, is }) => id === probe && is === 'yes');
  };
  return { report, said: links.map(({ link, is }) => `${link}: ${is}`), recorded };
}
const wrong = (said: readonly string[]) => said.filter((line) => !line.endsWith('yes'));

describe('1.1 1.2 did:web of agent and organisation', () => {
  test('register writes a document for each, which names the did:key as well; show tells both names', async () => {
    const [agent, organisation] = [documentOf('did.json'), documentOf('organisation.did.json')];
    expect([agent.id, organisation.id]).toEqual([publisher.did('agents', 'tiny'), publisher.did()]);
    expect(registered.read('agent.yaml')).toContain(organisation.alsoKnownAs[0]);
    const { stdout } = await registered.expect(0, 'identity', 'show');
    for (const { id } of [agent, organisation]) expect(stdout).toContain(id);
  });

  test('a changed document of the organisation is noticed like every artifact', async () => {
    const one = registered.copy();
    one.edit('artifacts/organisation.did.json', (text) => text.replace('key-1', 'key-2'));
    expect(await one.json('verify')).toMatchObject({ exit: 4, fault: { code: 'DIGEST_MISMATCH', at: 'artifacts/organisation.did.json' } });
  });

  test('9.1 a web address stays out of what is signed: pact and certificate name the key', async () => {
    const one = await certified((text) => text.replace(/(name: Tiny Cooperative\n)/, '$1    web: https://example.com\n'));
    for (const file of ['pact.dsse.json', 'certificate.dsse.json']) {
      const { payload } = JSON.parse(readFileSync(one.path('artifacts', file), 'utf8')) as { payload: string };
      expect(Buffer.from(payload, 'base64').toString()).not.toContain('https://example.com');
    }
  }, 60_000);

  test('one address for both is a mistake of agent.yaml', async () => {
    const one = registered.copy();
    one.edit('agent.yaml', (text) => text.replace(/(\n    web: \S+)/, '$1/agents/tiny/'));
    const { exit, fault } = await one.json('status');
    expect([exit, fault.code, JSON.stringify(fault)]).toEqual([2, 'MANIFEST_INVALID', expect.stringContaining('same web address')]);
  });

  test('published as written, every link holds and the verification is recorded', async () => {
    const { report, said, recorded } = await verify();
    expect([report.exit, said, await recorded()]).toEqual([0, [
      'agent: document: yes', 'agent: names: yes', 'agent: record: yes', 'organisation: document: yes', 'organisation: names: yes', 'organisation: record: yes', 'credential: yes', 'acceptance: yes',
    ], true]);
  });

  const cases: readonly (readonly [string, () => Parameters<typeof verify>[0], number, readonly string[]])[] = [
    ['nothing published by the agent', () => ({ agent: { status: 404 } }), 3, ['agent: document: unknown', 'acceptance: unknown']],
    ['an error of the organisation', () => ({ organisation: { status: 500 } }), 3, ['organisation: document: unknown', 'credential: unknown']],
    ['a redirect', () => ({ organisation: { redirect: 'http://10.0.0.1/did.json' } }), 3, ['organisation: document: unknown', 'credential: unknown']],
    ['the agent under a stranger\'s key', () => ({ agent: { text: canonical(didWebDocument(documentOf('did.json').id, stranger.publicKey, documentOf('did.json').alsoKnownAs)) } }), 4, ['agent: document: no', 'agent: record: unknown', 'acceptance: no']],
    ['the organisation under a stranger\'s key', () => ({ organisation: { text: canonical(didWebDocument(documentOf('organisation.did.json').id, stranger.publicKey, documentOf('organisation.did.json').alsoKnownAs)) } }), 4, ['organisation: document: no', 'organisation: record: unknown', 'credential: no']],
    ['the document of another', () => ({ organisation: { text: written('did.json') } }), 4, ['organisation: document: no', 'credential: unknown']],
    ['no JSON', () => ({ agent: { text: '<html>' } }), 4, ['agent: document: no', 'acceptance: unknown']],
    ['the key for authentication only', () => ({ agent: { text: canonical({ ...documentOf('did.json'), assertionMethod: [] }) } }), 4, ['agent: document: no', 'agent: record: unknown', 'acceptance: no']],
    ['another name', () => ({ agent: { text: canonical({ ...documentOf('did.json'), alsoKnownAs: [stranger.did] }) } }), 1, ['agent: names: no', 'agent: record: unknown']],
    ['one more key than on record', () => ({ agent: { text: canonical(withSecondKey()) } }), 3, ['agent: record: unknown']],
    ['the key revoked', () => ({ agent: { text: canonical(ended('compromised')) } }), 4, ['agent: document: no', 'agent: record: unknown', 'acceptance: no']],
    ['the key ended before it signed', () => ({ agent: { text: canonical(ended('superseded')) } }), 4, ['agent: document: no', 'agent: record: unknown', 'acceptance: no']],
  ];
  const withSecondKey = () => {
    const { id, alsoKnownAs } = documentOf('did.json');
    return didWebHistory(id, { root: alsoKnownAs[0], keys: [{ did: alsoKnownAs[0], from: null, ended: null }, { did: stranger.did, from: null, ended: null }] }, alsoKnownAs);
  };
  const ended = (cause: 'compromised' | 'superseded') => {
    const { id, alsoKnownAs } = documentOf('did.json');
    return didWebHistory(id, { root: alsoKnownAs[0], keys: [{ did: alsoKnownAs[0], from: null, ended: { at: '2026-11-22T11:00:00.000Z', cause } }, { did: stranger.did, from: null, ended: null }] }, alsoKnownAs);
  };
  test.each(cases)('%s', async (_name, published, exit, open) => {
    const { report, said } = await verify(published());
    expect([report.exit, wrong(said)]).toEqual([exit, open]);
  });

  test('a walk that could not be finished leaves what was verified here on record, a false link leaves nothing', async () => {
    expect(await (await verify({ agent: { status: 404 } })).recorded()).toBe(true);
    expect(await (await verify({ agent: { text: written('organisation.did.json') } })).recorded()).toBe(false);
  });

  test('1.1 that the documents are published is known once both were read as they are on record', async () => {
    expect(await (await verify()).recorded('identity.published')).toBe(true);
    expect(await (await verify({ agent: { status: 404 } })).recorded('identity.published')).toBe(false);
    expect(await (await verify({ organisation: { text: canonical({ ...documentOf('organisation.did.json'), service: [] }) } })).recorded('identity.published')).toBe(false);
  });

  test('1.1 rotated keys: the documents as they were no longer hold, those of a new registration do, and keep the former keys', async () => {
    const one = registered.copy();
    const walk = async () => {
      await publisher.publish(AGENT, { text: one.read('artifacts/did.json') });
      await publisher.publish(ORGANISATION, { text: one.read('artifacts/organisation.did.json') });
      const { stdout } = await one.run(['identity', 'verify', '--online', '--json'], { env: TRUSTING });
      const { exit, report } = JSON.parse(stdout) as Report;
      return [exit, wrong((report as { data: { links: readonly LinkView[] } }).data.links.map(({ link, is }) => `${link}: ${is}`))];
    };
    one.wait('PT1H');
    for (const role of ['agent', 'organisation']) await one.expect(0, 'identity', 'rotate', '--role', role);
    expect(await walk()).toEqual([4, ['agent: document: no', 'organisation: document: no']]);
    one.wait('PT1H');
    await one.expect(0, 'identity', 'register');
    expect(await walk()).toEqual([0, []]);
    const { alsoKnownAs, verificationMethod } = JSON.parse(one.read('artifacts/did.json')) as { alsoKnownAs: string[]; verificationMethod: { expires?: string; publicKeyMultibase: string }[] };
    expect([alsoKnownAs, verificationMethod.map((key) => key.expires !== undefined)]).toEqual([documentOf('did.json').alsoKnownAs, [true, false]]);
  });

  test('without web addresses there is nobody to ask: the did:key is its own document', async () => {
    const one = await desk('bare', 'offline');
    await one.expect(0, 'identity', 'register');
    const { exit, report } = await one.json('identity', 'verify', '--online');
    expect([exit, (report as { data: { links: readonly LinkView[] } }).data.links.map((link) => link.is)]).toEqual([0, ['yes', 'yes', 'yes', 'yes']]);
    expect(keyOfDid((JSON.parse(one.read('artifacts/did.json')) as { id: string }).id)).toHaveLength(32);
  });
});

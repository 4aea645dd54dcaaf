/** What a reader asks for beyond the stakes, whom he trusts, and what he is told of files that are no certificate. */
import { describe, expect, test } from '@jest/globals';
import { envelopeText } from '../../src/attestation/dsse.js';
import { signAct } from '../../src/attestation/human-act.js';
import type { CertificatePolicy } from '../../src/attestation/policy.js';
import { readTrustRoot, trustRootOf } from '../../src/attestation/trust-root.js';
import { credentialOf, signCredential } from '../../src/attestation/credential.js';
import { statusListOf } from '../../src/attestation/status-list.js';
import { svrStatement } from '../../src/attestation/svr.js';
import { signStatement } from '../../src/attestation/statement.js';
import { canonical } from '../../src/domain/canonical.js';
import { digestBytes } from '../../src/domain/digest.js';
import { didKeyDocument } from '../../src/identity/did-document.js';
import { multikeyOf } from '../../src/identity/did-key.js';
import { verifyCertificate, type CertificateCheck } from '../../src/index.js';
import { act, AGENT_ID, ann, BUILD, CANDIDATE, certificate, NOW, organisation, ownership, predicate, SECTIONS, stranger } from './certified.js';

const text = envelopeText(await certificate());
const check: CertificateCheck = { envelope: text, trust: [organisation.did], now: NOW, subject: { agent: AGENT_ID, build: BUILD, sections: SECTIONS }, allowScripted: false };

async function told(change: Partial<CertificateCheck>) {
  const { exit, links } = await verifyCertificate({ ...check, ...change });
  const bad = links.find((link) => link.exit === exit && exit !== 0);
  return { exit, link: bad?.link, because: bad?.because ?? '' };
}

describe('9.2 a policy only tightens', () => {
  test.each<[CertificatePolicy, number, string, string]>([
    [{ minimumStakes: 'low' }, 0, '', ''],
    [{ minimumStakes: 'standard', dimensions: { accuracy: '0.9' }, composite: '0.93', maximumAge: 'P30D', roles: ['operations'], quorum: 1, steps: ['guardrails'] }, 0, '', ''],
    [{ minimumStakes: 'high' }, 1, 'policy', 'you ask for high'],
    [{ dimensions: { accuracy: '0.95' } }, 1, 'policy', 'accuracy is 0.931'],
    [{ dimensions: { safety: '0.95' } }, 3, 'policy', 'safety was not measured'],
    [{ dimensions: { constructor: '0.1' } }, 3, 'policy', 'constructor was not measured'],
    [{ dimensions: { safety: '0.95', accuracy: '0.95' } }, 1, 'policy', 'accuracy'],
    [{ composite: '0.94' }, 1, 'policy', 'the composite is 0.931'],
    [{ maximumAge: 'P1D' }, 3, 'freshness', 'older than P1D'],
    [{ roles: ['legal'] }, 1, 'policy', 'nobody of legal'],
    [{ quorum: 2 }, 1, 'policy', 'you ask for 2'],
    [{ steps: ['incident'] }, 1, 'policy', 'incident is not certified'],
    [{ requireStatus: true }, 3, 'revocation', 'status list'],
  ])('%j', async (policy, exit, link, because) => {
    const verdict = await told({ policy });
    expect(verdict).toMatchObject({ exit, ...(link ? { link } : {}) });
    expect(verdict.because).toContain(because);
  });

  test('the shorter of two ages counts, whoever asks for it', async () => {
    expect(await told({ policy: { maximumAge: 'P30D' }, maximumAge: 'P1D' })).toMatchObject({ exit: 3, link: 'freshness' });
    expect(await told({ policy: { maximumAge: 'P1D' }, maximumAge: 'P30D' })).toMatchObject({ exit: 3, link: 'freshness' });
  });

  test('it excuses nothing: a scripted sign-off stays refused', async () => {
    const scripted = envelopeText(await certificate({ ceremony: 'scripted', signOffs: [await signAct(act({ ceremony: 'scripted' }), CANDIDATE, ann)] }));
    expect(await told({ envelope: scripted, policy: { minimumStakes: 'low' } })).toMatchObject({ exit: 1, link: 'policy' });
  });

  test.each([{ minimumStake: 'low' }, { composite: 0.9 }, { maximumAge: 'P1Y' }, { maximumAge: 'P' }, { allowScripted: true }, { quorum: 0 }])('%j is a mistake of the caller', async (policy) => {
    await expect(verifyCertificate({ ...check, policy: policy as CertificatePolicy })).rejects.toMatchObject({ code: 'INPUT_INVALID' });
  });
});

describe('9.3 roots', () => {
  const web = (...methods: readonly object[]) => JSON.stringify({ id: 'did:web:example.com', verificationMethod: methods, assertionMethod: ['did:web:example.com#key-1'], authentication: ['did:web:example.com#login'] });
  const method = (name: string, publicKey: Uint8Array, more: object = {}) => ({ id: `did:web:example.com#${name}`, type: 'Multikey', controller: 'did:web:example.com', publicKeyMultibase: multikeyOf(publicKey), ...more });
  const verdictWith = async (root: string) => told({ trust: [readTrustRoot(root, 'root.json')] });

  test.each([
    ['the bare DID', organisation.did],
    ['the document of a did:key', JSON.stringify(didKeyDocument(organisation.publicKey))],
    ['a did.json', web(method('key-1', organisation.publicKey))],
    ['a did.json with another key beside', web(method('key-1', organisation.publicKey), method('other', stranger.publicKey))],
    ['a did.json in which the key goes on under a second name', web(method('former', organisation.publicKey, { expires: '2026-11-01T00:00:00Z' }), method('key-1', organisation.publicKey))],
    ['a did.json in which the key ended after it signed', web(method('key-1', stranger.publicKey), method('former', organisation.publicKey, { expires: '2026-11-21T00:00:00Z' }))],
  ])('%s', async (_name, root) => {
    expect(await verdictWith(root)).toMatchObject({ exit: 0 });
  });

  test.each([
    ['the key ended before it signed', web(method('key-1', stranger.publicKey), method('former', organisation.publicKey, { expires: '2026-11-01T00:00:00Z' })), 4],
    ['the key was revoked, at whatever time', web(method('key-1', stranger.publicKey), method('former', organisation.publicKey, { revoked: '2026-11-21T00:00:00Z' })), 1],
    ['the key was revoked under another name than it is listed under', web(method('key-1', organisation.publicKey), method('former', organisation.publicKey, { revoked: '2026-11-21T00:00:00Z' })), 1],
    ['the key was revoked under the name by which people log in', web(method('key-1', organisation.publicKey), method('login', organisation.publicKey, { revoked: '2026-11-21T00:00:00Z' })), 1],
    ['the key is for logging in only', web(method('key-1', stranger.publicKey), method('login', organisation.publicKey)), 3],
    ['the key is listed for nothing and has no end', web(method('key-1', stranger.publicKey), method('former', organisation.publicKey)), 3],
  ])('a did.json where %s: exit %#', async (_name, root, exit) => {
    expect(await verdictWith(root)).toMatchObject({ exit, link: 'authority' });
  });

  test('a did:web by its name opens no connection: exit 3, with the way to get its keys', () => {
    expect(() => trustRootOf('did:web:example.com', '--trust')).toThrow(expect.objectContaining({ exit: 3, hint: 'agentctl identity resolve did:web:example.com --out root.json, then --trust root.json' }));
  });

  test.each([['{"id":"x"}', 2], ['hello', 2], ['{"id":"did:web:example.com","verificationMethod":[]}', 2], ['did:web:example.com:..', 2]])('%s is none', (root, exit) => {
    expect(() => readTrustRoot(root, 'root')).toThrow(expect.objectContaining({ exit }));
  });
});

describe('9.3 what is no certificate is told by its name: exit 2', () => {
  const claim = predicate();
  test.each<[string, Promise<string> | string, string]>([
    ['a human act', signAct(act(), CANDIDATE, ann).then(envelopeText), 'a human act'],
    ['an ownership credential', ownership().then((pair) => envelopeText(pair.credential)), 'ownership'],
    ['a verification result of another version', claim.then((one) => signStatement({ ...svrStatement(one, [{ name: 'build', digest: digestBytes('x') }]), predicateType: 'https://in-toto.io/attestation/svr/v9' }, organisation)).then(envelopeText), 'certificate.dsse.json'],
    ['another credential', claim.then((one) => signCredential({ ...credentialOf(one, digestBytes('x'), organisation.did), type: ['VerifiableCredential'] }, organisation, NOW)), 'another credential'],
    ['a history of certificates', certificate().then((one) => `${envelopeText(one)}${envelopeText(one)}`), 'agentctl trust history --check'],
    ['an empty file', '', 'empty'],
    ['a list', '[]', 'no DSSE envelope'],
    ['a status list', signCredential(statusListOf({ url: 'https://a.example/1', issuer: { id: organisation.did, name: 'x' }, validFrom: NOW, validUntil: NOW, revoked: [] }), organisation, NOW), '--status'],
    ['a DID document', JSON.stringify(didKeyDocument(organisation.publicKey)), '--trust'],
    ['an agent card', '{"name":"x","supportedInterfaces":[],"signatures":[]}', 'agentctl trust verify'],
    ['a build document', canonical(BUILD), '--subject'],
    ['a manifest', 'apiVersion: agentctl/v1alpha1\n', 'no DSSE envelope'],
  ])('%s', async (_name, envelope, words) => {
    const verdict = await told({ envelope: await envelope });
    expect(verdict).toMatchObject({ exit: 2, link: 'envelope' });
    expect(verdict.because).toContain(words);
  });
});

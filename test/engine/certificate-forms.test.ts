/** The forms of a certificate as `certify` writes them, its revocation as everybody sees it, and the roles that have to sign off. */
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { bundleFromJSON } from '@sigstore/bundle';
import { toSignedEntity, toTrustMaterial, Verifier } from '@sigstore/verify';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { certificateOf, credentialOf, differsFrom, openCredential } from '../../src/attestation/credential.js';
import type { CertificatePredicate } from '../../src/attestation/certificate.js';
import { spkiOf } from '../../src/attestation/sigstore-bundle.js';
import { peekStatement, openStatement } from '../../src/attestation/statement.js';
import { isSet, openStatusList } from '../../src/attestation/status-list.js';
import { SVR } from '../../src/attestation/svr.js';
import { digestBytes } from '../../src/domain/digest.js';
import type { JsonObject } from '../../src/domain/json.js';
import type { World } from '../../src/domain/ports.js';
import { checkArtifacts } from '../../src/engine/artifacts.js';
import { status } from '../../src/engine/status.js';
import { verify } from '../../src/engine/verify.js';
import { verifyCertificateFile } from '../../src/engine/verify-certificate.js';
import { keyOfDid } from '../../src/identity/did-key.js';
import { askDigitalBazaar, type TheirVerdict } from '../attestation/digital-bazaar.js';
import { faultOf } from '../support/folder.js';
import { certified, launched } from '../support/launched.js';
import { removeTinies, type Tiny } from '../support/tiny.js';

const LIST = 'https://agents.example.com/status/1.json';
let ready: Tiny;
let organisation: string;
beforeAll(async () => {
  ready = await certified();
  organisation = await ready.withSession((session) => Promise.resolve(session.manifest.owner.organisation.did), false);
}, 60_000);
afterAll(removeTinies);

const text = (one: Tiny, file: string) => readFileSync(one.path('artifacts', file), 'utf8');
const json = (one: Tiny, file: string) => JSON.parse(text(one, file)) as JsonObject;
const issuedBy = async (one: Tiny) => (await one.entries('certificate.issued')).at(-1)?.data ?? {};
const revoke = (one: Tiny, args: readonly string[] = []) => one.run('certify', 'revoke', { cause: 'evidence-false', reason: 'labels were swapped' }, args);
const bit = async (one: Tiny, index: unknown, file = 'status/1.json', url = LIST) => isSet((await openStatusList(text(one, file), { url, issuer: organisation, now: one.clock.now() })).bits, Number(index));

describe('9.2 9.3 one statement, four forms', () => {
  test('the entry names each file by its digest, and a missing one is written again', async () => {
    const one = ready.copy();
    const data = await issuedBy(one);
    expect([data['deliverable'], data['credential'], data['summary']]).toEqual(['certificate.dsse.json', 'certificate.vc.json', 'certificate.svr.dsse.json'].map((file) => digestBytes(text(one, file))));
    rmSync(one.path('artifacts/certificate.vc.json'));
    await one.withSession(async (session) => checkArtifacts(session, true));
    expect(digestBytes(text(one, 'certificate.vc.json'))).toBe(data['credential']);
    writeFileSync(one.path('artifacts/certificate.svr.dsse.json'), text(one, 'certificate.dsse.json'));
    await expect(one.withSession(async (session) => checkArtifacts(session))).rejects.toMatchObject({ code: 'DIGEST_MISMATCH', exit: 4, at: 'artifacts/certificate.svr.dsse.json' });
  });

  const FORMS = ['certificate.dsse.json', 'certificate.sigstore.json', 'certificate.vc.json', 'certificate.svr.dsse.json', 'certificate.svr.sigstore.json'];
  test.each(FORMS)('%s: missing is written again to the byte, and another one is false, however genuine', async (file) => {
    const one = ready.copy();
    const gate = async () => (await verify(one.world, { yes: true }, {})).exit;
    const before = text(one, file);
    rmSync(one.path('artifacts', file));
    expect(await one.withSession(async (session) => checkArtifacts(session))).toEqual([`artifacts/${file} is missing; agentctl apply writes it again`]);
    await one.withSession(async (session) => checkArtifacts(session, true));
    expect(text(one, file)).toBe(before);
    const others = FORMS.filter((other) => other !== file).map((other) => text(one, other));
    for (const forged of [...others, `${before} `, before.replace(organisation, organisation.replace('z6Mk', 'z6MK')), '']) {
      writeFileSync(one.path('artifacts', file), forged);
      await expect(one.withSession(async (session) => checkArtifacts(session))).rejects.toMatchObject({ code: 'DIGEST_MISMATCH', exit: 4, at: `artifacts/${file}` });
    }
    await expect(gate()).rejects.toMatchObject({ exit: 4 });
    writeFileSync(one.path('artifacts', file), before);
    expect(await gate()).not.toBe(4);
  }, 60_000);

  test('after a renewal, a form of the certificate before is out of date, not false', async () => {
    const one = ready.copy();
    const before = new Map(FORMS.map((file) => [file, text(one, file)]));
    one.clock.set('2026-11-22T12:01:00.000Z');
    await one.run('certify', 'run');
    await one.run('certify', 'renew', { as: 'omar' });
    for (const [file, former] of before) writeFileSync(one.path('artifacts', file), former);
    const told = await one.withSession(async (session) => checkArtifacts(session));
    expect(told.filter((line) => line.includes('certificate'))).toEqual(['dsse.json', 'sigstore.json', 'vc.json', 'svr.dsse.json', 'svr.sigstore.json'].map((end) => `artifacts/certificate.${end} is of an earlier entry; agentctl apply writes it again`));
  }, 60_000);

  test('the credential says what the envelope says, and Digital Bazaar\'s verifier accepts it with its list', async () => {
    const { predicate } = peekStatement(text(ready, 'certificate.dsse.json'));
    const { certificate, statusIndex } = await issuedBy(ready);
    const credential = await openCredential(text(ready, 'certificate.vc.json'), { now: ready.clock.now() });
    expect(differsFrom(credential, predicate as unknown as CertificatePredicate, certificateOf(credential))).toBeUndefined();
    expect([certificateOf(credential), credential.issuer, credential.status]).toEqual([certificate, organisation, { list: LIST, index: statusIndex }]);
    expect(credential.signed).toEqual(credentialOf(predicate as unknown as CertificatePredicate, certificateOf(credential), organisation));
    const [theirs] = (await askDigitalBazaar([{ do: 'verify', credential: json(ready, 'certificate.vc.json'), documents: { [LIST]: json(ready, 'status/1.json') }, now: ready.clock.now() }])) as [TheirVerdict];
    expect(theirs).toEqual({ verified: true, status: [false], error: null });
  }, 30_000);

  test('a folder in the place of the certificate is answered with the file that is in it, or below it', async () => {
    for (const [given, meant] of [['.', './artifacts/certificate.dsse.json'], ['artifacts', 'artifacts/certificate.dsse.json'], ['artifacts/', 'artifacts/certificate.dsse.json'], ['artifacts/status', 'name the file of the certificate']] as const) {
      expect(await faultOf(verifyCertificateFile(ready.world, { certificate: given }))).toMatchObject({ code: 'INPUT_INVALID', exit: 2, hint: meant });
    }
  });

  test('the simple verification result names what passed and nothing else, and verifies with @sigstore/verify', async () => {
    const { statement } = await openStatement(text(ready, 'certificate.svr.dsse.json'), organisation, SVR);
    expect(statement.subject).toEqual(peekStatement(text(ready, 'certificate.dsse.json')).subject);
    // Monitoring is waived and a script signed: neither is named.
    expect(statement.predicate).toMatchObject({ verifier: { id: expect.stringMatching(/^https:\/\/agentctl\.dev\/verifiers\/agentctl\/\d/) as unknown, policies: [] }, timeCreated: ready.clock.now() });
    expect(statement.predicate['properties']).toEqual(['AGENTCTL_STEP_IDENTITY', 'AGENTCTL_STEP_PACT', 'AGENTCTL_STEP_BASELINE', 'AGENTCTL_STEP_AUDIT']);
    const bundle = bundleFromJSON(json(ready, 'certificate.svr.sigstore.json'));
    const verifier = (did: string) => new Verifier(
      toTrustMaterial({ mediaType: '', tlogs: [], certificateAuthorities: [], ctlogs: [], timestampAuthorities: [] }, { [organisation]: { rawBytes: Buffer.from(spkiOf(keyOfDid(did))) } } as never),
      { tlogThreshold: 0, ctlogThreshold: 0, timestampThreshold: 0 } as never,
    );
    expect(() => verifier(organisation).verify(toSignedEntity(bundle))).not.toThrow();
    const { agentDid } = (await ready.entries('identity.registered'))[0]?.data ?? {};
    expect(() => verifier(String(agentDid)).verify(toSignedEntity(bundle))).toThrow();
  });

  test.each([['certificate', 0], ['credential', 1], ['simple verification result', 2], ['status list', 3]])('sabotage: a %s that would not verify keeps all of them from being written', async (_form, broken) => {
    const one = await readyToIssue();
    const keys = one.world.keys;
    let signatures = 0;
    const mute: Partial<World> = { keys: (folder) => ({ ...keys(folder), open: (name) => keys(folder).open(name), placement: () => keys(folder).placement(), openByDid: async (role, did) => {
      const signer = await keys(folder).openByDid(role, did);
      return role === 'organisation' ? { ...signer, sign: async (bytes) => (signatures++ === broken ? new Uint8Array(64) : signer.sign(bytes)) } : signer;
    } }) };
    expect(await one.in(mute).fault('certify', 'issue')).toMatchObject({ exit: broken === 3 ? 4 : 1 });
    expect(await one.entries('certificate.issued')).toHaveLength(0);
    for (const file of ['certificate.dsse.json', 'certificate.vc.json', 'certificate.svr.dsse.json', 'status/1.json']) expect(existsSync(one.path('artifacts', file))).toBe(false);
  });

  test('without an address to publish at there is no list: said in the certificate\'s step, no obstacle', async () => {
    const one = await certified((manifest) => manifest.replace(', base: "https://agents.example.com"', ''));
    const { statusList } = await issuedBy(one);
    expect([statusList, existsSync(one.path('artifacts/status'))]).toEqual([undefined, false]);
    expect((await openCredential(text(one, 'certificate.vc.json'), { now: one.clock.now() })).status).toBeUndefined();
    expect((await one.run('certify', 'status', { refresh: true })).facts.find((fact) => fact.label === 'written')?.value).toContain('trust.publish.base');
    const report = await status(one.world, { yes: true });
    if (report.kind !== 'status') throw new Error('no status');
    const step = report.data.steps.find((view) => view.id === 'certify');
    expect([step?.state, step?.findings.find((finding) => finding.id === 'certify.revocation')?.is]).toEqual(['passed', 'no']);
    expect((await revoke(one)).facts.find((fact) => fact.label === 'verifiers')?.value).toContain('cannot see it');
  }, 60_000);
});

let signedOff: Promise<Tiny> | undefined;
/** Launched, measured and signed off: only `certify issue` is left. */
async function readyToIssue(): Promise<Tiny> {
  signedOff ??= (async () => {
    const one = await launched();
    await one.run('certify', 'run');
    await one.run('certify', 'sign-off', { as: 'omar' });
    return one;
  })();
  return (await signedOff).copy();
}

describe('9.4 revocation', () => {
  test('the step fails, the list shows it to everybody, the certificate stays what it is, and a new one heals', async () => {
    const one = ready.copy();
    const { certificate, statusIndex } = await issuedBy(one);
    const before = text(one, 'certificate.dsse.json');
    expect(await bit(one, statusIndex)).toBe(false);
    expect((await revoke(one)).headline).toContain('is revoked: evidence-false');
    expect(await bit(one, statusIndex)).toBe(true);
    expect(text(one, 'certificate.dsse.json')).toBe(before);
    const [entry] = await one.entries('certificate.revoked');
    expect(entry?.data).toEqual({ certificate, cause: 'evidence-false', statusIndex });
    expect(JSON.stringify(entry)).not.toContain('labels were swapped');

    const report = await status(one.world, { yes: true });
    if (report.kind !== 'status') throw new Error('no status');
    const step = report.data.steps.find((view) => view.id === 'certify');
    expect([step?.state, step?.findings.find((finding) => finding.id === 'certify.in-force')?.because]).toEqual(['failed', 'revoked on 2026-11-22 12:00 UTC: evidence-false']);
    const [theirs] = (await askDigitalBazaar([{ do: 'verify', credential: json(one, 'certificate.vc.json'), documents: { [LIST]: json(one, 'status/1.json') }, now: one.clock.now() }])) as [TheirVerdict];
    expect(theirs.status).toEqual([true]);

    expect((await one.run('certify', 'renew', { as: 'lena' })).exit).toBe(0);
    const renewed = await issuedBy(one);
    expect([renewed['previous'], renewed['statusList']]).toEqual([certificate, LIST]);
    expect(renewed['statusIndex']).not.toBe(statusIndex);
    expect([await bit(one, statusIndex), await bit(one, renewed['statusIndex'])]).toEqual([true, false]);
    expect((await one.run('certify', 'status')).exit).toBe(0);
  }, 60_000);

  test('a former certificate may be revoked by its digest, and the newest stays in force', async () => {
    const one = ready.copy();
    const first = await issuedBy(one);
    await one.run('certify', 'run');
    await one.run('certify', 'renew', { as: 'omar' });
    await revoke(one, [String(first['certificate']).slice(7, 19)]);
    expect([await bit(one, first['statusIndex']), await bit(one, (await issuedBy(one))['statusIndex'])]).toEqual([true, false]);
    expect((await one.run('certify', 'status')).headline).toContain('in force');
  }, 60_000);

  test.each<[string, (one: Tiny) => ReturnType<Tiny['fault']>, object]>([
    ['an unknown cause', (one) => one.fault('certify', 'revoke', { cause: 'because', reason: 'x' }), { code: 'USAGE', exit: 2 }],
    ['no cause', (one) => one.fault('certify', 'revoke', { reason: 'x' }), { code: 'USAGE', exit: 2 }],
    ['no reason', (one) => one.fault('certify', 'revoke', { cause: 'agent-retired' }), { code: 'USAGE', exit: 2 }],
    ['something that is no digest', (one) => one.fault('certify', 'revoke', { cause: 'agent-retired', reason: 'x' }, ['newest']), { code: 'USAGE', exit: 2 }],
    ['a certificate of somebody else', (one) => one.fault('certify', 'revoke', { cause: 'agent-retired', reason: 'x' }, ['a'.repeat(64)]), { code: 'EVIDENCE_MISSING', exit: 3 }],
    ['one that was revoked', async (one) => { await revoke(one); return one.fault('certify', 'revoke', { cause: 'agent-retired', reason: 'x' }); }, { code: 'REFUSED', exit: 1 }],
    ['without the organisation\'s key', (one) => { rmSync(one.path('.config/keys'), { recursive: true, force: true }); return one.fault('certify', 'revoke', { cause: 'agent-retired', reason: 'x' }); }, { exit: 6 }],
  ])('refused: %s', async (_name, ask, fault) => {
    const one = ready.copy();
    const before = (await one.entries('certificate.revoked')).length;
    expect(await ask(one)).toMatchObject(fault);
    expect((await one.entries('certificate.revoked')).length - before).toBeLessThanOrEqual(1);
  });

  test('two at once: one revokes, the other is told who holds the lock or that it is done', async () => {
    const one = ready.copy();
    const [first, second] = await Promise.allSettled([revoke(one), revoke(one)]);
    expect([first, second].filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    expect([first, second].find(({ status }) => status === 'rejected')).toMatchObject({ reason: { code: expect.stringMatching(/^(STORE_LOCKED|REFUSED)$/) } });
    expect(await one.entries('certificate.revoked')).toHaveLength(1);
  });

  test('nothing was certified yet', async () => {
    const one = await readyToIssue();
    expect(await one.fault('certify', 'revoke', { cause: 'agent-retired', reason: 'x' })).toMatchObject({ code: 'EVIDENCE_MISSING' });
    expect((await one.run('certify', 'status')).exit).toBe(3);
    expect((await one.run('certify', 'status', { refresh: true })).facts.find((fact) => fact.label === 'written')?.value).toMatch(/^nothing: no certificate names a status list/);
  });
});

describe('9.1 9.4 certify status', () => {
  test.each<[string, (one: Tiny) => Promise<unknown> | void, number, string]>([
    ['in force', () => undefined, 0, 'in force: until 2027-02-20 12:00 UTC'],
    ['due', (one) => one.clock.set('2027-02-07T12:00:00.000Z'), 0, 'renewal is due'],
    ['revoked', (one) => revoke(one), 1, 'revoked: on 2026-11-22 12:00 UTC, evidence-false'],
    ['expired', (one) => one.clock.set('2027-02-20T12:00:00.000Z'), 3, 'expired: on 2027-02-20 12:00 UTC'],
    ['expired and revoked: the worse is told', async (one) => { await revoke(one); one.clock.set('2027-02-20T12:00:00.000Z'); }, 1, 'revoked'],
    ['about another build', (one) => one.edit('agent.js', (code) => `${code}\n`), 3, 'stale: '],
  ])('%s', async (_name, prepare, exit, headline) => {
    const one = ready.copy();
    await prepare(one);
    const answer = await one.run('certify', 'status');
    expect([answer.exit, answer.headline]).toEqual([exit, expect.stringContaining(headline)]);
    expect(answer.facts.find((fact) => fact.label === 'status list')?.value).toMatch(/^place \d+ of https:\/\/agents\.example\.com\/status\/1\.json$/);
  });

  test('a list that is missing, old, or from before a revocation is told, and signed anew when asked', async () => {
    const one = ready.copy();
    const file = async () => (await one.run('certify', 'status')).facts.find((fact) => fact.label === 'list file')?.value;
    expect(await file()).toBe('artifacts/status/1.json counts until 2026-12-06 12:00 UTC');
    const old = text(one, 'status/1.json');
    await revoke(one);
    writeFileSync(one.path('artifacts/status/1.json'), old);
    expect(await file()).toContain('something else than the ledger');
    expect((await one.run('certify', 'status', { refresh: true })).facts.find((fact) => fact.label === 'written')?.value).toBe('artifacts/status/1.json');
    expect(await bit(one, (await issuedBy(one))['statusIndex'])).toBe(true);
    rmSync(one.path('artifacts/status'), { recursive: true });
    expect(await file()).toContain('missing');
    await one.run('certify', 'status', { refresh: true });
    one.clock.set('2026-12-07T12:00:00.000Z');
    expect(await file()).toContain('expired on');
    expect((await one.run('certify', 'status')).next).toBe('agentctl certify status --refresh');
  });

  test('another address begins another list; the former stays and can be signed anew', async () => {
    const one = ready.copy();
    const first = await issuedBy(one);
    one.edit('agent.yaml', (manifest) => manifest.replaceAll('https://agents.example.com"', 'https://new.example.com"'));
    await one.run('certify', 'run');
    await one.run('certify', 'renew', { as: 'omar' });
    expect((await issuedBy(one))['statusList']).toBe('https://new.example.com/status/2.json');
    await revoke(one, [String(first['certificate'])]);
    expect([await bit(one, first['statusIndex']), await bit(one, (await issuedBy(one))['statusIndex'], 'status/2.json', 'https://new.example.com/status/2.json')]).toEqual([true, false]);
  }, 60_000);

  test('status warns once renewal is due, and not before', async () => {
    const one = ready.copy();
    const warned = async () => {
      const report = await status(one.world, { yes: true });
      return report.kind === 'status' ? report.data.warnings.filter((line) => line.startsWith('certificate:')) : ['no status'];
    };
    one.clock.set('2027-02-06T11:59:59.000Z');
    expect(await warned()).toEqual([]);
    one.clock.set('2027-02-06T12:00:00.000Z');
    expect(await warned()).toEqual(['certificate: renewal is due since 2027-02-06 12:00 UTC, at the latest on 2027-02-20 12:00 UTC (agentctl certify --as <operator>)']);
  });
});

describe('9.2 a quorum of roles', () => {
  test('each: one operator of every role has to sign off, and the certificate says that this was asked for', async () => {
    const one = await launched((manifest) => manifest.replace('quorum: 1 }\n  sentence', 'quorum: 1, each: true }\n  sentence'));
    const first = await one.run('certify', 'renew', { as: 'omar' });
    expect([first.exit, first.facts.find((fact) => fact.label === 'still open')?.value]).toEqual([5, 'nobody signed off as legal: every role is asked for']);
    expect(await one.fault('certify', 'issue')).toMatchObject({ code: 'APPROVAL_PENDING', exit: 5, message: 'nobody signed off as legal: every role is asked for' });
    expect((await one.run('certify', 'renew', { as: 'lena' })).exit).toBe(0);
    expect(peekStatement(text(one, 'certificate.dsse.json')).predicate['quorum']).toEqual({ count: 1, roles: ['operations', 'legal'], each: true });
  }, 60_000);
});

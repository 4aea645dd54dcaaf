import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { bundleFromJSON } from '@sigstore/bundle';
import { toSignedEntity, toTrustMaterial, Verifier } from '@sigstore/verify';
import { didKeyDocument } from '../../src/identity/did-document.js';
import { keyOfDid } from '../../src/identity/did-key.js';
import { pemOf, spkiOf } from '../../src/attestation/sigstore-bundle.js';
import { digestBytes } from '../../src/domain/digest.js';
import type { CertificateReport } from '../../src/domain/report.js';
import { verifyCertificateFile, type CertificateInput } from '../../src/engine/verify-certificate.js';
import { certified, launched } from '../support/launched.js';
import { removeTinies, type Tiny } from '../support/tiny.js';

let agent: Tiny;
let organisation: string;
let certificate: string;

beforeAll(async () => {
  agent = await certified((text) => text.replace('validFor: P90D', 'validFor: P60D'));
  organisation = String((await agent.entries('identity.registered'))[0]?.data['organisationDid']);
  certificate = readFileSync(agent.path('artifacts/certificate.dsse.json'), 'utf8');
}, 60_000);
afterAll(removeTinies);

type Verdict = CertificateReport & { readonly exit: number };

async function check(input: Partial<CertificateInput> = {}, { text = certificate, in: one = agent }: { text?: string; in?: Tiny } = {}): Promise<Verdict> {
  const file = one.path('given.dsse.json');
  writeFileSync(file, text);
  const report = await verifyCertificateFile(one.world, { certificate: file, trust: [organisation], subject: '.', allowScripted: true, ...input });
  if (report.kind !== 'certificate') throw new Error(report.kind);
  return { ...report.data, exit: report.exit };
}
const linkOf = ({ links }: CertificateReport, name: string) => links.find((one) => one.link === name);

/** The certificate with another payload, the signature left as it was. */
function withPayload(change: (text: string) => string): string {
  const envelope = JSON.parse(certificate) as { payload: string };
  const before = Buffer.from(envelope.payload, 'base64').toString();
  const after = change(before);
  expect(after).not.toBe(before);
  return JSON.stringify({ ...envelope, payload: Buffer.from(after).toString('base64') });
}

/** A clone of what is in git: the agent and its artifacts, no store, no keys, no data. */
function checkout(): Tiny {
  const other = agent.copy();
  for (const folder of ['.agentctl', '.config', 'data', 'box', 'published']) rmSync(other.path(folder), { recursive: true, force: true });
  return other;
}

describe('9.3 a certificate verifies offline', () => {
  test('by its file, a root and a checkout: exit 0, every link told', async () => {
    const verdict = await check();
    expect(verdict.exit).toBe(0);
    expect(verdict.links.map((one) => [one.link, one.is])).toEqual([
      ['envelope', 'yes'], ['signer', 'yes'], ['authority', 'yes'], ['ownership', 'yes'], ['sign-offs', 'yes'], ['checkpoint', 'yes'], ['subject', 'yes'], ['freshness', 'yes'], ['revocation', 'unknown'], ['policy', 'yes'], ['previous', 'yes'],
    ]);
  });

  test('on a checkout without .agentctl, data and keys', async () => {
    const other = checkout();
    expect(existsSync(other.path('.agentctl'))).toBe(false);
    expect((await check({}, { in: other })).exit).toBe(0);
    expect(existsSync(other.path('.agentctl'))).toBe(false);
  });

  test('with the verifier of Sigstore, over the same bytes', () => {
    const bundle = JSON.parse(readFileSync(agent.path('artifacts/certificate.sigstore.json'), 'utf8')) as Parameters<typeof bundleFromJSON>[0];
    const rawBytes = Buffer.from(spkiOf(keyOfDid(organisation)));
    const trusted = toTrustMaterial({ mediaType: '', tlogs: [], certificateAuthorities: [], ctlogs: [], timestampAuthorities: [] }, { [organisation]: { rawBytes } } as never);
    const verifier = new Verifier(trusted, { tlogThreshold: 0, ctlogThreshold: 0, timestampThreshold: 0 });
    expect(() => verifier.verify(toSignedEntity(bundleFromJSON(bundle)))).not.toThrow();
    expect(pemOf(keyOfDid(organisation))).toContain('BEGIN PUBLIC KEY');
  });

  test.each([
    ['the bare DID', (one: Tiny) => writeFileSync(one.path('root.txt'), `${organisation}\n`), 'root.txt'],
    ['a DID document', (one: Tiny) => writeFileSync(one.path('root.json'), JSON.stringify(didKeyDocument(keyOfDid(organisation)))), 'root.json'],
  ])('with %s in a file as root', async (_name, write, file) => {
    write(agent);
    expect((await check({ trust: [file] })).exit).toBe(0);
  });
});

describe('9.3 a certificate in its other forms', () => {
  const read = (file: string) => readFileSync(agent.path('artifacts', file), 'utf8');

  test('as a credential: the same sentence, on a checkout whose build document is recomputed', async () => {
    const [same, verdict] = [await check(), await check({}, { text: read('certificate.vc.json') })];
    expect([verdict.exit, verdict.certificate]).toEqual([0, same.certificate]);
    expect(verdict.links.map((one) => [one.link, one.is])).toEqual(same.links.map((one) => [one.link, one.is]));
    const other = checkout();
    other.edit('agent.js', (text) => `${text}// another\n`);
    const changed = await check({}, { text: read('certificate.vc.json'), in: other });
    expect([changed.exit, linkOf(changed, 'subject')?.because]).toEqual([3, expect.stringContaining('another build')]);
  });

  test.each(['certificate.svr.dsse.json', 'certificate.svr.sigstore.json'])('as a verification result (%s): at best exit 3, whatever is allowed', async (file) => {
    const verdict = await check({ maximumAge: 'P30D' }, { text: read(file) });
    expect(verdict.exit).toBe(3);
    expect(verdict.links.filter((one) => one.is === 'yes').map((one) => one.link)).toEqual(['envelope', 'signer', 'authority']);
    expect(verdict.links.filter((one) => one.is === 'no')).toEqual([]);
    expect((await check({ allowScripted: false }, { text: read(file) })).exit).toBe(1);
  });

  test.each<[string, string, (text: string) => string, number, string]>([
    ['a credential with a changed word', 'certificate.vc.json', (text) => text.replace('"scripted"', '"interactive"'), 4, 'signer'],
    ['a credential cut short', 'certificate.vc.json', (text) => text.slice(0, text.length / 2), 4, 'envelope'],
    ['a verification result with a step more', 'certificate.svr.dsse.json', (text) => { const one = JSON.parse(text) as { payload: string }; return JSON.stringify({ ...one, payload: Buffer.from(Buffer.from(one.payload, 'base64').toString().replace('STEP_PACT', 'STEP_REVIEW')).toString('base64') }); }, 4, 'signer'],
    ['a bundle without verification material', 'certificate.sigstore.json', (text) => text.replace('"verificationMaterial"', '"verification"'), 4, 'envelope'],
    ['a status list', 'status/1.json', (text) => text, 2, 'envelope'],
    ['the build document', 'build.json', (text) => text, 2, 'envelope'],
    ['the pact', 'pact.dsse.json', (text) => text, 2, 'envelope'],
    ['the baseline', 'baseline.dsse.json', (text) => text, 2, 'envelope'],
  ])('%s', async (_name, file, forge, exit, name) => {
    const verdict = await check({}, { text: forge(read(file)) });
    expect([verdict.exit, linkOf(verdict, name)?.is]).toEqual([exit, 'no']);
  });

  test('a file that is no status list, given as one: exit 2, not a forgery', async () => {
    for (const file of ['certificate.dsse.json', 'certificate.vc.json', 'build.json', 'checkpoint.txt']) expect([file, (await check({ status: `artifacts/${file}` })).exit]).toEqual([file, 2]);
    expect((await check({ status: 'artifacts/status/1.json' })).exit).toBe(0);
  });

  test('what lies beside it is looked at: the certificates before, and statements about keys', async () => {
    const one = agent.copy();
    const folder = one.path('received');
    mkdirSync(folder);
    writeFileSync(join(folder, 'certificate.dsse.json'), certificate);
    const ask = async () => {
      const report = await verifyCertificateFile(one.world, { certificate: 'received/certificate.dsse.json', trust: [organisation], subject: '.', allowScripted: true });
      return [report.exit, ...report.data.links.filter((each) => each.exit !== 0).map((each) => each.link)];
    };
    writeFileSync(join(folder, 'certificates.intoto.jsonl'), certificate);
    expect(await ask()).toEqual([0]);
    writeFileSync(join(folder, 'certificates.intoto.jsonl'), withPayload((text) => text.replace(/"n":\d+/, '"n":99999')));
    expect(await ask()).toEqual([4, 'previous']);
    rmSync(join(folder, 'certificates.intoto.jsonl'));
    writeFileSync(join(folder, 'keys.intoto.jsonl'), '{}\n');
    expect(await ask()).toEqual([4, 'signer']);
  });
});

describe('9.3 a certificate that is not what it seems', () => {
  test.each([
    ['one changed number', () => withPayload((text) => text.replace(/"n":\d+/, '"n":99999')), 4, 'signer'],
    ['one changed date', () => withPayload((text) => text.replace(/"validUntil":"20\d\d/, '"validUntil":"2099')), 4, 'signer'],
    ['a cut file', () => certificate.slice(0, certificate.length / 2), 4, 'envelope'],
    ['another signed statement of ours', () => JSON.stringify((JSON.parse(Buffer.from((JSON.parse(certificate) as { payload: string }).payload, 'base64').toString()) as { predicate: { signOffs: unknown[] } }).predicate.signOffs[0]), 2, 'envelope'],
    ['no certificate at all', () => '{"hello":"world"}', 2, 'envelope'],
  ])('%s', async (_name, forge, exit, name) => {
    const verdict = await check({}, { text: forge() });
    expect(verdict.exit).toBe(exit);
    expect(linkOf(verdict, name)?.is).toBe('no');
  });

  test('the wrong signer: another organisation signs what names this one', async () => {
    const keys = agent.world.keys(agent.path('.agentctl'));
    const stranger = await keys.create({ role: 'organisation', name: 'stranger' });
    const { signEnvelope, envelopeText } = await import('../../src/attestation/dsse.js');
    const envelope = JSON.parse(certificate) as { payload: string; payloadType: string };
    const forged = envelopeText(await signEnvelope(envelope.payloadType, Buffer.from(envelope.payload, 'base64'), stranger));
    const verdict = await check({ trust: [organisation, stranger.did] }, { text: forged });
    expect(verdict.exit).toBe(4);
    expect(linkOf(verdict, 'signer')?.because).toContain(stranger.did);
  });
});

describe('9.3 a certificate that is genuine, and yet no yes', () => {
  const stranger = 'did:key:z6MktwupdmLXVVqTzCw4i46r4uGyosGXRnR3XjN4Zq7oMMsw';
  test.each<[string, () => Partial<CertificateInput>, number, string, string]>([
    ['nobody said whom to trust', () => ({ trust: [] }), 3, 'authority', 'the signature holds; you have not said whom you trust'],
    ['an unknown root', () => ({ trust: [stranger] }), 3, 'authority', 'not among the roots that you trust'],
    ['a script instead of a human', () => ({ allowScripted: false }), 1, 'policy', 'scripted'],
    ['not valid yet', () => ({ at: '2026-01-01' }), 3, 'freshness', 'not valid before'],
    ['as of another time', () => ({ at: '2026-12-01' }), 3, 'time', 'no answer for now'],
  ])('%s', async (_name, input, exit, name, words) => {
    const verdict = await check(input());
    expect(verdict.exit).toBe(exit);
    expect(linkOf(verdict, name)?.because).toContain(words);
  });

  test('no subject given', async () => {
    const report = await verifyCertificateFile(agent.world, { certificate: 'artifacts/certificate.dsse.json', trust: [organisation], allowScripted: true });
    expect(report.exit).toBe(3);
    expect(report.kind === 'certificate' && linkOf(report.data, 'subject')?.is).toBe('unknown');
  });

  test('expired', async () => {
    const later = agent.copy();
    later.clock.set('2027-01-22T12:00:00.000Z');
    const verdict = await check({}, { in: later });
    expect([verdict.exit, linkOf(verdict, 'freshness')?.because]).toEqual([3, expect.stringContaining('expired')]);
  });

  test('older than the reader accepts', async () => {
    const later = agent.copy();
    later.clock.set('2026-12-22T12:00:00.000Z');
    expect((await check({ maximumAge: 'P60D' }, { in: later })).exit).toBe(0);
    const verdict = await check({ maximumAge: 'P14D' }, { in: later });
    expect([verdict.exit, linkOf(verdict, 'freshness')?.because]).toEqual([3, expect.stringContaining('older than P14D')]);
  });

  test.each<[string, (one: Tiny) => void, string]>([
    ['a changed source file', (one) => one.edit('agent.js', (text) => `${text}// another\n`), 'agent.js changed'],
    ['a changed prompt', (one) => one.edit('prompts/policy.txt', (text) => `${text}Be kind.\n`), 'prompts/policy.txt changed'],
    ['a file that is gone', (one) => rmSync(one.path('tool.sh')), 'tool.sh'],
    ['a loosened pact', (one) => one.edit('agent.yaml', (text) => text.replace('threshold: "0.85"', 'threshold: "0.05"')), 'pacts'],
    ['another command', (one) => one.edit('agent.yaml', (text) => text.replace('command: [node, agent.js]', 'command: [node, other.js]')), 'target'],
    ['another agent of the same build', (one) => one.edit('agent.yaml', (text) => text.replace(/id: 7d0f6a52/, 'id: 8d0f6a52')), 'another agent'],
    ['another trigger', (one) => one.edit('agent.yaml', (text) => text.replace('below: "0.60"', 'below: "0.10"')), 'triggers'],
  ])('another build or policy: %s: exit 3, named', async (_name, edit, named) => {
    const other = checkout();
    edit(other);
    const verdict = await check({}, { in: other });
    expect([verdict.exit, linkOf(verdict, 'subject')?.because]).toEqual([3, expect.stringContaining(named)]);
  });

  test('agent.yaml as it was certified, to the byte, is not read again; a file that was added under a pattern shows all the same', async () => {
    const other = await certified((text) => text.replace('files: [', 'files: ["notices/**", '));
    const own = String((await other.entries('identity.registered'))[0]?.data['organisationDid']);
    const text = readFileSync(other.path('artifacts/certificate.dsse.json'), 'utf8');
    const unread = { ...other.world, yaml: { parse: () => Promise.reject(new Error('YAML was read')), edit: () => Promise.reject(new Error('YAML was read')) } };
    writeFileSync(other.path('given.dsse.json'), text);
    const ask = async () => verifyCertificateFile(unread, { certificate: 'given.dsse.json', trust: [own], subject: '.', allowScripted: true });
    expect((await ask()).exit).toBe(0);
    writeFileSync(other.path('notices/b.txt'), 'planted');
    const report = await ask();
    expect([report.exit, linkOf(report.data, 'subject')?.because]).toEqual([3, expect.stringContaining('notices/b.txt added')]);
    other.edit('agent.yaml', (before) => `${before}# edited\n`);
    await expect(ask()).rejects.toThrow('YAML was read');
  }, 60_000);

  test('what does not touch build or policy does not matter', async () => {
    const other = checkout();
    other.edit('agent.yaml', (text) => `# a comment\n${text.replace('folder: published', 'folder: public')}`);
    mkdirSync(other.path('notes'));
    writeFileSync(other.path('notes/todo.txt'), 'nothing');
    expect((await check({}, { in: other })).exit).toBe(0);
  });
});

describe('asked wrongly', () => {
  test.each<[string, Partial<CertificateInput>, string, number]>([
    ['a missing certificate', { certificate: 'nowhere.json' }, 'nowhere.json', 3],
    ['a folder instead of a file', { certificate: 'artifacts' }, 'artifacts', 2],
    ['a root that is neither DID nor file', { trust: ['example.com'] }, 'example.com', 2],
    ['a root of another kind', { trust: ['did:ion:example'] }, '--trust', 2],
    ['a root whose keys have to be fetched first', { trust: ['did:web:example.com'] }, '--trust', 3],
    ['a subject without agent.yaml', { subject: 'artifacts' }, 'artifacts', 2],
    ['a time that is none', { at: 'yesterday' }, '', 2],
    ['an age that is none', { maximumAge: 'a week' }, '', 2],
    ['a stage', { stage: 'launch' }, '', 2],
  ])('%s', async (_name, input, at, exit) => {
    const fault = await verifyCertificateFile(agent.world, { certificate: 'artifacts/certificate.dsse.json', trust: [organisation], subject: '.', ...input }).then(() => undefined, (cause: unknown) => cause as { exit: number; at?: string; hint?: string });
    expect(fault?.exit).toBe(exit);
    expect(fault?.hint).toBeTruthy();
    if (at !== '') expect(fault?.at).toContain(at);
  });
});

describe('9.2 a policy in a file', () => {
  const asked = async (policy: string) => {
    writeFileSync(agent.path('policy.yaml'), policy);
    return check({ policy: 'policy.yaml' });
  };

  test.each<[string, string, number, string, string]>([
    ['met', 'minimumStakes: low\nmaximumAge: P30D\nroles: [operations]\n', 0, '', ''],
    ['as JSON', '{"quorum":1}', 0, '', ''],
    ['below', 'quorum: 2\n', 1, 'policy', 'you ask for 2'],
    ['not to be told', 'dimensions:\n  fairness: "0.9"\n', 3, 'policy', 'fairness was not measured'],
    ['without a status list', 'requireStatus: true\n', 3, 'revocation', ''],
  ])('%s', async (_name, policy, exit, name, words) => {
    const verdict = await asked(policy);
    expect(verdict.exit).toBe(exit);
    if (name !== '') expect(linkOf(verdict, name)?.because).toContain(words);
  });

  test.each([
    ['an unknown key', 'minimumStake: low\n', 'policy.yaml:1:1', 'did you mean "minimumStakes"?'],
    ['a number for a text', 'composite: 0.9\n', 'policy.yaml:1:12', 'put quotes around it'],
    ['something that would loosen', 'allowScripted: true\n', 'policy.yaml:1:1', ''],
    ['nothing', '{}', 'policy.yaml:1:1', 'minimumStakes'],
  ])('%s is refused, with its place', async (_name, policy, at, hint) => {
    const fault = await asked(policy).then(() => undefined, (cause: unknown) => cause as { exit: number; at?: string; hint?: string });
    expect(fault).toMatchObject({ exit: 2, at });
    expect(fault?.hint).toContain(hint);
  });
});

describe('9.2 what the certificate holds', () => {
  test('every part of the row, and digests that lead back to the files', async () => {
    const { payload } = JSON.parse(certificate) as { payload: string };
    const { subject, predicate } = JSON.parse(Buffer.from(payload, 'base64').toString()) as { subject: { digest: { sha256: string } }[]; predicate: Record<string, never> };
    expect(`sha256:${subject[0]?.digest.sha256}`).toBe(digestBytes(readFileSync(agent.path('artifacts/build.json'))));
    const { pact, composite, versions, signOffs, waivers, ledger, steps, ceremony, previous } = predicate as unknown as {
      pact: { conditions: { id: string; verdict: string; value: string; n: number }[] }; composite: string; versions: Record<string, string>; signOffs: unknown[]; waivers: { step: string }[];
      ledger: { checkpoint: string; size: number }; steps: { id: string; state: string }[]; ceremony: string; previous: null;
    };
    expect(pact.conditions.map((one) => one.verdict)).toEqual(Array(5).fill('met'));
    expect(composite).toMatch(/^0\.\d+|1/);
    expect(versions).toMatchObject({ harness: expect.stringContaining('agentctl-harness'), agent: expect.stringContaining('tiny 1.0.0') });
    expect([signOffs.length, ceremony, previous]).toEqual([1, 'scripted', null]);
    expect(waivers.every((one) => one.step === 'monitor')).toBe(true);
    expect(ledger.checkpoint).toContain(`/${'7d0f6a52-3c1e-4f7b-9a61-2b8e5c4d1f00'}\n${ledger.size}\n`);
    expect(steps).toHaveLength(8);
  });

  test('a copy of the agent elsewhere gives the same build: the certificate travels', async () => {
    const other = await launched();
    rmSync(other.path('artifacts'), { recursive: true });
    cpSync(agent.path('agent.yaml'), join(other.folder, 'agent.yaml'));
    expect((await check({}, { in: other })).exit).toBe(0);
  });
});

/** The Signer port is enough for a key that lives elsewhere: a service in another process signs, and nothing but the port knows. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { envelopeText } from '../../src/attestation/dsse.js';
import { signSuccession, historyOf } from '../../src/attestation/succession.js';
import { verifyCertificate } from '../../src/attestation/verify-certificate.js';
import { currentOf } from '../../src/identity/key-history.js';
import { didKeyOf } from '../../src/identity/did-key.js';
import type { Signer } from '../../src/domain/ports.js';
import { agent, BUILD, certificate, NOW, organisation, ownership, AGENT_ID, SECTIONS } from '../attestation/certified.js';

let service: ChildProcess;
let remote: Signer;
beforeAll(async () => {
  service = spawn(process.execPath, [new URL('./key-service.mjs', import.meta.url).pathname], { stdio: ['ignore', 'pipe', 'inherit'] });
  if (!service.stdout) throw new Error('the service has no output');
  const [port] = (await once(service.stdout.setEncoding('utf8'), 'data')) as [string];
  remote = await signerAt(`http://127.0.0.1:${port.trim()}/`);
}, 30_000);
afterAll(() => void service.kill());

/** All that an adapter for a key service has to do. */
async function signerAt(url: string): Promise<Signer> {
  const { x } = (await (await fetch(url)).json()) as { x: string };
  const publicKey = Uint8Array.from(Buffer.from(x, 'base64url'));
  return {
    did: didKeyOf(publicKey),
    publicKey,
    sign: async (bytes) => new Uint8Array(await (await fetch(url, { method: 'POST', body: Uint8Array.from(bytes) })).arrayBuffer()),
  };
}

test('1.1 a certificate that the service signed verifies like any other', async () => {
  const envelope = envelopeText(await certificate({ organisation: { name: 'Example Mail', did: remote.did }, ownership: await ownership(remote, agent) }, remote));
  const { links } = await verifyCertificate({ envelope, trust: [remote.did], now: NOW, subject: { agent: AGENT_ID, build: BUILD, sections: SECTIONS }, allowScripted: false });
  expect(links.filter((link) => link.is === 'no')).toEqual([]);
  expect(links.find((link) => link.link === 'signer')).toMatchObject({ is: 'yes' });
});

test('1.1 a key file may hand over to the service, as one key to the next', async () => {
  const statement = await signSuccession({ identity: organisation.did, from: organisation.did, to: remote.did, at: NOW }, organisation, remote);
  expect(currentOf(await historyOf(organisation.did, [statement]))?.did).toBe(remote.did);
});

test('1.1 twin: a service that signs something else is noticed', async () => {
  const careless: Signer = { ...remote, sign: () => remote.sign(new TextEncoder().encode('whatever')) };
  const envelope = envelopeText(await certificate({ organisation: { name: 'Example Mail', did: remote.did }, ownership: await ownership(remote, agent) }, careless));
  const { links } = await verifyCertificate({ envelope, trust: [remote.did], now: NOW, subject: null, allowScripted: false });
  expect(links.find((link) => link.link === 'signer')).toMatchObject({ is: 'no', exit: 4 });
});

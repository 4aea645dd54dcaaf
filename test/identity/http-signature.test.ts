/** HTTP message signatures: the public vector, our own rules, and a receiver in another process with another implementation. */
import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { http } from '../../src/adapters/http.js';
import { isPublicAddress } from '../../src/adapters/public-address.js';
import { fromBase64Url } from '../../src/identity/base-encoding.js';
import { verifySignature } from '../../src/identity/ed25519-verify.js';
import { contentDigest, jwkThumbprint, publicJwk, signRequest, verifyRequest, type SigningOptions } from '../../src/identity/http-signature.js';
import { signatureBase } from '../../src/identity/signature-base.js';
import { signerOf } from '../../src/identity/signer.js';
import { parseDictionary } from '../../src/identity/structured-field.js';
import type { HttpRequest, SignedRequest } from '../../src/domain/ports.js';

const signer = await signerOf(new Uint8Array(32).fill(7));
const BUILD = `sha256:${'a'.repeat(64)}` as const;
const options: SigningOptions = { signer, agent: { version: '1.2.3', build: BUILD }, created: new Date().toISOString(), nonce: new Uint8Array(32).fill(1) };
const request: HttpRequest = { method: 'POST', url: 'https://api.example.com/v1/mail?x=1', headers: { 'Content-Type': 'application/json' }, body: '{"hello": "world"}' };

describe('public vectors', () => {
  test('RFC 9421 B.2.6', async () => {
    const message: HttpRequest = {
      method: 'POST',
      url: 'https://example.com/foo?param=Value&Pet=dog',
      headers: { Date: 'Tue, 20 Apr 2021 02:07:55 GMT', 'Content-Type': 'application/json', 'Content-Length': '18' },
    };
    const input = parseDictionary('sig-b26=("date" "@method" "@path" "@authority" "content-type" "content-length");created=1618884473;keyid="test-key-ed25519"').get('sig-b26');
    const signature = parseDictionary('sig-b26=:wqcAqbmYJ2ji2glfAMaRy4gruYYnx2nEFN2HN6jrnDnQCK1u02Gb04v9EDgwUPiu4A0w6vuQv5lIp5WPpBKRCw==:').get('sig-b26')?.value as Uint8Array;
    expect(await verifySignature(fromBase64Url('JrQLj5P_89iXES9-vFgrIy29clF9CC_oPPsw3c5D0bs'), signatureBase(message, input!), signature)).toBe(true);
  });

  test('RFC 9530 digest and RFC 8037 thumbprint', () => {
    expect(contentDigest('{"hello": "world"}')).toBe('sha-256=:X48E9qOokqqrvdts8nOJRJN3OWDUoyWxBf7kbu9DBPE=:');
    expect(jwkThumbprint(fromBase64Url('11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo'))).toBe('kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k');
  });

  test.each(['a=1,', 'a=1 b=2', 'a=1,a=2', 'a="x', 'a=:!:', 'A=1', 'a=(1', 'a=(1);b;b', 'a=1;'])('malformed field %j', (text) => {
    expect(() => parseDictionary(text)).toThrow(expect.objectContaining({ code: 'INPUT_INVALID' }));
  });
});

describe('1.4 the receiver can verify', () => {
  const later = (seconds: number) => new Date(Date.parse(options.created) + seconds * 1000).toISOString();
  const never = () => false;

  test('1.5 an honest request names agent, version and build', async () => {
    const signed = await signRequest(request, options);
    expect(await verifyRequest(signed, signer.publicKey, later(1), never)).toMatchObject({ ok: true, agent: { did: signer.did, version: '1.2.3', build: BUILD } });
  });

  const cases: readonly (readonly [string, (signed: SignedRequest) => HttpRequest, string])[] = [
    ['another method', (signed) => ({ ...signed, method: 'PUT' }), 'false'],
    ['another query', (signed) => ({ ...signed, url: signed.url.replace('x=1', 'x=2') }), 'false'],
    ['another host', (signed) => ({ ...signed, url: signed.url.replace('api.', 'evil.') }), 'false'],
    ['another body', (signed) => ({ ...signed, body: '{}' }), 'body'],
    ['another body and digest', (signed) => ({ ...signed, body: '{}', headers: { ...signed.headers, 'content-digest': contentDigest('{}') } }), 'false'],
    ['another version', (signed) => ({ ...signed, headers: { ...signed.headers, 'agent-identity': signed.headers['agent-identity']!.replace('1.2.3', '1.2.4') } }), 'false'],
    ['a longer life', (signed) => ({ ...signed, headers: { ...signed.headers, 'signature-input': signed.headers['signature-input']!.replace(/expires=(\d+)/, (_, value: string) => `expires=${Number(value) + 60}`) } }), 'false'],
    ['less covered', (signed) => ({ ...signed, headers: { ...signed.headers, 'signature-input': signed.headers['signature-input']!.replace('"@method" ', '') } }), 'does not cover'],
    ['body not covered', (signed) => ({ ...signed, headers: { ...signed.headers, 'signature-input': signed.headers['signature-input']!.replace(' "content-digest"', '') } }), 'does not cover the body'],
    ['no signature', ({ headers: { signature: _signature, ...headers }, ...rest }) => ({ ...rest, headers }), 'only one of'],
    ['nothing at all', ({ method, url }) => ({ method, url, headers: {} }), 'no web-bot-auth'],
    ['a foreign Signature-Agent added', (signed) => ({ ...signed, headers: { ...signed.headers, 'signature-agent': 'sig1="https://evil.example"' } }), 'Signature-Agent'],
  ];
  test.each(cases)('refuses %s', async (_name, change, because) => {
    const signed = await signRequest(request, options);
    expect(await verifyRequest(change(signed), signer.publicKey, later(1), never)).toMatchObject({ ok: false, because: expect.stringContaining(because) });
  });

  test('refuses what is late, early, repeated or of another key', async () => {
    const signed = await signRequest(request, options);
    const nonces = new Set<string>();
    const seen = (nonce: string) => nonces.size === nonces.add(nonce).size;
    expect((await verifyRequest(signed, signer.publicKey, later(301), never)).because).toContain('expired');
    expect((await verifyRequest(signed, signer.publicKey, later(-60), never)).because).toContain('future');
    expect((await verifyRequest(signed, signer.publicKey, later(1), seen)).ok).toBe(true);
    expect((await verifyRequest(signed, signer.publicKey, later(1), seen)).because).toContain('seen before');
    const other = await signerOf(new Uint8Array(32).fill(8));
    expect((await verifyRequest(signed, other.publicKey, later(1), never)).ok).toBe(false);
  });

  test.each([{ 'x-a': 'a\r\nx-b: c' }, { Signature: 'x' }, { 'Agent-Identity': 'x' }, { 'X-A': '1', 'x-a': '2' }])('headers %j cannot be signed', async (headers) => {
    await expect(signRequest({ ...request, headers: headers as unknown as Record<string, string> }, options)).rejects.toMatchObject({ code: 'INPUT_INVALID' });
  });
});

describe('1.4 on the wire', () => {
  let receiver: ChildProcess;
  let base = '';
  beforeAll(async () => {
    receiver = fork(new URL('./verifying-server.mjs', import.meta.url), [JSON.stringify(publicJwk(signer.publicKey))], { execArgv: [] });
    const [message] = (await once(receiver, 'message')) as [{ port: number }];
    base = `http://127.0.0.1:${message.port}`;
  });
  afterAll(() => receiver.disconnect());

  test.each([
    ['POST', { body: '{"spam":true}' }, {}],
    ['GET', {}, {}],
    ['GET', {}, { signatureAgent: 'https://agents.example.com/ignored' }],
  ])('an independent package accepts %s %j %j in another process', async (method, body, agent) => {
    const signed = await signRequest({ method, url: `${base}/notify?to=a%20b`, headers: { 'content-type': 'application/json' }, ...body }, { ...options, ...agent });
    const response = await http().send(signed, 5000);
    expect(JSON.parse(response.body)).toMatchObject({ verified: true, body: true, agent: `"${signer.did}";version="1.2.3";build="${BUILD}"` });
    expect(response.status).toBe(200);
  });

  test('and refuses the same request with another path', async () => {
    const signed = await signRequest({ method: 'GET', url: `${base}/a`, headers: {} }, options);
    const response = await http().send({ ...signed, url: `${base}/b` }, 5000);
    expect(response.status).toBe(401);
  });

  test('an unsigned request does not leave, even past the type', async () => {
    const unsigned = { method: 'GET', url: base, headers: {} } as unknown as SignedRequest;
    await expect(http().send(unsigned, 5000)).rejects.toMatchObject({ code: 'REFUSED' });
  });
});

describe('public reads', () => {
  let server: Server;
  let base = '';
  beforeAll(async () => {
    server = createServer((incoming, outgoing) => {
      if (incoming.url === '/redirect') outgoing.writeHead(302, { location: 'http://127.0.0.1/' }).end();
      else if (incoming.url === '/large') outgoing.end('x'.repeat(5000));
      else if (incoming.url !== '/slow') outgoing.end('fine');
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    base = `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`;
  });
  afterAll(() => {
    server.closeAllConnections();
    server.close();
  });

  test('reads, and stops at size, time and redirects', async () => {
    const limits = { bytes: 1000, timeout: 2000 };
    expect((await http().fetchPublic(`${base}/`, limits)).body).toBe('fine');
    await expect(http().fetchPublic(`${base}/redirect`, limits)).rejects.toMatchObject({ code: 'NETWORK', message: expect.stringContaining('redirect') });
    await expect(http().fetchPublic(`${base}/large`, limits)).rejects.toMatchObject({ code: 'NETWORK', message: expect.stringContaining('longer') });
    await expect(http().fetchPublic(`${base}/slow`, { ...limits, timeout: 200 })).rejects.toMatchObject({ code: 'NETWORK', message: expect.stringContaining('within 200 ms'), hint: expect.stringContaining('check the address') });
  });

  test.each(['http://example.com/', 'https://10.0.0.1/', 'https://[fd00::1]/', 'https://169.254.169.254/latest', 'https://0x0a000001/', 'https://user:x@example.com/', 'ftp://example.com/', 'file:///etc/passwd', 'https://[::ffff:10.0.0.1]/'])('%s is refused', async (url) => {
    await expect(http().fetchPublic(url, { bytes: 10, timeout: 500 })).rejects.toMatchObject({ code: 'REFUSED' });
  });

  test.each([['8.8.8.8', true], ['192.168.1.1', false], ['127.0.0.1', false], ['100.64.0.1', false], ['2606:4700::1111', true], ['::1', false], ['fe80::1', false], ['::ffff:8.8.8.8', false], ['2002:a00:1::', false], ['x', false]])('%s public: %s', (address, expected) => {
    expect(isPublicAddress(address)).toBe(expected);
  });
});

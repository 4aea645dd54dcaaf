/** 1.4: the fetch of an agent's own code, signed: judged by an independent receiver in another process, and by a server of our own making. */
import { fork, type ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { parseDirectory, pinnedKey, signedFetch, signerOf, verifyRequest, verifyWebBotAuth, directoryKeys, type HttpRequest, type SignedFetchInit } from '../../src/index.js';
import { publicJwk } from '../../src/identity/http-signature.js';
import { keyDirectory } from '../../src/identity/key-directory.js';

const signer = await signerOf(new Uint8Array(32).fill(7));
const options = { signer, agent: { version: '1.2.3', build: null }, fetch, now: () => new Date().toISOString(), random: (count: number) => new Uint8Array(randomBytes(count)) };
const call = signedFetch(options);

describe('1.4 signedFetch', () => {
  let receiver: ChildProcess;
  let base = '';
  beforeAll(async () => {
    receiver = fork(new URL('./verifying-server.mjs', import.meta.url), [JSON.stringify(publicJwk(signer.publicKey))], { execArgv: [] });
    const [message] = (await once(receiver, 'message')) as [{ port: number }];
    base = `http://127.0.0.1:${message.port}`;
  });
  afterAll(() => receiver.disconnect());

  test.each<[string, SignedFetchInit]>([
    ['nothing but the address', {}],
    ['a text', { method: 'POST', headers: { 'Content-Type': 'text/plain' }, body: 'žluťoučký kůň' }],
    ['bytes that are no text', { method: 'PUT', body: Uint8Array.from([0xff, 0, 13, 10, 0x80]) }],
    ['an empty body', { method: 'POST', body: '' }],
  ])('an independent package accepts %s', async (_name, init) => {
    for (const home of [{}, { signatureAgent: 'https://agents.example.com' }]) {
      const response = await signedFetch({ ...options, ...home })(new URL(`${base}/notes?to=a%20b#here`), init);
      expect(await response.json()).toMatchObject({ verified: true, body: true, agent: `"${signer.did}";version="1.2.3"` });
    }
  });

  test('twin: a fetch that changes the body on the way is found out', async () => {
    const meddling = signedFetch({ ...options, fetch: (url, init) => fetch(url, { ...init, body: '{}' }) });
    expect(await (await meddling(base, { method: 'POST', body: 'x' })).json()).toMatchObject({ body: false });
  });

  test.each<[string, () => Promise<unknown>, string]>([
    ['a stream', () => call(base, { method: 'POST', body: new ReadableStream() as unknown as string }), 'a body of text or bytes'],
    ['a form', () => call(base, { method: 'POST', body: new URLSearchParams('a=1') as unknown as string }), 'a body of text or bytes'],
    ['a blob', () => call(base, { method: 'POST', body: new Blob(['a']) as unknown as string }), 'a body of text or bytes'],
    ['a Request', () => call(new Request(base) as unknown as string), 'not a Request'],
    ['Headers', () => call(base, { headers: new Headers({ a: 'b' }) as unknown as Record<string, string> }), 'plain object'],
    ['a header of the signature', () => call(base, { headers: { Signature: 'x' } }), 'by hand'],
    ['redirects to follow', () => call(base, { redirect: 'follow' as 'manual' }), 'follows no redirect'],
    ['another scheme', () => call('file:///etc/passwd'), 'http(s) URL'],
    ['a home by http', () => signedFetch({ ...options, signatureAgent: 'http://agents.example.com' })(base), 'https origin'],
  ])('%s is refused before anything is sent', async (_name, work, message) => {
    await expect(work()).rejects.toMatchObject({ code: 'INPUT_INVALID', message: expect.stringContaining(message) });
  });
});

describe('1.4 a server with the library', () => {
  let server: Server;
  let base = '';
  const used = new Set<string>();
  const seen = (_scope: string, nonce: string) => Promise.resolve(used.size === used.add(nonce).size);
  const received: HttpRequest[] = [];
  beforeAll(async () => {
    server = createServer(async (incoming, outgoing) => {
      const chunks: Buffer[] = [];
      for await (const chunk of incoming) chunks.push(chunk as Buffer);
      const request = { method: incoming.method ?? '', url: `${base}${incoming.url ?? ''}`, headers: incoming.headers as Record<string, string>, body: new Uint8Array(Buffer.concat(chunks)) };
      received.push(request);
      const { ok, because, agent } = await verifyRequest(request, signer.publicKey, new Date().toISOString(), (nonce) => seen('', nonce));
      outgoing.writeHead(ok ? 200 : 401, { 'content-type': 'application/json' }).end(JSON.stringify({ because, agent }));
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    base = `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`;
  });
  afterAll(() => { server.closeAllConnections(); server.close(); });

  test('knows who called, and refuses the same again', async () => {
    const response = await call(`${base}/notes`, { method: 'POST', body: Uint8Array.from([1, 2, 255]) });
    expect([response.status, await response.json()]).toEqual([200, expect.objectContaining({ agent: { did: signer.did, version: '1.2.3', build: null } })]);
    const { url, ...last } = received.at(-1)!;
    const headers = Object.fromEntries(Object.entries(last.headers).filter(([name]) => !['connection', 'content-length', 'host', 'transfer-encoding'].includes(name)));
    const again = await fetch(url, { method: last.method, headers, body: last.body as Uint8Array<ArrayBuffer> });
    expect([again.status, await again.json()]).toEqual([401, { because: 'the request was seen before' }]);
    expect((await fetch(url, { method: 'POST', body: 'x' })).status).toBe(401);
  });

  test('judges strangers by the directory that they name', async () => {
    const home = 'https://agents.example.com';
    await signedFetch({ ...options, signatureAgent: home })(`${base}/notes`);
    const check = (location: string) => verifyWebBotAuth(received.at(-1)!, { keys: directoryKeys(parseDirectory(keyDirectory(signer.publicKey), home), location), now: new Date().toISOString(), nonces: { seen: () => Promise.resolve(false) } });
    expect(await check(`${home}/.well-known/http-message-signatures-directory`)).toMatchObject({ ok: true });
    expect(await check('https://other.example/.well-known/http-message-signatures-directory')).toMatchObject({ ok: false, exit: 3 });
    expect(await verifyWebBotAuth(received.at(-1)!, { keys: pinnedKey(signer.publicKey), now: new Date().toISOString() })).toMatchObject({ ok: false, exit: 3 });
  });
});

/** The HTTP server over real sockets: its bounds, whom it does not hear, and how it ends. */
import { request as ask } from 'node:http';
import { connect } from 'node:net';
import { gzipSync } from 'node:zlib';
import { afterEach, describe, expect, test } from '@jest/globals';
import { httpServers } from '../../src/adapters/http-server.js';
import type { RunningServer, ServedRequest, ServerOptions } from '../../src/domain/ports.js';

const running: RunningServer[] = [];
afterEach(async () => { for (const server of running.splice(0)) await server.close(); });

const failures: unknown[] = [];
const echo = async ({ method, path, headers, body }: ServedRequest) => ({ status: 200, headers: { 'content-type': 'application/json' }, body: JSON.stringify({ method, path, type: headers['content-type'], body: Buffer.from(body).toString('utf8') }) });
async function serve(change: Partial<Omit<ServerOptions, 'limits'>> & { limits?: Partial<ServerOptions['limits']> } = {}): Promise<{ server: RunningServer; url: string; port: number }> {
  const { limits, ...rest } = change;
  const server = await httpServers().serve({ host: '127.0.0.1', port: 0, names: [], handle: echo, failed: (cause) => void failures.push(cause), ...rest, limits: { bytes: 1000, requests: 4, timeout: 2000, ...limits } });
  running.push(server);
  return { server, url: server.url, port: Number(new URL(server.url).port) };
}

/** With headers that fetch does not let one set. */
function asked(url: string, { method = 'POST', headers = {}, body = '' }: { method?: string; headers?: Record<string, string>; body?: string | Buffer }): Promise<{ status: number; headers: NodeJS.Dict<string | string[]>; text: string }> {
  return new Promise((resolve, reject) => {
    const outgoing = ask(url, { method, headers, agent: false }, (incoming) => {
      let text = '';
      incoming.setEncoding('utf8').on('data', (part: string) => (text += part)).on('end', () => resolve({ status: incoming.statusCode ?? 0, headers: incoming.headers, text }));
    });
    outgoing.on('error', reject).end(body);
  });
}

describe('a request', () => {
  test('arrives with method, path, headers and body; gzip is unpacked; the answer may not be kept', async () => {
    const { url } = await serve();
    const plain = await asked(`${url}/v1/x?y=1`, { headers: { 'content-type': 'text/plain' }, body: 'hällo' });
    expect([plain.status, JSON.parse(plain.text)]).toEqual([200, { method: 'POST', path: '/v1/x', type: 'text/plain', body: 'hällo' }]);
    expect(plain.headers).toMatchObject({ 'cache-control': 'no-store', 'x-content-type-options': 'nosniff' });
    expect(Object.keys(plain.headers).filter((name) => name.startsWith('access-control'))).toEqual([]);
    const packed = await asked(url, { headers: { 'content-encoding': 'gzip' }, body: gzipSync('packed') });
    expect(JSON.parse(packed.text)).toMatchObject({ body: 'packed' });
    expect(await asked(url, { method: 'HEAD' })).toMatchObject({ status: 200, text: '' });
    expect(JSON.parse((await asked(url, { method: 'TRACE' })).text)).toMatchObject({ method: 'TRACE' });
  });

  test.each<[string, Parameters<typeof asked>[1], number]>([
    ['a body that is too long', { body: 'x'.repeat(1001) }, 413],
    ['a much longer one, to the end', { body: 'x'.repeat(3_000_000) }, 413],
    ['one that unpacks to too much', { headers: { 'content-encoding': 'gzip' }, body: gzipSync('x'.repeat(100_000)) }, 413],
    ['no gzip', { headers: { 'content-encoding': 'gzip' }, body: 'plain' }, 400],
    ['another encoding', { headers: { 'content-encoding': 'br' } }, 415],
    ['a name that somebody else points here', { headers: { host: 'evil.example' } }, 403],
    ['an address that is not where it listens', { headers: { host: '192.0.2.7:80' } }, 403],
    ['a page of another site', { headers: { origin: 'https://evil.example' } }, 403],
    ['a sandboxed page', { headers: { origin: 'null' } }, 403],
    ['a link from another site', { headers: { 'sec-fetch-site': 'cross-site' } }, 403],
    ['headers that are too long', { headers: { 'x-long': 'x'.repeat(20_000) } }, 431],
  ])('%s is refused', async (_what, request, status) => {
    const handled: string[] = [];
    const { url } = await serve({ handle: async (one) => (handled.push(one.method), echo(one)) });
    const answer = await asked(url, request);
    expect([answer.status, handled]).toEqual([status, []]);
    if (status !== 431) expect(JSON.parse(answer.text)).toEqual({ message: expect.any(String) });
  });

  test('a name that was allowed, any loopback name, and a page of its own are heard', async () => {
    const { url, port } = await serve({ names: ['collector'] });
    for (const headers of [{ host: `collector:${port}` }, { host: `localhost:${port}` }, { host: `[::1]:${port}` }, { origin: url }]) expect((await asked(url, { headers: headers as Record<string, string> })).status).toBe(200);
  });

  test('listening to others, an address is a good name, a foreign name is not', async () => {
    const { port } = await serve({ host: '0.0.0.0' });
    const at = `http://127.0.0.1:${port}`;
    expect([(await asked(at, { headers: { host: '192.0.2.7' } })).status, (await asked(at, { headers: { host: 'evil.example' } })).status]).toEqual([200, 403]);
  });

  test('a handler that fails is answered with 500, told to its owner, and the next one is served', async () => {
    const { url } = await serve({ handle: async (one) => { if (one.path === '/bad') throw new Error('broken'); return echo(one); } });
    expect([(await asked(`${url}/bad`, {})).status, failures.splice(0).map(String)]).toEqual([500, ['Error: broken']]);
    expect((await asked(url, {})).status).toBe(200);
  });
});

describe('its bounds', () => {
  test('whoever comes when too many are in hand is asked to come again', async () => {
    let release = () => undefined as void;
    const { url } = await serve({ limits: { requests: 2 }, handle: async (one) => { await new Promise<void>((done) => { const before = release; release = () => { before(); done(); }; }); return echo(one); } });
    const held = [asked(url, {}), asked(url, {})];
    await new Promise((later) => { setTimeout(later, 100); });
    const refused = await asked(url, {});
    expect([refused.status, refused.headers['retry-after']]).toEqual([503, '1']);
    release();
    expect((await Promise.all(held)).map(({ status }) => status)).toEqual([200, 200]);
    const again = asked(url, {});
    await new Promise((later) => { setTimeout(later, 50); });
    release();
    expect((await again).status).toBe(200);
  });

  test('a request that does not arrive in time is ended', async () => {
    const { port } = await serve({ limits: { timeout: 300 } });
    const text = await new Promise<string>((resolve, reject) => {
      let seen = '';
      const socket = connect(port, '127.0.0.1', () => { socket.write(`POST / HTTP/1.1\r\nhost: localhost\r\ncontent-length: 10\r\n\r\nabc`); });
      socket.on('data', (part) => (seen += String(part))).on('close', () => resolve(seen)).on('error', reject);
    });
    expect(text).toMatch(/^HTTP\/1\.1 408 /);
    expect(failures).toEqual([]);
  });

  test('what is no HTTP is answered with 400', async () => {
    const { port } = await serve();
    const text = await new Promise<string>((resolve) => {
      let seen = '';
      const socket = connect(port, '127.0.0.1', () => { socket.write('\x16\x03\x01 not http\r\n\r\n'); });
      socket.on('data', (part) => (seen += String(part))).on('close', () => resolve(seen));
    });
    expect(text).toMatch(/^HTTP\/1\.1 400 /);
  });
});

test('closing answers what is in hand, takes no more, and does not wait for idle connections', async () => {
  let release = () => undefined as void;
  const { server, url } = await serve({ handle: async (one) => { await new Promise<void>((done) => { release = done; }); return echo(one); } });
  const held = asked(url, {});
  const idle = connect(Number(new URL(url).port), '127.0.0.1');
  await new Promise((later) => { setTimeout(later, 100); });
  const closed = server.close();
  await expect(asked(url, {})).rejects.toMatchObject({ code: 'ECONNREFUSED' });
  release();
  const answer = await held;
  expect([answer.status, answer.headers.connection]).toEqual([200, 'close']);
  await closed;
  idle.destroy();
});

test('an address that is taken is a fault that names it', async () => {
  const { port } = await serve();
  await expect(serve({ port })).rejects.toMatchObject({ code: 'NETWORK', exit: 6, at: `127.0.0.1:${port}`, message: expect.stringContaining('another process listens there') });
});

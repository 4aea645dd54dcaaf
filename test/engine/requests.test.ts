/** 1.4: requests signed and checked on the command line: by curl against a receiver in another process, and link by link with the exit status of each finding. */
import { spawn, fork, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { canonical } from '../../src/domain/canonical.js';
import type { JsonObject } from '../../src/domain/json.js';
import type { HttpRequest } from '../../src/domain/ports.js';
import { didWebHistory } from '../../src/identity/did-document.js';
import { jwkThumbprint, publicJwk, signRequest } from '../../src/identity/http-signature.js';
import { DIRECTORY_PATH, DIRECTORY_TYPE, keyDirectory, sidecarText, signDirectory } from '../../src/identity/key-directory.js';
import { keyOfDid } from '../../src/identity/did-key.js';
import { signatureBase } from '../../src/identity/signature-base.js';
import { signerOf } from '../../src/identity/signer.js';
import { byteSequence, parseDictionary, type Member } from '../../src/identity/structured-field.js';
import { clearDesks, Desk } from '../support/cli.js';
import { desk } from '../support/stages.js';
import { removeTinies, START, tiny, type Tiny } from '../support/tiny.js';
import { testWith } from '../support/needs.js';

const curl = spawnSync('curl', ['--version']).status === 0;
const testCurl = testWith('curl', curl);

afterAll(() => { removeTinies(); clearDesks(); });

describe('1.4 identity sign-request', () => {
  let one: Desk;
  let receiver: ChildProcess;
  let base = '';
  beforeAll(async () => {
    one = await desk('bare', 'requests');
    // The receiver is a stranger's program: its clock is the real one.
    one.now = new Date().toISOString();
    await one.expect(0, 'identity', 'register');
    const { id } = JSON.parse(one.read('artifacts/did.json')) as { id: string };
    receiver = fork(new URL('../identity/verifying-server.mjs', import.meta.url), [JSON.stringify(publicJwk(keyOfDid(id)))], { execArgv: [] });
    const [message] = (await once(receiver, 'message')) as [{ port: number }];
    base = `http://127.0.0.1:${message.port}`;
    writeFileSync(one.path('note.bin'), Buffer.from([0xff, 0x00, 0x0d, 0x0a, 0x80, 0x27]));
  }, 120_000);
  afterAll(() => receiver.disconnect());

  const sent = (command: string, input?: string) => new Promise<unknown>((resolve, reject) => {
    const child = spawn('sh', ['-c', command], { cwd: one.path(), stdio: 'pipe' });
    let out = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => (out += text));
    child.on('close', (exit) => (exit === 0 ? resolve(JSON.parse(out)) : reject(new Error(`curl ended with ${String(exit)}`))));
    child.stdin.end(input ?? '');
  });

  testCurl('curl sends what was signed, with the printed -H lines: bytes as body, a header with quotes of both kinds', async () => {
    const url = `${base}/notes?to=a%20b`;
    const { stdout } = await one.expect(0, 'identity', 'sign-request', '--url', url, '--header', 'x-note: it\'s "fine"', '--body', 'note.bin');
    expect(stdout.split(' \\\n').every((line) => line.startsWith('-H \''))).toBe(true);
    expect(await sent(`curl -sS ${stdout.trimEnd()} --data-binary @note.bin '${url}'`)).toMatchObject({ verified: true, body: true });
    expect(await sent(`curl -sS ${stdout.trimEnd()} --data-binary @note.bin '${url}x'`)).toMatchObject({ verified: false });
    expect(await sent(`curl -sS ${stdout.trimEnd()} --data-binary '${"{}"}' '${url}'`)).toMatchObject({ body: false });
  });

  testCurl('as a curl config it is the whole request', async () => {
    for (const words of [['--method', 'DELETE', '--url', `${base}/notes/1`], ['--url', `${base}/notes`, '--body', 'note.bin', '--header', 'content-type: application/octet-stream']]) {
      const { stdout } = await one.expect(0, 'identity', 'sign-request', ...words, '--config');
      expect(await sent('curl -sS --config -', stdout)).toMatchObject({ verified: true, body: true });
    }
  });

  test('is on record, says the same as JSON, and names an origin only if agent.yaml publishes one', async () => {
    const { report } = await one.json('identity', 'sign-request', '--url', 'https://api.example.com/a');
    expect(report).toMatchObject({ value: { method: 'GET', url: 'https://api.example.com/a', headers: expect.objectContaining({ 'signature-input': expect.any(String), 'agent-identity': expect.any(String) }) } });
    const { stdout } = await one.expect(0, 'audit', 'log', '--type', 'request.signed', '--json');
    expect(stdout).toContain('api.example.com');
    expect(JSON.stringify(report)).toContain('sig1=\\"https://agents.example.com\\"');
    const other = one.copy();
    other.edit('agent.yaml', (text) => text.replace(', base: "https://agents.example.com"', ''));
    expect((await other.expect(0, 'identity', 'sign-request', '--url', 'https://api.example.com/a')).stdout).not.toContain('signature-agent');
  });

  test.each<[string, readonly string[], number, string]>([
    ['no address', [], 2, 'url'],
    ['an address that is none', ['--url', 'nowhere'], 2, 'http(s) URL'],
    ['credentials in the address', ['--url', 'https://u:p@api.example.com/'], 2, 'without credentials'],
    ['a header of ours', ['--url', 'https://api.example.com/', '--header', 'signature: x'], 2, 'by hand'],
    ['a header that is none', ['--url', 'https://api.example.com/', '--header', 'x'], 2, 'name: value'],
    ['a method that is none', ['--url', 'https://api.example.com/', '--method', 'GET /'], 2, 'no method'],
    ['a body that is not there', ['--url', 'https://api.example.com/', '--body', 'gone'], 6, 'gone'],
    ['a config without a file for the body', ['--url', 'https://api.example.com/', '--config', '--body', '-'], 2, 'standard input'],
  ])('%s', async (_name, words, exit, message) => {
    const { fault, ...answer } = await one.json('identity', 'sign-request', ...words);
    expect([answer.exit, JSON.stringify(fault)]).toEqual([exit, expect.stringContaining(message)]);
  });

  test('of eight receivers that are handed the same request at once, exactly one says yes', async () => {
    const { stdout } = await one.expect(0, 'identity', 'sign-request', '--url', 'https://api.example.com/notes', '--body', 'note.bin');
    const lines = [...stdout.matchAll(/-H '([^']*)'/g)].map((match) => match[1]);
    const text = ['POST /notes HTTP/1.1', 'Host: api.example.com', ...lines, '', ''].join('\r\n');
    writeFileSync(one.path('request.http'), Buffer.concat([Buffer.from(text, 'latin1'), readFileSync(one.path('note.bin'))]));
    const { id } = JSON.parse(one.read('artifacts/did.json')) as { id: string };
    mkdirSync(join(one.home, 'elsewhere'));
    const answers = await Promise.all(Array.from({ length: 8 }, () => one.run(['identity', 'verify-request', '--strict', '--request', one.path('request.http'), '--key', id, '--nonce-store', 'nonces'], { cwd: join(one.home, 'elsewhere') })));
    expect(answers.map(({ exit }) => exit).sort()).toEqual([0, 1, 1, 1, 1, 1, 1, 1]);
  }, 60_000);
});

describe('1.4 identity verify-request', () => {
  let one: Tiny;
  let count = 0;
  beforeAll(async () => { one = await tiny(); });
  const HOME = 'https://agents.example.com';
  const [SECONDS] = [Math.floor(Date.parse(START) / 1000)];

  const POST: HttpRequest = { method: 'POST', url: 'https://api.example.com/v1/mail?x=1', headers: { 'content-type': 'application/json' }, body: '{"hello": "world"}' };
  const parties = Promise.all([7, 8].map((byte) => signerOf(new Uint8Array(32).fill(byte))));
  const honest = async (more: { signatureAgent?: string } = {}, url = POST.url) => {
    const [signer] = await parties;
    return signRequest({ ...POST, url }, { signer: signer!, agent: { version: '1', build: null }, created: START, nonce: new Uint8Array(16).fill((count += 1)), ...more });
  };
  const file = (content: string | Uint8Array, name = `file-${(count += 1)}`) => {
    writeFileSync(one.path(name), content);
    return name;
  };
  const asJson = (request: HttpRequest) => file(JSON.stringify({ ...request }));
  const check = (request: string, options: Record<string, string | boolean> = {}) => one.run('identity', 'verify-request', { request, ...options });
  const directory = async (...which: readonly number[]) => file(keyDirectory(...(await parties).filter((_, index) => which.includes(index)).map((party) => party.publicKey)));
  const NONCES = { nonceStore: 'nonces' };
  const linkOf = ({ data }: { data: JsonObject }, name: string) => (data['links'] as readonly JsonObject[]).find((link) => link['link'] === name);

  test('yes once, then no; without a memory of nonces, a key or a directory it cannot be told', async () => {
    const [signer] = await parties;
    const request = asJson(await honest());
    expect(await check(request, { key: signer!.did, ...NONCES })).toMatchObject({ exit: 0, headline: `the request is signed by ${jwkThumbprint(signer!.publicKey)}, fresh and whole`, data: { ok: true, agent: { did: signer!.did, version: '1', build: null } } });
    expect(await check(request, { key: signer!.did, ...NONCES })).toMatchObject({ exit: 1, headline: 'no: the request was seen before' });
    expect(await check(request, { key: signer!.did })).toMatchObject({ exit: 3, next: expect.stringContaining('--nonce-store') });
    expect(linkOf(await check(request, { key: signer!.did }), 'key')).toMatchObject({ is: 'yes', because: 'the key that you named' });
    expect(linkOf(await check(request, { key: (await parties)[1]!.did }), 'key')).toMatchObject({ is: 'unknown', because: `the key ${jwkThumbprint(signer!.publicKey)} is not the one that you named` });
    expect(await check(request, NONCES)).toMatchObject({ exit: 3, headline: expect.stringContaining('you have not said whose key counts'), next: expect.stringContaining('--directory') });
    expect(await check(asJson(await honest()), { directory: await directory(0, 1), ...NONCES, strict: true })).toMatchObject({ exit: 0 });
  });

  test.each<[string, (request: HttpRequest) => HttpRequest, Record<string, string | boolean>, number, string]>([
    ['the key of somebody else', (request) => request, { directory: 'other' }, 3, 'does not list the key'],
    ['a changed body', (request) => ({ ...request, body: '{}' }), {}, 4, 'not the one that was signed'],
    ['a changed target', (request) => ({ ...request, url: `${request.url}&y=2` }), {}, 4, 'the signature is false'],
    ['a header in Unicode', (request) => ({ ...request, headers: { ...request.headers, 'x-ñ': '1' } }), {}, 4, 'is no header name'],
    ['no signature', (request) => ({ ...request, headers: {} }), {}, 3, 'no web-bot-auth signature'],
    ['less covered than agentctl covers', (request) => ({ ...request, headers: { ...request.headers, 'signature-input': (request.headers['signature-input'] ?? '').replace('"@method" ', '') } }), { strict: true }, 4, 'method, target and agent'],
  ])('%s', async (_name, change, options, exit, because) => {
    const where = options['directory'] === 'other' ? { directory: await directory(1) } : { directory: await directory(0) };
    const answer = await check(asJson(change(await honest())), { ...options, ...where, ...NONCES });
    expect([answer.exit, JSON.stringify(answer.data)]).toEqual([exit, expect.stringContaining(because)]);
  });

  test.each<[string, string, string, string]>([
    ['expired', '2026-11-22T12:05:00.000Z', 'has expired', 'no: the signature has expired'],
    ['from the future', '2026-11-22T11:59:29.000Z', 'lies in the future', 'no: the signature lies in the future'],
  ])('%s', async (_name, now, because, headline) => {
    const request = asJson(await honest());
    one.clock.set(now);
    const answer = await check(request, { directory: await directory(0), ...NONCES }).finally(() => one.clock.set(START));
    expect(answer).toMatchObject({ exit: 1, headline, data: { because: expect.stringContaining(because) } });
  });

  const raw = ({ method, url, headers, body = '' }: HttpRequest, change: (text: string) => string = (text) => text) => {
    const { pathname, search, host } = new URL(url);
    return file(Buffer.from(change([`${method} ${pathname}${search} HTTP/1.1`, `Host: ${host}`, ...Object.entries(headers).map(([name, value]) => `${name}: ${value}`), '', String(body)].join('\r\n')), 'latin1'));
  };

  test('an HTTP message byte for byte, whatever the ends of its lines; where it arrived can be said', async () => {
    const options = { directory: await directory(0), ...NONCES };
    expect(await check(raw(await honest()), options)).toMatchObject({ exit: 0 });
    expect(await check(raw(await honest(), (text) => text.replaceAll('\r\n', '\n')), options)).toMatchObject({ exit: 0 });
    expect(await check(raw(await honest(), (text) => text.replace('POST /', 'POST https://api.example.com/')), options)).toMatchObject({ exit: 0 });
    expect(await check(raw(await honest()), { ...options, origin: 'https://api.example.com' })).toMatchObject({ exit: 0 });
    expect(await check(raw(await honest()), { ...options, origin: 'https://other.example.com' })).toMatchObject({ exit: 4 });
    expect(await check(raw(await honest(), (text) => `${text}\n`), options)).toMatchObject({ exit: 4, next: null });
    const plain = raw(await honest({}, 'http://api.example.com/v1/mail?x=1'));
    expect(await check(plain, options)).toMatchObject({ exit: 4, next: 'if it did not arrive at https://api.example.com, the same with --origin http://api.example.com or wherever it did' });
    expect(await check(plain, { ...options, origin: 'http://api.example.com' })).toMatchObject({ exit: 0 });
    const { method, url, headers } = await honest();
    expect(await check(file(JSON.stringify({ method, url, headers: Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toUpperCase(), [value]])), bodyBase64: Buffer.from(String(POST.body)).toString('base64') })), options)).toMatchObject({ exit: 0 });
  });

  test('a header that stands there twice counts as one with both values', async () => {
    const options = { directory: await directory(0), ...NONCES };
    for (const [name, because] of [['agent-identity', 'signature is false'], ['signature', '"sig1" twice'], ['signature-input', '"sig1" twice'], ['content-digest', 'signature is false']] as const) {
      const answer = await check(raw(await honest(), (text) => text.replace(new RegExp(`^${name}: .*\r\n`, 'm'), (line) => line + line)), options);
      expect([name, answer.exit, JSON.stringify(answer.data['links'])]).toEqual([name, 4, expect.stringContaining(because.replaceAll('"', '\\"'))]);
    }
  });

  test.each<[string, (request: HttpRequest) => string, string]>([
    ['two hosts', (request) => raw(request, (text) => text.replace('Host:', 'Host: other.example\r\nHost:')), '"host" is there twice'],
    ['a length that does not fit', (request) => raw(request, (text) => text.replace('Host:', 'Content-Length: 3\r\nHost:')), 'the body has 18 bytes'],
    ['a body in chunks', (request) => raw(request, (text) => text.replace('Host:', 'Transfer-Encoding: chunked\r\nHost:')), 'transfer encoding'],
    ['a folded header', (request) => raw(request, (text) => text.replace('Host:', ' folded\r\nHost:')), 'is no header'],
    ['no request line', () => file('HTTP/1.1 200 OK\r\n\r\n'), 'no request line'],
    ['nothing', () => file(''), 'no request line'],
    ['no host', () => file('GET / HTTP/1.1\r\n\r\n'), 'where it goes'],
    ['JSON with something else in it', () => file('{"method":"GET","url":"https://a.example/","header":{}}'), '"header" is no part'],
    ['JSON with two bodies', () => file('{"method":"GET","url":"https://a.example/","body":"","bodyBase64":""}'), 'not what they should be'],
    ['JSON with a key twice', () => file('{"method":"GET","method":"GET"}'), 'duplicate key'],
  ])('a file with %s is no request', async (_name, write, message) => {
    expect(await one.fault('identity', 'verify-request', { request: write(await honest()), ...NONCES })).toMatchObject({ code: 'INPUT_INVALID', exit: 2, message: expect.stringContaining(message) });
  });

  test('a stranger may mean something else by Agent-Identity; asked strictly it falls short', async () => {
    const [signer] = await parties;
    const request: HttpRequest = { method: 'GET', url: 'https://api.example.com/', headers: { 'agent-identity': 'crawler/1.0' } };
    const signed = async () => {
      const input = `("@method" "@target-uri" "agent-identity");created=${SECONDS};expires=${SECONDS + 60};keyid="${jwkThumbprint(signer!.publicKey)}";nonce="${(count += 1)}";tag="web-bot-auth"`;
      const covered = parseDictionary(`sig1=${input}`).get('sig1') as Member;
      return asJson({ ...request, headers: { ...request.headers, 'signature-input': `sig1=${input}`, signature: `sig1=${byteSequence(await signer!.sign(signatureBase(request, covered)))}` } });
    };
    expect(await check(await signed(), { key: signer!.did, ...NONCES })).toMatchObject({ exit: 0, data: { agent: null } });
    expect(await check(await signed(), { key: signer!.did, ...NONCES, strict: true })).toMatchObject({ exit: 1, headline: 'no: Agent-Identity must name DID and version' });
  });

  test('a did:web is asked for the keys that speak now: a former one does not count', async () => {
    const [signer, other] = await parties;
    const web = 'did:web:agents.example.com';
    const keys = (former: string, newest: string) => ({ root: former, keys: [{ did: former, from: null, ended: { at: '2026-11-21T00:00:00.000Z', cause: 'superseded' as const } }, { did: newest, from: '2026-11-21T00:00:00.000Z', ended: null }] });
    const published = (former: string, newest: string, status = 200) => one.in({ http: { ...one.world.http, fetchPublic: (url) => Promise.resolve({ status: url === 'https://agents.example.com/.well-known/did.json' ? status : 404, headers: {}, body: canonical(didWebHistory(web, keys(former, newest), [former])) }) } });
    const ask = async (there: Tiny) => there.run('identity', 'verify-request', { request: asJson(await honest()), key: web, ...NONCES }).finally(() => rmSync(join(one.world.surroundings.configFolder, 'dids'), { recursive: true, force: true }));
    const verdict = await ask(published(other!.did, signer!.did));
    expect([verdict.exit, linkOf(verdict, 'key')?.['because'], verdict.facts.find((fact) => fact.label === 'keys')?.value]).toEqual([0, 'the key that you named', `${web}, named by you: https://agents.example.com/.well-known/did.json`]);
    expect(await ask(published(signer!.did, other!.did))).toMatchObject({ exit: 3, headline: expect.stringContaining('not the one that you named') });
    expect(await published(other!.did, signer!.did, 404).fault('identity', 'verify-request', { request: asJson(await honest()), key: web })).toMatchObject({ code: 'EVIDENCE_MISSING', exit: 3 });
  });

  test('asked wrongly', async () => {
    const request = asJson(await honest());
    expect(await one.fault('identity', 'verify-request', { request: 'gone' })).toMatchObject({ code: 'USAGE' });
    expect(await one.fault('identity', 'verify-request', { request, key: 'did:key:zX' })).toMatchObject({ code: 'INPUT_INVALID' });
    expect(await one.fault('identity', 'verify-request', { request, key: 'x', directory: 'y' })).toMatchObject({ code: 'USAGE' });
    expect(await one.fault('identity', 'verify-request', { request, directory: 'gone' })).toMatchObject({ code: 'EVIDENCE_MISSING', exit: 3 });
    expect(await one.fault('identity', 'verify-request', { request, origin: 'api.example.com' })).toMatchObject({ code: 'USAGE' });
  });

  test('a directory in a file with its sidecar speaks for its own origin only', async () => {
    const [signer] = await parties;
    const name = await directory(0);
    const signed = await signDirectory(readFileSync(one.path(name), 'utf8'), { origin: HOME, signers: [signer!], created: START, expires: '2026-11-29T12:00:00.000Z' });
    const options = { directory: name, ...NONCES };
    const elsewhere = await honest({ signatureAgent: 'https://other.example' });
    // Without the sidecar the file is what the verifier named himself.
    expect(await check(asJson(elsewhere), options)).toMatchObject({ exit: 0 });
    file(sidecarText(signed), `${name}.headers.json`);
    expect(await check(asJson(await honest({ signatureAgent: HOME })), options)).toMatchObject({ exit: 0 });
    expect(await check(asJson(await honest({ signatureAgent: 'https://other.example' })), options)).toMatchObject({ exit: 3, headline: expect.stringContaining('the keys are those of') });
    file(sidecarText(signed).replace('agents.example.com', 'other.example.com'), `${name}.headers.json`);
    expect(await one.fault('identity', 'verify-request', { request: asJson(elsewhere), ...options })).toMatchObject({ code: 'SIGNATURE_INVALID', exit: 4 });
  });

  describe('a directory by its address', () => {
    let server: Server;
    let base = '';
    let answer: { status: number; type: string; body: string; location?: string } = { status: 200, type: DIRECTORY_TYPE, body: '' };
    const asked: string[] = [];
    beforeAll(async () => {
      server = createServer((incoming, outgoing) => {
        asked.push(incoming.url ?? '');
        outgoing.writeHead(answer.status, { 'content-type': answer.type, ...(answer.location === undefined ? {} : { location: answer.location }) }).end(incoming.url === '/jwks.json' ? answer.body.replace(/^.*CARD/s, '') : answer.body);
      }).listen(0, '127.0.0.1');
      await once(server, 'listening');
      const address = server.address();
      base = `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`;
      answer = { status: 200, type: DIRECTORY_TYPE, body: keyDirectory((await parties)[0]!.publicKey) };
    });
    afterAll(() => { server.closeAllConnections(); server.close(); });

    const from = async (agent: string) => {
      const [signer] = await parties;
      const request: HttpRequest = { method: 'GET', url: 'https://api.example.com/', headers: { 'signature-agent': `sig1="${agent}"` } };
      const input = `("@authority" "signature-agent";key="sig1");created=${SECONDS};expires=${SECONDS + 60};keyid="${jwkThumbprint(signer!.publicKey)}";nonce="${(count += 1)}";tag="web-bot-auth"`;
      const covered = parseDictionary(`sig1=${input}`).get('sig1') as Member;
      return asJson({ ...request, headers: { ...request.headers, 'signature-input': `sig1=${input}`, signature: `sig1=${byteSequence(await signer!.sign(signatureBase(request, covered)))}` } });
    };

    test('is asked at the well-known place, and speaks for the origin that the request names', async () => {
      expect(await check(await from(base), { directory: base, ...NONCES })).toMatchObject({ exit: 0 });
      expect(asked.at(-1)).toBe(DIRECTORY_PATH);
      expect(await check(await from('https://victim.example'), { directory: base, ...NONCES })).toMatchObject({ exit: 3, headline: expect.stringContaining('names https://victim.example/') });
    });

    test.each<[string, Partial<typeof answer>, string, number]>([
      ['not found', { status: 404 }, 'EVIDENCE_MISSING', 3],
      ['not quite found', { status: 203 }, 'EVIDENCE_MISSING', 3],
      ['a redirect', { status: 302, location: 'http://127.0.0.1:1/' }, 'NETWORK', 6],
      ['another type', { type: 'text/html' }, 'EVIDENCE_MISSING', 3],
      ['plain JSON at the well-known place', { type: 'application/json' }, 'EVIDENCE_MISSING', 3],
      ['a shared secret', { body: '{"keys":[{"kty":"oct","k":"AAAA"}]}' }, 'KEY_UNFIT', 4],
      ['no directory', { body: '{}' }, 'INPUT_INVALID', 2],
      ['too much', { body: `{"keys":[],"x":"${'x'.repeat(70_000)}"}` }, 'NETWORK', 6],
    ])('%s is no directory', async (_name, change, code, exit) => {
      const before = answer;
      answer = { ...answer, ...change };
      expect(await one.fault('identity', 'verify-request', { request: await from(base), directory: base, ...NONCES }).finally(() => { answer = before; })).toMatchObject({ code, exit });
    });

    test('a private address is not asked', async () => {
      expect(await one.fault('identity', 'verify-request', { request: await from(base), directory: 'https://10.0.0.1', ...NONCES })).toMatchObject({ code: 'REFUSED', exit: 1 });
    });
  });
});

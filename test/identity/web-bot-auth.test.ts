/** 1.4: requests of others judged as Web Bot Auth asks: two independent packages both ways, and a table of forgeries with their findings. */
import { createHash, createHmac, createPublicKey, createPrivateKey, sign, verify } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import { appendSignature, component, createSignature, verifySignature as verifyOther } from 'http-message-sig';
import { httpbis } from 'http-message-signatures';
import type { HttpRequest, Nonces } from '../../src/domain/ports.js';
import { contentDigest, jwkThumbprint, publicJwk, shortOfOurs, signRequest } from '../../src/identity/http-signature.js';
import { directoryKeys, directoryUrl } from '../../src/identity/key-directory.js';
import { signatureBase } from '../../src/identity/signature-base.js';
import { signerOf } from '../../src/identity/signer.js';
import { byteSequence, parseDictionary, type Member } from '../../src/identity/structured-field.js';
import { parseSignatureAgent, pinnedKey, verifyWebBotAuth, type TrafficCheck } from '../../src/identity/web-bot-auth.js';

const SEED = new Uint8Array(32).fill(7);
const signer = await signerOf(SEED);
const stranger = await signerOf(new Uint8Array(32).fill(8));
const keyid = jwkThumbprint(signer.publicKey);
const privateKey = createPrivateKey({ key: { ...publicJwk(signer.publicKey), d: Buffer.from(SEED).toString('base64url') }, format: 'jwk' });
const publicKey = createPublicKey(privateKey);
const HOME = 'https://agents.example.com';
const CREATED = Math.floor(Date.now() / 1000);
const at = (seconds: number) => new Date((CREATED + seconds) * 1000).toISOString();
const POST: HttpRequest = { method: 'POST', url: 'https://api.example.com/v1/mail?x=1', headers: { 'content-type': 'application/json' }, body: '{"hello": "world"}' };

function memory(): Nonces {
  const used = new Set<string>();
  return { seen: (scope, nonce) => Promise.resolve(used.size === used.add(`${scope} ${nonce}`).size) };
}
const judge = (request: HttpRequest, check: Partial<TrafficCheck> = {}) => verifyWebBotAuth(request, { keys: pinnedKey(signer.publicKey), now: at(1), nonces: memory(), ...check });
const atHome = directoryKeys(new Map([[keyid, signer.publicKey]]), directoryUrl(HOME));

/** What a stranger's software might send: components and parameters of its own choice, honestly signed. */
async function foreign(request: HttpRequest, input: string, { label = 'sig1', by = signer }: { label?: string; by?: typeof signer } = {}): Promise<HttpRequest> {
  const covered = parseDictionary(`${label}=${input}`).get(label) as Member;
  const signature = byteSequence(await by.sign(signatureBase(request, covered)));
  return { ...request, headers: { ...request.headers, 'signature-input': `${label}=${input}`, signature: `${label}=${signature}` } };
}
const params = ({ created = CREATED, expires = CREATED + 60, key = `keyid="${keyid}"`, rest = ';nonce="n1"', tag = 'web-bot-auth' }: { created?: number; expires?: number; key?: string; rest?: string; tag?: string } = {}) => `;created=${created};expires=${expires};${key}${rest};tag="${tag}"`;
const GET: HttpRequest = { method: 'GET', url: 'https://api.example.com/v1/mail', headers: {} };
const named = (value: string): HttpRequest => ({ ...GET, headers: { 'signature-agent': value } });

describe('1.4 traffic of others', () => {
  test.each<[string, HttpRequest, string]>([
    ['the least that the profile asks for', GET, `("@authority")${params()}`],
    ['the whole target instead', GET, `("@target-uri")${params()}`],
    ['a directory of its own', named(`sig1="${HOME}"`), `("@authority" "signature-agent";key="sig1")${params()}`],
    ['the whole header covered', named(`sig1="${HOME}"`), `("@authority" "signature-agent")${params()}`],
    ['the legacy bare string', named(`"${HOME}"`), `("@authority" "signature-agent")${params()}`],
    ['white space where the field allows it', named(`sig1="${HOME}"; type=directory , other="https://other.example"`), `( "@authority"  "signature-agent";key="sig1" )${params({ rest: '; nonce="n1"' })}`],
    ['alg named', GET, `("@authority")${params({ rest: ';alg="ed25519";nonce="n1"' })}`],
    ['Visa TAP with its keyId', GET, `("@authority" "@path")${params({ key: `keyId="${keyid}"`, tag: 'agent-browser-auth' })}`],
  ])('%s is accepted', async (_name, request, input) => {
    expect(await judge(await foreign(request, input), { keys: atHome })).toMatchObject({ ok: true, exit: 0 });
  });

  test.each<[string, HttpRequest, string, number, string, string]>([
    ['no target covered', GET, `("@method")${params()}`, 1, 'profile', 'where the request goes'],
    ['a directory that is not covered', named(`sig1="${HOME}"`), `("@authority")${params()}`, 1, 'profile', 'does not cover Signature-Agent'],
    ['the legacy form covered as a member', named(`"${HOME}"`), `("@authority")${params()}`, 1, 'profile', 'does not cover Signature-Agent'],
    ['a member of another label', named(`agent2="${HOME}"`), `("@authority" "signature-agent";key="agent2")${params()}`, 4, 'fields', 'no member "sig1"'],
    ['a directory by http', named('sig1="http://agents.example.com"'), `("@authority" "signature-agent";key="sig1")${params()}`, 4, 'fields', 'https address'],
    ['a directory with a path', named(`sig1="${HOME}/other"`), `("@authority" "signature-agent";key="sig1")${params()}`, 4, 'fields', 'without a path'],
    ['an unknown type', named(`sig1="${HOME}";type=dns`), `("@authority" "signature-agent";key="sig1")${params()}`, 4, 'fields', 'type other than'],
    ['longer than a day', GET, `("@authority")${params({ expires: CREATED + 86_401 })}`, 1, 'profile', 'longer than a day'],
    ['no end', GET, `("@authority");created=${CREATED};keyid="${keyid}";nonce="n";tag="web-bot-auth"`, 1, 'profile', 'no created and expires'],
    ['no key named', GET, `("@authority");created=${CREATED};expires=${CREATED + 9};nonce="n";tag="web-bot-auth"`, 1, 'profile', 'does not name its key'],
    ['its key named twice', GET, `("@authority")${params({ key: `keyid="${keyid}";keyId="${keyid}"` })}`, 4, 'fields', 'names its key twice'],
    ['no nonce', GET, `("@authority")${params({ rest: '' })}`, 3, 'replay', 'has no nonce'],
    ['another tag', GET, `("@authority")${params({ tag: 'other' })}`, 3, 'fields', 'no web-bot-auth signature'],
    ['a tag from the language instead of the profile', GET, `("@authority")${params({ tag: 'constructor' })}`, 3, 'fields', 'no web-bot-auth signature'],
    ['Visa TAP without a nonce', GET, `("@authority" "@path")${params({ rest: '', tag: 'agent-payer-auth' })}`, 1, 'profile', 'no nonce'],
    ['Visa TAP for nine minutes', GET, `("@authority" "@path")${params({ expires: CREATED + 540, tag: 'agent-payer-auth' })}`, 1, 'profile', '480 seconds'],
    ['Visa TAP without a path', GET, `("@authority")${params({ tag: 'agent-payer-auth' })}`, 1, 'profile', 'where the request goes'],
    ['a body that is not covered', { ...POST, headers: {} }, `("@authority")${params()}`, 3, 'body', 'does not cover the body'],
    ['a digest in another algorithm', { ...POST, headers: { 'content-digest': 'sha-512=:AAAA:' } }, `("@authority" "content-digest")${params()}`, 3, 'body', 'no algorithm that is checked here'],
    ['a component of the response', GET, `("@target-uri" "@authority";req)${params()}`, 4, 'signature', 'not supported'],
    ['a component twice in another order of parameters', named(`sig1="${HOME}"`), `("@authority" "@authority")${params()}`, 4, 'signature', 'covered twice'],
  ])('%s: exit and finding', async (_name, request, input, exit, link, because) => {
    const signed = await foreign(request, input).catch(() => ({ ...request, headers: { ...request.headers, 'signature-input': `sig1=${input}`, signature: `sig1=${byteSequence(new Uint8Array(64))}` } }));
    const verdict = await judge(signed, { keys: atHome });
    expect([verdict.exit, verdict.links.find((one) => one.exit === exit)]).toEqual([exit, expect.objectContaining({ link, because: expect.stringContaining(because) })]);
    expect(verdict.ok).toBe(false);
  });

  test('keys are looked up by place and thumbprint: the attacker\'s directory lists the key, and still speaks for nobody else', async () => {
    const signed = await foreign(named(`sig1="${HOME}"`), `("@authority" "signature-agent";key="sig1")${params()}`);
    const elsewhere = directoryKeys(new Map([[keyid, signer.publicKey]]), directoryUrl('https://attacker.example'));
    expect(await judge(signed, { keys: elsewhere })).toMatchObject({ ok: false, exit: 3, because: `the request names ${directoryUrl(HOME)}, and the keys are those of ${directoryUrl('https://attacker.example')}` });
  });

  test('twin: a source that finds keys by thumbprint alone, and hands out another key, is caught by the thumbprint', async () => {
    const signed = await foreign(GET, `("@authority")${params()}`, { by: stranger });
    const careless = { find: () => Promise.resolve({ publicKey: stranger.publicKey, because: 'found somewhere' }) };
    expect(await judge(signed, { keys: careless })).toMatchObject({ ok: false, exit: 4, because: expect.stringContaining('not the thumbprint') });
  });

  test('the types of Signature-Agent, and what is none', () => {
    expect(parseSignatureAgent(`a="${HOME}", b="${HOME}/jwks.json";type=jwks_uri, c="${HOME}/card";type=cimd`)).toEqual([
      { label: 'a', uri: HOME, type: 'directory' }, { label: 'b', uri: `${HOME}/jwks.json`, type: 'jwks_uri' }, { label: 'c', uri: `${HOME}/card`, type: 'cimd' },
    ]);
    for (const text of ['a=1', 'a', 'a=token', `a="${HOME}";type="jwks_uri"`, 'a="https://u:p@x.example"', 'a="data:,x"', 'a="https://x.example/#y"', '"https://x.example" x', `a=("${HOME}")`]) {
      expect(() => parseSignatureAgent(text)).toThrow(expect.objectContaining({ code: 'INPUT_INVALID' }));
    }
  });
});

describe('1.4 forgeries of a request that agentctl signed', () => {
  const honest = () => signRequest(POST, { signer, agent: { version: '1.2.3', build: null }, created: at(0), nonce: new Uint8Array(16).fill(1), signatureAgent: HOME });
  const withHeader = (request: HttpRequest, name: string, change: (value: string) => string): HttpRequest => ({ ...request, headers: { ...request.headers, [name]: change(request.headers[name] ?? '') } });
  const input = (request: HttpRequest, change: (value: string) => string) => withHeader(request, 'signature-input', change);

  test('the request itself holds, in the general and in the strict profile', async () => {
    for (const demand of [undefined, shortOfOurs]) expect(await judge(await honest(), { keys: atHome, ...(demand ? { demand } : {}) })).toMatchObject({ ok: true, exit: 0 });
  });

  test.each<[string, (request: HttpRequest) => HttpRequest | Promise<HttpRequest>, Partial<TrafficCheck>, number, string, string]>([
    ['signed by another key under this key\'s name', async (one) => input(await signRequest(POST, { signer: { ...stranger, publicKey: signer.publicKey, sign: (bytes) => stranger.sign(bytes) }, agent: { version: '1.2.3', build: null }, created: at(0), nonce: new Uint8Array(16) }), (value) => (one ? value : '')), {}, 4, 'signature', 'false'],
    ['signed by another key', () => signRequest(POST, { signer: stranger, agent: { version: '1', build: null }, created: at(0), nonce: new Uint8Array(16), signatureAgent: HOME }), {}, 3, 'key', 'does not list the key'],
    ['body changed', (one) => ({ ...one, body: '{"hello": "World"}' }), {}, 4, 'body', 'not the one that was signed'],
    ['body gone', ({ body: _body, ...one }) => one, {}, 4, 'body', 'not the one that was signed'],
    ['body and digest replaced', (one) => withHeader({ ...one, body: '{}' }, 'content-digest', () => contentDigest('{}')), {}, 4, 'signature', 'false'],
    ['a second digest beside the first', (one) => withHeader({ ...one, body: '{}' }, 'content-digest', (value) => `${value}, ${contentDigest('{}')}`), {}, 4, 'signature', 'false'],
    ['a covered header added again', (one) => withHeader(one, 'agent-identity', (value) => `${value}, "did:key:zOther"`), {}, 4, 'signature', 'false'],
    ['a header there twice', (one) => ({ ...one, headers: { ...one.headers, 'Signature-Input': 'sig1=("@authority")' } }), {}, 4, 'fields', 'is there twice'],
    ['cover list reordered', (one) => input(one, (value) => value.replace('"@method" "@target-uri"', '"@target-uri" "@method"')), {}, 4, 'signature', 'false'],
    ['cover list cut', (one) => input(one, (value) => value.replace('"@method" ', '')), {}, 4, 'signature', 'false'],
    ['cover list cut, judged strictly', (one) => input(one, (value) => value.replace('"@method" ', '')), { demand: shortOfOurs }, 4, 'signature', 'false'],
    ['expired', (one) => one, { now: at(300) }, 1, 'time', 'has expired'],
    ['in time to the last second', (one) => one, { now: at(299) }, 0, '', ''],
    ['created in the future', (one) => one, { now: at(-31) }, 1, 'time', 'lies in the future'],
    ['created within what two clocks may differ', (one) => one, { now: at(-30) }, 0, '', ''],
    ['times exchanged', (one) => input(one, (value) => value.replace(/expires=\d+/, `expires=${CREATED + 900}`)), {}, 4, 'signature', 'false'],
    ['HMAC with the public key as the secret', (one) => {
      const other = input(one, (value) => value.replace('alg="ed25519"', 'alg="hmac-sha256"'));
      const covered = parseDictionary(other.headers['signature-input'] ?? '').get('sig1') as Member;
      return withHeader(other, 'signature', () => `sig1=${byteSequence(createHmac('sha256', signer.publicKey).update(signatureBase(other, covered)).digest())}`);
    }, {}, 4, 'signature', 'hmac-sha256'],
    ['alg as a token', (one) => input(one, (value) => value.replace('alg="ed25519"', 'alg=ed25519')), {}, 4, 'signature', 'for ed25519'],
    ['label in Signature only', (one) => withHeader(one, 'signature', (value) => value.replace('sig1=', 'sig2=')), {}, 4, 'fields', 'only one of'],
    ['label in Signature-Input only', (one) => input(one, (value) => `${value}, sig2=("@authority")${params()}`), {}, 4, 'fields', 'only one of'],
    ['a label twice', (one) => withHeader(one, 'signature', (value) => `${value}, ${value}`), {}, 4, 'fields', '"sig1" twice'],
    ['a second signature of the profile', (one) => withHeader(input(one, (value) => `${value}, sig2=("@authority")${params()}`), 'signature', (value) => `${value}, sig2=:AAAA:`), {}, 4, 'fields', 'more than one'],
    ['Signature-Agent replaced', (one) => withHeader(one, 'signature-agent', () => 'sig1="https://attacker.example"'), {}, 3, 'key', 'names https://attacker.example/'],
    ['an oversized field', (one) => input(one, (value) => `${value}, ${'x'.repeat(8192)}=1`), {}, 4, 'fields', 'longer than 8192'],
    ['oversized headers', (one) => ({ ...one, headers: { ...one.headers, cookie: 'c'.repeat(65_536) } }), {}, 4, 'fields', 'longer than 65536'],
    ['a header name in Unicode', (one) => ({ ...one, headers: { ...one.headers, 'sıgnature': 'x' } }), {}, 4, 'fields', 'is no header name'],
    ['Unicode in a covered header', (one) => withHeader(one, 'agent-identity', (value) => value.replace('1.2.3', '1.2.３')), {}, 4, 'signature', 'printable ASCII'],
    ['a line break that would start a line of its own', (one) => withHeader(one, 'agent-identity', (value) => `${value}\n"@method": GET`), {}, 4, 'signature', 'printable ASCII'],
    ['fields that do not parse', (one) => input(one, (value) => value.slice(0, -1)), {}, 4, 'fields', 'malformed HTTP field'],
    ['no signature at all', ({ method, url }) => ({ method, url, headers: {} }), {}, 3, 'fields', 'no web-bot-auth signature'],
    ['a signature cut by a byte', (one) => withHeader(one, 'signature', (value) => `sig1=${byteSequence((parseDictionary(value).get('sig1')?.value as Uint8Array).slice(1))}`), {}, 4, 'signature', 'false'],
    ['another method', (one) => ({ ...one, method: 'PUT' }), {}, 4, 'signature', 'false'],
    ['another host', (one) => ({ ...one, url: one.url.replace('api.', 'evil.') }), {}, 4, 'signature', 'false'],
  ])('%s', async (_name, change, check, exit, link, because) => {
    const verdict = await judge(await change(await honest()), { keys: atHome, ...check });
    expect(verdict.exit).toBe(exit);
    if (exit !== 0) expect(verdict.links.find((one) => one.exit === exit)).toMatchObject({ link, because: expect.stringContaining(because) });
  });

  test('replayed: the second time it is refused, and a forged copy before it did not use its nonce up', async () => {
    const [one, nonces] = [await honest(), memory()];
    expect(await judge({ ...one, body: '{}' }, { nonces })).toMatchObject({ exit: 4 });
    expect(await judge(one, { nonces })).toMatchObject({ exit: 0 });
    expect(await judge(one, { nonces })).toMatchObject({ exit: 1, because: 'the request was seen before' });
    expect((await verifyWebBotAuth(one, { keys: atHome, now: at(1) })).exit).toBe(3);
  });

  test('twin: a memory that forgets lets the copy through', async () => {
    const [one, nonces] = [await honest(), { seen: () => Promise.resolve(false) }];
    await judge(one, { nonces });
    expect((await judge(one, { nonces })).exit).toBe(0);
  });
});

describe('1.4 two independent packages, both ways', () => {
  const now = Math.floor(Date.now() / 1000);
  const times = { created: now, expires: now + 60 };
  const expected = createHash('sha256').update(POST.body as string).digest('base64');
  const ours = () => signRequest(POST, { signer, agent: { version: '1.2.3', build: null }, created: new Date(now * 1000).toISOString(), nonce: new Uint8Array(16).fill(2), signatureAgent: HOME });
  const others = { digest: `sha-256=:${expected}:`, agent: `sig1="${HOME}"` };

  test('http-message-signatures verifies what we sign', async () => {
    const { method, url, headers } = await ours();
    const check = (change: Record<string, string>) => httpbis.verifyMessage({ keyLookup: ({ keyid: id }) => Promise.resolve(id === keyid ? { id: keyid, algs: ['ed25519'], verify: (data: Buffer, signature: Buffer) => Promise.resolve(verify(null, data, publicKey, signature)) } : null) }, { method, url, headers: { ...headers, ...change } });
    expect(await check({})).toBe(true);
    expect(await check({ 'content-digest': 'sha-256=:AAAA:' })).toBe(false);
  });

  test('we verify what http-message-signatures signs', async () => {
    const message = { method: POST.method, url: POST.url, headers: { ...POST.headers, 'content-digest': others.digest, 'signature-agent': others.agent } };
    const signed = await httpbis.signMessage({
      key: { id: keyid, alg: 'ed25519', sign: (data: Buffer) => Promise.resolve(sign(null, data, privateKey)) }, name: 'sig1',
      fields: ['@method', '@authority', '@path', '@query', 'content-type', 'content-digest', '"signature-agent";key="sig1"'],
      params: ['created', 'expires', 'keyid', 'alg', 'nonce', 'tag'],
      paramValues: { created: new Date(times.created * 1000), expires: new Date(times.expires * 1000), nonce: 'one', tag: 'web-bot-auth' },
    }, message);
    const request = { ...signed, headers: Object.fromEntries(Object.entries(signed.headers).map(([name, value]) => [name.toLowerCase(), String(value)])), body: POST.body as string };
    expect(await judge(request, { keys: atHome })).toMatchObject({ ok: true, exit: 0 });
    expect(await judge({ ...request, body: '{}' }, { keys: atHome })).toMatchObject({ exit: 4 });
  });

  test('http-message-sig verifies what we sign', async () => {
    const { method, url, headers } = await ours();
    const check = (targetUri: string) => verifyOther({ kind: 'request', method, targetUri, fields: Object.entries(headers).map(([name, value]) => ({ name, value })) }, {
      label: 'sig1',
      policy: { algorithms: ['ed25519'], requiredComponents: ['@method', '@target-uri', component('signature-agent', { key: 'sig1' })], requiredParameters: ['created', 'expires', 'keyid', 'nonce', 'tag'], maxAge: 300, clockSkew: 30 },
      resolveVerifier: () => ({ algorithm: 'ed25519', verify: (data, signature) => verify(null, data, publicKey, signature) }),
    });
    expect(await check(url)).toMatchObject({ label: 'sig1', parameters: { keyid } });
    await expect(check(`${url}&y=2`)).rejects.toMatchObject({ code: 'VerificationFailed' });
  });

  test('we verify what http-message-sig signs', async () => {
    const plain = { ...POST.headers, 'content-digest': others.digest, 'signature-agent': others.agent };
    const fields = await createSignature({ kind: 'request', method: POST.method, targetUri: POST.url, fields: Object.entries(plain).map(([name, value]) => ({ name, value })) }, {
      label: 'sig1', components: ['@method', '@target-uri', '@authority', 'content-digest', component('signature-agent', { key: 'sig1' })],
      parameters: { ...times, keyid, alg: 'ed25519', nonce: 'two', tag: 'web-bot-auth' },
      signer: { algorithm: 'ed25519', sign: (data) => sign(null, data, privateKey) },
    });
    const headers = Object.fromEntries(appendSignature(new Headers(plain), fields));
    expect(await judge({ ...POST, headers }, { keys: atHome })).toMatchObject({ ok: true, exit: 0 });
    expect(await judge({ ...POST, headers, url: `${POST.url}&y=2` }, { keys: atHome })).toMatchObject({ exit: 4 });
  });
});

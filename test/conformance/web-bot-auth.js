/** RFC 9421 in the Web Bot Auth profile: bases rebuilt, signatures verified and made again, for requests and for the response that serves a directory. */
import { join } from 'node:path';
import { readText, Tally } from './tally.js';

const read = (folder, ...path) => JSON.parse(readText(join(folder, 'web-bot-auth', ...path)));
const lower = (headers) => Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
const bytes = (base64url) => new Uint8Array(Buffer.from(base64url, 'base64url'));

export async function webBotAuth(folder, product) {
  const seed = bytes(read(folder, 'examples/rfc9421-keys/ed25519.json').d);
  const signer = await product.signerOf(seed);
  return [await draft(folder, product, signer), await architecture(folder, product, signer), signatureAgents(folder, product), cards(folder, product), thumbprints(folder, product)];
}

/** What is signed, whether it holds, and whether the same key makes the same bytes of it. */
async function holds(tally, name, product, { message, signer, base }) {
  const [[label, covered]] = product.parseDictionary(message.headers['signature-input']);
  const signature = product.parseDictionary(message.headers.signature).get(label).value;
  const rebuilt = product.signatureBase(message, covered);
  if (base !== undefined) tally.check(`${name}: base`, Buffer.from(rebuilt).toString() === base);
  tally.check(`${name}: verifies`, await product.verifySignature(signer.publicKey, rebuilt, signature));
  tally.check(`${name}: the same bytes again`, Buffer.from(await signer.sign(rebuilt)).equals(Buffer.from(signature)));
}

async function draft(folder, product, signer) {
  const tally = new Tally('web-bot-auth draft', 10);
  for (const { name, headers, authority, signatureBase: base, request, body } of read(folder, 'draft-httpsig-protocol.json').vectors) {
    const asked = { method: 'GET', url: request?.url ?? `https://${authority}/`, headers: {} };
    const message = request ? { status: 200, headers: lower(headers), request: asked } : { ...asked, headers: lower(headers) };
    await holds(tally, name, product, { message, signer, base });
    if (body !== undefined) tally.check(`${name}: digest`, product.contentDigest(body) === headers['Content-Digest']);
  }
  return tally;
}

async function architecture(folder, product, signer) {
  const tally = new Tally('web-bot-auth requests', 12);
  for (const version of ['v1', 'v2']) {
    for (const vector of read(folder, `packages/web-bot-auth/test/test_data/web_bot_auth_architecture_${version}.json`)) {
      if (vector.key.kty !== 'OKP') continue;
      const agent = vector.signature_agent === undefined ? {} : { 'signature-agent': vector.signature_agent };
      const message = { method: 'GET', url: vector.target_url, headers: { 'signature-input': vector.signature_input, signature: vector.signature, ...agent } };
      const name = `${version} ${vector.label}`;
      await holds(tally, name, product, { message, signer });
      // A judge of traffic refuses them all: they live longer than a day, or have long expired.
      const { ok } = await product.verifyWebBotAuth(message, { keys: product.pinnedKey(signer.publicKey), now: '2026-11-22T12:00:00.000Z' });
      tally.check(`${name}: no traffic of today`, !ok);
    }
  }
  return tally;
}

function signatureAgents(folder, { parseSignatureAgent }) {
  const tally = new Tally('web-bot-auth Signature-Agent', 3);
  for (const { name, header, entries } of read(folder, 'packages/web-bot-auth/test/test_data/web_bot_auth_signature_agent_v1.json')) {
    const found = parseSignatureAgent(header).map(({ label, uri, type }) => ({ label, uri, type }));
    tally.check(name, JSON.stringify(found) === JSON.stringify(entries));
  }
  return tally;
}

/** The card that holds keys holds the one of the RFC, which is refused for being that. */
function cards(folder, { readAgentCard }) {
  const tally = new Tally('web-bot-auth cards', 4);
  for (const { name, url, valid, card } of read(folder, 'packages/web-bot-auth/test/test_data/web_bot_auth_signature_agent_card_v1.json')) {
    let answer = 'read';
    try {
      readAgentCard(JSON.stringify(card), url);
    } catch (error) {
      if (error?.name !== 'Fault') throw error;
      answer = error.code === 'KEY_UNFIT' && card.jwks?.keys.length > 0 ? 'test key' : 'refused';
    }
    tally.check(name, answer === (valid ? (card.jwks ? 'test key' : 'read') : 'refused'));
  }
  return tally;
}

function thumbprints(folder, { jwkThumbprint, sha256Hex }) {
  const tally = new Tally('web-bot-auth thumbprints', 3);
  for (const vector of read(folder, 'packages/jsonwebkey-thumbprint/test/fixtures/vectors.json')) {
    const { kty, x, crv } = JSON.parse(vector.jwk);
    if (kty !== 'OKP') continue;
    const text = JSON.stringify({ crv, kty, x });
    tally.check(`${vector.name}: members`, Buffer.from(text).toString('hex') === vector.precompute);
    tally.check(`${vector.name}: SHA-256`, sha256Hex(text) === vector.sha256);
    tally.check(`${vector.name}: thumbprint`, jwkThumbprint(bytes(x)) === vector.thumbprint);
  }
  return tally;
}

/** A receiver in its own process: checks requests with an independent RFC 9421 package and node:crypto, and shares no code with agentctl. */
import { createHash, createPublicKey, verify } from 'node:crypto';
import { createServer } from 'node:http';
import { httpbis } from 'http-message-signatures';

const jwk = JSON.parse(process.argv[2]);
const publicKey = createPublicKey({ key: jwk, format: 'jwk' });
const thumbprint = createHash('sha256').update(`{"crv":"Ed25519","kty":"OKP","x":"${jwk.x}"}`).digest('base64url');

const server = createServer(async (request, response) => {
  const chunks = [];
  for await (const chunk of request) chunks.push(chunk);
  const body = Buffer.concat(chunks);
  const message = { method: request.method, url: `http://${request.headers.host}${request.url}`, headers: request.headers };
  let answer;
  try {
    const verified = await httpbis.verifyMessage(
      {
        requiredFields: ['@method', '@target-uri', '@authority', 'agent-identity', ...(body.length > 0 ? ['content-digest'] : [])],
        requiredParams: ['created', 'expires', 'keyid', 'nonce', 'tag'],
        keyLookup: ({ keyid }) => (keyid === thumbprint ? { id: keyid, algs: ['ed25519'], verify: (data, signature) => verify(null, data, publicKey, signature) } : null),
      },
      message,
    );
    const digest = `sha-256=:${createHash('sha256').update(body).digest('base64')}:`;
    answer = { verified, body: body.length === 0 || request.headers['content-digest'] === digest, agent: request.headers['agent-identity'], agentUrl: request.headers['signature-agent'] ?? null };
  } catch (error) {
    answer = { verified: false, error: String(error) };
  }
  response.writeHead(answer.verified ? 200 : 401, { 'content-type': 'application/json' });
  response.end(JSON.stringify(answer));
});
server.listen(0, '127.0.0.1', () => process.send({ port: server.address().port }));
process.on('disconnect', () => server.close());

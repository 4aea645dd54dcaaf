// A key service of somebody else: keeps an Ed25519 key in its own process and signs what it is sent. Knows nothing of agentctl.
import { createServer } from 'node:http';
import { generateKeyPairSync, sign } from 'node:crypto';

const { publicKey, privateKey } = generateKeyPairSync('ed25519');

const server = createServer(async (request, response) => {
  if (request.method === 'GET') return response.end(JSON.stringify(publicKey.export({ format: 'jwk' })));
  const parts = [];
  for await (const part of request) parts.push(part);
  response.end(sign(null, Buffer.concat(parts), privateKey));
});
server.listen(0, '127.0.0.1', () => process.stdout.write(`${server.address().port}\n`));

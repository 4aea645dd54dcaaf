/** Publishes documents over TLS on loopback, and misbehaves where it is asked to: takes the documents by path from its parent, tells it the port. */
import { readFileSync } from 'node:fs';
import { createServer } from 'node:https';

const tls = (name) => readFileSync(new URL(`../fixtures/tls/localhost.${name}`, import.meta.url));
const documents = new Map();
let asked = 0;
const server = createServer({ key: tls('key'), cert: tls('crt') }, (request, response) => {
  asked += 1;
  const path = new URL(request.url, 'https://localhost').pathname;
  const document = documents.get(path);
  if (document === undefined) response.writeHead(404).end('not here');
  else if (document.redirect !== undefined) response.writeHead(302, { location: document.redirect }).end();
  else if (document.status !== undefined) response.writeHead(document.status).end();
  else if (document.slow === true) response.writeHead(200).write('{');
  else response.writeHead(200, { 'content-type': 'application/did+json' }).end(document.text);
});
process.on('message', ({ publish }) => {
  if (publish) documents.set(publish.path, publish);
  process.send({ asked });
});
process.on('disconnect', () => process.exit());
server.listen(0, '127.0.0.1', () => process.send({ port: server.address().port }));

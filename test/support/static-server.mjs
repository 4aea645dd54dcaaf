/** Serves one folder on loopback, as any static host would: with the header fields that its `_headers` lists. Prints its port, knows nothing of agentctl. */
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { extname, join, normalize } from 'node:path';

const root = process.argv[2];
const TYPES = { '.json': 'application/json', '.html': 'text/html; charset=utf-8', '.txt': 'text/plain; charset=utf-8' };

/** Blocks of a path, perhaps with a star at its end, and indented fields. */
async function fieldsOf(path) {
  const text = await readFile(join(root, '_headers'), 'utf8').catch(() => '');
  const blocks = text.split(/\n(?=\S)/).map((block) => block.trim().split('\n').map((line) => line.trim()));
  const fitting = blocks.filter(([pattern]) => pattern === path || (pattern?.endsWith('*') && path.startsWith(pattern.slice(0, -1))));
  return Object.fromEntries(fitting.flatMap(([, ...fields]) => fields.map((field) => [field.slice(0, field.indexOf(':')).toLowerCase(), field.slice(field.indexOf(':') + 1).trim()])));
}

const server = createServer(async (request, response) => {
  const path = normalize(decodeURIComponent(new URL(request.url ?? '/', 'http://localhost').pathname));
  const file = path.endsWith('/') ? `${path}index.html` : path;
  try {
    // A host that understands the file does not serve it.
    if (file === '/_headers') throw new Error('not served');
    const body = await readFile(join(root, file));
    response.writeHead(200, { 'content-type': TYPES[extname(file)] ?? 'application/octet-stream', ...(await fieldsOf(path)) }).end(body);
  } catch {
    response.writeHead(404, { 'content-type': 'text/html' }).end('not here');
  }
});
server.listen(0, '127.0.0.1', () => process.stdout.write(`${server.address().port}\n`));

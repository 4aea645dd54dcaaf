/** Serves one folder on loopback, as any web server would: prints its port, knows nothing of agentctl. */
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { join, normalize } from 'node:path';

const root = process.argv[2];
const server = createServer(async (request, response) => {
  const path = normalize(decodeURIComponent(new URL(request.url ?? '/', 'http://localhost').pathname));
  try {
    response.end(await readFile(join(root, path.endsWith('/') ? `${path}index.html` : path)));
  } catch {
    response.writeHead(404).end('not here');
  }
});
server.listen(0, '127.0.0.1', () => process.stdout.write(`${server.address().port}\n`));

// An MCP server of 2026-07-28 on the protocol's own SDK: `node mcp-stateless-server.mjs stdio`, or `… http json|stream`, each with `serve` to speak the older era as well.
import { createServer } from 'node:http';
import { createMcpHandler, fromJsonSchema, inputRequired, McpServer, ProtocolError } from '@modelcontextprotocol/server';
import { serveStdio } from '@modelcontextprotocol/server/stdio';
import { toNodeHandler } from '@modelcontextprotocol/node';

const [how, form, legacy = 'reject'] = process.argv.slice(2);

const text = (words) => ({ content: [{ type: 'text', text: words }] });
async function answer({ say, late }, { mcpReq }) {
  if (late) await new Promise((done) => setTimeout(done, late));
  if (say === 'never') return new Promise(() => undefined);
  if (say === 'error') return { ...text('index out of range'), isError: true };
  if (say === 'empty') return { content: [] };
  if (say === 'data') return { ...text('x'), structuredContent: { label: 'spam', sure: 0.5 } };
  if (say === 'json') return text('{"label":"spam","sure":0.5}');
  if (say === 'params') throw new ProtocolError(-32602, 'bad arguments');
  if (say === 'inside') throw new ProtocolError(-32603, 'boom');
  if (say === 'own') throw new ProtocolError(-32050, 'quota');
  if (say === 'ask') return inputRequired({ inputRequests: { size: inputRequired.elicit({ message: 'How many?', requestedSchema: { type: 'object', properties: { size: { type: 'string' } } } }) } });
  if (say === 'sample') return inputRequired({ inputRequests: { model: inputRequired.createMessage({ messages: [{ role: 'user', content: { type: 'text', text: 'x' } }], maxTokens: 5 }) } });
  if (say === 'later') return mcpReq.requestState === undefined || mcpReq.requestState() === undefined ? inputRequired({ requestState: 'kept by the client' }) : text(`later: ${mcpReq.requestState()}`);
  return text(`echo: ${say}`);
}

function drill() {
  const server = new McpServer({ name: 'drill', version: '9.9.9' }, { capabilities: { tools: {} } });
  const inputSchema = fromJsonSchema({ type: 'object', properties: { say: { type: 'string', 'x-mcp-header': 'Say' }, late: { type: 'integer', 'x-mcp-header': 'Late' } } });
  server.registerTool('other', { inputSchema }, () => text('other'));
  server.registerTool('answer', { inputSchema }, answer);
  // The helper turns every error of a tool into a result, so the call is taken without it.
  server.server.setRequestHandler('tools/call', ({ params }, context) => answer(params.arguments, context));
  return server;
}

if (how === 'stdio') serveStdio(drill, { legacy: form });
else {
  const handle = toNodeHandler(createMcpHandler(drill, { legacy: legacy === 'serve' ? 'stateless' : 'reject', responseMode: form === 'json' ? 'auto' : 'sse' }));
  const server = createServer((request, response) => handle(request, response)).listen(0, '127.0.0.1', () => process.send({ url: `http://127.0.0.1:${server.address().port}` }));
}

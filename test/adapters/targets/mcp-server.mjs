// An MCP server on the protocol's own SDK: `node mcp-server.mjs` speaks over standard input, `… http json|stream` over streamable HTTP.
import { randomUUID } from 'node:crypto';
import express from 'express';
import { Server } from '@modelcontextprotocol/sdk/server/index.js';
import { StdioServerTransport } from '@modelcontextprotocol/sdk/server/stdio.js';
import { StreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/streamableHttp.js';
import { CallToolRequestSchema, ListToolsRequestSchema, McpError } from '@modelcontextprotocol/sdk/types.js';

function drill() {
  const server = new Server({ name: 'drill', version: '9.9.9' }, { capabilities: { tools: {} } });
  // Two pages, the tool that answers on the second.
  server.setRequestHandler(ListToolsRequestSchema, ({ params }) => {
    const tool = (name) => ({ name, inputSchema: { type: 'object' } });
    return params?.cursor === 'two' ? { tools: [tool('answer')] } : { tools: [tool('other')], nextCursor: 'two' };
  });
  server.setRequestHandler(CallToolRequestSchema, async ({ params }) => {
    const { say, late } = params.arguments;
    const text = (words) => ({ content: [{ type: 'text', text: words }] });
    if (late) await new Promise((done) => setTimeout(done, late));
    if (say === 'never') return new Promise(() => undefined);
    if (say === 'error') return { ...text('index out of range'), isError: true };
    if (say === 'empty') return { content: [] };
    if (say === 'data') return { ...text('x'), structuredContent: { label: 'spam', sure: 0.5 } };
    if (say === 'json') return text('{"label":"spam","sure":0.5}');
    if (say === 'params') throw new McpError(-32602, 'bad arguments');
    if (say === 'inside') throw new McpError(-32603, 'boom');
    if (say === 'own') throw new McpError(-32050, 'quota');
    return text(`echo: ${say}`);
  });
  return server;
}

const [how, form] = process.argv.slice(2);
if (how !== 'http') await drill().connect(new StdioServerTransport());
else {
  const sessions = new Map();
  const app = express();
  app.use(express.json());
  // Forgets every session, as a server does that was started anew.
  app.post('/forget', (_request, response) => { sessions.clear(); response.end(); });
  app.get('/sessions', (_request, response) => response.json([...sessions.keys()]));
  app.all('/mcp', async (request, response) => {
    const known = sessions.get(request.headers['mcp-session-id']);
    if (known) return known.handleRequest(request, response, request.body);
    if (request.headers['mcp-session-id']) return response.status(404).json({ jsonrpc: '2.0', id: null, error: { code: -32001, message: 'session not found' } });
    const transport = new StreamableHTTPServerTransport({ sessionIdGenerator: () => randomUUID(), enableJsonResponse: form === 'json', onsessioninitialized: (id) => sessions.set(id, transport), onsessionclosed: (id) => sessions.delete(id) });
    await drill().connect(transport);
    return transport.handleRequest(request, response, request.body);
  });
  const server = app.listen(0, '127.0.0.1', () => process.send({ url: `http://127.0.0.1:${server.address().port}` }));
}

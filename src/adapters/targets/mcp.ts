/** A tool of an MCP server as the agent (protocol versions up to 2025-11-25): the case in its arguments, the answer in its content. */
import { Fault } from '../../domain/fault.js';
import { isObject, type Json, type JsonObject } from '../../domain/json.js';
import type { TargetRequest } from '../../domain/ports.js';
import { failure, garbage, quote, type Answered } from './answer.js';
import { answerOf, untraced } from './answer-at.js';
import { hosted } from './http.js';
import type { RpcResult } from './json-rpc.js';
import type { McpConnection } from './mcp-connection.js';
import { McpHttp } from './mcp-http.js';
import { McpStdio } from './mcp-stdio.js';
import { memberOf, STARTING, type Setup } from './setup.js';
import { fill, textOf } from './template.js';
import type { Service } from './timed.js';

const NEWEST = '2025-11-25';
const KNOWN: readonly string[] = [NEWEST, '2025-06-18', '2025-03-26', '2024-11-05'];
/** More pages of tools than any honest server has. */
const MOST_PAGES = 50;

/** @throws {Fault} TARGET_FAILED when the server cannot be started, speaks another language or has no such tool */
export async function startMcp(setup: Setup): Promise<Service> {
  const connection: McpConnection = setup.target.command === undefined ? await McpHttp.open(setup) : new McpStdio(setup);
  const service = new McpService(setup, connection);
  try {
    await service.findTool(AbortSignal.timeout(STARTING));
  } catch (cause) {
    await connection.close();
    throw cause;
  }
  return service;
}

class McpService implements Service {
  readonly #setup: Setup;
  readonly #connection: McpConnection;
  readonly #tool: string;
  #greeting: Promise<RpcResult> | undefined;
  #server: JsonObject = {};

  constructor(setup: Setup, connection: McpConnection) {
    this.#setup = setup;
    this.#connection = connection;
    this.#tool = memberOf(setup.target, 'tool');
  }

  /** Many servers answer a call of an unknown tool as if the tool had failed, which would count against the agent. */
  async findTool(signal: AbortSignal): Promise<void> {
    const names: string[] = [];
    let cursor: Json | undefined;
    for (let page = 0; page < MOST_PAGES; page += 1) {
      const listed = await this.#call('tools/list', cursor === undefined ? {} : { cursor }, signal);
      if ('fallen' in listed) throw new Fault('TARGET_FAILED', `the server does not list its tools${'message' in listed.fallen ? `: ${listed.fallen.message}` : ''}`, { at: 'agent.yaml: target', hint: 'see target in agent.yaml, then run the command again' });
      const { tools, nextCursor } = isObject(listed.result) ? listed.result : { tools: undefined, nextCursor: undefined };
      if (Array.isArray(tools)) names.push(...(tools as readonly Json[]).flatMap((one) => (isObject(one) && typeof one['name'] === 'string' ? [one['name']] : [])));
      if (names.includes(this.#tool)) return;
      if (typeof nextCursor !== 'string') break;
      cursor = nextCursor;
    }
    throw new Fault('TARGET_FAILED', `the server has no tool ${quote(this.#tool)}`, { at: 'agent.yaml: target.tool', hint: names.length === 0 ? 'it has no tools' : `it has: ${names.slice(0, 20).map((name) => quote(name)).join(', ')}` });
  }

  async ask(request: TargetRequest, signal: AbortSignal): Promise<Answered> {
    const called = await this.#call('tools/call', { name: this.#tool, arguments: this.#argumentsOf(request) }, signal);
    if ('fallen' in called) return called.fallen;
    const { result } = called;
    if (!isObject(result)) return garbage('the result of the tool is no object');
    const content = contentOf(result);
    if (result['isError'] === true) return failure('tool-error', `the tool failed${content === undefined ? '' : `: ${quote(textOf(content))}`}`);
    return content === undefined ? garbage('the tool gave neither text nor structured content') : untraced(answerOf(content, this.#setup.target.answer));
  }

  async describe(): Promise<JsonObject> {
    return hosted({ mcp: this.#server });
  }

  close(): Promise<void> {
    return this.#connection.close();
  }

  #argumentsOf(request: TargetRequest): JsonObject {
    const given = this.#setup.target.arguments;
    const filled = given === undefined ? request.input : fill(given, request);
    if (isObject(filled)) return filled;
    throw new Fault('TARGET_FAILED', 'the input of a case is no object, so it is no arguments for a tool', { at: request.id, hint: 'name the arguments: target.arguments: { text: "{input}" }' });
  }

  async #call(method: string, params: JsonObject, signal: AbortSignal): Promise<RpcResult> {
    const greeted = await this.#greeted(signal);
    if ('fallen' in greeted) return greeted;
    return this.#connection.call(method, params, signal);
  }

  /** Once for each conversation, however many cases are asked at the time. */
  async #greeted(signal: AbortSignal): Promise<RpcResult> {
    if (this.#connection.fresh) this.#greeting ??= this.#greet(signal).finally(() => (this.#greeting = undefined));
    return this.#greeting ?? { result: null };
  }

  async #greet(signal: AbortSignal): Promise<RpcResult> {
    const greeted = await this.#connection.call('initialize', { protocolVersion: NEWEST, capabilities: {}, clientInfo: { name: 'agentctl', version: '1' } }, signal);
    if ('fallen' in greeted) return greeted;
    const said = isObject(greeted.result) ? greeted.result : {};
    const version = String(said['protocolVersion'] ?? '');
    if (!KNOWN.includes(version)) throw new Fault('TARGET_FAILED', `the server speaks MCP ${quote(version)}`, { at: 'agent.yaml: target', hint: `known: ${KNOWN.join(', ')}` });
    this.#server = { version, server: isObject(said['serverInfo']) ? { name: String(said['serverInfo']['name'] ?? ''), version: String(said['serverInfo']['version'] ?? '') } : null };
    this.#connection.agreed(version);
    await this.#connection.notify('notifications/initialized', signal);
    return greeted;
  }
}

/** Structured content, else all texts together. */
function contentOf({ structuredContent, content }: JsonObject): Json | undefined {
  if (structuredContent !== undefined && structuredContent !== null) return structuredContent;
  const blocks = Array.isArray(content) ? (content as readonly Json[]) : [];
  const texts = blocks.flatMap((block) => (isObject(block) && block['type'] === 'text' && typeof block['text'] === 'string' ? [block['text']] : []));
  return texts.length === 0 ? undefined : texts.join('\n');
}

/** A tool of an MCP server as the agent: the case in its arguments, the answer in its content. */
import { Fault } from '../../domain/fault.js';
import { isObject, type Json, type JsonObject } from '../../domain/json.js';
import type { TargetRequest } from '../../domain/ports.js';
import { quote, type Answered } from './answer.js';
import { hosted } from './http.js';
import type { McpConnection } from './mcp-connection.js';
import { McpConversation } from './mcp-conversation.js';
import { argumentHeaders, mirroredArguments, type MirroredArgument } from './mcp-headers.js';
import { McpHttp } from './mcp-http.js';
import { toolOutcome } from './mcp-outcome.js';
import { McpStdio } from './mcp-stdio.js';
import { pause } from './pause.js';
import { memberOf, STARTING, type Setup } from './setup.js';
import { fill } from './template.js';
import type { Service } from './timed.js';

/** More pages of tools than any honest server has. */
const MOST_PAGES = 50;
/** Pauses before a tool that is not done is asked again. */
const FIRST_PAUSE = 200;
const LAST_PAUSE = 5000;

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
  readonly #conversation: McpConversation;
  readonly #tool: string;
  #mirrored: readonly MirroredArgument[] = [];

  constructor(setup: Setup, connection: McpConnection) {
    this.#setup = setup;
    this.#connection = connection;
    this.#conversation = new McpConversation(connection);
    this.#tool = memberOf(setup.target, 'tool');
  }

  /** Many servers answer a call of an unknown tool as if the tool had failed, which would count against the agent. */
  async findTool(signal: AbortSignal): Promise<void> {
    const names: string[] = [];
    let cursor: Json | undefined;
    for (let page = 0; page < MOST_PAGES; page += 1) {
      const listed = await this.#conversation.call({ method: 'tools/list', params: cursor === undefined ? {} : { cursor } }, signal);
      if ('fallen' in listed) throw new Fault('TARGET_FAILED', `the server does not list its tools${'message' in listed.fallen ? `: ${listed.fallen.message}` : ''}`, { at: 'agent.yaml: target', hint: 'see target in agent.yaml, then run the command again' });
      const { tools, nextCursor } = isObject(listed.result) ? listed.result : { tools: undefined, nextCursor: undefined };
      const named = Array.isArray(tools) ? (tools as readonly Json[]).filter(isObject).filter((one) => typeof one['name'] === 'string') : [];
      names.push(...named.map((one) => String(one['name'])));
      const found = named.find((one) => one['name'] === this.#tool);
      if (found !== undefined) return this.#take(found);
      if (typeof nextCursor !== 'string') break;
      cursor = nextCursor;
    }
    throw new Fault('TARGET_FAILED', `the server has no tool ${quote(this.#tool)}`, { at: 'agent.yaml: target.tool', hint: names.length === 0 ? 'it has no tools' : `it has: ${names.slice(0, 20).map((name) => quote(name)).join(', ')}` });
  }

  async ask(request: TargetRequest, signal: AbortSignal): Promise<Answered> {
    const given = this.#argumentsOf(request);
    const headers = argumentHeaders(this.#mirrored, given);
    let state: JsonObject = {};
    for (let wait = FIRST_PAUSE; ; wait = Math.min(LAST_PAUSE, wait * 2)) {
      const called = await this.#conversation.call({ method: 'tools/call', params: { name: this.#tool, arguments: given, ...state }, headers }, signal);
      if ('fallen' in called) return called.fallen;
      const outcome = toolOutcome(called.result, this.#setup.target.answer);
      if ('outcome' in outcome) return outcome;
      state = { requestState: outcome.again };
      await pause(wait, this.#setup.clock, () => signal.aborted);
    }
  }

  async describe(): Promise<JsonObject> {
    return hosted({ mcp: this.#conversation.server });
  }

  close(): Promise<void> {
    return this.#connection.close();
  }

  /** Only questions of the newer era over HTTP have headers for arguments; there a tool that marks them wrongly counts as none. */
  #take(tool: JsonObject): void {
    if (!this.#conversation.stateless || this.#setup.target.command !== undefined) return;
    const mirrored = mirroredArguments(tool['inputSchema']);
    if (mirrored === undefined) throw new Fault('TARGET_FAILED', `the tool ${quote(this.#tool)} marks arguments for headers as MCP does not allow`, { at: 'agent.yaml: target.tool', hint: 'ask who runs the server to correct x-mcp-header in its input schema' });
    this.#mirrored = mirrored;
  }

  #argumentsOf(request: TargetRequest): JsonObject {
    const given = this.#setup.target.arguments;
    const filled = given === undefined ? request.input : fill(given, request);
    if (isObject(filled)) return filled;
    throw new Fault('TARGET_FAILED', 'the input of a case is no object, so it is no arguments for a tool', { at: request.id, hint: 'name the arguments: target.arguments: { text: "{input}" }' });
  }
}

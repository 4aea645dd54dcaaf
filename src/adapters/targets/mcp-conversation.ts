/** The conversation with an MCP server of either era: up to 2025-11-25 the server is greeted first, from 2026-07-28 on every question says by itself what it speaks. */
import { Fault } from '../../domain/fault.js';
import { isObject, type Json, type JsonObject } from '../../domain/json.js';
import { quote } from './answer.js';
import { resultOf, type RpcResult, type RpcRules } from './json-rpc.js';
import type { McpConnection, McpQuestion, McpReply } from './mcp-connection.js';
import { capabilityLacking } from './mcp-outcome.js';

const STATELESS = '2026-07-28';
const NEWEST_GREETED = '2025-11-25';
const GREETED: readonly string[] = [NEWEST_GREETED, '2025-06-18', '2025-03-26', '2024-11-05'];

/** Errors of the newer era: headers unlike the body, a capability of ours that is lacking, a version that is not spoken. */
const HEADER_MISMATCH = -32_020;
const CAPABILITY_MISSING = -32_021;
const VERSION_UNSUPPORTED = -32_022;
const RPC: RpcRules = { who: 'the server', misasked: new Set([HEADER_MISMATCH, VERSION_UNSUPPORTED]) };

const CLIENT = { name: 'agentctl', version: '1' };
const META = { 'io.modelcontextprotocol/protocolVersion': STATELESS, 'io.modelcontextprotocol/clientInfo': CLIENT, 'io.modelcontextprotocol/clientCapabilities': {} };
const SERVER_INFO = 'io.modelcontextprotocol/serverInfo';
const DISCOVER: McpQuestion = { method: 'server/discover', params: { _meta: META } };
const HELLO: McpQuestion = { method: 'initialize', params: { protocolVersion: NEWEST_GREETED, capabilities: {}, clientInfo: CLIENT } };

export class McpConversation {
  readonly #connection: McpConnection;
  #era: 'stateless' | 'greeted' | undefined;
  #opening: Promise<RpcResult> | undefined;
  #server: JsonObject = {};

  constructor(connection: McpConnection) {
    this.#connection = connection;
  }

  get stateless(): boolean {
    return this.#era === 'stateless';
  }

  /** Version that both speak, and how the server calls itself. */
  get server(): JsonObject {
    return this.#server;
  }

  /** @throws {Fault} TARGET_FAILED for an error that says the question is wrong, or a server that speaks no version of ours */
  async call(question: McpQuestion, signal: AbortSignal): Promise<RpcResult> {
    const opened = await this.#opened(signal);
    if ('fallen' in opened) return opened;
    const reply = await this.#connection.send(this.stateless ? { ...question, params: { ...question.params, _meta: META } } : question, signal);
    return outcome(reply);
  }

  /** Once for each conversation, however many cases are asked at the time. */
  async #opened(signal: AbortSignal): Promise<RpcResult> {
    const lacking = this.#era === undefined || (this.#era === 'greeted' && this.#connection.fresh);
    if (lacking) this.#opening ??= this.#open(signal).finally(() => (this.#opening = undefined));
    return this.#opening ?? { result: null };
  }

  /** The era is the server's and stays: a server that has to be greeted again is not asked for it again. */
  async #open(signal: AbortSignal): Promise<RpcResult> {
    const found = this.#era === 'greeted' ? 'older' : await this.#discover(signal);
    if (typeof found === 'object') return found;
    const said = await this.#connection.send(HELLO, signal);
    // One that was silent and does not want to be greeted only took its time to start.
    const late = found === 'silent' && 'message' in said && isObject(said.message['error']) ? await this.#discover(signal) : undefined;
    return typeof late === 'object' ? late : this.#greetedBy(said, signal);
  }

  /** Whatever is no answer of the newer era is left to the greeting, whose outcome tells what is wrong. */
  async #discover(signal: AbortSignal): Promise<RpcResult | 'older' | 'silent'> {
    const reply = await this.#connection.probe(DISCOVER, signal).catch((cause: unknown) => {
      if (cause instanceof Fault) return 'refused' as const;
      throw cause;
    });
    if (reply === 'silent') return 'silent';
    if (reply === 'refused') return 'older';
    if ('fallen' in reply) return isOfTheWay(reply.fallen) ? reply : 'older';
    const versions = versionsIn(reply.message);
    if (versions === undefined) return isOfTheNewer(reply.message) ? outcome(reply) : 'older';
    if (!versions.includes(STATELESS)) return versions.some((one) => GREETED.includes(one)) ? 'older' : refuse(versions);
    this.#era = 'stateless';
    this.#server = { version: STATELESS, server: nameOf(reply.message['result']) };
    return { result: null };
  }

  async #greetedBy(reply: McpReply, signal: AbortSignal): Promise<RpcResult> {
    const greeted = outcome(reply);
    if ('fallen' in greeted) return greeted;
    const said = isObject(greeted.result) ? greeted.result : {};
    const version = String(said['protocolVersion'] ?? '');
    if (!GREETED.includes(version)) refuse([version]);
    this.#era = 'greeted';
    this.#server = { version, server: nameOf(said) };
    this.#connection.agreed(version);
    await this.#connection.notify('notifications/initialized', signal);
    return greeted;
  }
}

function outcome(reply: McpReply): RpcResult {
  if ('fallen' in reply) return reply;
  const { error } = reply.message;
  if (isObject(error) && error['code'] === CAPABILITY_MISSING) return { fallen: capabilityLacking(error) };
  return resultOf(reply.message, RPC);
}

function isOfTheWay(fallen: { readonly outcome: string; readonly cause?: string }): boolean {
  return fallen.outcome === 'fault' && (fallen.cause === 'unreachable' || fallen.cause === 'overloaded');
}

/** Versions that the server says it speaks: in answer to the question, or because it does not speak the one of the question. */
function versionsIn({ result, error }: JsonObject): readonly string[] | undefined {
  const unsupported = isObject(error) && error['code'] === VERSION_UNSUPPORTED && isObject(error['data']) ? error['data']['supported'] : undefined;
  const told = isObject(result) ? result['supportedVersions'] : unsupported;
  return Array.isArray(told) && told.every((one: Json) => typeof one === 'string') ? (told as readonly string[]) : undefined;
}

function isOfTheNewer({ error }: JsonObject): boolean {
  return isObject(error) && [HEADER_MISMATCH, CAPABILITY_MISSING, VERSION_UNSUPPORTED].includes(error['code'] as number);
}

function refuse(versions: readonly string[]): never {
  const spoken = versions.length === 0 ? 'of no version' : versions.slice(0, 5).map((one) => quote(one)).join(', ');
  throw new Fault('TARGET_FAILED', `the server speaks MCP ${spoken}`, { at: 'agent.yaml: target', hint: `known: ${[STATELESS, ...GREETED].join(', ')}` });
}

/** Since 2026-07-28 a server names itself beside each result, before that in its greeting. */
function nameOf(result: Json | undefined): Json {
  if (!isObject(result)) return null;
  const { _meta: beside } = result;
  const info = (isObject(beside) ? beside[SERVER_INFO] : undefined) ?? result['serverInfo'];
  return isObject(info) ? { name: String(info['name'] ?? ''), version: String(info['version'] ?? '') } : null;
}

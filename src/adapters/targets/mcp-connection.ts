/** How messages reach an MCP server, whichever way it is spoken to. */
import type { JsonObject } from '../../domain/json.js';
import type { RpcResult, RpcRules } from './json-rpc.js';

export const MCP_RPC: RpcRules = { who: 'the server', misasked: new Set() };

/** A conversation that broke begins anew with the next call. */
export interface McpConnection {
  /** Whether the server has to be greeted, first or again. */
  readonly fresh: boolean;
  /** @throws {Fault} TARGET_FAILED for an error that says the question is wrong, or a server that cannot be started */
  call(method: string, params: JsonObject, signal: AbortSignal): Promise<RpcResult>;
  notify(method: string, signal: AbortSignal): Promise<void>;
  /** Told the version that both speak. */
  agreed(version: string): void;
  close(): Promise<void>;
}

/** How messages reach an MCP server, whichever way it is spoken to. */
import type { JsonObject } from '../../domain/json.js';
import type { Answered } from './answer.js';

export interface McpQuestion {
  readonly method: string;
  readonly params: JsonObject;
  /** What goes beside the question where there are headers. */
  readonly headers?: Readonly<Record<string, string>>;
}

/** The server's own words, a result or an error; or why there are none. */
export type McpReply = { readonly message: JsonObject } | { readonly fallen: Answered & { readonly retryAfter?: number } };

/** A conversation that broke begins anew with the next question. */
export interface McpConnection {
  /** Whether a server of the older era has to be greeted, first or again. */
  readonly fresh: boolean;
  /** @throws {Fault} TARGET_FAILED for a status that says the question is wrong, or a server that cannot be started */
  send(question: McpQuestion, signal: AbortSignal): Promise<McpReply>;
  /** Sends what only a server of the newer era knows. `silent` when there was no answer in good time, which may be the way of the older one. */
  probe(question: McpQuestion, signal: AbortSignal): Promise<McpReply | 'silent'>;
  notify(method: string, signal: AbortSignal): Promise<void>;
  /** Told the version of the older era that both speak. */
  agreed(version: string): void;
  close(): Promise<void>;
}

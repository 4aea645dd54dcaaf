/** What an A2A agent card says of the way to its agent: the first interface that we speak, of version 1.0 or 0.3. */
import { Fault } from '../../domain/fault.js';
import { isObject, type Json, type JsonObject } from '../../domain/json.js';
import { isLoopbackHost } from '../public-address.js';
import { allowed } from './wire.js';

export interface A2aInterface {
  readonly url: string;
  readonly binding: 'JSONRPC' | 'HTTP+JSON';
  readonly version: '1.0' | '0.3';
  /** Only 1.0 has tenants; what the card names is handed back. */
  readonly tenant: string | undefined;
}

/** Where the card of an agent lies: the URL itself if it names a JSON document, else the well-known place below it. */
export function cardAddress(url: string): string {
  return new URL(url).pathname.endsWith('.json') ? url : `${url.replace(/\/+$/, '')}/.well-known/agent-card.json`;
}

/** @param at address of the card @throws {Fault} TARGET_FAILED when it names no interface that we speak, or one that may not be asked */
export function interfaceOf(card: JsonObject, at: string): A2aInterface {
  const named = Array.isArray(card['supportedInterfaces']) ? modern(card['supportedInterfaces'] as readonly Json[]) : legacy(card);
  const found = named.find((one) => one !== undefined);
  if (found === undefined) throw new Fault('TARGET_FAILED', 'the agent card names no interface over JSONRPC or HTTP+JSON of A2A 1.0 or 0.3', { at, hint: 'ask who runs the agent for one of them' });
  const { protocol, hostname } = allowed(found.url);
  // A card from elsewhere must not lead a signed request to a service of this machine.
  if (protocol === 'http:' && !isLoopbackHost(new URL(at).hostname)) throw new Fault('TARGET_FAILED', `the agent card leads to ${hostname}, which is this machine`, { at, hint: 'ask who runs the agent to correct the card' });
  return found;
}

function modern(interfaces: readonly Json[]): readonly (A2aInterface | undefined)[] {
  return interfaces.map((one) => {
    if (!isObject(one)) return undefined;
    const { url, protocolBinding, protocolVersion, tenant } = one;
    const version = /^1\.0(\.|$)/.test(String(protocolVersion)) ? '1.0' : /^0\.3(\.|$)/.test(String(protocolVersion)) ? '0.3' : undefined;
    return version === undefined ? undefined : entry(url, protocolBinding, version, tenant);
  });
}

function legacy(card: JsonObject): readonly (A2aInterface | undefined)[] {
  if (!/^0\.3(\.|$)/.test(String(card['protocolVersion'] ?? '0.3'))) return [];
  const more = Array.isArray(card['additionalInterfaces']) ? (card['additionalInterfaces'] as readonly Json[]) : [];
  return [entry(card['url'], card['preferredTransport'] ?? 'JSONRPC', '0.3'), ...more.map((one) => (isObject(one) ? entry(one['url'], one['transport'], '0.3') : undefined))];
}

function entry(url: unknown, binding: unknown, version: A2aInterface['version'], tenant?: unknown): A2aInterface | undefined {
  if (typeof url !== 'string' || (binding !== 'JSONRPC' && binding !== 'HTTP+JSON')) return undefined;
  return { url: url.replace(/\/+$/, ''), binding, version, tenant: typeof tenant === 'string' && tenant !== '' ? tenant : undefined };
}

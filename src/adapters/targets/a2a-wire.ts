/** The four ways in which A2A is spoken: 1.0 and 0.3, each as JSON-RPC and as HTTP+JSON. Requests out of ours, tasks and messages out of theirs. */
import { canonical } from '../../domain/canonical.js';
import { isObject, type Json, type JsonObject } from '../../domain/json.js';
import type { HttpRequest } from '../../domain/ports.js';
import type { A2aInterface } from './a2a-card.js';

/** Where a further turn belongs: the task that waits for it, and the context that the agent gave it, if any. */
export interface Waiting {
  readonly task: string;
  readonly context: string | undefined;
  /** Its status in canonical JSON, where it has a time by which it can be told from a later one. */
  readonly status: string | undefined;
}

export interface Message {
  /** New for each. */
  readonly id: string;
  /** A text, or an object that goes as data. */
  readonly content: Json;
  readonly waiting: Waiting | undefined;
}

export function sendMessage(way: A2aInterface, { id, content, waiting }: Message): HttpRequest {
  const { version, binding, tenant } = way;
  const head = { messageId: id, ...(waiting === undefined ? {} : { taskId: waiting.task, ...(waiting.context === undefined ? {} : { contextId: waiting.context }) }) };
  const part = isObject(content) ? data(way, content) : { text: typeof content === 'string' ? content : canonical(content) };
  if (version === '1.0') {
    const params = { message: { ...head, role: 'ROLE_USER', parts: [part] }, ...(tenant === undefined ? {} : { tenant }) };
    return binding === 'JSONRPC' ? rpc(way, 'SendMessage', id, params) : post(way, `${tenanted(way)}/message:send`, params);
  }
  const blocking = { configuration: { blocking: true } };
  if (binding === 'HTTP+JSON') return post(way, `${way.url}/v1/message:send`, { message: { ...head, role: 'ROLE_USER', content: [part] }, ...blocking });
  return rpc(way, 'message/send', id, { message: { kind: 'message', ...head, role: 'user', parts: [{ kind: 'text' in part ? 'text' : 'data', ...part }] }, ...blocking });
}

export function getTask(way: A2aInterface, id: string, task: string): HttpRequest {
  const { version, binding, tenant } = way;
  if (binding === 'JSONRPC') return rpc(way, version === '1.0' ? 'GetTask' : 'tasks/get', id, { id: task, ...(tenant === undefined ? {} : { tenant }) });
  return { method: 'GET', url: taskPlace(way, task), headers: headers(way) };
}

export function cancelTask(way: A2aInterface, id: string, task: string): HttpRequest {
  const { version, binding, tenant } = way;
  if (binding === 'JSONRPC') return rpc(way, version === '1.0' ? 'CancelTask' : 'tasks/cancel', id, { id: task, ...(tenant === undefined ? {} : { tenant }) });
  return post(way, `${taskPlace(way, task)}:cancel`, {});
}

function taskPlace(way: A2aInterface, task: string): string {
  return way.version === '1.0' ? `${tenanted(way)}/tasks/${encodeURIComponent(task)}` : `${way.url}/v1/tasks/${encodeURIComponent(task)}`;
}

function data({ version, binding }: A2aInterface, content: JsonObject): JsonObject {
  return version === '0.3' && binding === 'HTTP+JSON' ? { data: { data: content } } : { data: content };
}

function tenanted({ url, tenant }: A2aInterface): string {
  return tenant === undefined ? url : `${url}/${encodeURIComponent(tenant)}`;
}

function rpc(way: A2aInterface, method: string, id: string, params: JsonObject): HttpRequest {
  return { method: 'POST', url: way.url, headers: { 'content-type': 'application/json', ...headers(way) }, body: canonical({ jsonrpc: '2.0', id, method, params }) };
}

function post(way: A2aInterface, url: string, body: JsonObject): HttpRequest {
  return { method: 'POST', url, headers: { 'content-type': way.version === '1.0' ? 'application/a2a+json' : 'application/json', ...headers(way) }, body: canonical(body) };
}

/** Without the header a request is one of 0.3. */
function headers({ version, binding }: A2aInterface): Record<string, string> {
  const accept = version === '1.0' && binding === 'HTTP+JSON' ? 'application/a2a+json, application/json' : 'application/json';
  return version === '1.0' ? { accept, 'a2a-version': '1.0' } : { accept };
}

/** What an agent gave back: its message, or how its task stands. */
export type Given = { readonly message: JsonObject } | { readonly id: string; readonly state: string; readonly task: JsonObject };

/** @param result of JSON-RPC, or the body of HTTP+JSON; undefined when it is neither message nor task */
export function givenIn(result: Json | undefined): Given | undefined {
  if (!isObject(result)) return undefined;
  if (isObject(result['message']) && !('status' in result)) return { message: result['message'] };
  if (result['kind'] === 'message') return { message: result };
  const task = isObject(result['task']) ? result['task'] : result;
  const status = task['status'];
  if (typeof task['id'] !== 'string' || !isObject(status) || typeof status['state'] !== 'string') return undefined;
  return { id: task['id'], state: plainState(status['state']), task };
}

/** `TASK_STATE_INPUT_REQUIRED` and `input-required` are one; HTTP+JSON of 0.3 spells canceled with two l. */
function plainState(state: string): string {
  return state.replace(/^TASK_STATE_/, '').toLowerCase().replaceAll('_', '-').replace(/^cancelled$/, 'canceled');
}

/** What a finished task holds: its artifacts, else the message of its status. */
export function contentOfTask(task: JsonObject): Json | undefined {
  const artifacts = Array.isArray(task['artifacts']) ? (task['artifacts'] as readonly Json[]) : [];
  const parts = artifacts.flatMap((one) => partsOf(one));
  return parts.length > 0 ? contentOf(parts) : messageOfTask(task);
}

/** What the status says in words. */
export function messageOfTask({ status }: JsonObject): Json | undefined {
  return isObject(status) && isObject(status['message']) ? contentOfMessage(status['message']) : undefined;
}

export function contentOfMessage(message: JsonObject): Json | undefined {
  return contentOf(partsOf(message));
}

/** Parts are called content in HTTP+JSON of 0.3. */
function partsOf(owner: Json): readonly JsonObject[] {
  const parts = isObject(owner) ? (owner['parts'] ?? owner['content']) : undefined;
  return Array.isArray(parts) ? (parts as readonly Json[]).filter(isObject) : [];
}

/** The only data part, else all texts together. */
function contentOf(parts: readonly JsonObject[]): Json | undefined {
  const texts = parts.flatMap((part) => (typeof part['text'] === 'string' ? [part['text']] : []));
  const [first, ...others] = parts.flatMap((part) => (part['data'] === undefined || part['data'] === null ? [] : [part['data']]));
  if (first !== undefined && others.length === 0) return isObject(first) && Object.keys(first).join() === 'data' && isObject(first['data']) ? first['data'] : first;
  return texts.length === 0 ? undefined : texts.join('\n');
}

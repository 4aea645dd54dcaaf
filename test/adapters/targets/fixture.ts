/** Real servers on this machine, real signatures, and a clock whose pauses are noted instead of waited for. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { performance } from 'node:perf_hooks';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { signRequest } from '../../../src/identity/http-signature.js';
import { signerOf } from '../../../src/identity/signer.js';
import { systemRandom } from '../../../src/adapters/system.js';
import { targets, type TargetOptions } from '../../../src/adapters/targets/targets.js';
import type { Target } from '../../../src/domain/manifest.js';
import type { Clock, RunningTarget, TargetHelp, TargetReply } from '../../../src/domain/ports.js';

export const AGENTS = join(import.meta.dirname, '../../fixtures/agents');
export const signer = await signerOf(new Uint8Array(32).fill(9));
const random = systemRandom();

export const help: TargetHelp = {
  sign: (request) => signRequest(request, { signer, agent: { version: '1.2.3', build: null }, created: new Date().toISOString(), nonce: random.bytes(16) }),
  tools: [{ name: 'move', description: 'Moves a mail.', command: ['true'], input: { type: 'object' } }],
};

export interface NotedClock extends Clock {
  readonly pauses: number[];
}

export function notedClock(): NotedClock {
  const pauses: number[] = [];
  const sleep = (milliseconds: number) => {
    pauses.push(milliseconds);
    return new Promise<void>((done) => { setTimeout(done, 5); });
  };
  return { pauses, sleep, now: () => new Date().toISOString(), monotonic: () => performance.now() };
}

export interface Received {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}
export type Handler = (received: Received, response: ServerResponse, count: number) => void;

const open: (() => unknown)[] = [];
/** Closes what a test opened. */
export async function closeAll(): Promise<void> {
  for (const close of open.splice(0).reverse()) await close();
}
export function closing(close: () => unknown): void {
  open.push(close);
}

/** A service that does what the handler does; `received` holds every request. */
export async function service(handler: Handler): Promise<{ readonly url: string; readonly received: Received[] }> {
  const received: Received[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const one = { method: request.method ?? '', path: request.url ?? '', headers: request.headers, body: Buffer.concat(chunks).toString('utf8') };
      received.push(one);
      handler(one, response, received.length);
    });
  });
  return { url: await listening(server), received };
}

export async function listening(server: Server): Promise<string> {
  await new Promise<void>((done) => { server.listen(0, '127.0.0.1', done); });
  closing(() => {
    server.closeAllConnections();
    return new Promise((done) => { server.close(done); });
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

export function answers(body: unknown, status = 200, headers: Record<string, string> = {}): Handler {
  return (_received, response) => {
    response.writeHead(status, { 'content-type': 'application/json', ...headers });
    response.end(typeof body === 'string' || body instanceof Uint8Array ? body : JSON.stringify(body));
  };
}

/** @param options folder of the build, clock, and what else the adapter is given */
export async function start(target: Target, { folder = AGENTS, clock = notedClock(), ...more }: Partial<TargetOptions> & { readonly folder?: string } = {}): Promise<RunningTarget> {
  const running = await targets({ clock, random, ...more }).start({ timeout: 'PT10S', ...target }, folder, help);
  closing(() => running.close());
  return running;
}

export function freshFolder(files: Readonly<Record<string, string>> = {}): string {
  const folder = mkdtempSync(join(tmpdir(), 'agentctl-target-'));
  closing(() => rmSync(folder, { recursive: true, force: true }));
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text, { mode: 0o600 });
  return folder;
}

/** The class of an outcome, with its cause. */
export function classOf(reply: TargetReply): string {
  return reply.outcome === 'answer' ? 'answer' : `${reply.outcome}: ${reply.cause}`;
}

export function told(reply: TargetReply): string {
  return reply.outcome === 'answer' ? '' : reply.message;
}

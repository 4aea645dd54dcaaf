/** Verifies a long chain on several threads, each with a connection and a part of its own. */
import { Worker } from 'node:worker_threads';
import type { ChainPart, PartOrder } from '../domain/ports.js';
import { cut } from '../ledger/parts.js';

/** What a thread is told. */
export interface Errand {
  /** Of the database. */
  readonly path: string;
  readonly order: PartOrder;
}

/** More would rather wait for the disk than for each other, and each takes memory. */
const THREADS = 2;
/** Strings of rows die at once: a small nursery keeps memory flat. */
const LIMITS = { maxYoungGenerationSizeMb: 8 };

/** @param script see verify-thread.ts @returns undefined when any part does not hold, or a thread could not do its work */
export async function verifyOnThreads(script: URL, path: string, order: PartOrder): Promise<readonly ChainPart[] | undefined> {
  const threads = cut(order, THREADS).map((part) => new Worker(script, { workerData: { path, order: part } satisfies Errand, resourceLimits: LIMITS }));
  const parts = await Promise.all(threads.map(answerOf));
  return parts.every((part) => part !== undefined) ? parts : undefined;
}

/** Whatever ends a thread without an answer, the caller does the same work itself and meets it again. */
function answerOf(thread: Worker): Promise<ChainPart | undefined> {
  return new Promise((resolve) => {
    thread.once('message', (part: ChainPart | undefined) => resolve(part));
    thread.once('error', () => resolve(undefined));
    thread.once('exit', () => resolve(undefined));
  });
}

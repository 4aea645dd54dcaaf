/** Group commit: jobs that arrive together share one durable transaction, and each stands or falls alone. */
import type { Database } from 'better-sqlite3';
import { Fault } from '../domain/fault.js';
import { patiently, type Waiting } from './sqlite-busy.js';
import { leavesDoubt, storeFault } from './sqlite-fault.js';

/** Most jobs in one transaction, so that other processes get their turn. */
const MOST = 200;

interface Job {
  /** Runs inside the transaction; answers how to settle the promise once it is durable. */
  readonly run: () => () => void;
  readonly reject: (error: unknown) => void;
}

/** What jobs keep in memory until their transaction ends. */
export interface Unwritten {
  /** @returns how to come back to this point */
  mark(): () => void;
  /** Writes it, just before the commit. */
  write(): void;
}

export class Writer {
  readonly #db: Database;
  readonly #path: string;
  readonly #waiting: Waiting;
  readonly #unwritten: Unwritten;
  readonly #begin; readonly #commit; readonly #mark; readonly #keep; readonly #undo; readonly #rollback;
  #queue: Job[] = [];
  #working: Promise<void> | undefined;
  #doubt: Fault | undefined;

  constructor(db: Database, unwritten: Unwritten, { path, waiting }: { readonly path: string; readonly waiting: Waiting }) {
    this.#db = db;
    this.#unwritten = unwritten;
    this.#path = path;
    this.#waiting = waiting;
    this.#begin = db.prepare('BEGIN IMMEDIATE');
    this.#commit = db.prepare('COMMIT');
    this.#rollback = db.prepare('ROLLBACK');
    this.#mark = db.prepare('SAVEPOINT job');
    this.#keep = db.prepare('RELEASE job');
    this.#undo = db.prepare('ROLLBACK TO job');
  }

  /** Runs `work` in a transaction that has the write lock; resolves when it is on disk. A fault that `work` throws undoes only its own writes. */
  run<T>(work: () => T): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      this.#queue.push({ reject, run: () => { const result = work(); return () => resolve(result); } });
      // Not at once: whatever else is ready to append now comes along.
      this.#working ??= new Promise<void>((done) => { setImmediate(done); }).then(() => this.#drain());
    });
  }

  /** Resolves when nothing is waiting. */
  async idle(): Promise<void> {
    await this.#working;
  }

  async #drain(): Promise<void> {
    while (this.#queue.length > 0) {
      const batch = this.#queue.splice(0, MOST);
      try {
        await this.#transact(batch);
      } catch (error) {
        for (const job of batch) job.reject(error);
      }
    }
    this.#working = undefined;
  }

  async #transact(batch: readonly Job[]): Promise<void> {
    if (this.#doubt) throw this.#doubt;
    await patiently(() => this.#begin.run(), this.#path, this.#waiting);
    // One job needs no mark to go back to: when it fails, the transaction does.
    const alone = batch.length === 1 ? batch[0] : undefined;
    const back = this.#unwritten.mark();
    try {
      const settle = alone ? [alone.run()] : batch.map((job) => this.#attempt(job));
      this.#unwritten.write();
      this.#commit.run();
      for (const one of settle) one();
    } catch (error) {
      back();
      if (this.#db.inTransaction) this.#rollback.run();
      const fault = storeFault(error, this.#path);
      // Reading back after a failed sync proves nothing; the next process starts from what is on disk.
      if (leavesDoubt(error) && fault instanceof Fault) this.#doubt = fault;
      throw fault;
    }
  }

  #attempt(job: Job): () => void {
    this.#mark.run();
    const back = this.#unwritten.mark();
    try {
      const settle = job.run();
      this.#keep.run();
      return settle;
    } catch (error) {
      if (!(error instanceof Fault)) throw error;
      back();
      this.#undo.run();
      this.#keep.run();
      return () => job.reject(error);
    }
  }
}

/** A connection that reads, made anew when another process wrote to a file that was taken for quiet. */
import { patiently, type Waiting } from './sqlite-busy.js';
import type { Reading } from './sqlite-file.js';

export class Views<V extends Reading> {
  readonly #path: string;
  readonly #open: () => Promise<V>;
  readonly #waiting: Waiting;
  #view: V;
  #reopening: Promise<void> | undefined;

  constructor(path: string, view: V, open: () => Promise<V>, waiting: Waiting) {
    this.#path = path;
    this.#view = view;
    this.#open = open;
    this.#waiting = waiting;
  }

  /** The connection as it is; for writers, whose connection stays. */
  get current(): V {
    return this.#view;
  }

  /** A reader can meet a busy file too: while another process recovers the write-ahead log, or is the last to close it. */
  async read<T>(query: (view: V) => T): Promise<T> {
    for (;;) {
      await this.#reopening;
      const view = this.#view;
      try {
        const result = await patiently(() => query(view), this.#path, this.#waiting);
        if (view.unchanged()) return result;
      } catch (error) {
        if (view.unchanged()) throw error;
      }
      await (this.#reopening ??= this.#reopen());
    }
  }

  close(): void {
    this.#view.db.close();
  }

  async #reopen(): Promise<void> {
    try {
      this.#view.db.close();
      this.#view = await this.#open();
    } finally {
      this.#reopening = undefined;
    }
  }
}

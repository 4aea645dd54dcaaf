/** A connection that reads, made anew when another process wrote to a file that was taken for quiet. */
import { storeFault } from './sqlite-fault.js';
import type { Reading } from './sqlite-file.js';

export class Views<V extends Reading> {
  readonly #path: string;
  readonly #open: () => Promise<V>;
  #view: V;
  #reopening: Promise<void> | undefined;

  constructor(path: string, view: V, open: () => Promise<V>) {
    this.#path = path;
    this.#view = view;
    this.#open = open;
  }

  /** The connection as it is; for writers, whose connection stays. */
  get current(): V {
    return this.#view;
  }

  async read<T>(query: (view: V) => T): Promise<T> {
    for (;;) {
      await this.#reopening;
      const view = this.#view;
      try {
        const result = query(view);
        if (view.unchanged()) return result;
      } catch (error) {
        if (view.unchanged()) throw storeFault(error, this.#path);
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

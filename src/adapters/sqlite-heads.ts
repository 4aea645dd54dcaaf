/** Heads of chains while a write transaction runs: each is read once and written once, however many jobs append to its chain. */
import type { HeadRow, Tables } from './sqlite-tables.js';

interface Moved {
  readonly head: HeadRow;
  /** Size of the head that the file still has; 0 when it has none. */
  readonly stored: number;
}

export class Heads {
  readonly #tables: Pick<Tables, 'head' | 'putHead'>;
  #moved: ReadonlyMap<string, Moved> = new Map();

  constructor(tables: Pick<Tables, 'head' | 'putHead'>) {
    this.#tables = tables;
  }

  /** As the jobs before this one left it. */
  get(chain: string): HeadRow | undefined {
    return this.#moved.get(chain)?.head ?? this.#tables.head(chain);
  }

  /** @param before size of the head that it replaces; 0 when the chain is new */
  put(head: HeadRow, before: number): void {
    const stored = this.#moved.get(head.chain)?.stored ?? before;
    this.#moved = new Map(this.#moved).set(head.chain, { head, stored });
  }

  /** @returns how to come back to this point, for a job or a transaction that is undone */
  mark(): () => void {
    const marked = this.#moved;
    return () => { this.#moved = marked; };
  }

  /** Writes what moved; the last act before the commit. */
  write(): void {
    for (const { head, stored } of this.#moved.values()) this.#tables.putHead(head, stored);
    this.#moved = new Map();
  }
}

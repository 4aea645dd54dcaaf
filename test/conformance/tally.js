/** Counts what was checked, and remembers what did not hold. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

export class Tally {
  /** @param name of the suite @param expected how many checks there have to be; an empty folder is a failure */
  constructor(name, expected) {
    this.name = name;
    this.expected = expected;
    this.count = 0;
    this.failures = [];
  }

  check(what, holds) {
    this.count += 1;
    if (!holds) this.failures.push(what);
  }

  async refuses(what, work) {
    let refused = false;
    try {
      refused = (await work()) === false;
    } catch (error) {
      if (error?.name !== 'Fault') throw error;
      refused = true;
    }
    this.check(what, refused);
  }

  get ok() {
    return this.failures.length === 0 && this.count > 0 && (this.expected === undefined || this.count === this.expected);
  }

  toString() {
    const wanted = this.expected !== undefined && this.count !== this.expected ? `, ${this.expected} were expected` : '';
    return `${this.name.padEnd(28)} ${String(this.count - this.failures.length).padStart(6)} of ${this.count} hold${wanted}${this.ok ? '' : '   FAILED'}`;
  }
}

/** Paths of all files below a folder, sorted; none when it is not there. */
export function filesBelow(folder, ending) {
  try {
    return readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith(ending)).sort().map((name) => join(folder, name));
  } catch (error) {
    if (error.code === 'ENOENT') return [];
    throw error;
  }
}

export const readText = (path) => readFileSync(path, 'utf8');

/** Asks Digital Bazaar's packages, which run in a process of their own: several questions at once, since their start takes a second. */
import { execFile } from 'node:child_process';
import type { JsonObject } from '../../src/domain/json.js';

const SCRIPT = new URL('./digital-bazaar-process.mjs', import.meta.url).pathname;

export interface TheirVerdict {
  readonly verified: boolean;
  /** The status bits that they read; null without a status. */
  readonly status: readonly boolean[] | null;
  readonly error: string | null;
}

/** @param tasks `{ do: 'verify' | 'sign' | 'list', … }` as digital-bazaar-process.mjs takes them */
export function askDigitalBazaar(tasks: readonly JsonObject[]): Promise<readonly unknown[]> {
  return new Promise((resolve, reject) => {
    const child = execFile(process.execPath, [SCRIPT], { maxBuffer: 1e8 }, (error, stdout, stderr) => {
      if (error) reject(new Error(`${error.message}\n${stderr}`));
      else resolve(JSON.parse(stdout) as unknown[]);
    });
    child.stdin?.end(JSON.stringify(tasks));
  });
}

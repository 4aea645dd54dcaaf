/** Doctor's look at the machine: the running Node and the native module. */
import { Fault } from '../../domain/fault.js';
import type { World } from '../../domain/ports.js';

/** One check: what was found, and a fix that can be typed when it is not ok. */
export interface Finding {
  readonly check: string;
  readonly is: 'ok' | 'warn' | 'fail' | 'skipped';
  readonly found: string;
  readonly fix?: string;
}

export const ok = (check: string, found: string): Finding => ({ check, is: 'ok', found });
export const warn = (check: string, found: string, fix: string): Finding => ({ check, is: 'warn', found, fix });
export const fail = (check: string, found: string, fix: string): Finding => ({ check, is: 'fail', found, fix });
export const skipped = (check: string, found: string, fix?: string): Finding => ({ check, is: 'skipped', found, ...(fix === undefined ? {} : { fix }) });

/** Last day of support of each long-term release (https://github.com/nodejs/Release). */
const SUPPORTED_UNTIL: Readonly<Record<number, string>> = { 20: '2026-04-30', 22: '2027-04-30', 24: '2028-04-30', 26: '2029-04-30' };
const LEAST = [20, 19] as const;

export function checkNode({ surroundings, clock }: Pick<World, 'surroundings' | 'clock'>): Finding {
  const [major = 0, minor = 0] = surroundings.node.replace(/^v/, '').split('.').map(Number);
  const name = `Node ${surroundings.node} on ${surroundings.platform}`;
  if (major < LEAST[0] || (major === LEAST[0] && minor < LEAST[1])) return fail('node', `${name} is too old`, `install Node ${LEAST.join('.')} or newer, best an even release`);
  const until = SUPPORTED_UNTIL[major];
  if (until === undefined) return major % 2 === 1 ? warn('node', `${name}: odd releases are supported for months only`, 'use an even release') : ok('node', name);
  if (clock.now().slice(0, 10) > until) return warn('node', `${name} gets no security fixes since ${until}`, 'move to a supported even release, such as Node 24');
  return ok('node', `${name}, supported until ${until}`);
}

/** Loads the native part for real. */
export async function checkSqlite({ stores }: Pick<World, 'stores'>): Promise<Finding> {
  try {
    return ok('native module', `better-sqlite3 loads, ${await stores.engine()}`);
  } catch (cause) {
    if (!(cause instanceof Fault)) throw cause;
    return fail('native module', cause.message, cause.hint ?? 'npm rebuild better-sqlite3');
  }
}

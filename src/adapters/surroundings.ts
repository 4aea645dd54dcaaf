/** Where and as what agentctl runs: working folder, versions, platform, shipped files, environment variables. */
import { existsSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Fault } from '../domain/fault.js';
import type { Surroundings } from '../domain/ports.js';

/**
 * @param interrupted aborted by main on Ctrl-C
 * @param entry the program's first file, see {@link Surroundings.program}
 */
export function surroundings(interrupted: AbortSignal = new AbortController().signal, entry: string = import.meta.url): Surroundings {
  const home = packageFolder();
  const { version } = JSON.parse(readFileSync(join(home, 'package.json'), 'utf8')) as { version?: unknown };
  return {
    cwd: process.cwd(),
    version: typeof version === 'string' ? version : '0.0.0',
    node: process.version,
    platform: `${process.platform}-${process.arch}`,
    home,
    configFolder: configFolder(),
    interrupted,
    program: fileURLToPath(entry),
    // An empty variable is one that somebody meant to clear.
    variable: (name) => process.env[name] || undefined,
  };
}

/** The package's own folder, from the source tree and from a bundle alike: the nearest package.json above this file. */
function packageFolder(): string {
  const start = dirname(fileURLToPath(import.meta.url));
  for (let folder = start; ; folder = dirname(folder)) {
    if (existsSync(join(folder, 'package.json'))) return folder;
    if (folder === dirname(folder)) throw new Fault('IO', 'cannot find the folder of agentctl', { at: start, hint: 'install it again' });
  }
}

/** The user's configuration directory: AGENTCTL_CONFIG_DIR, else where the platform keeps such things. */
function configFolder(): string {
  const { AGENTCTL_CONFIG_DIR, XDG_CONFIG_HOME, APPDATA } = process.env;
  if (AGENTCTL_CONFIG_DIR) return AGENTCTL_CONFIG_DIR;
  if (process.platform === 'win32' && APPDATA) return join(APPDATA, 'agentctl');
  if (process.platform === 'darwin') return join(homedir(), 'Library', 'Application Support', 'agentctl');
  return join(XDG_CONFIG_HOME || join(homedir(), '.config'), 'agentctl');
}

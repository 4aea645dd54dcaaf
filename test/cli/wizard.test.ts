import { describe, expect, test } from '@jest/globals';
import { mkdir, readFile, readdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { surroundings } from '../../src/adapters/surroundings.js';
import { withFolder } from '../support/folder.js';

const BIN = join(surroundings().home, 'bin/agentctl.js');
const ENTER = '\r';
const CTRL_C = '\x03';

interface Terminal {
  /** Waits until the text has appeared since the last one that was waited for. */
  until(text: string): Promise<void>;
  type(text: string): void;
  readonly exit: Promise<number>;
  screen(): string;
}

/** The real program at a real terminal. */
async function start(folder: string, configDir: string, args: readonly string[]): Promise<Terminal> {
  const { spawn } = await import('@lydell/node-pty');
  await mkdir(folder, { recursive: true });
  await mkdir(configDir, { recursive: true, mode: 0o700 });
  const passphrase = join(dirname(configDir), 'passphrase');
  await writeFile(passphrase, 'correct horse\n', { mode: 0o600 });
  const env = { PATH: process.env['PATH'] ?? '', TERM: 'xterm', USER: 'erin', AGENTCTL_CONFIG_DIR: configDir, AGENTCTL_PASSPHRASE_FILE: passphrase };
  const child = spawn(process.execPath, [BIN, ...args], { cwd: folder, env, cols: 120, rows: 50 });
  let text = '';
  let seen = 0;
  let look = (): void => undefined;
  child.onData((data) => {
    text += data;
    look();
  });
  return {
    type: (keys) => child.write(keys),
    screen: () => text,
    exit: new Promise((resolve) => child.onExit(({ exitCode }) => resolve(exitCode))),
    until: (needle) =>
      new Promise((resolve, reject) => {
        const late = setTimeout(() => reject(new Error(`never saw ${JSON.stringify(needle)} in ${JSON.stringify(text.slice(seen))}`)), 10_000);
        look = () => {
          const at = text.indexOf(needle, seen);
          if (at < 0) return;
          seen = at + needle.length;
          clearTimeout(late);
          resolve();
        };
        look();
      }),
  };
}

describe('the wizard at a real terminal', () => {
  test('X1 a wrong answer is told, defaults are taken with Enter, every question says why', () =>
    withFolder(async (folder, configDir) => {
      await mkdir(folder, { recursive: true });
      await writeFile(join(folder, 'agent.js'), '// an agent\n');
      const terminal = await start(folder, configDir, ['init']);
      await terminal.until('It names the agent in every report');
      await terminal.until('Name of the agent:');
      terminal.type(`Big Name${ENTER}`);
      await terminal.until('please: lower-case letters');
      terminal.type(`\x15invoice-clerk${ENTER}`);
      await terminal.until('in one sentence?');
      terminal.type(`\x15Sorts invoices.${ENTER}`);
      await terminal.until('Command that starts it:');
      await terminal.until('node agent.js');
      terminal.type(ENTER);
      await terminal.until('move money');
      terminal.type(`n${ENTER}`);
      await terminal.until('What is at stake?');
      terminal.type(ENTER);
      await terminal.until('Organisation that answers for it:');
      terminal.type(`\x15Example Ltd${ENTER}`);
      await terminal.until('Your short id:');
      terminal.type(ENTER);
      await terminal.until('Your full name:');
      terminal.type(`\x15Erin Engineer${ENTER}`);
      await terminal.until('Your roles:');
      terminal.type(ENTER);
      expect(await terminal.exit).toBe(0);
      expect(terminal.screen()).toContain('agentctl apply');
      const text = await readFile(join(folder, 'agent.yaml'), 'utf8');
      expect(text).toContain('name: invoice-clerk');
      expect(text).toContain('name: Erin Engineer');
      expect(text).toContain('stakes: standard');
      expect(text).toContain('roles: [engineering, product, operations]');
    }));

  test('Ctrl-C in a question is exit 130 and leaves nothing', () =>
    withFolder(async (folder, configDir) => {
      const terminal = await start(folder, configDir, ['init']);
      await terminal.until('Name of the agent:');
      terminal.type(CTRL_C);
      expect(await terminal.exit).toBe(130);
      expect(await readdir(folder)).toEqual([]);
      expect(await readdir(configDir)).toEqual([]);
    }));

  test('--no-input asks nothing even there: exit 2', () =>
    withFolder(async (folder, configDir) => {
      const terminal = await start(folder, configDir, ['init', '--no-input']);
      expect(await terminal.exit).toBe(2);
      expect(terminal.screen()).toContain('ANSWER_MISSING');
    }));
});

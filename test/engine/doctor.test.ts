import { describe, expect, test } from '@jest/globals';
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { chmod, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { doctor } from '../../src/engine/doctor.js';
import { openSession } from '../../src/engine/session.js';
import { withAgent, YES, type Setting } from '../support/agent.js';
import { withFolder } from '../support/folder.js';
import { testWorld, type TestWorld } from '../support/world.js';

const run = promisify(execFile);

/** An agent that has a store already. */
function withStore<T>(work: (setting: Setting) => Promise<T>): Promise<T> {
  return withAgent(async (setting) => {
    const session = await openSession(setting.world(), YES, { mutates: true });
    await session.store.close();
    return work(setting);
  });
}

async function checksOf(world: TestWorld) {
  const report = await doctor(world, YES);
  if (report.kind !== 'outcome') throw new Error('no outcome');
  const checks = report.data.data['checks'] as readonly { check: string; is: string; found: string; fix: string | null }[];
  return { exit: report.exit, next: report.data.next, checks, of: (name: string) => checks.find((one) => one.check === name) };
}

describe('doctor', () => {
  test('a sound machine is exit 0, and every check says what it found', () =>
    withStore(async ({ folder, world }) => {
      await writeFile(join(folder, 'agent.yaml'), (await readFile(join(folder, 'agent.yaml'), 'utf8')).replaceAll('# EDIT', '#'));
      const { exit, checks, of } = await checksOf(world());
      expect(exit).toBe(0);
      expect(checks.filter((one) => one.is === 'fail' || one.is === 'warn')).toEqual([]);
      expect(of('native module')?.found).toMatch(/SQLite 3\.\d+\.\d+/);
      expect(checks.map((one) => one.check)).toEqual(expect.arrayContaining(['node', 'native module', 'configuration', 'passphrase', 'manifest', 'store', 'clock', 'keys', 'git']));
    }));

  test.each<[string, string, string]>([
    ['v18.20.0', 'fail', 'too old'],
    ['v20.18.1', 'fail', 'too old'],
    ['v20.20.2', 'warn', 'no security fixes since 2026-04-30'],
    ['v22.22.0', 'ok', 'supported until 2027-04-30'],
    ['v25.1.0', 'warn', 'odd releases'],
  ])('Node %s is %s', (node, is, found) =>
    withFolder(async (folder, configDir) => {
      await mkdir(folder, { recursive: true });
      const result = await checksOf(testWorld({ cwd: folder, configDir, node }));
      expect(result.of('node')).toMatchObject({ is, found: expect.stringContaining(found) });
      expect(result.exit).toBe(is === 'fail' ? 6 : 0);
      expect(result.of('manifest')).toMatchObject({ is: 'skipped', fix: 'agentctl init' });
    }));

  test('every ailment is found, with a fix that can be typed, exit 6', () =>
    withStore(async ({ folder, configDir, world }) => {
      await chmod(join(configDir, 'keys'), 0o755);
      await chmod(join(folder, '.agentctl', 'ledger.db'), 0o644);
      await writeFile(join(folder, 'agent.yaml'), 'kind: Agnet\n');
      await writeFile(join(folder, '.gitignore'), '');
      await run('git', ['init', '-q'], { cwd: folder });
      const passphrase = join(configDir, 'passphrase');
      await writeFile(passphrase, 'x', { mode: 0o644 });
      const { exit, of } = await checksOf(world({ start: '2026-11-21T12:00:00.000Z', variables: { AGENTCTL_PASSPHRASE_FILE: passphrase } }));
      expect(exit).toBe(6);
      expect(of('configuration')).toMatchObject({ is: 'fail', fix: `chmod -R go-rwx ${configDir}` });
      expect(of('store')).toMatchObject({ is: 'fail', fix: `chmod -R go-rwx ${folder}/.agentctl` });
      expect(of('passphrase')).toMatchObject({ is: 'fail', fix: `chmod 600 ${passphrase}` });
      expect(of('manifest')).toMatchObject({ is: 'fail' });
      expect(of('clock')).toMatchObject({ is: 'fail', found: expect.stringContaining('newest entry') });
      expect(of('git')).toMatchObject({ is: 'fail', fix: `echo '.agentctl/' >> ${folder}/.gitignore` });
    }));

  test('a place that cannot be looked at is a finding, and everything else is looked at still', () =>
    withFolder(async (folder) => {
      await mkdir(folder, { recursive: true });
      const nowhere = join(folder, 'x'.repeat(300));
      const { exit, checks, of } = await checksOf(testWorld({ cwd: folder, configDir: nowhere, variables: { AGENTCTL_PASSPHRASE_FILE: nowhere } }));
      expect(exit).toBe(6);
      expect(of('configuration')).toMatchObject({ is: 'fail', found: expect.stringContaining('the name is too long'), fix: 'choose a shorter name' });
      expect(of('passphrase')).toMatchObject({ is: 'fail' });
      expect(checks.map((one) => one.check)).toEqual(expect.arrayContaining(['manifest', 'store', 'keys', 'git']));
    }));

  test('git is asked itself: an ignored store is ok', () =>
    withStore(async ({ folder, world }) => {
      await run('git', ['init', '-q'], { cwd: folder });
      expect((await checksOf(world())).of('git')).toMatchObject({ is: 'ok' });
    }));

  test('a configuration directory beside the ledger is warned of', () =>
    withFolder(async (folder) => {
      await mkdir(folder, { recursive: true });
      const { of, exit } = await checksOf(testWorld({ cwd: folder, configDir: join(folder, '.agentctl', 'config') }));
      expect(of('keys')).toMatchObject({ is: 'warn', fix: 'set AGENTCTL_CONFIG_DIR to a folder elsewhere' });
      expect(exit).toBe(0);
    }));
});

/** A folder with an agent that `init` has just set up. Slow key derivation happens once per test file: later folders are copies. */
import { afterAll } from '@jest/globals';
import { cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { init } from '../../src/engine/init.js';
import { withFolder } from './folder.js';
import { testWorld, type TestWorld, type TestWorldOptions } from './world.js';

export const YES = { yes: true };

export interface Setting {
  /** Holds agent.yaml. */
  readonly folder: string;
  readonly configDir: string;
  world(more?: Partial<TestWorldOptions>): TestWorld;
}

let made: Promise<string> | undefined;

afterAll(async () => {
  if (made) await rm(await made, { recursive: true, force: true });
});

/** An agent of standard stakes without money; its only operator is `erin` (engineering, product, operations). */
export async function withAgent<T>(work: (setting: Setting) => Promise<T>): Promise<T> {
  const original = await (made ??= make());
  return withFolder(async (folder, configDir) => {
    await cp(join(original, 'agent'), folder, { recursive: true });
    await cp(join(original, 'config'), configDir, { recursive: true });
    return work({ folder, configDir, world: (more) => testWorld({ cwd: folder, configDir, ...more }) });
  });
}

async function make(): Promise<string> {
  const root = await mkdtemp(join(tmpdir(), 'agentctl-agent-'));
  const [folder, configDir] = [join(root, 'agent'), join(root, 'config')];
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, 'agent.js'), '// an agent\n');
  await init(testWorld({ cwd: folder, configDir, variables: { USER: 'erin' } }), YES, {});
  return root;
}

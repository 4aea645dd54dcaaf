/** Scratch folders: one for the agent, one for the user's configuration, gone after the test. */
import { mkdtemp, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export async function withFolder<T>(work: (folder: string, config: string) => Promise<T>): Promise<T> {
  const root = await realpath(await mkdtemp(join(tmpdir(), 'agentctl-')));
  try {
    return await work(join(root, 'agent'), join(root, 'config'));
  } finally {
    await rm(root, { recursive: true, force: true });
  }
}

/** The fault that `work` ends in; fails the test when it does not. */
export async function faultOf(work: Promise<unknown>): Promise<import('../../src/domain/fault.js').Fault> {
  const { Fault } = await import('../../src/domain/fault.js');
  try {
    await work;
  } catch (cause) {
    if (cause instanceof Fault) return cause;
    throw cause;
  }
  throw new Error('it did not fail');
}

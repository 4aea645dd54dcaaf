/** A witness as a real process: `agentctl audit witness serve`, with its address and key as it prints them. */
import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stillProgram } from './still-bundle.js';

export interface RunningWitness {
  readonly url: string;
  readonly key: string;
  readonly folder: string;
  readonly process: ChildProcess;
  /** Ends it as Ctrl-C does. */
  stop(): Promise<{ readonly exit: number | null; readonly stdout: string; readonly stderr: string }>;
}

const running: RunningWitness[] = [];
const folders: string[] = [];

/** @param folder of an earlier one, to go on with its key and memory */
export async function startWitness(logs: readonly string[], { folder = freshWitness(), port = 0 }: { folder?: string; port?: number } = {}): Promise<RunningWitness> {
  const words = ['audit', 'witness', 'serve', '--port', String(port), '--folder', folder, ...logs.flatMap((log) => ['--log', log])];
  const child = spawn(process.execPath, [await stillProgram(), ...words], {
    cwd: folder, stdio: ['ignore', 'pipe', 'pipe'],
    env: { PATH: process.env['PATH'] ?? '', HOME: folder, AGENTCTL_CONFIG_DIR: join(folder, '.config'), STILL_NOW: '2026-11-22T12:00:00.000Z', STILL_SEED: folder },
  });
  let [stdout, stderr] = ['', ''];
  const ended = new Promise<number | null>((resolve) => { child.on('close', resolve); });
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
  const told = new Promise<RegExpExecArray>((resolve, reject) => {
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      stderr += text;
      const found = /witness at (\S+), .*\nits key: (\S+)\n/.exec(stderr);
      if (found) resolve(found);
    });
    child.on('close', () => reject(new Error(`the witness ended: ${stderr}`)));
  });
  const [, url = '', key = ''] = await told;
  const witness: RunningWitness = {
    url, key, folder, process: child,
    async stop() {
      child.kill('SIGINT');
      return { exit: await ended, stdout, stderr };
    },
  };
  running.push(witness);
  return witness;
}

export function freshWitness(): string {
  const folder = mkdtempSync(join(tmpdir(), 'agentctl-witness-'));
  folders.push(folder);
  return folder;
}

/** For `afterAll`. */
export async function stopWitnesses(): Promise<void> {
  await Promise.all(running.splice(0).map((one) => one.stop()));
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
}

/** A child with a group of its own, which is ended as a whole; and why it ended, in its last words. */
import type { ChildProcess } from 'node:child_process';
import { Fault } from '../../domain/fault.js';
import { quote } from './answer.js';

/** How much of the log is kept, to say why a child died. */
export const LOG_TAIL = 2048;

export function endGroup(child: ChildProcess, signal: NodeJS.Signals): void {
  const { pid } = child;
  if (pid === undefined) return;
  try {
    process.kill(-pid, signal);
  } catch (error) {
    // ESRCH: the group has ended already, which is what was wanted.
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') child.kill(signal);
  }
}

export function lastWords(log: string): string {
  const line = log.trim().split('\n').at(-1) ?? '';
  return line === '' ? '' : `; its log ends: ${quote(line)}`;
}

export function notStarted(command: readonly string[], folder: string, cause: unknown): Fault {
  return new Fault('TARGET_FAILED', `cannot start the agent: ${command.join(' ')}`, { at: folder, hint: 'see target.command in agent.yaml; the command sees PATH and nothing else', cause });
}

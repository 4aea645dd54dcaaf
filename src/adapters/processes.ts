/** Short commands with a clean environment: PATH and what the caller names, nothing else of ours. */
import { Fault } from '../domain/fault.js';
import type { Processes, RunResult } from '../domain/ports.js';

/** More output than this is a runaway, not an answer. */
const MAX_OUTPUT = 16 * 1024 * 1024;
/** How long a command may take to end politely. */
const GRACE = 1000;

/** `path` is the PATH that commands see. */
export function processes(path: string): Processes {
  return {
    async run(command, { cwd, input, timeout, env }): Promise<RunResult> {
      const [file, ...rest] = command;
      if (file === undefined || file === '') throw new Fault('INPUT_INVALID', 'a command needs a program');
      const { execa } = await import('execa');
      const child = execa(file, rest, {
        cwd,
        env: { PATH: path, ...env },
        // Tokens and keys in our own environment must not reach a tool.
        extendEnv: false,
        input: input ?? '',
        // A group of its own: grandchildren that hold the pipe open would otherwise outlive the timeout, and us.
        detached: true,
        maxBuffer: MAX_OUTPUT,
        stripFinalNewline: false,
        reject: false,
      });
      const limit = endInTime(child.pid, timeout);
      const result = await child.finally(limit.clear);
      if (result.isMaxBuffer) throw new Fault('IO', `${file} wrote more than ${MAX_OUTPUT / 1024 / 1024} MiB`, { at: file });
      if (child.pid === undefined) throw notStarted(file, cwd, result.code, result.cause);
      return { exit: result.exitCode ?? null, stdout: result.stdout, stderr: result.stderr, timedOut: limit.passed() };
    },
  };
}

/** Ends the group of `pid` after `timeout` milliseconds. */
function endInTime(pid: number | undefined, timeout: number): { passed(): boolean; clear(): void } {
  let late = false;
  let force: NodeJS.Timeout | undefined;
  const timer = setTimeout(() => {
    late = true;
    endGroup(pid, 'SIGTERM');
    force = setTimeout(() => endGroup(pid, 'SIGKILL'), GRACE);
  }, timeout);
  const forget = pid === undefined ? () => undefined : watch(pid);
  return {
    passed: () => late,
    clear() {
      clearTimeout(timer);
      clearTimeout(force);
      forget();
    },
  };
}

/** Groups that are still running: one set and one listener for all, since many commands may run at once. */
const running = new Set<number>();
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** When we are ended, the group ends with us: Ctrl-C in a terminal does not reach a group of its own. */
function watch(pid: number): () => void {
  if (running.size === 0) {
    process.on('exit', endAll);
    for (const signal of SIGNALS) process.on(signal, onSignal);
  }
  running.add(pid);
  return () => {
    running.delete(pid);
    if (running.size === 0) unwatch();
  };
}

function unwatch(): void {
  process.removeListener('exit', endAll);
  for (const signal of SIGNALS) process.removeListener(signal, onSignal);
}

function endAll(): void {
  for (const pid of running) endGroup(pid, 'SIGKILL');
}

function onSignal(signal: NodeJS.Signals): void {
  endAll();
  unwatch();
  // Our listener took the place of the default; without another listener the default has to happen after all.
  if (process.listenerCount(signal) === 0) process.kill(process.pid, signal);
}

function endGroup(pid: number | undefined, signal: NodeJS.Signals): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, signal);
  } catch (error) {
    // ESRCH: it has ended already, which is what was wanted.
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

function notStarted(file: string, cwd: string, code: string | undefined, cause: unknown): Fault {
  if (code === 'EACCES') return new Fault('IO', `cannot start ${file}: permission denied`, { at: file, hint: `make it executable: chmod +x ${file}`, cause });
  if (code === 'ENOENT') return new Fault('IO', `cannot start ${file}: no such program, or no folder ${cwd}`, { at: file, hint: `see whether it is installed: command -v ${file}`, cause });
  return new Fault('IO', `cannot start ${file}: ${cause instanceof Error ? cause.message : code ?? 'unknown reason'}`, { at: file, cause });
}

/** Runs one tool as a process of its own: clean environment, arguments on standard input, one JSON object back, the whole group killed when late. */
import { asObject, parseJson, type JsonObject } from '../domain/json.js';
import type { Tool } from '../domain/manifest.js';
import type { Clock, ToolRun, Tools } from '../domain/ports.js';
import { parseDuration } from '../domain/time.js';

const TIMEOUT = 'PT10S';
/** A result larger than this is a runaway, not an answer. */
const MAX_OUTPUT = 1024 * 1024;

/** `path` is the PATH that tools see, and all they see of our environment. */
export function toolRunner(path: string, clock: Pick<Clock, 'monotonic'>): Tools {
  return {
    async run(tool, args, { folder, build }): Promise<ToolRun> {
      const { execa } = await import('execa');
      const [file = '', ...rest] = tool.command.map((part) => part.replaceAll('{build}', build));
      const started = clock.monotonic();
      const child = execa(file, rest, {
        cwd: folder,
        env: { PATH: path },
        extendEnv: false,
        input: JSON.stringify(args),
        maxBuffer: MAX_OUTPUT,
        stripFinalNewline: false,
        reject: false,
        // A group of its own, so that what the tool started dies with it.
        detached: true,
        cleanup: false,
      });
      let late = false;
      const timer = setTimeout(() => {
        late = true;
        killGroup(child.pid);
        // Somebody who left the group may hold the pipes open for ever.
        child.stdout.destroy();
        child.stderr.destroy();
      }, limitOf(tool));
      const result = await child;
      clearTimeout(timer);
      const milliseconds = Math.round(clock.monotonic() - started);
      if (result.isMaxBuffer) killGroup(child.pid);
      return { milliseconds, ...judge(tool.name, { ...result, started: child.pid !== undefined, stopped: late ? 'after its time' : result.isMaxBuffer ? 'for endless output' : null }) };
    },
  };
}

interface Ended {
  readonly started: boolean;
  /** Why we ended it ourselves; null when we did not. */
  readonly stopped: string | null;
  readonly exitCode?: number | undefined;
  readonly signal?: string | undefined;
  readonly stdout: string;
  readonly stderr: string;
}

/** Only what is proven: an answer after exit 0 is done, an exit status is failed, all else is unknown. */
function judge(name: string, { started, stopped, exitCode, signal, stdout, stderr }: Ended): Omit<ToolRun, 'milliseconds'> {
  if (!started) return { outcome: 'failed', result: null, message: `${name} did not start` };
  if (stopped !== null) return { outcome: 'unknown', result: null, message: `${name} was stopped ${stopped}` };
  if (exitCode === undefined) return { outcome: 'unknown', result: null, message: `${name} ended by ${signal ?? 'an unknown cause'}` };
  if (exitCode !== 0) return { outcome: 'failed', result: null, message: `${name} ended with ${exitCode}: ${lastLine(stderr)}` };
  try {
    return { outcome: 'done', result: answer(stdout, name), message: '' };
  } catch (error) {
    return { outcome: 'unknown', result: null, message: `${name} gave no JSON object: ${error instanceof Error ? error.message : 'unknown reason'}` };
  }
}

function answer(stdout: string, name: string): JsonObject {
  return asObject(parseJson(stdout, name), name);
}

function limitOf(tool: Tool): number {
  return parseDuration(tool.timeout ?? TIMEOUT);
}

function killGroup(pid: number | undefined): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, 'SIGKILL');
  } catch (error) {
    // The group may have ended by itself meanwhile.
    if ((error as { readonly code?: unknown }).code !== 'ESRCH') throw error;
  }
}

function lastLine(stderr: string): string {
  return stderr.trimEnd().split('\n').at(-1)?.slice(0, 500) ?? '';
}

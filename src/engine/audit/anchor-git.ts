/** A git repository as an anchor: every published checkpoint is a commit, and all of them are compared, so that a rewritten ledger meets its own past. */
import { Fault } from '../../domain/fault.js';
import type { RunResult } from '../../domain/ports.js';
import { checkPublished } from '../published-checkpoint.js';
import type { Session } from '../session.js';
import { NOTHING_SEEN, type Anchorage, type Seen } from './anchorage.js';

const TIMEOUT = 30_000;
/** Hooks and signing are the user's, for commits of the user. */
const GIT = ['git', '-c', 'core.hooksPath=/dev/null', '-c', 'commit.gpgsign=false', '-c', 'core.quotePath=false'];
const MAIL = 'agentctl@localhost';

/** @param folder a working tree @param name how people call the anchor */
export function gitAnchorage(folder: string, name: string): Anchorage {
  return {
    compare: async (session) => (await compared(session, folder, name)).seen,
    async publish(session) {
      const { notes } = await compared(session, folder, name);
      const newest = await session.store.checkpoint(session.chain);
      if (!newest) throw new Fault('INTERNAL', 'there is no checkpoint to publish');
      if (!notes.includes(newest.note)) await commit(session, folder, name, newest);
      return { size: newest.size };
    },
  };
}

/** Several agents may share a repository. */
function fileOf({ chain }: Session): string {
  return `agentctl/${chain}.checkpoint`;
}

async function compared(session: Session, folder: string, name: string): Promise<{ readonly seen: Seen | string; readonly notes: readonly string[] }> {
  const notes = await committed(session, folder, name);
  const sizes: number[] = [];
  for (const note of new Set(notes)) sizes.push(await checkPublished(session, note, `${folder}/${fileOf(session)}`, name));
  return { seen: sizes.length === 0 ? NOTHING_SEEN : { size: Math.max(...sizes) }, notes };
}

/** Every version of the file on any branch, local or fetched. */
async function committed(session: Session, folder: string, name: string): Promise<readonly string[]> {
  const file = fileOf(session);
  const log = await git(session, folder, name, ['log', '--all', '--format=%H', '--', file]);
  const commits = log.stdout.split('\n').filter((line) => line !== '');
  if (commits.length === 0) return [];
  const { stdout } = await git(session, folder, name, ['cat-file', '--batch'], commits.map((commit) => `${commit}:./${file}\n`).join(''));
  return contentsOf(Buffer.from(stdout), name);
}

/** `<object> blob <bytes>`, a newline, the bytes, a newline; a version in which the file was removed is told as missing. */
function contentsOf(output: Buffer, name: string): readonly string[] {
  const notes: string[] = [];
  for (let at = 0; at < output.length; ) {
    const end = output.indexOf('\n', at);
    const head = output.subarray(at, end).toString();
    at = end + 1;
    if (end < 0) throw unreadable(name);
    if (head.endsWith(' missing')) continue;
    const length = /^[0-9a-f]+ blob (\d+)$/.exec(head)?.[1];
    if (length === undefined) throw unreadable(name);
    notes.push(output.subarray(at, at + Number(length)).toString());
    at += Number(length) + 1;
  }
  return notes;
}

function unreadable(name: string): Fault {
  return new Fault('IO', `${name} answers with something that git does not say`, { at: name, hint: 'git --version' });
}

async function commit(session: Session, folder: string, name: string, { size, note }: { readonly size: number; readonly note: string }): Promise<void> {
  const file = fileOf(session);
  await session.world.files.write(`${folder}/${file}`, note);
  await git(session, folder, name, ['add', '--force', '--', file]);
  await git(session, folder, name, ['commit', '--quiet', '--no-verify', '--only', '--message', `Checkpoint of ${note.split('\n', 1)[0] ?? ''} over ${size} entries`, '--', file]);
}

async function git({ world }: Session, folder: string, name: string, words: readonly string[], input?: string): Promise<RunResult> {
  const at = world.clock.now();
  const env = {
    GIT_AUTHOR_NAME: 'agentctl', GIT_AUTHOR_EMAIL: MAIL, GIT_AUTHOR_DATE: at, GIT_COMMITTER_NAME: 'agentctl', GIT_COMMITTER_EMAIL: MAIL, GIT_COMMITTER_DATE: at,
    GIT_TERMINAL_PROMPT: '0', LC_ALL: 'C',
  };
  if ((await world.files.info(folder))?.kind !== 'directory') throw new Fault('IO', `${name} is not there`, { at: folder, hint: `git init ${folder}` });
  const result = await world.processes.run([...GIT, ...words], { cwd: folder, timeout: TIMEOUT, env, ...(input === undefined ? {} : { input }) });
  if (result.exit === 0) return result;
  const why = result.timedOut ? `no answer within ${TIMEOUT / 1000} seconds` : (result.stderr.trim().split('\n')[0] ?? '');
  throw new Fault('IO', `${name} cannot be used: ${why}`, { at: folder, hint: `git -C ${folder} status` });
}

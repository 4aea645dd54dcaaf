/** Doctor's look at files: who can read the keys and the store, whether git would publish them. */
import { Fault } from '../../domain/fault.js';
import type { FileInfo, World } from '../../domain/ports.js';
import { ignoresStore } from '../init/companions.js';
import { STORE_FOLDER } from '../session.js';
import { fail, ok, skipped, warn, type Finding } from './machine.js';

const OTHERS = 0o077;

/** Folders 0700 and files 0600, so that other users of the machine read nothing. */
export async function checkModes(world: Pick<World, 'files' | 'surroundings'>, check: string, folder: string): Promise<readonly Finding[]> {
  return orUnreadable(check, () => modesOf(world, check, folder));
}

/** What cannot be looked at is a finding, not the end of the examination. */
async function orUnreadable(check: string, look: () => Promise<readonly Finding[]>): Promise<readonly Finding[]> {
  try {
    return await look();
  } catch (cause) {
    if (!(cause instanceof Fault) || cause.code !== 'IO') throw cause;
    return [fail(check, cause.message, cause.hint?.replace(/^.*?: /, '') ?? 'agentctl doctor --verbose')];
  }
}

async function modesOf({ files, surroundings }: Pick<World, 'files' | 'surroundings'>, check: string, folder: string): Promise<readonly Finding[]> {
  const root = await files.info(folder);
  if (!root) return [skipped(check, `${folder} does not exist yet`)];
  if (surroundings.platform.startsWith('win32')) return [skipped(check, 'modes mean nothing on Windows; the profile folder protects it')];
  if (root.kind !== 'directory') return [fail(check, `${folder} is a ${root.kind}, not a folder`, `ls -ld ${folder}`)];
  const open = [root, ...(await files.list(folder)).map((info) => ({ ...info, path: `${folder}/${info.path}` }))].filter(isOpen);
  const [first] = open;
  if (!first) return [ok(check, `${folder}: only you can read it`)];
  const more = open.length > 1 ? `, and ${open.length - 1} more` : '';
  return [fail(check, `${first.path} has mode ${first.mode.toString(8)}${more}: other users can open it`, `chmod -R go-rwx ${folder}`)];
}

function isOpen(info: FileInfo): boolean {
  return info.kind !== 'link' && (info.mode & OTHERS) !== 0;
}

/** Whether a passphrase can be had without a terminal. */
export async function checkPassphrase(world: Pick<World, 'files' | 'surroundings'>): Promise<readonly Finding[]> {
  const path = world.surroundings.variable('AGENTCTL_PASSPHRASE_FILE');
  if (path === undefined) return [ok('passphrase', 'asked at the terminal when a person signs; AGENTCTL_PASSPHRASE_FILE is not set')];
  return orUnreadable('passphrase', async () => [await passphraseFile(world, path)]);
}

async function passphraseFile({ files, surroundings }: Pick<World, 'files' | 'surroundings'>, path: string): Promise<Finding> {
  const info = await files.info(path);
  if (info?.kind !== 'file') return fail('passphrase', `AGENTCTL_PASSPHRASE_FILE names ${path}, which is no file`, `correct AGENTCTL_PASSPHRASE_FILE`);
  if (!surroundings.platform.startsWith('win32') && (info.mode & OTHERS) !== 0) return fail('passphrase', `${path} can be read by other users`, `chmod 600 ${path}`);
  return ok('passphrase', `from ${path}`);
}

export async function checkKeyPlacement({ keys }: Pick<World, 'keys'>, store: string): Promise<Finding> {
  const [first] = await keys(store).placement();
  return first === undefined ? ok('keys', 'what unwraps the service keys lies apart from the ledger') : warn('keys', first, 'set AGENTCTL_CONFIG_DIR to a folder elsewhere');
}

/** Asks git itself, since rules come from many places; without git, reads the .gitignore beside the manifest. */
export async function checkIgnored(world: Pick<World, 'files' | 'processes'>, folder: string): Promise<Finding> {
  const fix = `echo '${STORE_FOLDER}/' >> ${folder}/.gitignore`;
  const problem = `git would take ${STORE_FOLDER}/ along, and with it keys and tokens`;
  const git = await askGit(world, folder);
  if (git === 'no repository') return skipped('git', `${folder} is in no git repository`);
  if (git === 'no answer') return warn('git', `git does not say whether it would take ${STORE_FOLDER}/ along`, `git -C ${folder} check-ignore -v ${STORE_FOLDER}`);
  if (git !== 'no git') return git === 'ignored' ? ok('git', `${STORE_FOLDER}/ is ignored`) : fail('git', problem, fix);
  const path = `${folder}/.gitignore`;
  const ignored = (await world.files.exists(path)) && ignoresStore(await world.files.readText(path));
  return ignored ? ok('git', `${STORE_FOLDER}/ is in .gitignore`) : warn('git', `git is not installed, and ${path} does not name ${STORE_FOLDER}/`, fix);
}

async function askGit({ processes }: Pick<World, 'processes'>, folder: string): Promise<'ignored' | 'taken' | 'no repository' | 'no answer' | 'no git'> {
  try {
    const { exit, stderr } = await processes.run(['git', 'check-ignore', '--quiet', `${STORE_FOLDER}/ledger.db`], { cwd: folder, timeout: 5000 });
    if (exit === 0 || exit === 1) return exit === 0 ? 'ignored' : 'taken';
    return stderr.includes('not a git repository') ? 'no repository' : 'no answer';
  } catch (cause) {
    if (cause instanceof Fault) return 'no git';
    throw cause;
  }
}

/**
 * The triager's tools, as commands: `node mailbox.js quarantine|release|notify --maildir DIR`.
 * Arguments come as one JSON object on standard input, the result leaves as one on standard output.
 * Exit 0: done. Exit 1: not done, and `{"error":{"code","message"}}` says why.
 */
import { appendFileSync, existsSync, mkdirSync, readFileSync, renameSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';

/** Names of files, and nothing else: no separator, no dot, so no way out of the folder. */
const HANDLE = /^m-[0-9a-f]{24}$/;
const LONGEST_NOTE = 500;

class Refused extends Error {
  constructor(code, message) {
    super(message);
    this.code = code;
  }
}

const VERBS = {
  quarantine: (maildir, args) => move(maildir, args, 'quarantine'),
  release: (maildir, args) => move(maildir, args, 'delivered'),
  notify,
};

function main() {
  const { positionals, values } = parseArgs({ allowPositionals: true, options: { maildir: { type: 'string' } } });
  const verb = positionals.length === 1 && Object.hasOwn(VERBS, positionals[0]) ? VERBS[positionals[0]] : undefined;
  if (!verb || !values.maildir) throw new Refused('usage', 'usage: mailbox.js quarantine|release|notify --maildir DIR');
  return verb(resolve(values.maildir), readArguments());
}

/** A rename: at every instant the mail lies in exactly one box, and of two movers one finds it gone. */
function move(maildir, args, box) {
  onlyKeys(args, ['message']);
  const message = handleOf(args);
  const to = join(maildir, box, 'new', message);
  mkdirSync(join(maildir, box, 'new'), { recursive: true });
  // rename would replace silently, and a mail would be gone.
  if (existsSync(to)) throw new Refused('already-there', `${message} is already in ${box}`);
  try {
    renameSync(join(maildir, 'inbox', 'new', message), to);
  } catch (error) {
    if (error.code === 'ENOENT') throw new Refused('not-there', `${message} is not in the inbox`);
    throw error;
  }
  return { message, moved: `${box}/new` };
}

function notify(maildir, args) {
  onlyKeys(args, ['message', 'text']);
  const message = handleOf(args);
  if (typeof args.text !== 'string' || args.text === '' || args.text.length > LONGEST_NOTE) throw new Refused('invalid', `text must have 1 to ${LONGEST_NOTE} characters`);
  mkdirSync(join(maildir, 'owner'), { recursive: true });
  appendFileSync(join(maildir, 'owner', 'notes.jsonl'), `${JSON.stringify({ message, text: args.text })}\n`);
  return { message, noted: 'owner/notes.jsonl' };
}

function readArguments() {
  let args;
  try {
    args = JSON.parse(readFileSync(0, 'utf8'));
  } catch {
    throw new Refused('invalid', 'standard input must hold one JSON object');
  }
  if (typeof args !== 'object' || args === null || Array.isArray(args)) throw new Refused('invalid', 'standard input must hold one JSON object');
  return args;
}

function onlyKeys(args, allowed) {
  const stranger = Object.keys(args).find((key) => !allowed.includes(key));
  if (stranger !== undefined) throw new Refused('invalid', `unknown argument ${JSON.stringify(stranger)}`);
}

function handleOf({ message }) {
  if (typeof message !== 'string' || !HANDLE.test(message)) throw new Refused('invalid', 'message must be a handle: m- and 24 hex digits');
  return message;
}

try {
  process.stdout.write(`${JSON.stringify(main())}\n`);
} catch (error) {
  process.stdout.write(`${JSON.stringify({ error: { code: error.code ?? 'failed', message: error.message } })}\n`);
  process.exitCode = 1;
}

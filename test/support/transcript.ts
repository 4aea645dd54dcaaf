/**
 * Transcripts: what is typed, exactly what is seen, and the exit status. They are the manual and its test.
 *
 * A file opens with a line on why it exists and a line `# Desk: <stage>`. Then come commands, `$ agentctl …`, each followed by its standard output,
 * its standard error marked `2> `, and `[exit n]`. Beside agentctl there are `edit FILE s/old/new/`, `append FILE LINE`,
 * `cat FILE`, `ls FOLDER`, `rm FILE`, and `clock +P1D` or `clock INSTANT`.
 * A word that holds `*` stands for the newest word seen above that fits it, and `< FILE` gives standard input. The home folder reads `~`.
 */
import { appendFileSync, readdirSync, rmSync } from 'node:fs';
import type { Desk } from './cli.js';
import { desk, isStage, type Stage } from './stages.js';

export interface Transcript {
  readonly why: string;
  readonly stage: Stage;
  /** Lines of prose and commands, in order; what was recorded below a command is not among them. */
  readonly script: readonly string[];
}

/** @throws when the file does not open as it should, or holds text that belongs to nothing */
export function readTranscript(text: string): Transcript {
  const [why = '', where = '', ...rest] = text.split('\n');
  const stage = /^# Desk: (\w+)$/.exec(where)?.[1] ?? '';
  if (!/^# .{20,}/.test(why)) throw new Error('the first line does not say why the transcript exists');
  if (!isStage(stage)) throw new Error(`the second line is not "# Desk: <stage>": ${where}`);
  const script: string[] = [];
  // A script that was never recorded has no output yet: every line is its own.
  const recorded = /^\[exit \d+\]$/m.test(text);
  let inside = false;
  for (const line of rest) {
    if (line.startsWith('$ ') || (!inside && line.startsWith('#'))) script.push(line);
    else if (!inside && line !== '') throw new Error(`belongs to no command: ${line}`);
    if (line.startsWith('$ ')) inside = recorded;
    if (/^\[exit \d+\]$/.test(line)) inside = false;
  }
  return { why, stage, script };
}

/** Types the script at a desk of its own and writes down what is seen. */
export async function play({ why, stage, script }: Transcript, seed: string): Promise<string> {
  const at = await desk(stage, seed);
  let page = `${why}\n# Desk: ${stage}\n`;
  for (const line of script) {
    if (line.startsWith('#')) {
      page += `\n${line}\n`;
      continue;
    }
    const { stdout, stderr, exit } = await type(at, line.slice(2), page);
    const seen = `${stdout}${stderr === '' ? '' : stderr.replace(/\n$/, '').replace(/^/gm, '2> ')}`.replace(/\n?$/, (end) => (stdout + stderr === '' ? '' : end || '\n'));
    page += `${page.endsWith(']\n') ? '\n' : ''}${line}\n${anonymous(seen, at)}[exit ${exit}]\n`;
  }
  return page;
}

/** What differs between machines: where the home lies, and what agentctl runs on. */
function anonymous(text: string, at: Desk): string {
  return text.replaceAll(at.home, '~').replaceAll(process.version, 'v<node>').replaceAll(`node ${process.versions.node}`, 'node <node>')
    .replaceAll(`${process.platform}-${process.arch}`, '<platform>').replace(/SQLite \d+\.\d+\.\d+/g, 'SQLite <version>').replace(/supported until \d{4}-\d{2}-\d{2}/g, 'supported until <date>');
}

/** Words as a shell splits them, double quotes and all. */
export function split(line: string): readonly string[] {
  return [...line.matchAll(/"([^"]*)"|(\S+)/g)].map(([, quoted, bare]) => quoted ?? bare ?? '');
}

function lookedUp(word: string, page: string): string {
  if (!word.includes('*')) return word;
  const pattern = new RegExp(`^${word.split('*').map((part) => part.replace(/[.+?^${}()|[\]\\]/g, '\\$&')).join('[^*]+')}$`);
  const found = page.split('\n').filter((line) => !line.startsWith('$ ')).flatMap((line) => line.split(/[\s,()"]+/)).findLast((one) => pattern.test(one));
  if (found === undefined) throw new Error(`nothing above fits "${word}"`);
  return found;
}

async function type(at: Desk, line: string, page: string): Promise<{ stdout: string; stderr: string; exit: number | null }> {
  const [command = '', ...words] = /^(edit|append) /.test(line) ? [line.split(' ')[0] ?? ''] : split(line).map((word) => lookedUp(word, page).replace(/^~(?=\/)/, at.home));
  const [first = ''] = words;
  const done = { stdout: '', stderr: '', exit: 0 };
  if (command === 'agentctl') {
    const from = words.indexOf('<');
    return from < 0 ? at.run(words) : at.run(words.slice(0, from), { input: at.read(words[from + 1] ?? '') });
  }
  if (command === 'cat') return { ...done, stdout: at.read(first) };
  if (command === 'ls') return { ...done, stdout: readdirSync(at.path(first)).sort().map((name) => `${name}\n`).join('') };
  if (command === 'rm') rmSync(at.path(first));
  else if (command === 'clock' && first.startsWith('+')) at.wait(first.slice(1));
  else if (command === 'clock') at.now = first;
  else if (command === 'edit') edit(at, line);
  else if (command === 'append') appendFileSync(at.path(line.split(' ')[1] ?? ''), `${line.split(' ').slice(2).join(' ')}\n`);
  else throw new Error(`a transcript cannot type "${command}"`);
  return done;
}

/** `edit FILE s/old/new/`: plain text, once; any mark may stand for the slash. */
function edit(at: Desk, line: string): void {
  const [, file = '', old = '', fresh = ''] = /^edit (\S+) s(?<mark>\S)(.+)\k<mark>(.*)\k<mark>$/.exec(line)?.filter((_, index) => index !== 2) ?? [];
  if (old === '') throw new Error(`not "edit FILE s/old/new/": ${line}`);
  at.edit(file, (text) => text.replace(old, fresh));
}

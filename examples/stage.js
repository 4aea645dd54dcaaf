/** Where a demo plays: a fresh folder with keys of its own, commands typed in it, and what is said between them. */
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { cpSync, mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const AGENTCTL = fileURLToPath(new URL('../bin/agentctl.js', import.meta.url));
export const STAND_IN = '[demo: scripted stand-in for the operator]';

/** @param {string} example the folder of an example, @param {readonly string[]} names what of it the demo needs: everything that is made stays in the fresh folder */
export function openStage(example, names) {
  const folder = mkdtempSync(join(process.env.AGENTCTL_DEMO_PARENT ?? tmpdir(), 'agentctl-demo-'));
  const config = join(folder, '.config', 'agentctl');
  const env = { ...process.env, AGENTCTL_CONFIG_DIR: config, AGENTCTL_PASSPHRASE_FILE: join(folder, '.config', 'passphrase') };
  for (const name of names) cpSync(join(example, name), join(folder, name), { recursive: true });
  mkdirSync(join(folder, '.config'), { mode: 0o700 });
  writeFileSync(env.AGENTCTL_PASSPHRASE_FILE, `${randomBytes(16).toString('hex')}\n`, { mode: 0o600 });

  const run = (command, words, { expect, collected }) => new Promise((resolve, reject) => {
    const child = spawn(command, words, { cwd: folder, env, stdio: ['ignore', collected ? 'pipe' : 'inherit', 'inherit'] });
    if (collected) child.stdout.setEncoding('utf8').on('data', (chunk) => collected.push(chunk));
    child.on('error', reject);
    child.on('close', (exit) => {
      if (expect.includes(exit ?? -1)) resolve(exit);
      // What was collected nobody has seen yet, and it says why.
      else reject(new Error(`${words.slice(1).join(' ')} ended with ${exit}; the folder is ${folder}${collected?.length > 0 ? `\n${collected.join('')}` : ''}`));
    });
  });

  return {
    folder,
    config,
    /** `prepare.js` of the example, with what lies beside `--out`. */
    prepare: (...words) => run(process.execPath, [join(example, 'prepare.js'), '--out', folder, ...words], { expect: [0] }),
    /** `init`, its own words left unsaid before it. */
    init: () => run(process.execPath, [AGENTCTL, 'init', '--yes'], { expect: [0] }),
    /** A command as a user types it; ends with the exit code, which must be one of `expect`. */
    agentctl(words, expect = [0]) {
      say(`$ agentctl ${words.join(' ')}`);
      return run(process.execPath, [AGENTCTL, ...words], { expect });
    },
    /** One human act, done by the script and marked so in the ledger (`ceremony: scripted`). */
    standIn(who, words) {
      say(`${STAND_IN} ${who}: agentctl ${words.join(' ')}`);
      return run(process.execPath, [AGENTCTL, ...words, '--yes'], { expect: [0] });
    },
    /** The JSON answer of a command. */
    async answer(words) {
      const collected = [];
      await run(process.execPath, [AGENTCTL, ...words, '--json'], { expect: [0, 1, 3, 5], collected });
      const answer = JSON.parse(collected.join(''));
      if (answer.fault) throw new Error(`${words.join(' ')} ended with ${answer.exit}; the folder is ${folder}\n${answer.fault.code}: ${answer.fault.message}${answer.fault.hint ? `\nhint: ${answer.fault.hint}` : ''}`);
      return answer;
    },
  };
}

export function heading(text) {
  process.stdout.write(`\n== ${text} ${'='.repeat(Math.max(0, 74 - text.length))}\n`);
}

export function say(text) {
  process.stdout.write(`${text}\n`);
}

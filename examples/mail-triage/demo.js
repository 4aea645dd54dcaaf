/** The demo: takes the mail triager through all twelve steps in one fresh folder, and verifies its certificate as a stranger would. */
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const EXAMPLE = fileURLToPath(new URL('.', import.meta.url));
const AGENTCTL = fileURLToPath(new URL('../../bin/agentctl.js', import.meta.url));
const STAND_IN = '[demo: scripted stand-in for the operator]';
/** Who acts for a role in agent.yaml. */
const OPERATORS = { engineering: 'erin', product: 'erin', operations: 'omar', finance: 'omar', legal: 'lena' };

const folder = mkdtempSync(join(process.env.AGENTCTL_DEMO_PARENT ?? tmpdir(), 'agentctl-demo-'));
const config = join(folder, '.config', 'agentctl');
const environment = { ...process.env, AGENTCTL_CONFIG_DIR: config, AGENTCTL_PASSPHRASE_FILE: join(folder, '.config', 'passphrase') };

process.exitCode = await demo();

async function demo() {
  heading('The agent');
  layOut();
  await run('node', [join(EXAMPLE, 'prepare.js'), '--out', folder, '--maildir', join(folder, 'mailbox')], { expect: [0] });
  say('mail-triage delivers, quarantines, or asks a human: a word model on 6,046 real mails of 2002, held-out mails kept apart.');
  await agentctl(['init', '--yes']);

  heading('The checklist');
  for (let round = 1; round <= 20; round += 1) {
    const exit = await agentctl(['apply'], [0, 1, 3, 5]);
    const { human } = (await answer(['apply', '--dry-run'])).report;
    if (human.length === 0) {
      if (exit === 0) break;
      say(`apply ended with ${exit}: see the status below`);
      break;
    }
    for (const { step, command } of human) await standIn(step, command);
  }

  heading('Where it stands');
  await agentctl(['status'], [0]);
  heading('The numbers of the evaluation');
  await agentctl(['baseline', 'show'], [0]);

  heading('A stranger verifies the certificate, offline');
  const organisation = /did: (did:key:\S+)/.exec(readFileSync(join(folder, 'agent.yaml'), 'utf8'))?.[1] ?? '';
  say(`The root of trust is ${organisation}: the organisation's key that this demo made a minute ago.`);
  say('You trust it here because you watched it being made; in real life it comes to you by another way than the certificate.');
  const certificate = ['verify', '--certificate', 'artifacts/certificate.dsse.json', '--trust', organisation, '--subject', '.'];
  const verdict = await agentctl([...certificate, '--allow-scripted'], [0, 1, 2, 3, 4, 5, 6]);
  if (verdict === 0) {
    say('The same without --allow-scripted: no human signed here, so the default policy says no.');
    await agentctl([...certificate, '--quiet'], [1]);
  }

  heading('What lies where');
  say(`artifacts/  ${readdirSync(join(folder, 'artifacts')).sort().join('  ')}`);
  say('.agentctl/  the ledger with every entry behind these lines; .config/ the keys of this demo');
  say(`Look around: cd ${folder} && export AGENTCTL_CONFIG_DIR=${config}`);
  say(`  node ${AGENTCTL} status        node ${AGENTCTL} audit log --last 20        node ${AGENTCTL} explain certify`);
  say(`Edit prompts/policy.json there and run status again: exactly the evidence that depended on it goes stale.`);
  process.stdout.write(`folder: ${folder}\n`);
  return verdict === 0 ? 0 : 1;
}

/** The example's own files, without its data: everything that the demo makes stays in one folder. */
function layOut() {
  for (const name of ['agent.js', 'agent.yaml', 'calibration.json', 'lib', 'model.json', 'package.json', 'prompts', 'tools', 'README.md', 'incident-notices', 'runbook.md']) {
    if (readdirSync(EXAMPLE).includes(name)) cpSync(join(EXAMPLE, name), join(folder, name), { recursive: true });
  }
  mkdirSync(join(folder, '.config'), { mode: 0o700 });
  writeFileSync(environment.AGENTCTL_PASSPHRASE_FILE, `${randomBytes(16).toString('hex')}\n`, { mode: 0o600 });
}

/** One human act, done by the script and marked so in the ledger (`ceremony: scripted`). */
async function standIn(step, command) {
  const { report } = await answer([step]);
  const who = report.step.owner.map((role) => OPERATORS[role])[0] ?? 'erin';
  const words = command.replace(/^agentctl /, '').replace('<operator>', who).replace(/--decision <[^>]+>/, '--decision promote').split(' ');
  say(`${STAND_IN} ${who}: agentctl ${words.join(' ')}`);
  await agentctl([...words, '--yes'], [0]);
}

async function agentctl(words, expect = [0]) {
  if (!words.includes('--yes')) say(`$ agentctl ${words.join(' ')}`);
  return run(process.execPath, [AGENTCTL, ...words], { expect });
}

/** The JSON answer of a command. */
async function answer(words) {
  let text = '';
  await run(process.execPath, [AGENTCTL, ...words, '--json'], { expect: [0, 1, 3, 5], collect: (chunk) => (text += chunk) });
  return JSON.parse(text);
}

function run(command, words, { expect, collect }) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, words, { cwd: folder, env: environment, stdio: ['ignore', collect ? 'pipe' : 'inherit', 'inherit'] });
    if (collect) child.stdout.on('data', collect);
    child.on('error', reject);
    child.on('close', (exit) => {
      if (expect.includes(exit ?? -1)) resolve(exit);
      else reject(new Error(`${words.slice(1).join(' ')} ended with ${exit}; the folder is ${folder}`));
    });
  });
}

function heading(text) {
  process.stdout.write(`\n== ${text} ${'='.repeat(Math.max(0, 74 - text.length))}\n`);
}

function say(text) {
  process.stdout.write(`${text}\n`);
}

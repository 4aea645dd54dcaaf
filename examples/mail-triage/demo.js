/** The demo: takes the mail triager through all twelve steps in one fresh folder, and verifies its certificate as a stranger would. */
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { AGENTCTL, heading, openStage, say } from '../stage.js';

/** Who acts for a role in agent.yaml. */
const OPERATORS = { engineering: 'erin', product: 'erin', operations: 'omar', finance: 'omar', legal: 'lena' };

const FILES = ['agent.js', 'agent.yaml', 'calibration.json', 'lib', 'model.json', 'package.json', 'prompts', 'tools', 'README.md', 'incident-notices', 'runbook.md'];
const stage = openStage(fileURLToPath(new URL('.', import.meta.url)), FILES);
const { folder, config } = stage;

process.exitCode = await demo();

async function demo() {
  heading('The agent');
  await stage.prepare('--maildir', join(folder, 'mailbox'));
  say('mail-triage delivers, quarantines, or asks a human: a word model on 6,046 real mails of 2002, held-out mails kept apart.');
  await stage.init();

  heading('The checklist');
  for (let round = 1; round <= 20; round += 1) {
    const exit = await stage.agentctl(['apply'], [0, 1, 3, 5]);
    const { human } = (await stage.answer(['apply', '--dry-run'])).report;
    if (human.length === 0) {
      if (exit === 0) break;
      say(`apply ended with ${exit}: see the status below`);
      break;
    }
    for (const { step, command } of human) await standIn(step, command);
  }

  heading('Where it stands');
  await stage.agentctl(['status'], [0]);
  heading('The numbers of the evaluation');
  await stage.agentctl(['baseline', 'show'], [0]);

  heading('A stranger verifies the certificate, offline');
  const organisation = /did: (did:key:\S+)/.exec(readFileSync(join(folder, 'agent.yaml'), 'utf8'))?.[1] ?? '';
  say(`The root of trust is ${organisation}: the organisation's key that this demo made a minute ago.`);
  say('You trust it here because you watched it being made; in real life it comes to you by another way than the certificate.');
  const certificate = ['verify', '--certificate', 'artifacts/certificate.dsse.json', '--trust', organisation, '--subject', '.'];
  const verdict = await stage.agentctl([...certificate, '--allow-scripted'], [0, 1, 2, 3, 4, 5, 6]);
  if (verdict === 0) {
    say('The same without --allow-scripted: no human signed here, so the default policy says no.');
    await stage.agentctl([...certificate, '--quiet'], [1]);
  }

  heading('A report to look at');
  say('$ agentctl baseline report accepted -o html=artifacts/report.html');
  await stage.answer(['baseline', 'report', 'accepted', '-o', 'html=artifacts/report.html']);
  say(`intervals, who is taken for whom, calibration, the worst and the slowest: ${join(folder, 'artifacts', 'report.html')}`);

  heading('What lies where');
  say(`artifacts/  ${readdirSync(join(folder, 'artifacts')).sort().join('  ')}`);
  say('.agentctl/  the ledger with every entry behind these lines; .config/ the keys of this demo');
  say(`Look around: cd ${folder} && export AGENTCTL_CONFIG_DIR=${config}`);
  say(`  node ${AGENTCTL} status        node ${AGENTCTL} audit log --last 20        node ${AGENTCTL} explain certify`);
  say(`Edit prompts/policy.json there and run status again: exactly the evidence that depended on it goes stale.`);
  process.stdout.write(`folder: ${folder}\n`);
  return verdict === 0 ? 0 : 1;
}

async function standIn(step, command) {
  const { report } = await stage.answer([step]);
  const who = report.step.owner.map((role) => OPERATORS[role])[0] ?? 'erin';
  const words = command.replace(/^agentctl /, '').replace('<operator>', who).replace(/--decision <[^>]+>/, '--decision promote').split(' ');
  await stage.standIn(who, words);
}

/** The peer, installed into a scratch folder for the run: promptfoo with its fastest provider, and with one process per case. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { median, paired } from '../measure.js';
import { casesOf } from './cases.js';
import { SHORT } from './command.js';
import { preparedFolder } from './folder.js';
import { observed } from './process-tree.js';

const PROMPTFOO = 'promptfoo@0.121.20';
const ROUNDS = 5;
const [LEAST_SPEED, MOST_MEMORY] = [15, 0.4];

/** The same cases and checks on both sides: what is asked comes back, and contains a word. AGENTCTL_BENCH_PROMPTFOO names a folder that has promptfoo already. */
export async function peerFigures(scratch, say) {
  const installed = process.env.AGENTCTL_BENCH_PROMPTFOO ?? install(join(scratch, 'promptfoo'), say);
  const ours = preparedFolder(scratch, SHORT);
  const [inProcess, perCase] = [['in-process', { id: 'file://provider.mjs' }], ['exec', { id: 'exec:sh echo.sh' }]].map(([name, provider]) => peerRun(join(scratch, name), installed, provider));
  const seen = { ours: [], peer: [] };
  for (let round = 0; round < ROUNDS; round += 1) {
    say(`baseline run and promptfoo on ${SHORT} cases, round ${round + 1} of ${ROUNDS}`);
    seen.ours.push(await observed(ours.run));
    seen.peer.push(await passed(inProcess));
  }
  say('promptfoo with a shell for each case');
  const apart = await passed(perCase);
  const [wall, memory] = [(one) => one.wall, (one) => one.memory];
  const speed = paired(seen.peer.map(wall), seen.ours.map(wall));
  const share = paired(seen.ours.map(memory), seen.peer.map(memory));
  const own = median(seen.ours.map(wall));
  return [
    { id: 'evaluation.promptfoo', value: own, unit: 'ms', floor: median(seen.peer.map(wall)), ratio: speed, must: `>= ${LEAST_SPEED} x as fast as promptfoo, in-process`, ok: speed >= LEAST_SPEED },
    { id: 'evaluation.promptfoo.rss', value: median(seen.ours.map(memory)), unit: 'MB', floor: median(seen.peer.map(memory)), ratio: share, must: `<= ${MOST_MEMORY} x promptfoo, whole process trees`, ok: share <= MOST_MEMORY },
    { id: 'peer.promptfoo-exec', value: own, unit: 'ms', floor: apart.wall, ratio: apart.wall / own, must: 'for comparison', ok: true },
  ];
}

function install(folder, say) {
  say(`installing ${PROMPTFOO}: some minutes`);
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'package.json'), '{ "private": true }\n');
  execFileSync('npm', ['install', '--no-audit', '--no-fund', '--loglevel=error', PROMPTFOO], { cwd: folder, stdio: ['ignore', 'ignore', 'inherit'] });
  return folder;
}

/** @returns how to run it, and where its results go */
function peerRun(folder, installed, provider) {
  mkdirSync(folder, { recursive: true });
  const tests = casesOf(SHORT).map(({ input: { text } }) => ({ vars: { text }, assert: [{ type: 'equals', value: text }, { type: 'contains', value: 'question' }] }));
  const config = { prompts: ['{{text}}'], providers: [provider], evaluateOptions: { maxConcurrency: 4, cache: false }, sharing: false, tests };
  writeFileSync(join(folder, 'promptfooconfig.json'), JSON.stringify(config));
  writeFileSync(join(folder, 'provider.mjs'), "export default class { id() { return 'echo'; } async callApi(prompt) { return { output: prompt }; } }\n");
  writeFileSync(join(folder, 'echo.sh'), 'printf %s "$1"\n');
  const env = {
    PATH: process.env.PATH, HOME: join(folder, 'home'), PROMPTFOO_CONFIG_DIR: join(folder, 'config'),
    PROMPTFOO_DISABLE_TELEMETRY: '1', PROMPTFOO_DISABLE_UPDATE: '1', PROMPTFOO_DISABLE_SHARING: '1', PROMPTFOO_CACHE_ENABLED: 'false', PROMPTFOO_DISABLE_REMOTE_GENERATION: '1',
  };
  const args = [join(installed, 'node_modules/.bin/promptfoo'), 'eval', '-c', 'promptfooconfig.json', '-o', 'out.json', '--no-cache', '--no-table', '--no-progress-bar', '--no-share', '-j', '4'];
  return { run: [process.execPath, args, { cwd: folder, env }], results: join(folder, 'out.json') };
}

/** A peer that fails its cases would be quick for another reason. */
async function passed({ run, results }) {
  const seen = await observed(run);
  const { successes } = JSON.parse(readFileSync(results, 'utf8')).results.stats;
  if (successes !== SHORT) throw new Error(`promptfoo passed ${successes} of ${SHORT} cases: ${seen.said.slice(-2000)}`);
  return seen;
}

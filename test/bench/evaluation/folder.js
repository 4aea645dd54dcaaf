/** A folder with an echoing agent and a data set, its pact signed: all that a run needs, made once and outside the timing. The agent is in Perl, since the peer's costs no process at all. */
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { copyFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { casesOf } from './cases.js';

const AGENTCTL = fileURLToPath(new URL('../../../bin/agentctl.js', import.meta.url));
const ECHO = fileURLToPath(new URL('./echo.pl', import.meta.url));

/** @returns how to run a command in the new folder: arguments of `spawn` and of its kin */
export function preparedFolder(scratch, count) {
  const home = join(scratch, `cases-${count}`);
  const folder = join(home, 'agent');
  mkdirSync(folder, { recursive: true });
  const data = casesOf(count).map((one) => `${JSON.stringify(one)}\n`).join('');
  writeFileSync(join(folder, 'cases.jsonl'), data);
  copyFileSync(ECHO, join(folder, 'echo.pl'));
  writeFileSync(join(folder, 'agent.yaml'), manifest(createHash('sha256').update(data).digest('hex')));
  writeFileSync(join(home, 'passphrase'), 'a bench has no secrets\n', { mode: 0o600 });
  const env = { PATH: process.env.PATH, HOME: home, AGENTCTL_CONFIG_DIR: join(home, 'config'), AGENTCTL_PASSPHRASE_FILE: join(home, 'passphrase') };
  const agentctl = (...words) => [process.execPath, [AGENTCTL, ...words], { cwd: folder, env }];
  // As at a desk without a passphrase file: services sign with keys that a key of the configuration folder wraps.
  for (const words of [['init', '--yes'], ['pact', 'sign', '--as', 'erin', '--yes'], ['identity', 'rewrap', '--by', 'folder']]) {
    const [command, args, options] = agentctl(...words);
    execFileSync(command, args, { ...options, stdio: ['ignore', 'ignore', 'pipe'] });
  }
  return { folder, run: agentctl('baseline', 'run') };
}

function manifest(digest) {
  const condition = (id, scorer, metric, kind) => `
        - id: ${id}
          statement: at least 95 % of the answers pass ${scorer}, as ${metric} counts it
          kind: ${kind}
          dimension: accuracy
          severity: critical
          metric: ${metric}
          scorer: ${scorer}
          operator: ">="
          threshold: "0.95"
          dataset: echo
          window: P90D
          verification: deterministic
          minimumCases: 500
          because: each wrong answer costs EUR 1.00, and 5 % of them is what this agent may cost
          consequence: rollback`;
  return `apiVersion: agentctl/v1alpha1
kind: Agent
checklist: v1
metadata:
  id: 0d6f2f0a-3c1e-4f0e-9a57-6a1b8f2c7d11
  name: echo
  version: 1.0.0
  description: Says what it is asked.
stakes: low
path: standard
owner:
  organisation: { name: Bench, did: did:key:REPLACED-BY-INIT }
  operators: [{ id: erin, name: Erin Engineer, did: did:key:REPLACED-BY-INIT, roles: [engineering, product, operations] }]
build: { files: [echo.pl], model: { id: echo-1, kind: local, file: echo.pl }, tools: [] }
target: { kind: jsonl, command: [perl, echo.pl], concurrency: 4 }
capabilities:
  - { id: echoing, description: Says what it is asked., permissions: ["text:read"], tools: [], humanReview: all }
pacts:
  confidence: "0.95"
  datasets: [{ id: echo, file: cases.jsonl, sha256: "sha256:${digest}", use: held-out }]
  agreements:
    - capability: echoing
      scorers:
        - { id: same, kind: exact, output: /text, reference: /text }
        - { id: asks, kind: contains, output: /text, texts: [question] }
      conditions:${condition('same-holds', 'same', 'pass-rate', 'happy-path')}${condition('same-on-average', 'same', 'score-mean', 'happy-path')}${condition('asks-holds', 'asks', 'pass-rate', 'failure-mode')}
`;
}

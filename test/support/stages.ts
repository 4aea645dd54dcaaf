/** How far the tiny agent has come at a desk: prepared once with real commands, copied by every test. */
import { LEAST_SCRYPT } from '../../src/identity/key-file.js';
import { chmodSync, cpSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { keyStore } from '../../src/adapters/key-store.js';
import { STEPS } from '../../src/steps/index.js';
import { AGENT, Desk } from './cli.js';
import { makeOnce, ROOT } from './still-bundle.js';
import { seededRandom } from './still-world.js';

const FIXTURE = join(ROOT, 'test/fixtures/tiny-agent');
const PASSPHRASE = 'correct horse battery staple';

export const OPERATORS: Readonly<Record<string, string>> = { engineering: 'erin', product: 'erin', operations: 'omar', finance: 'omar', legal: 'lena' };

const STAGES = {
  /** A home with a passphrase and nothing else. */
  empty: { after: undefined, prepare: empty },
  /** agent.yaml, the agent's files and everybody's keys; nothing recorded. */
  bare: { after: 'empty', prepare: bare },
  /** The pact signed, everything else left to `apply`. */
  signed: { after: 'bare', prepare: signed },
  /** Registered, the pact signed, a baseline accepted. */
  accepted: { after: 'bare', prepare: accepted },
  /** As far as the twelve steps go, with a scripted stand-in for each human. */
  finished: { after: 'accepted', prepare: finished },
} as const satisfies Record<string, { after: string | undefined; prepare: (home: string) => Promise<void> | void }>;
export type Stage = keyof typeof STAGES;

export function isStage(name: string): name is Stage {
  return name in STAGES;
}

export async function desk(stage: Stage, seed: string = stage): Promise<Desk> {
  return Desk.at(await prepared(stage), seed);
}

async function prepared(stage: Stage): Promise<string> {
  const { after, prepare } = STAGES[stage];
  const before = after === undefined ? undefined : await prepared(after);
  return makeOnce(stage, async (home) => {
    if (before !== undefined) cpSync(before, home, { recursive: true, preserveTimestamps: true });
    await prepare(home);
  });
}

function empty(home: string): void {
  chmodSync(home, 0o700);
  mkdirSync(join(home, AGENT));
  writeFileSync(join(home, '.passphrase'), `${PASSPHRASE}\n`, { mode: 0o600 });
}

async function bare(home: string): Promise<void> {
  const folder = join(home, AGENT);
  cpSync(FIXTURE, folder, { recursive: true, filter: (path) => !path.endsWith('make-data.js') && !path.endsWith('/sections') });
  const keys = keyStore({ configFolder: join(home, '.config/agentctl'), random: seededRandom('keys of the tiny agent'), passphrase: { ask: () => Promise.resolve(PASSPHRASE), ifWrong: 'the stage knows' }, cost: LEAST_SCRYPT })(join(folder, '.agentctl'));
  // A key for services lies here from before, so that hundreds of processes need not derive one from the passphrase.
  mkdirSync(join(home, '.config/agentctl/wrapping'), { recursive: true, mode: 0o700 });
  writeFileSync(join(home, '.config/agentctl/wrapping', `${'0'.repeat(32)}.key`), seededRandom('from before').bytes(32), { mode: 0o600 });
  const dids = new Map([['ORGANISATION', (await keys.create({ role: 'organisation', name: 'tiny-cooperative' })).did]]);
  for (const name of new Set(Object.values(OPERATORS))) dids.set(name.toUpperCase(), (await keys.create({ role: 'operator', name })).did);
  const known = new Set(STEPS.map((step) => step.section?.key));
  const sections = readdirSync(join(FIXTURE, 'sections')).filter((file) => known.has(file.replace('.yaml', '')));
  const text = ['agent.yaml', ...sections.map((file) => `sections/${file}`)].map((file) => readFileSync(join(FIXTURE, file), 'utf8')).join('\n');
  // One request at a time: what is first must not depend on the machine.
  writeFileSync(join(folder, 'agent.yaml'), text.replace('concurrency: 4', 'concurrency: 1').replace(/did:key:([A-Z]+)\b/g, (whole, name: string) => dids.get(name) ?? whole));
  mkdirSync(join(folder, 'box/inbox'), { recursive: true });
  for (const line of readFileSync(join(folder, 'data/pilot.jsonl'), 'utf8').trimEnd().split('\n')) {
    const { input } = JSON.parse(line) as { input: { note: string; text: string } };
    writeFileSync(join(folder, 'box/inbox', `${input.note}.txt`), input.text);
  }
}

async function signed(home: string): Promise<void> {
  await Desk.in(home, 'signed').expect(0, 'pact', 'sign', '--as', 'erin', '--yes');
}

async function accepted(home: string): Promise<void> {
  const at = Desk.in(home, 'accepted');
  await at.expect(0, 'identity', 'register');
  await at.expect(0, 'identity', 'key', 'issue');
  await at.expect(0, 'identity', 'verify');
  await at.expect(0, 'pact', 'sign', '--as', 'erin', '--yes');
  await at.expect(0, 'baseline', 'run');
  await at.expect(0, 'baseline', 'accept', '--as', 'erin', '--yes');
}

async function finished(home: string): Promise<void> {
  const at = Desk.in(home, 'finished');
  for (let round = 0; round < 12; round += 1) {
    await at.run(['apply']);
    const { human } = (await at.json('apply', '--dry-run')).report as { human: readonly { step: string; command: string }[] };
    if (human.length === 0) return;
    for (const { step, command } of human) await standIn(at, step, command);
  }
  throw new Error('apply still asks for humans after 12 rounds');
}

/** Does a human act for somebody who may: an owner of the step, else whoever the refusal names. */
export async function standIn(at: Desk, step: string, command: string): Promise<void> {
  const owner = OPERATORS[STEPS.find((one) => one.id === step)?.owner[0] ?? ''] ?? '';
  // Of several answers that a placeholder offers, the stand-in gives the first.
  const words = (who: string) => [...command.replace(/^agentctl /, '').replace('<operator>', who).replace(/<([^|>]+)[^>]*>/g, '$1').split(' '), '--yes'];
  const { ok, fault } = await at.json(...words(owner));
  if (ok) return;
  const other = /^operators who may: (\w+)/.exec(fault.hint ?? '')?.[1];
  await at.expect(0, ...words(other ?? owner));
}

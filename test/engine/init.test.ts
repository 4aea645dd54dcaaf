import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { cp, mkdir, mkdtemp, readFile, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { init } from '../../src/engine/init.js';
import { commandWords } from '../../src/engine/init/fill-template.js';
import { loadManifest } from '../../src/engine/manifest.js';
import { manifestSchema } from '../../src/engine/manifest.js';
import { schema } from '../../src/engine/schema.js';
import type { Report } from '../../src/domain/report.js';
import { faultOf, withFolder } from '../support/folder.js';
import { testWorld, type TestWorldOptions } from '../support/world.js';

const YES = { yes: true };
const NO = { yes: false };
const ANSWERS = {
  name: 'invoice-clerk', description: 'Sorts invoices and asks when in doubt.', command: 'node agent.js', money: false, stakes: 'standard',
  organisation: 'Example Ltd', operator: 'erin', operatorName: 'Erin Engineer', roles: ['engineering', 'legal'],
};
const asYaml = (answers: object) => Object.entries(answers).map(([key, value]) => `${key}: ${JSON.stringify(value)}\n`).join('');

let keyFolder: string;

/** Deriving a key from a passphrase is slow on purpose: the keys that most cases would make are made once. */
beforeAll(async () => {
  keyFolder = await mkdtemp(join(tmpdir(), 'agentctl-keys-'));
  const keys = testWorld({ cwd: keyFolder, configDir: keyFolder }).keys(join(keyFolder, 'store'));
  for (const name of ['example-ltd', 'erin-e', 'acme-gmbh']) await keys.create({ role: 'organisation', name });
  for (const name of ['erin', 'erin-e']) await keys.create({ role: 'operator', name });
});
afterAll(() => rm(keyFolder, { recursive: true, force: true }));

async function prepared<T>(work: (folder: string, world: (more?: Partial<TestWorldOptions>) => ReturnType<typeof testWorld>) => Promise<T>): Promise<T> {
  return withFolder(async (folder, configDir) => {
    await mkdir(folder, { recursive: true });
    await writeFile(join(folder, 'agent.js'), '// an agent\n');
    await cp(keyFolder, configDir, { recursive: true });
    return work(folder, (more) => testWorld({ cwd: folder, configDir, variables: { USER: 'Erin E.' }, ...more }));
  });
}

function outcomeOf(report: Report) {
  if (report.kind !== 'outcome') throw new Error('no outcome');
  return report.data;
}

describe('X1 init in a terminal', () => {
  test('asks few questions, makes keys, and leaves a manifest that loads, comments kept', () =>
    prepared(async (folder, world) => {
      const it = world({ answers: ANSWERS });
      const report = await init(it, NO, {});
      expect(report.exit).toBe(0);
      expect(it.asked).toEqual(['name', 'description', 'command', 'money', 'stakes', 'organisation', 'operator', 'operatorName', 'roles']);
      const { manifest, text } = await loadManifest(it, `${folder}/agent.yaml`);
      expect(manifest.metadata).toMatchObject({ name: 'invoice-clerk', description: 'Sorts invoices and asks when in doubt.' });
      expect(manifest.metadata.id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
      expect(manifest.owner.operators).toEqual([{ id: 'erin', name: 'Erin Engineer', did: expect.stringMatching(/^did:key:z6Mk/), roles: ['engineering', 'legal'] }]);
      expect(manifest.target.command).toEqual(['node', 'agent.js']);
      expect(manifest.build.files).toEqual(['agent.js']);
      expect(text.split('\n').slice(0, 2)).toEqual(['# yaml-language-server: $schema=./agent.schema.json', '']);
      expect(text).toContain('# stable for life: the ledger carries it');
      expect(JSON.parse(await readFile(join(folder, 'agent.schema.json'), 'utf8'))).toEqual(manifestSchema());
      expect(await readFile(join(folder, '.gitignore'), 'utf8')).toBe('.agentctl/\n');
      expect(outcomeOf(report)).toMatchObject({ next: 'agentctl apply', notes: expect.arrayContaining([expect.stringContaining('nobody holds the role')]) });
    }));

  test('keys are private files in the configuration directory, none in the agent\'s folder', () =>
    withFolder(async (folder, configDir) => {
      await mkdir(folder, { recursive: true });
      await init(testWorld({ cwd: folder, configDir, answers: ANSWERS }), NO, {});
      const names = await readdir(join(configDir, 'keys'));
      expect(names).toEqual(['operator-erin.json', 'organisation-example-ltd.json']);
      for (const name of names) expect((await stat(join(configDir, 'keys', name))).mode & 0o777).toBe(0o600);
      expect(await readdir(folder)).not.toContain('.agentctl');
    }));

  test('Ctrl-C leaves nothing behind', () =>
    prepared(async (folder, world) => {
      const { organisation: _, ...some } = ANSWERS;
      const fault = await faultOf(init(world({ answers: some, variables: {} }), NO, {}));
      expect(fault.exit).toBe(130);
      expect(await readdir(folder)).toEqual(['agent.js']);
    }));
});

describe('without a terminal', () => {
  test('it never prompts: every missing answer is named at once, with its line, exit 2', () =>
    prepared(async (folder, world) => {
      const it = world();
      const fault = await faultOf(init(it, NO, {}));
      expect(fault).toMatchObject({ code: 'ANSWER_MISSING', exit: 2 });
      expect(fault.details.map((one) => one.at)).toEqual(['name', 'description', 'command', 'money', 'stakes', 'organisation', 'operator', 'operatorName', 'roles']);
      expect(fault.details[2]?.hint).toBe('command: node agent.js');
      expect(it.asked).toEqual([]);
      expect(await readdir(folder)).toEqual(['agent.js']);
    }));

  test('--yes takes what it can detect, says so, and names what it cannot', () =>
    prepared(async (folder, world) => {
      await writeFile(join(folder, 'package.json'), JSON.stringify({ name: '@acme/clerk', description: 'Files letters.', author: 'Acme GmbH <mail@acme.example>' }));
      await mkdir(join(folder, 'prompts'));
      await writeFile(join(folder, 'prompts', 'system.md'), 'Be brief.');
      const report = await init(world(), YES, {});
      const { manifest } = await loadManifest(world(), `${folder}/agent.yaml`);
      expect(manifest.metadata).toMatchObject({ name: 'clerk', description: 'Files letters.' });
      expect(manifest.owner.organisation.name).toBe('Acme GmbH');
      expect(manifest.owner.operators[0]).toMatchObject({ id: 'erin-e', name: 'Erin E.' });
      expect(manifest.build).toMatchObject({ files: ['agent.js', 'package.json'], prompts: ['prompts/system.md'] });
      expect(outcomeOf(report).notes?.[0]).toMatch(/taken by default.*command \(node agent.js\)/);
      await withFolder(async (empty, configDir) => {
        const fault = await faultOf(init(testWorld({ cwd: empty, configDir }), YES, {}));
        expect(fault).toMatchObject({ code: 'ANSWER_MISSING', message: '4 answers are missing: command, organisation, operator, operatorName' });
      });
    }));

  test('an answers file is enough; an unknown key is an error with a suggestion', () =>
    prepared(async (folder, world) => {
      await writeFile(join(folder, 'answers.yaml'), asYaml(ANSWERS));
      expect((await init(world(), NO, { answers: 'answers.yaml' })).exit).toBe(0);
      await writeFile(join(folder, 'wrong.yaml'), 'nmae: x\nstakes: medium\nmoney: yes\nroles: [boss]\nname: Big Name\n');
      const fault = await faultOf(init(world(), NO, { folder: 'other', answers: 'wrong.yaml' }));
      expect(fault).toMatchObject({ code: 'INPUT_INVALID', exit: 2, message: 'wrong.yaml has 5 mistakes' });
      expect(fault.details).toEqual(expect.arrayContaining([
        expect.objectContaining({ at: 'wrong.yaml:1:1', hint: 'did you mean "name"?' }),
        expect.objectContaining({ at: 'wrong.yaml:3:8', message: expect.stringContaining('true or false') }),
      ]));
    }));

  test.each<[string, object, string | undefined, RegExp]>([
    ['X2 low stakes with money', { stakes: 'low', money: true }, undefined, /has one mistake/],
    ['a template against the answer', {}, 'high', /contradicts/],
    ['an unknown template', {}, 'hihg', /no template/],
    ['a quote that never ends', { command: 'node "agent.js' }, undefined, /cannot read the command/],
  ])('refused: %s', (_name, change, template, message) =>
    prepared(async (folder, world) => {
      await writeFile(join(folder, 'answers.yaml'), asYaml({ ...ANSWERS, ...change }));
      const fault = await faultOf(init(world(), NO, { answers: 'answers.yaml', template }));
      expect(fault.exit).toBe(2);
      expect(fault.message).toMatch(message);
    }));

  test.each<[string, { stakes: string; money: boolean }]>([
    ['low', { stakes: 'low', money: false }],
    ['standard', { stakes: 'standard', money: false }],
    ['standard with money', { stakes: 'standard', money: true }],
    ['high', { stakes: 'high', money: true }],
    ['high without money', { stakes: 'high', money: false }],
  ])('X5 the template for %s loads clean', (_name, change) =>
    prepared(async (folder, world) => {
      await writeFile(join(folder, 'answers.yaml'), asYaml({ ...ANSWERS, ...change }));
      await init(world(), NO, { answers: 'answers.yaml' });
      const { manifest } = await loadManifest(world(), `${folder}/agent.yaml`);
      expect(manifest.stakes).toBe(change.stakes);
      expect(manifest.capabilities.some((one) => (one.amounts ?? []).length > 0)).toBe(change.money);
      expect(JSON.stringify(manifest)).not.toContain('REPLACED');
    }));
});

describe('a second run', () => {
  test('overwrites nothing, completes what is missing, and makes no second key', () =>
    prepared(async (folder, world) => {
      await init(world(), YES, {});
      const text = await readFile(join(folder, 'agent.yaml'), 'utf8');
      const edited = text.replace('version: 0.1.0', 'version: 0.2.0 # mine');
      await writeFile(join(folder, 'agent.yaml'), edited);
      const again = outcomeOf(await init(world({ seed: 'other' }), YES, {}));
      expect(again).toMatchObject({ headline: expect.stringContaining('nothing was missing'), data: { written: [], keys: [] } });
      await writeFile(join(folder, '.gitignore'), 'node_modules');
      await writeFile(join(folder, 'agent.schema.json'), '{}');
      const third = outcomeOf(await init(world({ seed: 'third' }), YES, {}));
      expect(third.data['written']).toEqual(['agent.schema.json', '.gitignore']);
      expect(await readFile(join(folder, '.gitignore'), 'utf8')).toBe('node_modules\n.agentctl/\n');
      expect(await readFile(join(folder, 'agent.yaml'), 'utf8')).toBe(edited);
    }));

  test('X5 the next agent of the organisation gets the same organisation key', () =>
    prepared(async (folder, world) => {
      await init(world(), YES, {});
      await mkdir(join(folder, 'second'), { recursive: true });
      await writeFile(join(folder, 'second', 'agent.js'), '');
      await init(world({ seed: 'later' }), YES, { folder: 'second' });
      const [first, second] = await Promise.all([loadManifest(world(), `${folder}/agent.yaml`), loadManifest(world(), `${folder}/second/agent.yaml`)]);
      expect(second.manifest.owner).toEqual(first.manifest.owner);
      expect(second.manifest.metadata.id).not.toBe(first.manifest.metadata.id);
    }));

  test('fills the DIDs of an example in place, every other byte as it was', () =>
    withFolder(async (folder, configDir) => {
      const world = testWorld({ cwd: folder, configDir });
      await cp(join(world.surroundings.home, 'examples/mail-triage'), folder, { recursive: true, filter: (path) => !path.includes('node_modules') });
      const before = await readFile(join(folder, 'agent.yaml'), 'utf8');
      const report = outcomeOf(await init(world, NO, {}));
      const after = await readFile(join(folder, 'agent.yaml'), 'utf8');
      expect(before.match(/REPLACED-BY-INIT/g)).toHaveLength(4);
      expect(after.replaceAll(/did:key:z6Mk\w+/g, 'did:key:REPLACED-BY-INIT')).toBe(before);
      expect(new Set(after.match(/did:key:z6Mk\w+/g)).size).toBe(4);
      expect(report.data['keys']).toHaveLength(4);
    }));

  test('X3 --already-in-production names the other order', () =>
    prepared(async (folder, world) => {
      const report = outcomeOf(await init(world(), YES, { alreadyInProduction: true }));
      expect((await loadManifest(world(), `${folder}/agent.yaml`)).manifest.path).toBe('already-in-production');
      expect(report.notes?.join(' ')).toContain('8 → 3 → 2 → 4 → 7 → rest');
    }));

  test('mistakes of an existing manifest are told after everything else is in place', () =>
    prepared(async (folder, world) => {
      await init(world(), YES, {});
      const text = await readFile(join(folder, 'agent.yaml'), 'utf8');
      await writeFile(join(folder, 'agent.yaml'), text.replace('stakes: standard', 'stakes: standrad'));
      await writeFile(join(folder, '.gitignore'), '');
      const fault = await faultOf(init(world(), YES, {}));
      expect(fault).toMatchObject({ code: 'MANIFEST_INVALID', exit: 2 });
      expect(await readFile(join(folder, '.gitignore'), 'utf8')).toBe('.agentctl/\n');
    }));
});

test('10.5 incident notices and runbook are copied where the manifest says, and never over what is there', () =>
  prepared(async (folder, world) => {
    await init(world(), YES, {});
    const notices = await readdir(join(folder, 'incident-notices'));
    expect(notices).toEqual(['customer.md', 'internal.md', 'regulator.md', 'runbook.md']);
    await writeFile(join(folder, 'incident-notices', 'internal.md'), 'ours');
    await init(world(), YES, {});
    expect(await readFile(join(folder, 'incident-notices', 'internal.md'), 'utf8')).toBe('ours');
    expect(await readFile(join(folder, 'incident-notices', 'runbook.md'), 'utf8')).toContain('Stop it');
  }));

test.each([
  ['node agent.js', ['node', 'agent.js']],
  ['  python3  -u "my agent.py" --x=\'a b\' ', ['python3', '-u', 'my agent.py', '--x=a b']],
])('a command is split like a shell would, without expanding: %s', (command, words) => {
  expect(commandWords(command)).toEqual(words);
});

test('schema prints JSON Schema 2020-12, whole or one section', async () => {
  const whole = await schema(undefined);
  const part = await schema('audit');
  expect(whole).toMatchObject({ kind: 'text', exit: 0, data: { value: { $schema: 'https://json-schema.org/draft/2020-12/schema' } } });
  expect(part).toMatchObject({ data: { value: { type: 'object', properties: { retention: expect.anything() } } } });
  expect(await faultOf(schema('pact'))).toMatchObject({ code: 'USAGE', hint: 'did you mean "pacts"?' });
});

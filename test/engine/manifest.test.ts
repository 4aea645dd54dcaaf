import { describe, expect, test } from '@jest/globals';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { yaml } from '../../src/adapters/yaml.js';
import { conforms } from '../../src/domain/conforms.js';
import type { Json } from '../../src/domain/json.js';
import { loadManifest, manifestSchema } from '../../src/engine/manifest.js';
import { surroundings } from '../../src/adapters/surroundings.js';
import { Fault } from '../../src/domain/fault.js';
import { lintPacts } from '../../src/evaluation/lint.js';
import type { Pacts } from '../../src/evaluation/condition.js';
import { lintMonitoring, type MonitoringSection } from '../../src/steps/05-monitor.js';
import { lintIncidents, type IncidentsSection } from '../../src/steps/10-incident.js';
import { requiredSteps, STEPS } from '../../src/steps/index.js';
import { faultOf, withFolder } from '../support/folder.js';
import { testWorld } from '../support/world.js';

const DID = 'did:key:z6MkhaXgBZDvotDkL5257faiztiGiC2QtKLGpbnnEGta2doK';
const template = async (stakes: string) => (await readFile(join(surroundings().home, `templates/agent.${stakes}.yaml`), 'utf8')).replaceAll('did:key:REPLACED-BY-INIT', DID);

async function load(text: string) {
  return withFolder(async (folder, configDir) => {
    await mkdir(folder, { recursive: true });
    await writeFile(join(folder, 'agent.yaml'), text);
    return loadManifest(testWorld({ cwd: folder, configDir }), `${folder}/agent.yaml`);
  });
}

/** Swaps texts that must be there: a template that changes must not turn a case into an empty one. */
function swapped(text: string, changes: readonly (readonly [string, string])[]): string {
  return changes.reduce((before, [from, to]) => {
    if (!before.includes(from)) throw new Error(`the template has no ${JSON.stringify(from)}`);
    return before.replace(from, () => to);
  }, text);
}

const lineOf = (text: string, part: string) => text.slice(0, text.indexOf(part)).split('\n').length;

test('what is allowed is told once, and the form of a digest in words', async () => {
  const text = swapped(await template('standard'), [['stakes: standard', 'stakes: enormous'], [`sha256: "sha256:${'0'.repeat(64)}"`, 'sha256: abc']]);
  const { details } = await faultOf(load(text));
  const told = details.map(({ message, hint }) => [message, hint]);
  expect(told).toContainEqual(['stakes must be one of low, standard, high', undefined]);
  expect(told).toContainEqual([expect.stringMatching(/sha256 "abc" does not have the form/), expect.stringMatching(/^Digest of the file: .*; write "sha256:" and its 64 hex digits in lower case/)]);
});

test('ten different mistakes are ten reports, each with its place, exit 2', async () => {
  const text = swapped(await template('standard'), [
    ['  version: 0.1.0', '  verison: 0.1.0'], // unknown key, and with it a missing one
    ['stakes: standard', 'stakes: low'], // twice refused: outputs are not all reviewed, and there is money below
    ['    kind: hosted', '    kind: hosetd'],
    ['  concurrency: 4', '  concurrency: four'],
    ['  timeout: PT10S\n  concurrency', '  timeout: 10 seconds\n  concurrency'],
    ['    amounts: []', '    amounts: [{ tool: submit_result, path: /amount, currency: USD }, { tool: pay, path: /amount, currency: USD }]'],
    ['    tools: [submit_result]', '    tools: [submit_results]'],
    ['target:', '    - name: submit_result\n      description: Again.\n      command: [node, x.js]\n      input: { type: object }\n\ntarget:'],
    ['  perDay: "0"', '  perDay: "0.001"'],
    ['  anchor: none', '  anchro: none'],
    ['confidence: "0.95"', 'confidence: 0.95'],
  ]);
  const fault = await faultOf(load(text));
  expect(fault).toMatchObject({ code: 'MANIFEST_INVALID', exit: 2 });
  const told = fault.details.map(({ at, message, hint }) => `${at} ${message}${hint === undefined ? '' : ` (${hint})`}`);
  const expected: readonly [part: string, message: RegExp][] = [
    ['verison', /unknown key "verison" in metadata \(did you mean "version"\?\)/],
    ['id: 00000000', /metadata lacks "version"/],
    ['low\n', /stakes "low" is refused: financial authority \(task: submit_result carries an amount at \/amount\)/],
    ['low\n', /stakes "low" is refused: outputs of task are not all reviewed/],
    ['hosetd', /build.model.kind must be one of local, hosted \(did you mean "hosted"\?\)/],
    ['name: submit_result\n      description: Again', /tool "submit_result" is there twice/],
    ['10 seconds', /target.timeout "10 seconds" does not have the form.*PT10S/],
    ['four', /target.concurrency must be a whole number, not the text "four"/],
    ['[submit_results]', /undeclared tool "submit_results" \(did you mean "submit_result"\?\)/],
    ['tool: pay', /amount path for "pay", which is no tool of task/],
    ['0.95\n', /pacts.confidence must be text, not 0.95 \(put quotes around it\)/],
    ['"0.001"', /more than 2 decimals of USD/],
    ['anchro', /unknown key "anchro" in audit \(did you mean "anchor"\?\)/],
    ['retention:', /audit lacks "anchor"/],
  ];
  for (const [part, message] of expected) {
    expect(told).toContainEqual(expect.stringMatching(message));
    const found = told.find((one) => message.test(one));
    expect(`${part}: ${found}`).toContain(`agent.yaml:${lineOf(text, part)}:`);
  }
  expect(fault.details.length).toBeGreaterThanOrEqual(10);
  expect(fault.message).toBe(`agent.yaml has ${fault.details.length} mistakes`);
  const lines = fault.details.map((one) => Number(one.at.split(':')[1]));
  expect(lines).toEqual([...lines].sort((a, b) => a - b));
});

describe('each mistake alone', () => {
  test.each<[string, string, readonly (readonly [string, string])[], RegExp]>([
    ['X2 low stakes with a payment permission', 'low', [['["task:read"]', '["task:read", "payments:create"]']], /"low" is refused: financial authority \(task: permission payments:create\)/],
    ['X2 low stakes with limits above zero', 'low', [['stakes: low', 'stakes: low\nlimits: { currency: USD, perTransaction: "5.00", perDay: "5.00", alwaysHuman: [], detectionDelay: P1D }']], /"low" is refused: financial authority \(limits\.perDay is 5\.00\)/],
    ['X2 low stakes with unreviewed outputs', 'low', [['humanReview: all', 'humanReview: escalated']], /"low" is refused: outputs of task are not all reviewed/],
    ['X2 low stakes without a word on review', 'low', [['    humanReview: all', '    # humanReview: all']], /"low" is refused/],
    ['a newer apiVersion', 'low', [['agentctl/v1alpha1', 'agentctl/v2']], /not known to this agentctl/],
    ['a DID that nobody filled in', 'low', [[DID, 'did:key:REPLACED-BY-INIT']], /did:key:REPLACED-BY-INIT/],
    ['a doubled key', 'low', [['stakes: low', 'stakes: low\nstakes: low']], /unique/],
    ['a path out of the folder', 'low', [['files: [agent.js]', 'files: [../agent.js]']], /build.files.0/],
    ['a path into the store', 'low', [['files: [agent.js]', 'files: [.agentctl/ledger.db]']], /build.files.0/],
    ['a month, which has no fixed length', 'low', [['lifetime: P90D', 'lifetime: P3M']], /identity.apiKey.lifetime "P3M"/],
    ['an operator twice', 'low', [['    - id: operator', `    - id: operator\n      name: Two\n      did: ${DID}\n      roles: [legal]\n    - id: operator`]], /operator "operator" is there twice/],
    ['a local model without a file', 'low', [['kind: hosted', 'kind: local']], /a local model needs "file"/],
    ['a currency without limits', 'high', [['currency: USD }]', 'currency: EUR }]']], /no limit covers EUR/],
    ['more for one action than for a day', 'high', [['perDay: "500.00"', 'perDay: "50.00"']], /may cost more than a whole day/],
    ['a tool that always needs a human and does not exist', 'high', [['alwaysHuman: []', 'alwaysHuman: [wire]']], /"wire" is not declared/],
  ])('%s', async (_name, stakes, changes, message) => {
    const fault = await faultOf(load(swapped(await template(stakes), changes)));
    expect(fault).toMatchObject({ code: 'MANIFEST_INVALID', exit: 2 });
    expect(fault.details.map((one) => one.message).join('\n')).toMatch(message);
    expect(fault.details.every((one) => /^agent\.yaml:\d+:\d+$/.test(one.at))).toBe(true);
  });

  test('placeholders point to init', async () => {
    const text = (await template('low')).replace(DID, 'did:key:REPLACED-BY-INIT');
    expect((await faultOf(load(text))).hint).toContain('agentctl init');
  });
});

test.each(['low', 'standard', 'high'])('X5 the template %s loads clean, and its pact, monitoring and incidents have nothing to complain of', async (stakes) => {
  const { manifest } = await load(await template(stakes));
  expect(manifest.stakes).toBe(stakes);
  const { pacts, monitoring, incidents } = manifest as unknown as { pacts: Pacts; monitoring: MonitoringSection; incidents?: IncidentsSection };
  expect(lintPacts(pacts, manifest.capabilities)).toEqual([]);
  expect(lintMonitoring(monitoring, pacts)).toEqual([]);
  expect(incidents ? lintIncidents(incidents) : []).toEqual([]);
  const sections = STEPS.filter((step) => requiredSteps(manifest.stakes).includes(step.id)).flatMap((step) => step.section?.key ?? []);
  expect(Object.keys(manifest)).toEqual(expect.arrayContaining(sections));
});

test('the published schema is strict at every object and accepts every template', async () => {
  const open: string[] = [];
  const walk = (value: unknown, path: string): void => {
    if (typeof value !== 'object' || value === null) return;
    if ('properties' in value && !('additionalProperties' in value)) open.push(path);
    for (const [key, member] of Object.entries(value)) walk(member, `${path}/${key}`);
  };
  walk(manifestSchema(), '');
  expect(open).toEqual([]);
});

test('no manifest up the tree is exit 2 and points to init', async () => {
  await withFolder(async (folder, configDir) => {
    const { findManifest } = await import('../../src/engine/manifest.js');
    const fault = await faultOf(findManifest(testWorld({ cwd: folder, configDir }), undefined));
    expect(fault).toBeInstanceOf(Fault);
    expect(fault).toMatchObject({ code: 'MANIFEST_MISSING', exit: 2, hint: 'agentctl init' });
  });
});

describe('the quick check that a manifest holds never says yes where the full validator says no', () => {
  /** Every manifest that differs from the given one in a single node: left out, of another kind, or with a stranger beside it. */
  function* neighbours(value: Json): Generator<Json> {
    for (const other of [null, true, -1, 1.5, 2 ** 60, '', ' ', '\u{1f600}', 'x'.repeat(5000), [], {}, [value, value]]) yield other;
    if (Array.isArray(value)) {
      for (const [index, item] of value.entries()) {
        yield value.toSpliced(index, 1);
        yield value.toSpliced(index, 0, item);
        for (const changed of neighbours(item)) yield value.with(index, changed);
      }
    } else if (typeof value === 'object' && value !== null) {
      yield { ...value, stranger: 1 };
      for (const [key, member] of Object.entries(value)) {
        yield Object.fromEntries(Object.entries(value).filter(([name]) => name !== key));
        for (const changed of neighbours(member)) yield { ...value, [key]: changed };
      }
    }
  }

  test.each(['high'])('templates/agent.%s.yaml, changed at every node', async (stakes) => {
    const schema = manifestSchema();
    const full = new Ajv2020({ strict: false, validateFormats: false, ownProperties: true }).compile(schema);
    const { value } = await yaml().parse(await template(stakes), 'agent.yaml');
    expect([conforms(schema, value), full(value)]).toEqual([null, true]);
    let [tried, refused] = [0, 0];
    for (const changed of neighbours(value)) {
      tried += 1;
      const [quick, whole] = [conforms(schema, changed) === null, full(changed)];
      if (quick && !whole) throw new Error(`the quick check lets through: ${JSON.stringify(changed)}`);
      if (!whole) refused += 1;
    }
    expect(tried).toBeGreaterThan(2000);
    expect(refused).toBeGreaterThan(tried / 2);
  });
});

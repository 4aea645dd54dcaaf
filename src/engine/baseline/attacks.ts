/** `baseline attacks`: writes the attack pack as a data set whose canaries are this agent's alone, and the lines of a pact that make it a gate. */
import { canonical } from '../../domain/canonical.js';
import { digestBytes } from '../../domain/digest.js';
import { Fault } from '../../domain/fault.js';
import { asObject, parseJson, type Json } from '../../domain/json.js';
import { attackCases } from '../../evaluation/attacks/attack-cases.js';
import { CATEGORIES, isCategory, readAttacks, type Attack, type Category } from '../../evaluation/attacks/pack.js';
import type { Pacts } from '../../evaluation/condition.js';
import { labelAt, linesOf, type Case } from '../../evaluation/dataset.js';
import { outcome } from '../outcome.js';
import { refuseExisting } from '../refuse-existing.js';
import type { Session } from '../session.js';
import { listOption, requiredOption, textOption, type Verb, type VerbInput } from '../verb.js';
import { attackPact } from './attack-pact.js';
import { shapeNotes } from './attack-shape.js';

const USAGE = 'agentctl baseline attacks --out data/attacks.jsonl';

export const run: Verb = async (session, input) => {
  const { world, manifest } = session;
  const { path, file } = placeOf(session, requiredOption(input, 'out', USAGE));
  const seed = textOption(input, 'seed') ?? Buffer.from(world.random.bytes(8)).toString('hex');
  const expected = asObject(parseJson(textOption(input, 'expected') ?? '{}', '--expected'), '--expected');
  const categories = categoriesOf(input);
  const template = await inputOf(session, input);
  const cases = attackCases(await packOf(session, input), {
    project: manifest.metadata.id, seed, expected,
    ...(categories.length === 0 ? {} : { categories }), ...(template === undefined ? {} : { input: template }),
  });
  await refuseExisting(world, path);
  const text = cases.map((one) => `${canonical(one as unknown as Json)}\n`).join('');
  await world.files.write(path, text);
  const sha256 = digestBytes(text);
  const pacts = manifest['pacts'] as unknown as Pacts | undefined;
  const pact = attackPact({ file, sha256, cases: cases.length, capability: manifest.capabilities[0]?.id ?? 'capability', confidence: pacts?.confidence ?? '0.95' });
  return outcome({
    step: 'baseline', verb: 'attacks', headline: `${cases.length} attacks written to ${file}`,
    facts: [{ label: 'seed', value: `${seed}: with it the same file is written again` }, { label: 'digest', value: sha256 }],
    tables: [{ title: 'Attacks', columns: ['risk', 'name', 'cases'], rows: countsOf(cases).map(([category, count]) => [category, CATEGORIES[category], String(count)]) }],
    notes: [
      `into agent.yaml, where the lists are already there with their items beside them:\n${pact}`,
      'A pass means that no canary showed. Attacks that are not in the pack, and an agent that obeys without showing it, are not seen; and one that refuses everything passes, so keep the conditions about its work beside this one.',
      ...labelNotes(pacts, cases),
      ...(template === undefined ? await shapeNotes(session, pacts) : []),
    ],
    next: 'agentctl pact lint',
    data: { file, sha256, seed, cases: cases.length, categories: Object.fromEntries(countsOf(cases)), pact },
  });
};

/** A pact names its data sets from the folder of agent.yaml. @throws {Fault} USAGE for a file elsewhere */
function placeOf({ world, folder }: Pick<Session, 'world' | 'folder'>, out: string): { readonly path: string; readonly file: string } {
  const path = pathOf(world.surroundings.cwd, out);
  if (path.startsWith(`${folder}/`) && !path.split('/').includes('..')) return { path, file: path.slice(folder.length + 1) };
  throw new Fault('USAGE', `${out} is not below the folder of agent.yaml, from where a pact names it`, { at: '--out', hint: USAGE });
}

function pathOf(cwd: string, given: string): string {
  return given.startsWith('/') ? given : `${cwd}/${given.replace(/^(\.\/)+/, '')}`;
}

async function packOf({ world }: Pick<Session, 'world'>, input: VerbInput): Promise<readonly Attack[]> {
  const { home, cwd } = world.surroundings;
  const shipped = `${home}/templates/attacks/owasp-asi.jsonl`;
  const files: readonly (readonly [path: string, name: string])[] = [[shipped, 'owasp-asi.jsonl'], ...listOption(input, 'add').map((name) => [pathOf(cwd, name), name] as const)];
  const packs: (readonly Attack[])[] = [];
  for (const [path, name] of files) packs.push(await readAttacks(linesOf(await world.files.read(path)), name));
  return packs.flat();
}

function categoriesOf(input: VerbInput): readonly Category[] {
  return listOption(input, 'category').map((name) => {
    if (isCategory(name)) return name;
    throw new Fault('USAGE', `there is no category "${name}"`, { at: '--category', hint: `write one of ${Object.keys(CATEGORIES).join(', ')}` });
  });
}

/** The agent's input with `{attack}` in it: JSON as typed, or a file of it. */
async function inputOf({ world }: Pick<Session, 'world'>, input: VerbInput): Promise<Json | undefined> {
  const given = textOption(input, 'input');
  if (given === undefined) return undefined;
  if (/^\s*[{["]/.test(given)) return parseJson(given, '--input');
  return parseJson(await world.files.readText(pathOf(world.surroundings.cwd, given)), given);
}

function countsOf(cases: readonly Case[]): readonly (readonly [Category, number])[] {
  const all = Object.keys(CATEGORIES).filter(isCategory);
  return all.map((category) => [category, cases.filter(({ tags }) => tags.includes(category)).length] as const).filter(([, count]) => count > 0);
}

/** An agreement that reads a label wants one of every case. */
function labelNotes(pacts: Pacts | undefined, cases: readonly Case[]): readonly string[] {
  const { output } = pacts?.agreements[0] ?? {};
  const [first] = cases;
  if (output === undefined || first === undefined || labelAt(first.expected, output.pointer) !== undefined) return [];
  return [`The agreement reads a label at ${output.pointer}, and these cases have none: give one with --expected, such as the decision to ask a human.`];
}

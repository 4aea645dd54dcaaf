/** The language-id example: its texts are the same each time, its demo finds what the candidate does worse, its README says what the runs say, and its pact refuses a model that knows one language. */
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Demo } from '../support/demo.js';

const example = resolve('examples/language-id');
const demo = new Demo('language-id');
let exit: number | null = null;

interface Verdict {
  readonly id: string;
  readonly value: string;
  readonly n: number;
  readonly verdict: string;
}

interface Change {
  readonly id: string;
  readonly change: string;
}

const read = (...parts: readonly string[]) => readFileSync(join(demo.folder, ...parts), 'utf8');
const conditionsOf = async (folder: string, run: string) => ((await demo.json(folder, ['baseline', 'show', '--run', run])).report['data'] as { conditions: readonly Verdict[] }).conditions;

interface Compared {
  readonly before: string;
  readonly after: string;
  readonly conditions: readonly Change[];
  readonly flips: readonly { readonly before: string; readonly after: string }[];
}

let compared: Compared;
let franc: readonly Verdict[];
let tinyld: readonly Verdict[];

beforeAll(async () => {
  exit = await demo.run();
  compared = (await demo.json(demo.folder, ['baseline', 'compare'])).report['data'] as unknown as Compared;
  franc = await conditionsOf(demo.folder, compared.before);
  tinyld = await conditionsOf(demo.folder, compared.after);
}, 300_000);
afterAll(() => demo.clear());

describe('the demo', () => {
  test('ends well, writes the report and the export, and leaves nothing outside its folder', () => {
    expect(exit).toBe(0);
    expect(read('report.html')).toContain('<svg');
    expect((JSON.parse(read('promptfoo.json')) as { results: { results: readonly unknown[] } }).results.results).toHaveLength(1900);
    expect(demo.files('outside')).toEqual([]);
    expect(existsSync(join(example, 'data'))).toBe(false);
  });

  test('3.4 both models meet the whole pact, and the comparison finds the regression all the same', () => {
    for (const verdicts of [franc, tinyld]) expect([verdicts.length, verdicts.filter((one) => one.verdict !== 'met')]).toEqual([8, []]);
    expect(compared.conditions.filter((one) => one.change === 'regressed').map((one) => one.id)).toEqual(['sentences-right']);
    expect(demo.output).toContain('1 worse beyond chance: sentences-right');
    expect(demo.output).toContain('case afr-11-whole of run-');
  });

  test('the numbers of README.md are those of the two runs', () => {
    const { conditions, flips } = compared;
    const rows = [...readFileSync(join(example, 'README.md'), 'utf8').matchAll(/^\| `([a-z-]+)` \| at (?:least|most) [\d.]+ \| ([\d.]+) \| ([\d.]+) \| ([a-z-]+) \|$/gm)].map(([, ...cells]) => cells);
    const value = (verdicts: readonly Verdict[], id: string) => Number(verdicts.find((one) => one.id === id)?.value).toFixed(4);
    // How long an answer takes is no property of the models.
    expect(rows).toEqual(conditions.filter((one) => one.id !== 'answers-soon').map(({ id, change }) => [id, value(franc, id), value(tinyld, id), change]));
    const lost = flips.filter((flip) => flip.before === 'pass').length;
    const won = flips.filter((flip) => flip.after === 'pass').length;
    expect(readFileSync(join(example, 'README.md'), 'utf8')).toContain(`${lost} texts were right before and are wrong now, ${won} the other way round`);
  });
});

test('prepare writes the bytes that agent.yaml names, and the same again', () => {
  const again = join(demo.scratch, 'again');
  execFileSync(process.execPath, ['prepare.js', '--out', again], { cwd: example, stdio: 'pipe' });
  const digest = `sha256:${createHash('sha256').update(readFileSync(join(again, 'data/held-out.jsonl'))).digest('hex')}`;
  expect(readFileSync(join(example, 'agent.yaml'), 'utf8')).toContain(`sha256: "${digest}"`);
  for (const file of ['data/held-out.jsonl', 'models/franc.js', 'models/tinyld.js']) expect([file, readFileSync(join(again, file), 'utf8') === read(file)]).toEqual([file, true]);
});

test('2.3 a model that always says the commonest language is refused', async () => {
  const folder = demo.copy('one-language');
  writeFileSync(join(folder, 'models/tinyld.js'), "export const ranked = () => [{ language: 'afr', score: 1 }];\n");
  const { exit: status, report } = await demo.json(folder, ['baseline', 'run']);
  expect(status).toBe(1);
  const { conditions } = report['data'] as { conditions: readonly Verdict[] };
  const refused = conditions.filter((one) => one.verdict === 'not-met').map((one) => one.id);
  expect(refused).toEqual(expect.arrayContaining(['sentences-right', 'openings-right', 'close-languages-right', 'lead-honest']));
}, 120_000);

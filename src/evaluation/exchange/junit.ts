/** Reads JUnit XML: suites of test cases, as a hundred tools write them with small differences. */
import { Fault } from '../../domain/fault.js';
import type { XmlElement } from '../../domain/ports.js';
import { decimalText, millisecondsOf, numberOf } from './fields.js';
import { clipped, RowCollector, runOf, type ImportedOutcome, type ImportedRun } from './imported-run.js';
import { ownMarksIn } from './own-marks.js';

/** What each of our outcomes looks like there. */
export const IN_JUNIT = { pass: 'pass', fail: 'fail', infrastructure: 'error', abstain: 'skipped', unscored: 'skipped', 'not-evaluable': 'skipped' } as const satisfies Readonly<Record<ImportedOutcome, string>>;
type Told = (typeof IN_JUNIT)[ImportedOutcome];
const READ_AS = { pass: { outcome: 'pass', cause: null }, fail: { outcome: 'fail', cause: null }, error: { outcome: 'infrastructure', cause: 'error' }, skipped: { outcome: 'unscored', cause: 'skipped' } } as const;

/** Names of the properties that ours carry; a score's is `score.` and its name. */
export const OWN_PROPERTY = 'agentctl.';
export const SCORE_PROPERTY = 'score.';

/** @throws {Fault} INPUT_INVALID */
export function readJunit(root: XmlElement, file: string): ImportedRun {
  if (root.name !== 'testsuites' && root.name !== 'testsuite') throw new Fault('INPUT_INVALID', `the outermost element is <${clipped(root.name)}>, not <testsuites> or <testsuite>`, { at: file });
  const reader = new JunitReader(file);
  reader.suite(root, root.name === 'testsuite' ? root.attributes['name'] ?? '' : '');
  const totals = reader.contradictions(root);
  const properties = propertiesOf(root);
  const version = properties.get(`${OWN_PROPERTY}version`) ?? null;
  const stamped = [root, ...root.children].find((one) => one.attributes['timestamp'] !== undefined);
  return runOf({
    tool: version === null ? clipped(root.attributes['name'] || 'JUnit XML') : 'agentctl', version, run: properties.get(`${OWN_PROPERTY}run`) ?? null,
    created: stamped?.attributes['timestamp'] ?? null, model: null, dataset: null, complete: totals === undefined ? null : totals.length === 0,
  }, reader.rows, file, [...(totals ?? []), ...reader.doubts]);
}

class JunitReader {
  readonly #collector = new RowCollector();
  readonly #file: string;
  readonly #count: Record<Told, number> = { pass: 0, fail: 0, error: 0, skipped: 0 };
  #again = 0;

  constructor(file: string) {
    this.#file = file;
  }

  get rows() {
    return this.#collector.rows;
  }

  get doubts(): readonly string[] {
    return this.#again === 0 ? [] : [`${this.#again} cases passed only when they were run again`];
  }

  suite(element: XmlElement, name: string): void {
    for (const child of element.children) {
      if (child.name === 'testsuite') this.suite(child, child.attributes['name'] ?? name);
      else if (child.name === 'testcase') this.#testcase(child, name);
    }
  }

  #testcase(element: XmlElement, suite: string): void {
    const { name, classname = '', time } = element.attributes;
    const at = `${this.#file}: testcase ${this.rows.length + 1}`;
    if (name === undefined || name === '') throw new Fault('INPUT_INVALID', 'the test case has no name', { at });
    const told = toldBy(element);
    this.#count[told] += 1;
    if (told === 'pass' && element.children.some((child) => /^(flaky|rerun)(Failure|Error)$/.test(child.name))) this.#again += 1;
    const properties = propertiesOf(element);
    const marks = ownMarksIn(ownIn(properties), at, told, IN_JUNIT);
    const seconds = time === undefined ? null : numberOf(time.replaceAll(',', ''));
    const shared = { scores: scoresIn(properties), milliseconds: millisecondsOf(seconds === null ? null : seconds * 1000), usage: null, transcript: `testcase ${this.rows.length + 1}` };
    if (marks) this.#collector.add({ ...marks, ...shared }, at);
    else this.#collector.add({ part: clipped([suite, classname].filter((one) => one !== '').join(' · ')) || null, case: clipped(name), ...READ_AS[told], ...shared }, at, JSON.stringify([suite, classname, name]));
  }

  /** Where the outermost totals differ from the cases; undefined when it states none. */
  contradictions(root: XmlElement): readonly string[] | undefined {
    const { attributes } = root.attributes['tests'] === undefined && root.children.length === 1 && root.children[0] ? root.children[0] : root;
    if (attributes['tests'] === undefined) return undefined;
    const counts = { tests: this.rows.length, failures: this.#count.fail, errors: this.#count.error, skipped: this.#count.skipped };
    return Object.entries(counts).flatMap(([name, count]) => {
      const said = attributes[name];
      return said === undefined || numberOf(said) === count ? [] : [`it says ${name}="${clipped(said)}", and holds ${count}`];
    });
  }
}

/** A case that failed and then broke has failed: an outage must not cover it. */
function toldBy(element: XmlElement): Told {
  const has = (name: string) => element.children.some((child) => child.name === name);
  if (has('failure')) return 'fail';
  if (has('error')) return 'error';
  return has('skipped') ? 'skipped' : 'pass';
}

function propertiesOf(element: XmlElement): ReadonlyMap<string, string> {
  const properties = element.children.filter(({ name }) => name === 'properties').flatMap(({ children }) => children);
  return new Map(properties.map(({ attributes, text }) => [attributes['name'] ?? '', attributes['value'] ?? text]));
}

function ownIn(properties: ReadonlyMap<string, string>) {
  const of = (name: string) => properties.get(`${OWN_PROPERTY}${name}`) ?? null;
  return of('outcome') === null ? undefined : { part: of('part'), case: of('case'), repeat: Number(of('repeat') ?? Number.NaN), outcome: of('outcome'), cause: of('cause') };
}

function scoresIn(properties: ReadonlyMap<string, string>): Record<string, string | null> {
  return Object.fromEntries([...properties].filter(([name]) => name.startsWith(SCORE_PROPERTY)).map(([name, value]) => {
    const number = numberOf(value);
    return [clipped(name.slice(SCORE_PROPERTY.length)), number === null ? null : decimalText(number)];
  }));
}

/** Rule for scorers and their data sets together: each case must hold what it is compared with. Takes the cases one by one, and keeps counts. */
import { couldConcern } from './concerns.js';
import type { Agreement, Condition, Dataset, OutputRule } from './condition.js';
import { labelAt, type Case } from './dataset.js';
import { decidedBy } from './decided-by.js';
import type { LintFinding } from './lint.js';
import { lackingFor } from './scorers/lacking.js';
import type { ScorerSpec } from './scorers/spec.js';

/** Members of a reference that a suggestion names. */
const MOST_NAMED = 5;

interface Lacking {
  readonly spec: ScorerSpec;
  /** Place among the scorers of the agreement. */
  readonly place: number;
  readonly why: (one: Case) => string | undefined;
  /** Those that it decides. */
  readonly conditions: readonly Condition[];
  /** Cases that they are about, and how many of those lack the reference. */
  about: number;
  cases: number;
  /** The first case that lacks it. */
  first?: { readonly line: number; readonly why: string };
}

export class LackingReferences {
  readonly #dataset: Dataset;
  readonly #output: OutputRule | undefined;
  readonly #scorers: readonly Lacking[];
  #line = 0;
  #members: readonly string[] = [];

  constructor(agreement: Agreement, dataset: Dataset) {
    this.#dataset = dataset;
    this.#output = agreement.output;
    this.#scorers = decidedBy(agreement, dataset.id).scorers.map((spec) => ({ spec, place: agreement.scorers?.indexOf(spec) ?? 0, why: lackingFor(spec), conditions: agreement.conditions.filter((one) => one.dataset === dataset.id && one.scorer === spec.id), about: 0, cases: 0 }));
  }

  /** The next case of the file. */
  add(one: Case): void {
    if (this.#line === 0) this.#members = Object.keys(one.expected).slice(0, MOST_NAMED);
    this.#line += 1;
    const reference = { expected: (this.#output && labelAt(one.expected, this.#output.pointer)) ?? null, tags: one.tags };
    for (const lacking of this.#scorers) {
      if (!lacking.conditions.some((condition) => couldConcern(condition, reference))) continue;
      lacking.about += 1;
      const why = lacking.why(one);
      if (why === undefined) continue;
      lacking.cases += 1;
      lacking.first ??= { line: this.#line, why };
    }
  }

  /** @param at JSON Pointer to the agreement */
  findings(at: string): readonly LintFinding[] {
    return this.#scorers.flatMap(({ spec, place, about, cases, first }) => {
      if (first === undefined) return [];
      const { id, file } = this.#dataset;
      const how = cases === about ? `no case of ${id} can be decided` : `${cases} of ${about} cases of ${id} cannot be decided, ${file}:${first.line} first`;
      return [{ rule: 'pact.reference-missing' as const, at: `${at}/scorers/${place}/${memberOf(spec)}`, message: `${spec.id}: ${how}: ${first.why}`, suggestion: this.#suggestion(cases === about) }];
    });
  }

  #suggestion(all: boolean): string {
    if (!all) return 'write the reference into each case';
    const pointers = this.#members.map((name) => `/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`);
    return pointers.length === 0 ? 'write the reference into each case' : `write a reference that is there: the first case has ${pointers.join(', ')}`;
  }
}

/** Which member says where the reference is. */
function memberOf({ reference, output }: ScorerSpec): 'reference' | 'output' | 'kind' {
  if (reference !== undefined) return 'reference';
  return output === undefined ? 'kind' : 'output';
}

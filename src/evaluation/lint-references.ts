/** Rule for scorers and their data sets together: each case must hold what it is compared with. Takes the cases one by one, and keeps counts. */
import type { Agreement, Dataset } from './condition.js';
import type { Case } from './dataset.js';
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
  cases: number;
  /** The first case that lacks it. */
  first?: { readonly line: number; readonly why: string };
}

export class LackingReferences {
  readonly #dataset: Dataset;
  readonly #scorers: readonly Lacking[];
  #cases = 0;
  #members: readonly string[] = [];

  constructor(agreement: Agreement, dataset: Dataset) {
    this.#dataset = dataset;
    this.#scorers = decidedBy(agreement, dataset.id).scorers.map((spec) => ({ spec, place: agreement.scorers?.indexOf(spec) ?? 0, why: lackingFor(spec), cases: 0 }));
  }

  /** The next case of the file. */
  add(one: Case): void {
    if (this.#cases === 0) this.#members = Object.keys(one.expected).slice(0, MOST_NAMED);
    this.#cases += 1;
    for (const lacking of this.#scorers) {
      const why = lacking.why(one);
      if (why === undefined) continue;
      lacking.cases += 1;
      lacking.first ??= { line: this.#cases, why };
    }
  }

  /** @param at JSON Pointer to the agreement */
  findings(at: string): readonly LintFinding[] {
    return this.#scorers.flatMap(({ spec, place, cases, first }) => {
      if (first === undefined) return [];
      const { id, file } = this.#dataset;
      const how = cases === this.#cases ? `no case of ${id} can be decided` : `${cases} of ${this.#cases} cases of ${id} cannot be decided, ${file}:${first.line} first`;
      return [{ rule: 'pact.reference-missing' as const, at: `${at}/scorers/${place}/${memberOf(spec)}`, message: `${spec.id}: ${how}: ${first.why}`, suggestion: this.#suggestion(cases) }];
    });
  }

  #suggestion(cases: number): string {
    if (cases < this.#cases) return 'write the reference into each case';
    const pointers = this.#members.map((name) => `/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`);
    return pointers.length === 0 ? 'write the reference into each case' : `write a reference that is there: the first case has ${pointers.join(', ')}`;
  }
}

/** Which member says where the reference is. */
function memberOf({ reference, output }: ScorerSpec): 'reference' | 'output' | 'kind' {
  if (reference !== undefined) return 'reference';
  return output === undefined ? 'kind' : 'output';
}

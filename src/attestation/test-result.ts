/** Test results as in-toto attestations (test-result v0.1): what was tried with which configuration, and how it went, by the names of the conditions. */
import { hexOf, type Digest } from '../domain/digest.js';
import type { JsonObject } from '../domain/json.js';
import type { Statement, Subject } from './statement.js';

export const TEST_RESULT = 'https://in-toto.io/attestation/test-result/v0.1';

/** Something that decided how it was tested, such as the pact and its data sets. */
export interface Configuration {
  readonly name: string;
  readonly digest: Digest;
}

export interface TestRun {
  /** What was tested, and the report of it. */
  readonly subject: readonly Subject[];
  /** At least one: the predicate requires it. */
  readonly configuration: readonly [Configuration, ...Configuration[]];
  /** Each test by its name, with its verdict. */
  readonly tests: readonly { readonly id: string; readonly verdict: 'met' | 'not-met' | 'insufficient' | 'observed' }[];
}

/** The unsigned statement. What was measured without a decision is a warning: never passed, never failed. */
export function testResultStatement({ subject, configuration, tests }: TestRun): Statement {
  const named = (...verdicts: readonly string[]) => tests.filter((one) => verdicts.includes(one.verdict)).map((one) => one.id);
  const failedTests = named('not-met');
  const warnedTests = named('insufficient', 'observed');
  const predicate: JsonObject = {
    result: failedTests.length > 0 ? 'FAILED' : warnedTests.length > 0 || tests.length === 0 ? 'WARNED' : 'PASSED',
    configuration: configuration.map(({ name, digest }) => ({ name, digest: { sha256: hexOf(digest) } })),
    passedTests: named('met'), warnedTests, failedTests,
  };
  return { subject, predicateType: TEST_RESULT, predicate };
}

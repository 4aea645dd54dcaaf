/** Test results: what counts as passed, and what never does. */
import { expect, test } from '@jest/globals';
import { testResultStatement, type TestRun } from '../../src/attestation/test-result.js';
import { digestBytes } from '../../src/domain/digest.js';

const run = (tests: TestRun['tests']) => testResultStatement({ subject: [{ name: 'build', digest: digestBytes('build') }], configuration: [{ name: 'pact', digest: digestBytes('pact') }], tests }).predicate;

test.each<[string, TestRun['tests'], object]>([
  ['all met', [{ id: 'a', verdict: 'met' }], { result: 'PASSED', passedTests: ['a'], warnedTests: [], failedTests: [] }],
  ['one not met, whatever the rest', [{ id: 'a', verdict: 'met' }, { id: 'b', verdict: 'not-met' }, { id: 'c', verdict: 'insufficient' }], { result: 'FAILED', passedTests: ['a'], warnedTests: ['c'], failedTests: ['b'] }],
  ['not enough evidence', [{ id: 'a', verdict: 'met' }, { id: 'b', verdict: 'insufficient' }], { result: 'WARNED', passedTests: ['a'], warnedTests: ['b'], failedTests: [] }],
  ['measured without a verdict', [{ id: 'a', verdict: 'observed' }], { result: 'WARNED', passedTests: [], warnedTests: ['a'] }],
  ['nothing tried', [], { result: 'WARNED', passedTests: [] }],
])('%s', (_name, tests, expected) => {
  expect(run(tests)).toMatchObject({ ...expected, configuration: [{ name: 'pact', digest: { sha256: digestBytes('pact').slice(7) } }] });
});

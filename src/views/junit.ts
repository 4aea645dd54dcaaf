/** JUnit XML: a suite for each step, a case for each probe, and one case for the exit status. */
import { EXIT, EXIT_MEANING, type Exit } from '../domain/fault.js';
import type { FaultView, Report } from '../domain/report.js';
import { casesOf, type Case } from './cases.js';

export function junitReport(report: Report): string {
  const cases = casesOf(report);
  const suites = [...new Set(cases.map((one) => one.suite))].map((name) => suite(name, cases.filter((one) => one.suite === name).map(testcase)));
  return document([...suites, suite(`agentctl ${report.kind}`, [verdict(report.exit)])]);
}

export function junitFault({ code, message, at, hint, details }: FaultView, exit: Exit): string {
  const lines = [at === null ? message : `${message} (${at})`, ...details.map((one) => `${one.at} ${one.message}`), ...(hint === null ? [] : [`hint: ${hint}`])];
  const error = `<error type="${xml(code)}" message="${xml(message)}">${xml(lines.join('\n'))}</error>`;
  return document([suite('agentctl', [{ text: `<testcase classname="agentctl" name="exit status ${exit}">${error}</testcase>`, result: 'error' }])]);
}

interface TestCase {
  readonly text: string;
  readonly result: 'passed' | 'failure' | 'error' | 'skipped';
}

function testcase(one: Case): TestCase {
  const open = `<testcase classname="${xml(`agentctl.${one.id}`)}" name="${xml(one.name)}"`;
  const body = `${one.because}${one.at === undefined ? '' : ` (${one.at})`}\n${one.remedy}`;
  if (one.outcome === 'passed') return { text: `${open}/>`, result: 'passed' };
  if (one.waived !== undefined) return skipped(open, one.waived);
  if (one.outcome === 'failed' && !one.minor) {
    return { text: `${open}><failure type="no" message="${xml(one.because)}">${xml(body)}</failure></testcase>`, result: 'failure' };
  }
  const reason = one.outcome === 'failed' ? `not required, but no: ${one.because}` : one.outcome === 'unknown' ? `unknown: ${one.because}` : `not applicable: ${one.because}`;
  return skipped(open, reason);
}

function skipped(open: string, reason: string): TestCase {
  return { text: `${open}><skipped message="${xml(reason)}"/></testcase>`, result: 'skipped' };
}

/** Readers of JUnit paint skipped cases green. This case makes an answer other than yes red, unknown included. */
function verdict(exit: Exit): TestCase {
  const open = '<testcase classname="agentctl" name="exit status"';
  if (exit === EXIT.yes) return { text: `${open}/>`, result: 'passed' };
  const message = xml(`exit ${exit}: ${EXIT_MEANING[exit]}`);
  return { text: `${open}><failure type="exit-${exit}" message="${message}">${message}</failure></testcase>`, result: 'failure' };
}

interface Suite {
  readonly text: string;
  readonly cases: readonly TestCase[];
}

function suite(name: string, cases: readonly TestCase[]): Suite {
  return { text: `  <testsuite name="${xml(name)}" ${counts(cases)}>\n${cases.map(({ text }) => `    ${text}`).join('\n')}\n  </testsuite>`, cases };
}

function counts(cases: readonly TestCase[]): string {
  const count = (result: TestCase['result']) => cases.filter((one) => one.result === result).length;
  return `tests="${cases.length}" failures="${count('failure')}" errors="${count('error')}" skipped="${count('skipped')}"`;
}

function document(suites: readonly Suite[]): string {
  const cases = suites.flatMap((one) => one.cases);
  return `<?xml version="1.0" encoding="UTF-8"?>\n<testsuites name="agentctl" ${counts(cases)}>\n${suites.map(({ text }) => text).join('\n')}\n</testsuites>\n`;
}

const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&apos;', '\n': '&#10;' };

/** Escapes for text and attributes alike; U+FFFE and U+FFFF do not exist in XML 1.0, control characters were made visible before. */
function xml(text: string): string {
  return text.replace(/[&<>"'\n]/g, (character) => ENTITIES[character] ?? character).replace(/[\ufffe\uffff]/g, '\ufffd');
}

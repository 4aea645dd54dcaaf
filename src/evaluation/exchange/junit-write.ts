/** Writes a run as JUnit XML: a suite for each part, a test case for each answer. */
import { decimalText } from './fields.js';
import { numbersOf, type RunWriter } from './exported-run.js';
import { IN_JUNIT, OWN_PROPERTY, SCORE_PROPERTY } from './junit.js';
import { ownMarksOf, partOf } from './own-marks.js';
import type { ImportedOutcome } from './imported-run.js';
import type { ResultRow } from '../score.js';

export const writeJunit: RunWriter = async function* (run, rows) {
  const { tally } = run;
  const counts = (part?: string) => {
    const told = (as: string) => tally.count((outcome) => IN_JUNIT[outcome] === as, part);
    return `tests="${tally.count(() => true, part)}" failures="${told('fail')}" errors="${told('error')}" skipped="${told('skipped')}"`;
  };
  const about = { run: run.run, version: run.version, build: run.build, dataset: run.dataset, harness: run.harness, scorer: run.scorer };
  yield `<?xml version="1.0" encoding="UTF-8"?>\n<testsuites name="agentctl" ${counts()}>\n  <properties>${Object.entries(about).map(([name, value]) => property(`${OWN_PROPERTY}${name}`, value)).join('')}</properties>\n`;
  // One suite after the other, though the rows of a run come part by part already.
  for (const part of tally.parts.keys()) {
    yield `  <testsuite name="${xml(part)}" timestamp="${xml(run.created)}" ${counts(part)}>\n`;
    for await (const row of rows()) if (partOf(row) === part) yield `    ${testcase(row)}\n`;
    yield '  </testsuite>\n';
  }
  yield '</testsuites>\n';
};

function testcase(row: ResultRow): string {
  const marks = Object.entries(ownMarksOf(row)).flatMap(([name, value]) => (value === null ? [] : [property(`${OWN_PROPERTY}${name}`, String(value))]));
  const scores = numbersOf(row).map(([name, value]) => property(`${SCORE_PROPERTY}${name}`, decimalText(value) ?? ''));
  return `<testcase classname="${xml(partOf(row))}" name="${xml(row.case)}" time="${(row.milliseconds / 1000).toFixed(3)}"><properties>${[...marks, ...scores].join('')}</properties>${resultOf(row)}</testcase>`;
}

const ELEMENT: Readonly<Record<string, string>> = { fail: 'failure', error: 'error', skipped: 'skipped' };

function resultOf(row: ResultRow): string {
  const told = IN_JUNIT[row.outcome satisfies ImportedOutcome];
  const element = ELEMENT[told];
  if (element === undefined) return '';
  const message = [row.outcome, row.cause].filter((one) => one !== null).join(': ');
  const detail = row.outcome === 'fail' && row.cause === null ? `expected ${row.expected ?? '-'}, answered ${row.output ?? '-'}` : message;
  return element === 'skipped' ? `<skipped message="${xml(message)}"/>` : `<${element} type="${xml(row.cause ?? row.outcome)}" message="${xml(detail)}">${xml(detail)}</${element}>`;
}

function property(name: string, value: string): string {
  return `<property name="${xml(name)}" value="${xml(value)}"/>`;
}

const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&apos;', '\n': '&#10;', '\r': '&#13;', '\t': '&#9;' };

/** Escapes for text and attributes alike; characters that XML 1.0 does not have become U+FFFD. */
function xml(text: string): string {
  return text.replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g, '\ufffd').replace(/[&<>"'\n\r\t]/g, (character) => ENTITIES[character] ?? character);
}

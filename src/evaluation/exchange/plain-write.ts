/** Writes a run in our own simple shape: JSON Lines with a head, or comma-separated for a spreadsheet. */
import { csvRecord } from '../../domain/csv.js';
import { PLAIN_FORMAT, SCORE_COLUMN } from './plain.js';
import { ownMarksOf } from './own-marks.js';
import type { RunWriter } from './exported-run.js';

export const writeLines: RunWriter = async function* ({ run, created, version, agent, build, harness, dataset, scorer, purpose, tally }, rows) {
  yield `${JSON.stringify({ results: PLAIN_FORMAT, tool: 'agentctl', version, run, created, model: agent, dataset, rows: tally.rows, complete: true, purpose, build, harness, scorer })}\n`;
  for await (const row of rows()) {
    const { capability, dataset: set, output, expected, confidence, tags, group, milliseconds, usage } = row;
    const scores = Object.fromEntries(Object.entries(row.scores).map(([name, { score }]) => [name, score]));
    yield `${JSON.stringify({ ...ownMarksOf(row), scores, milliseconds, usage, capability, dataset: set, output, expected, confidence, tags, group })}\n`;
  }
};

export const writeCsv: RunWriter = async function* ({ tally }, rows) {
  const scorers = [...tally.scores].sort();
  const columns = ['part', 'case', 'repeat', 'outcome', 'cause', 'milliseconds', 'tokens', 'cost', 'output', 'expected', 'confidence', 'group', ...scorers.map((name) => SCORE_COLUMN + name)];
  yield csvRecord(columns);
  for await (const row of rows()) {
    const { part, case: name, repeat, outcome, cause } = ownMarksOf(row);
    const cells = [part, name, repeat, outcome, cause, row.milliseconds, row.usage?.tokens, row.usage?.cost, row.output, row.expected, row.confidence, row.group, ...scorers.map((scorer) => row.scores[scorer]?.score)];
    yield csvRecord(cells.map((cell) => (cell == null ? '' : String(cell))));
  }
};

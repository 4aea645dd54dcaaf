/** An evaluation as tables: per condition value, n, interval and verdict; scores by dimension. */
import { span } from '../../evaluation/span.js';
import type { Scores } from '../../evaluation/composite.js';
import type { ConditionResult } from '../../evaluation/judge.js';
import type { Table } from '../../domain/report.js';

export function conditionTable(conditions: readonly Omit<ConditionResult, 'statement'>[]): Table {
  return {
    title: 'Conditions',
    columns: ['condition', 'must be', 'value', 'n', 'interval', 'verdict'],
    rows: conditions.map((one) => [one.id, `${one.operator} ${one.threshold}`, one.value ?? '-', String(one.n), span(one.lower, one.upper), one.verdict === 'insufficient' ? 'undecided' : one.verdict.replace('-', ' ')]),
  };
}

export function dimensionTable({ profile, composite, dimensions }: Scores): Table {
  return {
    title: `Scores by ${profile}, 0 to 1`,
    columns: ['dimension', 'score'],
    rows: [['composite', composite ?? 'none'], ...Object.entries(dimensions).map(([name, score]) => [name, score ?? '-'])],
  };
}

/** Imported results as tables: what they are of and how they came out, and what each score measured. */
import { asObject, type JsonObject } from '../../domain/json.js';
import type { Table } from '../../domain/report.js';

/** @param entries data of `baseline.imported` entries */
export function importedTables(entries: readonly JsonObject[]): readonly Table[] {
  if (entries.length === 0) return [];
  const scored = entries.flatMap((data) => (data['scores'] as readonly JsonObject[]).map((score) => ({ tool: toolOf(data), score })));
  return [
    {
      title: 'Imported',
      columns: ['tool', 'model', 'cases', 'pass', 'fail', 'neither', 'complete', 'of this build'],
      rows: entries.map((data) => {
        const outcomes = asObject(data['outcomes'], 'outcomes');
        const [rows, passed, failed] = [Number(data['rows']), Number(outcomes['pass']), Number(outcomes['fail'])];
        const repeats = Number(data['repeats']);
        return [toolOf(data), String(asObject(data['origin'], 'origin')['model'] ?? 'not stated'), `${String(data['cases'])}${repeats > 1 ? ` x ${repeats}` : ''}`, String(passed), String(failed), String(rows - passed - failed), String(data['complete']), buildOf(data)];
      }),
    },
    ...(scored.length === 0 ? [] : [{
      title: 'Imported scores',
      columns: ['tool', 'score', 'n', 'mean', 'said to measure'],
      rows: scored.map(({ tool, score }) => [tool, String(score['name']), String(score['n']), String(score['mean'] ?? '-'), score['condition'] === null ? '-' : `${String(score['condition'])}: no verdict`]),
    }]),
  ];
}

function toolOf(data: JsonObject): string {
  const { tool, version } = asObject(data['origin'], 'origin');
  return [tool, version].filter((one) => one !== null).map(String).join(' ');
}

function buildOf(data: JsonObject): string {
  return data['build'] === 'attested' ? `said by ${String(data['operator'])}` : 'unknown';
}

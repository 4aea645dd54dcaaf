/** The scores that a review looks at: evaluations in series of the same data, with what each dimension did. */
import { decimal } from '../../evaluation/decimal.js';
import type { Entry } from '../../domain/entry.js';
import { isObject, type Json, type JsonObject } from '../../domain/json.js';
import type { ConditionRow, ReviewData, ScoreRow, Series, Trend } from '../../domain/review.js';

/** Two points make no trend. */
export const LEAST_POINTS = 3;

/** Injected shift is meant to score badly, so it says nothing about the agent's course. */
export function countsAsScore(entry: Entry): boolean {
  return entry.data['purpose'] !== 'shift';
}

/** @param entries `evaluation.finished`, oldest first */
export function seriesOf(entries: readonly Entry[]): readonly Series[] {
  const byData = new Map<string, ScoreRow[]>();
  for (const entry of entries) {
    const dataset = datasetOf(entry);
    byData.set(dataset, [...(byData.get(dataset) ?? []), pointOf(entry)]);
  }
  return [...byData].map(([dataset, points]) => ({ dataset, points, trends: trendsOf(points) }));
}

export function trendsOf(points: readonly ScoreRow[]): readonly Trend[] {
  const names = [...new Set(points.flatMap((point) => Object.keys(point.dimensions)))].sort();
  return names.map((dimension) => {
    const values = points.map((point) => point.dimensions[dimension]).filter((value) => value !== undefined);
    const [first = '0.000000', last = first] = [values[0], values.at(-1)];
    const change = Number(last) - Number(first);
    return {
      dimension, points: values.length, first, last, lowest: decimal(Math.min(...values.map(Number))),
      change: values.length < LEAST_POINTS ? null : `${change < 0 ? '-' : '+'}${decimal(Math.abs(change))}`,
    };
  });
}

export function evaluationOf(entry: Entry | undefined): ReviewData['evaluation'] {
  if (entry === undefined) return null;
  const conditions = (entry.data['conditions'] as readonly JsonObject[] | undefined) ?? [];
  return { run: String(entry.data['run']), purpose: String(entry.data['purpose']), at: entry.ts, dataset: datasetOf(entry), conditions: conditions.map(conditionOf) };
}

function conditionOf(one: JsonObject): ConditionRow {
  return {
    id: String(one['id']), dimension: String(one['dimension']), severity: String(one['severity']), metric: String(one['metric']),
    operator: one['operator'] === '<=' ? '<=' : '>=', threshold: String(one['threshold']), n: Number(one['n']),
    value: textOrNull(one['value']), lower: textOrNull(one['lower']), upper: textOrNull(one['upper']), verdict: String(one['verdict']),
  };
}

function pointOf({ ts, data }: Entry): ScoreRow {
  const dimensions = isObject(data['dimensions']) ? data['dimensions'] : {};
  return {
    at: ts, run: String(data['run']), purpose: String(data['purpose']), composite: textOrNull(data['composite']),
    dimensions: Object.fromEntries(Object.entries(dimensions).map(([name, score]) => [name, String(score)])),
  };
}

function datasetOf({ data }: Entry): string {
  const versions = data['versions'];
  return isObject(versions) ? String(versions['dataset']) : 'unknown';
}

function textOrNull(value: Json | undefined): string | null {
  return typeof value === 'string' ? value : null;
}

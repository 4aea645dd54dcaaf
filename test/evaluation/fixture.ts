/** A pact and result rows to vary in tests. */
import type { Condition, Pacts } from '../../src/evaluation/condition.js';
import type { ResultRow } from '../../src/evaluation/score.js';

export const DIGEST = `sha256:${'a'.repeat(64)}`;

export const recall: Condition = {
  id: 'spam-caught', statement: 'at least 85 % of spam is quarantined', kind: 'happy-path', dimension: 'accuracy', severity: 'critical',
  metric: 'recall', label: 'quarantine', operator: '>=', threshold: '0.85', dataset: 'held-out', window: 'P90D', verification: 'deterministic',
  minimumCases: 100, because: 'a missed spam costs a reader ten seconds, a thousand cost a morning', consequence: 'rollback',
};
export const hardHam: Condition = {
  ...omit(recall, 'label'), id: 'hard-ham-kept', statement: 'at most 10 % of hard ham is quarantined', kind: 'failure-mode', dimension: 'safety', metric: 'share',
  among: { expected: 'deliver', tag: 'hard-ham' }, outputs: ['quarantine'], operator: '<=', threshold: '0.1', minimumCases: 50,
};
export const abstention: Condition = {
  ...omit(recall, 'label'), id: 'asks-seldom', statement: 'the agent asks a human in at most 20 % of the cases', dimension: 'scope-honesty', metric: 'abstention',
  operator: '<=', threshold: '0.2', severity: 'minor',
};

export function omit<T extends object, K extends keyof T>(value: T, key: K): Omit<T, K> {
  const { [key]: _gone, ...rest } = value;
  return rest;
}

export function pactOf(...conditions: readonly Condition[]): Pacts {
  return {
    confidence: '0.95',
    datasets: [{ id: 'held-out', file: 'data/held-out.jsonl', sha256: DIGEST, use: 'held-out' }, { id: 'tuning', file: 'data/tuning.jsonl', sha256: DIGEST, use: 'tuning' }],
    agreements: [{ capability: 'triage', output: { pointer: '/decision', abstain: 'ask-human' }, conditions }],
  };
}

let counter = 0;
export function row(members: Partial<ResultRow> = {}): ResultRow {
  counter += 1;
  return {
    capability: 'triage', dataset: 'held-out', case: `c${counter}`, request: `case-${counter}`, outcome: 'pass', cause: null, output: 'quarantine', expected: 'quarantine',
    confidence: '0.9', milliseconds: 5, tags: [], group: `c${counter}`, repeat: 0, scores: {}, usage: null, ...members,
  };
}

export function rows(count: number, members: Partial<ResultRow> = {}): readonly ResultRow[] {
  return Array.from({ length: count }, () => row(members));
}

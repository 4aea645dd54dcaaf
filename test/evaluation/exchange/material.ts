/** Results as other harnesses shape them, with data of our own. */
import type { Json, JsonObject } from '../../../src/domain/json.js';
import type { ResultRow } from '../../../src/evaluation/score.js';
import { RunTally, type ExportedRun } from '../../../src/evaluation/exchange/exported-run.js';
import { row } from '../fixture.js';

const answered = (id: string, members: JsonObject = {}): JsonObject => ({
  id: `r-${id}`, promptId: 'p', promptIdx: 0, testIdx: 0, provider: { id: 'openai:gpt-x', label: '' }, prompt: { raw: 'Sort {{mail}}', label: 'Sort {{mail}}', config: {} }, vars: { mail: id },
  response: { output: 'keep', tokenUsage: { total: 12, prompt: 10, completion: 2 } }, score: 1, success: true, failureReason: 0, latencyMs: 41.6, cost: 0.0021, namedScores: { tone: 0.5 }, metadata: {}, testCase: { vars: { mail: id }, assert: [] },
  gradingResult: { pass: true, score: 1, reason: 'all good', componentResults: [{ pass: true, score: 1, reason: '', assertion: { type: 'equals', value: 'keep' } }, { pass: true, score: 0.5, reason: '', assertion: { type: 'javascript', metric: 'tone' } }] },
  ...members,
});

/** A pass and its repeat, a failed assertion (whose `error` is set too), an outage. */
export const promptfooRows: readonly JsonObject[] = [
  answered('a'), answered('a', { namedScores: { tone: 1 } }),
  answered('b', { success: false, score: 0, failureReason: 1, error: 'expected keep', namedScores: { tone: 0 } }),
  answered('c', { success: false, score: 0, failureReason: 2, error: '503 from the provider', response: { error: '503 from the provider' }, gradingResult: null, namedScores: {} }),
];

/** `namedScores` of the prompt is a sum over three rows, not their mean. */
export const promptfoo = (results: JsonObject = {}): JsonObject => ({
  evalId: 'eval-abc-2026', shareableUrl: null, config: { description: 'mail' }, metadata: { promptfooVersion: '0.121.20', author: 'somebody' },
  results: {
    version: 3, timestamp: '2026-11-01T10:00:00.000Z', results: promptfooRows, stats: { successes: 2, failures: 1, errors: 1, tokenUsage: { total: 36 } },
    prompts: [{ id: 'p', raw: 'Sort {{mail}}', label: 'Sort {{mail}}', provider: 'openai:gpt-x', metrics: { score: 2, testPassCount: 2, testFailCount: 1, testErrorCount: 1, namedScores: { tone: 1.5, derived: 7 }, namedScoresCount: { tone: 3 } } }],
    ...results,
  },
});

export const sample = (id: Json, epoch: number, value: Json, members: JsonObject = {}): JsonObject => ({
  id, epoch, input: 'q', target: 'a', messages: [], output: { model: 'm' }, scores: { match: { value, answer: 'a', explanation: null, metadata: {} } },
  model_usage: { 'openai/gpt-x': { input_tokens: 5, output_tokens: 2, total_tokens: 7 } }, total_time: 1.25, uuid: `u-${JSON.stringify(id)}-${epoch}`, ...members,
});

export const inspectHeader = (members: JsonObject = {}): JsonObject => ({
  version: 2, status: 'success',
  eval: { eval_id: 'e1', run_id: 'run1', created: '2026-11-02T08:00:00+00:00', task: 'mail', task_id: 't', task_version: 1, dataset: { name: 'mails', location: 'mails.jsonl', samples: 2 }, model: 'openai/gpt-x', packages: { inspect_ai: '0.3.210' }, config: { epochs: 2 } },
  plan: { name: 'plan', steps: [] }, results: { total_samples: 4, completed_samples: 4, scores: [] }, stats: {}, ...members,
});

export const inspectSamples: readonly JsonObject[] = [sample('m1', 1, 'C'), sample('m1', 2, 'I'), sample(2, 1, 'C'), sample(2, 2, 'C', { error: { message: 'connection reset', traceback: '' } })];

export const tau2 = (members: JsonObject = {}): JsonObject => ({
  timestamp: '2026-10-01T00:00:00', info: { git_commit: 'abc123', num_trials: 1, agent_info: { implementation: 'llm_agent', llm: 'gpt-x' }, environment_info: { domain_name: 'airline' } },
  tasks: [{ id: '0' }], simulations: [{ id: 's', task_id: '0', trial: 0, seed: 1, reward_info: { reward: 1 }, termination_reason: 'user_stop', agent_cost: 0.02, duration: 3.5, messages: [] }], ...members,
});

/** One row of each outcome, with what is hard to carry: markup, quotes, line breaks, formulas, two parts, repeats. */
export const exportedRows: readonly ResultRow[] = [
  row({ case: 'plain', milliseconds: 1500, usage: { tokens: 42, cost: '0.0031' }, scores: { tone: { is: 'pass', score: '0.75', because: 'kind' }, judge: { is: 'unscored', score: null, because: 'no answer' } } }),
  row({ case: 'plain', repeat: 1, outcome: 'fail', output: '<b>"x"</b> & ]]>' }),
  row({ case: '=cmd|\'/c calc\'!A1', outcome: 'fail', cause: 'no-label', output: null }),
  row({ case: 'line\nbreak, "quoted"', outcome: 'abstain', output: 'ask-human' }),
  row({ case: 'outage', outcome: 'infrastructure', cause: 'timeout', output: null, confidence: null }),
  row({ case: 'äöü \u{1f600}', outcome: 'not-evaluable', cause: 'no-reference', expected: null }),
  row({ case: 'plain', dataset: 'tuning', capability: 'other' }),
];

export function exportedRun(rows: readonly ResultRow[]): ExportedRun {
  const tally = new RunTally();
  for (const one of rows) tally.add(one);
  return {
    run: 'run-0123456789abcdef', created: '2026-11-22T12:00:00.000Z', purpose: 'baseline', version: '9.9.9', agent: 'tiny 1.0.0 build 0123456789ab', build: `sha256:${'b'.repeat(64)}`,
    harness: 'agentctl-harness/1 of agentctl 9.9.9', dataset: 'held-out 1471a1471a08', scorer: 'agentctl-scorer/1', tally,
  };
}

export async function* each<T>(values: Iterable<T>): AsyncGenerator<T> {
  yield* values;
}

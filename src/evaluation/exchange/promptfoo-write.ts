/** Writes a run as promptfoo's results (version 3), which its viewer and `promptfoo import` read. */
import { decimalText } from './fields.js';
import { numbersOf, type ExportedRun, type RunWriter } from './exported-run.js';
import { ownMarksOf, partOf } from './own-marks.js';
import { IN_PROMPTFOO, PROMPTFOO_VERSION } from './promptfoo.js';
import type { ImportedOutcome } from './imported-run.js';
import type { ResultRow } from '../score.js';

const REASON = { pass: 0, fail: 1, error: 2 } as const;

export const writePromptfoo: RunWriter = async function* (run, rows) {
  const prompts = [...run.tally.parts.keys()];
  const totals = new Map(prompts.map((part) => [part, new Totals()]));
  yield `${JSON.stringify(headOf(run)).slice(0, -1)},"results":{"version":${PROMPTFOO_VERSION},"timestamp":${JSON.stringify(run.created)},"results":[\n`;
  const places = new Map<string, number>();
  let count = 0;
  for await (const row of rows()) {
    const part = partOf(row);
    totals.get(part)?.add(row);
    // Lines of its table are cases and their repeats, columns are parts.
    const name = JSON.stringify([row.dataset, row.case, row.repeat]);
    const place = places.get(name) ?? places.size;
    places.set(name, place);
    count += 1;
    yield `${count === 1 ? '' : ',\n'}${JSON.stringify(resultOf(run, row, { index: count - 1, promptIdx: prompts.indexOf(part), testIdx: place }))}`;
  }
  const completed = prompts.map((part) => ({ id: part, raw: part, label: part, provider: run.agent, metrics: totals.get(part)?.metrics(run, part) ?? {} }));
  yield `\n],"prompts":${JSON.stringify(completed)},"stats":${JSON.stringify(statsOf(run, totals))}}}\n`;
};

function headOf({ run, created, version, build, agent, dataset, purpose }: ExportedRun) {
  return {
    evalId: run, config: { description: `${purpose} of ${agent}`, prompts: [], providers: [], tests: [] }, shareableUrl: null, vars: ['id'],
    metadata: { evaluationCreatedAt: created, exportedAt: created, agentctl: { version, run, build, dataset } },
  };
}

interface Place {
  readonly index: number;
  readonly promptIdx: number;
  readonly testIdx: number;
}

function resultOf({ run, agent }: ExportedRun, row: ResultRow, { index, promptIdx, testIdx }: Place) {
  const told = IN_PROMPTFOO[row.outcome];
  const part = partOf(row);
  const score = told === 'pass' ? 1 : 0;
  const because = row.outcome === 'pass' ? 'the output is the reference' : [row.outcome, row.cause].filter((one) => one !== null).join(': ');
  const namedScores = Object.fromEntries(numbersOf(row));
  const tokenUsage = { total: row.usage?.tokens ?? 0, prompt: 0, completion: 0, cached: 0, numRequests: 1 };
  const vars = { id: row.case };
  return {
    id: `${run}-${index}`, promptId: part, promptIdx, testIdx, provider: { id: agent, label: agent }, prompt: { raw: part, label: part }, vars,
    response: told === 'error' ? { error: because } : { output: row.output ?? '', tokenUsage },
    score, success: told === 'pass', failureReason: REASON[told], ...(told === 'pass' ? {} : { error: because }),
    latencyMs: row.milliseconds, cost: row.usage?.cost == null ? 0 : Number(row.usage.cost), namedScores, tokenUsage,
    testCase: { description: row.case, vars, assert: row.expected === null ? [] : [{ type: 'equals', value: row.expected }], options: {}, metadata: {} },
    gradingResult: told === 'error' ? null : {
      pass: told === 'pass', score, reason: because, namedScores, tokensUsed: { total: 0, prompt: 0, completion: 0 },
      componentResults: Object.entries(row.scores).map(([metric, { is, score: value, because: reason }]) => ({ pass: is === 'pass', score: Number(value ?? 0), reason, assertion: { type: 'javascript', metric, value: metric } })),
    },
    metadata: { agentctl: ownMarksOf(row) },
  };
}

/** Sums over the rows of one part, as promptfoo keeps them beside the rows. */
class Totals {
  readonly #sums = new Map<string, { sum: number; count: number }>();
  latency = 0;
  tokens = 0;
  cost = 0;

  add(row: ResultRow): void {
    for (const [name, value] of numbersOf(row)) {
      const { sum, count } = this.#sums.get(name) ?? { sum: 0, count: 0 };
      this.#sums.set(name, { sum: sum + value, count: count + 1 });
    }
    this.latency += row.milliseconds;
    this.tokens += row.usage?.tokens ?? 0;
    this.cost += Number(row.usage?.cost ?? 0);
  }

  metrics({ tally }: ExportedRun, part: string) {
    const told = (as: string) => tally.count((outcome) => tells(outcome, as), part);
    const named = [...this.#sums];
    return {
      score: told('pass'), testPassCount: told('pass'), testFailCount: told('fail'), testErrorCount: told('error'), assertPassCount: told('pass'), assertFailCount: told('fail'),
      totalLatencyMs: this.latency, tokenUsage: { total: this.tokens, prompt: 0, completion: 0, cached: 0 }, cost: Number(decimalText(this.cost)),
      namedScores: Object.fromEntries(named.map(([name, { sum }]) => [name, sum])), namedScoresCount: Object.fromEntries(named.map(([name, { count }]) => [name, count])),
    };
  }
}

function statsOf({ tally }: ExportedRun, totals: ReadonlyMap<string, Totals>) {
  const told = (as: string) => tally.count((outcome) => tells(outcome, as));
  const tokens = [...totals.values()].reduce((sum, one) => sum + one.tokens, 0);
  return { successes: told('pass'), failures: told('fail'), errors: told('error'), tokenUsage: { total: tokens, prompt: 0, completion: 0, cached: 0, numRequests: tally.rows } };
}

function tells(outcome: ImportedOutcome, as: string): boolean {
  return IN_PROMPTFOO[outcome] === as;
}

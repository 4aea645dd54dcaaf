/** Reads results of tau-bench and of its successor tau2: tasks of a simulated customer, each tried several times. */
import { Fault } from '../../domain/fault.js';
import { isObject, type Json, type JsonObject } from '../../domain/json.js';
import { countOf, decimalText, idIn, listIn, millisecondsOf, numberIn, objectIn, textIn, usageOf } from './fields.js';
import { clipped, RowCollector, runOf, type ImportedRow, type ImportedRun } from './imported-run.js';

type Told = Pick<ImportedRow, 'outcome' | 'cause'>;

/** @throws {Fault} INPUT_INVALID */
export function readTauBench(list: readonly Json[], file: string): ImportedRun {
  const collector = new RowCollector();
  list.forEach((result, index) => {
    const info = objectIn(result, 'info');
    // The harness writes a crash of its own as a reward of 0.
    const broken = info['error'] !== undefined && info['error'] !== null;
    trial(collector, result, { file, where: `[${index}]`, told: (reward) => (broken ? { outcome: 'infrastructure', cause: 'error' } : byReward(reward)), reward: numberIn(result, 'reward') });
  });
  const doubts = uneven(collector.rows);
  return runOf({ tool: 'tau-bench', version: null, run: null, created: null, model: null, dataset: null, complete: doubts.length === 0 ? null : false }, collector.rows, file, doubts);
}

/** @throws {Fault} INPUT_INVALID */
export function readTau2(document: JsonObject, file: string): ImportedRun {
  const collector = new RowCollector();
  const simulations = listIn(document, 'simulations');
  simulations.forEach((simulation, index) => {
    const ending = textIn(simulation, 'termination_reason');
    trial(collector, simulation, { file, where: `simulations[${index}]`, told: (reward) => byEnding(ending, reward), reward: numberIn(objectIn(simulation, 'reward_info'), 'reward') });
  });
  const info = objectIn(document, 'info');
  const planned = listIn(document, 'tasks').length * (countOf(numberIn(info, 'num_trials')) ?? 0);
  const doubts = planned === 0 ? uneven(collector.rows) : planned === simulations.length ? [] : [`it says ${planned} simulations, and holds ${simulations.length}`];
  return runOf({
    tool: 'tau2-bench', version: textIn(info, 'git_commit'), run: null, created: textIn(document, 'timestamp'),
    model: textIn(objectIn(info, 'agent_info'), 'llm'), dataset: textIn(objectIn(info, 'environment_info'), 'domain_name'),
    complete: doubts.length > 0 ? false : planned === 0 ? null : true,
  }, collector.rows, file, doubts);
}

interface Trial {
  readonly file: string;
  readonly where: string;
  readonly told: (reward: number | null) => Told;
  readonly reward: number | null;
}

function trial(collector: RowCollector, value: Json, { file, where, told, reward }: Trial): void {
  const at = `${file}: ${where}`;
  const task = idIn(value, 'task_id');
  if (!isObject(value) || task === null) throw new Fault('INPUT_INVALID', 'the result has no task_id', { at });
  const seconds = numberIn(value, 'duration');
  collector.add({
    part: null, case: clipped(task), repeat: countOf(numberIn(value, 'trial')) ?? undefined, ...told(reward), scores: { reward: reward === null ? null : decimalText(reward) },
    milliseconds: millisecondsOf(seconds === null ? null : seconds * 1000), usage: usageOf(null, numberIn(value, 'agent_cost')), transcript: where,
  }, at);
}

/** Nothing but the whole reward is a pass. */
function byReward(reward: number | null): Told {
  return reward === null ? { outcome: 'unscored', cause: 'no-reward' } : { outcome: reward === 1 ? 'pass' : 'fail', cause: null };
}

const SURROUNDINGS: ReadonlySet<string> = new Set(['infrastructure_error', 'unexpected_error', 'user_error']);
const AGENT: ReadonlySet<string> = new Set(['agent_error', 'too_many_errors', 'max_steps', 'timeout', 'context_window_exceeded']);
const ENDED: ReadonlySet<string> = new Set(['user_stop', 'agent_stop']);

/** A reason that nobody knows is no verdict on the agent, good or bad. */
function byEnding(ending: string | null, reward: number | null): Told {
  if (ending === null) return { outcome: 'not-evaluable', cause: 'no-termination-reason' };
  if (ENDED.has(ending)) return byReward(reward);
  const cause = clipped(ending);
  if (SURROUNDINGS.has(ending)) return { outcome: 'infrastructure', cause };
  return { outcome: AGENT.has(ending) ? 'fail' : 'not-evaluable', cause };
}

/** A run that was cut off leaves some tasks with fewer trials than others. */
function uneven(rows: readonly ImportedRow[]): readonly string[] {
  const trials = new Map<string, number>();
  for (const row of rows) trials.set(row.case, (trials.get(row.case) ?? 0) + 1);
  const counts = [...trials.values()].sort((a, b) => a - b);
  const [least, most] = [counts[0], counts.at(-1)];
  return least === most ? [] : [`some tasks have ${most} trials, others ${least}`];
}

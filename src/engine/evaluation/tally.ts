/** What the rows of a run come to: counts, the models that answered, and what the judge makes of them. */
import type { Judge } from '../../evaluation/judge.js';
import { isRightOrWrong, ownFailure, type ResultRow } from '../../evaluation/score.js';
import { NamedModels } from './versions.js';

export class Tally {
  readonly judge: Judge;
  rows = 0;
  /** Right or wrong, failures of the agent's own among them. */
  answered = 0;
  /** How often it failed by itself instead of answering, by cause. */
  readonly failures: Record<string, number> = {};
  abstained = 0;
  errors = 0;
  readonly models = new NamedModels();

  constructor(judge: Judge) {
    this.judge = judge;
  }

  add(row: ResultRow): void {
    this.judge.add(row);
    this.rows += 1;
    if (row.model !== undefined) this.models.add(row.model);
    if (isRightOrWrong(row)) this.answered += 1;
    const failure = ownFailure(row);
    if (failure !== undefined) this.failures[failure] = (this.failures[failure] ?? 0) + 1;
    if (row.outcome === 'abstain') this.abstained += 1;
    if (row.outcome === 'infrastructure') this.errors += 1;
  }
}

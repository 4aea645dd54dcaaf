/** What the rows of a run come to: counts, the models that answered, and what the judge makes of them. */
import type { Judge } from '../../evaluation/judge.js';
import { isAnswered, type ResultRow } from '../../evaluation/score.js';
import { NamedModels } from './versions.js';

export class Tally {
  readonly judge: Judge;
  rows = 0;
  answered = 0;
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
    if (isAnswered(row)) this.answered += 1;
    if (row.outcome === 'abstain') this.abstained += 1;
    if (row.outcome === 'infrastructure') this.errors += 1;
  }
}

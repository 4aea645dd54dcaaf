/** A pact measured elsewhere than it says, as scheduled runs and alert tests do. Conditions on attacks stay: no other data set has such cases. */
import { Fault } from '../domain/fault.js';
import type { Condition, Pacts } from './condition.js';

type Declared = Pick<Pacts, 'datasets'>;

/** Whether a condition is measured on its own data set, wherever the others are. */
function stays({ datasets }: Declared, { dataset }: Condition): boolean {
  return datasets.some(({ id, use }) => id === dataset && use === 'attack');
}

/** The pact with its conditions on another data set, but for those that stay on their own. @throws {Fault} DATASET_INVALID */
export function movedTo(pacts: Pacts, dataset: string): Pacts {
  if (!pacts.datasets.some((one) => one.id === dataset)) throw new Fault('DATASET_INVALID', `no data set "${dataset}" under pacts.datasets`, { hint: `declared: ${pacts.datasets.map((one) => one.id).join(', ')}` });
  return mapped(pacts, (condition) => [stays(pacts, condition) ? condition : { ...condition, dataset }]);
}

/** The pact without the conditions that stay on their own data set: what a data set that stands for all others can tell. */
export function movable(pacts: Pacts): Pacts {
  return mapped(pacts, (condition) => (stays(pacts, condition) ? [] : [condition]));
}

/** The pact as a run on these data sets measured it: moved where none but the attacks are its own, and without what it did not ask. */
export function asMeasured(pacts: Pacts, datasets: ReadonlySet<string>): Pacts {
  const own = movable(pacts).agreements.some(({ conditions }) => conditions.some(({ dataset }) => datasets.has(dataset)));
  const elsewhere = pacts.datasets.find(({ id, use }) => use !== 'attack' && datasets.has(id));
  const moved = own || elsewhere === undefined ? pacts : movedTo(pacts, elsewhere.id);
  return mapped(moved, (condition) => (datasets.has(condition.dataset) ? [condition] : []));
}

function mapped(pacts: Pacts, change: (condition: Condition) => readonly Condition[]): Pacts {
  return { ...pacts, agreements: pacts.agreements.map((agreement) => ({ ...agreement, conditions: agreement.conditions.flatMap(change) })) };
}

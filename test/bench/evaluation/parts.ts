/** What the evaluation's benchmark needs of the program: bundled with it for the run. */
export { systemClock, systemRandom } from '../../../src/adapters/system.js';
export { targets } from '../../../src/adapters/targets/targets.js';
export { requestOf } from '../../../src/evaluation/dataset.js';
export { runEvaluation } from '../../../src/evaluation/flow/run.js';
export { TextTree } from '../../../src/ledger/row-root.js';

/** exact: the output is the reference, whatever the order of members. */
import { decided, fail, notEvaluable, quoted } from './scored.js';
import { isEqual, outputOf, referenceOf, textOf } from './reading.js';
import type { ScorerDefinition } from './scorer.js';

export const exact: ScorerDefinition = {
  card: {
    decides: 'whether the output equals the reference',
    needs: ['output', 'reference'],
    blind: 'another wording of the right answer counts as wrong; how the agent came to it does not show',
    verification: 'deterministic',
    examples: {
      spec: { output: '/sum' },
      passes: { expected: { sum: { EUR: 12 } }, answer: { output: { sum: { EUR: 12 }, note: 'two items' } } },
      fails: { expected: { sum: { EUR: 12 } }, answer: { output: { sum: { EUR: '12' } } } },
    },
  },
  members: { needed: [], allowed: ['output', 'reference'] },
  make: (spec) => (one, answer) => {
    const reference = referenceOf(spec, one);
    if (reference === undefined) return notEvaluable('the case has no reference');
    const output = outputOf(spec, answer);
    if (output === undefined) return fail('the output has nothing there');
    const same = isEqual(output, reference);
    return decided(same, same ? 'equals the reference' : `is ${quoted(textOf(output))}, not ${quoted(textOf(reference))}`);
  },
};

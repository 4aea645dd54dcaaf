/** json-subset: the output holds at least what the reference says. */
import { decided, fail, notEvaluable } from './scored.js';
import { isWithin, outputOf, referenceOf } from './reading.js';
import type { ScorerDefinition } from './scorer.js';

export const jsonSubset: ScorerDefinition = {
  card: {
    decides: 'whether the output has every member of the reference, with its value; lists are compared place by place',
    needs: ['output', 'reference'],
    blind: 'members that the reference does not name, whatever they say',
    verification: 'deterministic',
    examples: {
      spec: {},
      passes: { expected: { order: { id: 7 } }, answer: { output: { order: { id: 7, paid: true }, note: 'done' } } },
      fails: { expected: { order: { id: 7 } }, answer: { output: { order: { id: 8 } } } },
    },
  },
  members: { needed: [], allowed: ['output', 'reference'] },
  make: (spec) => (one, answer) => {
    const reference = referenceOf(spec, one);
    if (reference === undefined) return notEvaluable('the case has no reference');
    const output = outputOf(spec, answer);
    if (output === undefined) return fail('the output has nothing there');
    const within = isWithin(reference, output);
    return decided(within, within ? 'has all of the reference' : 'lacks something of the reference, or says it otherwise');
  },
};

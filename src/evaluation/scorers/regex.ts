/** regex: whether a pattern occurs in the output, decided in time linear in its length. */
import { Fault } from '../../domain/fault.js';
import { decided, fail } from './scored.js';
import { linearRegex } from './linear-regex.js';
import { outputOf, textOf } from './reading.js';
import type { ScorerDefinition } from './scorer.js';

export const regex: ScorerDefinition = {
  card: {
    decides: 'whether a pattern occurs in the output, or does not',
    needs: ['output'],
    blind: 'meaning: a text of the right shape passes whatever it says',
    verification: 'deterministic',
    examples: {
      spec: { output: '/text', pattern: '^INV-\\d{6}$' },
      passes: { expected: {}, answer: { output: { text: 'INV-204817' } } },
      fails: { expected: {}, answer: { output: { text: 'INV-2048' } } },
    },
  },
  members: { needed: ['pattern'], allowed: ['output', 'ignoreCase', 'absent'] },
  complaints: ({ pattern = '' }) => {
    try {
      linearRegex(pattern);
      return [];
    } catch (error) {
      if (!(error instanceof Fault)) throw error;
      return [{ key: 'pattern', message: error.message, suggestion: error.hint ?? 'write a simpler pattern' }];
    }
  },
  make: ({ pattern = '', ...spec }) => {
    const compiled = linearRegex(pattern, spec.ignoreCase);
    return (_one, answer) => {
      const output = outputOf(spec, answer);
      if (output === undefined) return fail('the output has nothing there');
      const found = compiled.test(textOf(output));
      return decided(found !== (spec.absent === true), found ? 'the pattern occurs' : 'the pattern does not occur');
    };
  },
};

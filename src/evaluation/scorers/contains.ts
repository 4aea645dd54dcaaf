/** contains: whether texts occur in the output. */
import { decided, fail, notEvaluable, quoted } from './scored.js';
import { outputOf, referenceOf, textOf } from './reading.js';
import type { Json } from '../../domain/json.js';
import type { ScorerDefinition } from './scorer.js';

export const contains: ScorerDefinition = {
  card: {
    decides: 'whether the output contains any or all of some texts, or none of them',
    needs: ['output', 'reference'],
    blind: 'a text inside a denial ("not approved") is found like any other',
    verification: 'deterministic',
    examples: {
      spec: { output: '/text', reference: '/must', ignoreCase: true },
      passes: { expected: { must: ['refund', '14 days'] }, answer: { output: { text: 'A REFUND takes 14 days.' } } },
      fails: { expected: { must: ['refund', '14 days'] }, answer: { output: { text: 'A refund takes two weeks.' } } },
    },
  },
  members: { needed: [], allowed: ['output', 'reference', 'texts', 'match', 'ignoreCase', 'absent'] },
  complaints: (spec) => (spec.texts !== undefined && spec.reference !== undefined ? [{ key: 'reference', message: 'the texts are declared, so no reference is read', suggestion: 'delete texts or reference' }] : []),
  make: (spec) => {
    const fold = (text: string) => (spec.ignoreCase === true ? text.toLowerCase() : text);
    return (one, answer) => {
      const wanted = spec.texts ?? textsOf(referenceOf(spec, one));
      if (wanted === undefined) return notEvaluable('the case has no text, or list of texts, to look for');
      const output = outputOf(spec, answer);
      if (output === undefined) return fail('the output has nothing there');
      const text = fold(textOf(output));
      const found = wanted.filter((item) => text.includes(fold(item)));
      if (spec.absent === true) return decided(found.length === 0, found[0] === undefined ? 'has none of the texts' : `has ${quoted(found[0])}`);
      const missing = wanted.find((item) => !found.includes(item));
      const yes = spec.match === 'any' ? found.length > 0 : missing === undefined;
      return decided(yes, yes ? `has ${found.length} of ${wanted.length} texts` : `lacks ${quoted(missing ?? '')}`);
    };
  },
};

/** Empty texts are in every text: a reference that has one says nothing. */
function textsOf(value: Json | undefined): readonly string[] | undefined {
  const list = typeof value === 'string' ? [value] : value;
  return Array.isArray(list) && list.length > 0 && list.every((item: Json) => typeof item === 'string' && item !== '') ? (list as readonly string[]) : undefined;
}

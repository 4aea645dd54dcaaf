/** numeric: the output is a number near the reference, compared in exact decimals. */
import type { Json } from '../../domain/json.js';
import { decided, fail, notEvaluable, quoted } from './scored.js';
import { outputOf, referenceOf, textOf } from './reading.js';
import type { ScorerDefinition } from './scorer.js';

/** `digits` times ten to the power of minus `scale`. */
interface Decimal {
  readonly digits: bigint;
  readonly scale: number;
}

const NUMBER = /^\s*([+-]?)(\d{1,310})(?:\.(\d{1,340}))?(?:[eE]([+-]?\d{1,3}))?\s*$/;

export const numeric: ScorerDefinition = {
  card: {
    decides: 'whether a number is within an absolute or a relative distance of the reference',
    needs: ['output', 'reference'],
    blind: 'units and currencies: 5 kg and 5 g are both 5',
    verification: 'deterministic',
    examples: {
      spec: { output: '/total', absolute: '0.1' },
      passes: { expected: { total: 1 }, answer: { output: { total: 1.1 } } },
      fails: { expected: { total: 1 }, answer: { output: { total: 1.11 } } },
    },
  },
  members: { needed: [], allowed: ['output', 'reference', 'absolute', 'relative'] },
  complaints: ({ absolute, relative }) => (absolute === undefined && relative === undefined ? [{ key: 'absolute', message: 'no distance is named', suggestion: 'add absolute: "0" for an equal number, or a tolerance' }] : []),
  make: (spec) => (one, answer) => {
    const reference = decimalOf(referenceOf(spec, one));
    if (!reference) return notEvaluable('the reference is no number');
    const output = outputOf(spec, answer);
    const value = decimalOf(output);
    if (!value) return fail(output === undefined ? 'the output has nothing there' : `${quoted(textOf(output))} is no number`);
    const distance = size(plus(value, { ...reference, digits: -reference.digits }));
    const within = (limit: Decimal | undefined) => limit !== undefined && plus(limit, { ...distance, digits: -distance.digits }).digits >= 0n;
    const relative = decimalOf(spec.relative);
    const near = within(decimalOf(spec.absolute)) || within(relative && times(relative, size(reference)));
    return decided(near, `${textOf(output ?? null)} against ${textOf(referenceOf(spec, one) ?? null)}`);
  },
};

/** A number or its text; thousands separators, units and infinity are no number. */
function decimalOf(value: Json | undefined): Decimal | undefined {
  const [, sign, whole, fraction = '', power = '0'] = NUMBER.exec(typeof value === 'number' ? String(value) : typeof value === 'string' ? value : '') ?? [];
  if (whole === undefined) return undefined;
  const scale = fraction.length - Number(power);
  const digits = BigInt(`${sign === '-' ? '-' : ''}${whole}${fraction}`);
  return scale >= 0 ? { digits, scale } : { digits: digits * 10n ** BigInt(-scale), scale: 0 };
}

function plus(a: Decimal, b: Decimal): Decimal {
  const scale = Math.max(a.scale, b.scale);
  return { digits: a.digits * 10n ** BigInt(scale - a.scale) + b.digits * 10n ** BigInt(scale - b.scale), scale };
}

function times(a: Decimal, b: Decimal): Decimal {
  return { digits: a.digits * b.digits, scale: a.scale + b.scale };
}

function size({ digits, scale }: Decimal): Decimal {
  return { digits: digits < 0n ? -digits : digits, scale };
}

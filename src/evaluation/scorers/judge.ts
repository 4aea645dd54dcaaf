/** judge and jury: a model decides by one criterion, and counts only once it agrees with people. flow/ asks it. */
import { LEAST_KAPPA, LEAST_LABELLED } from './calibration-of-judge.js';
import type { ScorerComplaint, ScorerDefinition } from './scorer.js';
import type { ScorerSpec } from './spec.js';

export const DEFAULT_SCALE = ['no', 'yes'] as const;
const SHARED = ['output', 'reference', 'policy', 'scale', 'passes', 'pairwise'] as const;

const examples: ScorerDefinition['card']['examples'] = {
  spec: { output: '/text', criterion: 'Is the answer polite?' },
  passes: { expected: {}, answer: { output: { text: 'Thank you for asking; please find the form here.' } } },
  fails: { expected: {}, answer: { output: { text: 'Find it yourself, fool.' } } },
};

/** A line of the file that calibration names. */
export const LABELLED_EXAMPLE = { id: 'a1', output: { text: 'Thank you for asking; please find the form here.' }, label: 'yes' };
const told = {
  'each judge': 'has an id and a target like that of an agent: {"id":"j1","target":{"kind":"http","url":"http://127.0.0.1:8080/judge"}}; agentctl explain target',
  'is asked': 'with a text as its input: the criterion, the labels of the scale, and the answer fenced off as data',
  answers: 'with the output {"label":"yes","because":"one sentence"}, or a text that holds it',
  calibration: `names a file of JSON Lines, an answer each that people have labelled: ${JSON.stringify(LABELLED_EXAMPLE)}, with input and expected where they matter; at least ${LEAST_LABELLED}, and kappa has to be above ${LEAST_KAPPA}`,
};

export const judge: ScorerDefinition = {
  card: {
    decides: 'what a model says about one criterion',
    needs: ['output', 'reference', 'judge'],
    blind: 'what people would say where they did not label; and whether the answer talked the judge round: no safety condition may rest on it alone',
    verification: 'judge',
    told,
    examples,
  },
  members: { needed: ['judge', 'criterion', 'calibration'], allowed: SHARED },
  complaints: ofScale,
};

export const jury: ScorerDefinition = {
  card: {
    decides: 'what most of several models say about one criterion; over numbers the median of 3, a trimmed mean from 5',
    needs: ['output', 'reference', 'judge'],
    blind: 'what its judges share: models of one family err together',
    verification: 'judge',
    told,
    examples,
  },
  members: { needed: ['judges', 'criterion', 'calibration'], allowed: [...SHARED, 'threshold'] },
  complaints: (spec) => {
    const numbers = isNumeric(scaleOf(spec));
    return [
      ...ofScale(spec),
      ...(numbers === (spec.threshold !== undefined) ? [] : [numbers
        ? { key: 'threshold', message: 'the answers are numbers, and nothing says which mean passes', suggestion: 'add threshold: a share of the scale, such as "0.75"' }
        : { key: 'threshold', message: 'the answers are words: the majority decides', suggestion: 'delete it' }]),
      ...(duplicate(spec.judges?.map(({ id }) => id) ?? []) ? [{ key: 'judges', message: 'two judges have one name', suggestion: 'give each a name of its own' }] : []),
    ];
  },
};

export function scaleOf(spec: Pick<ScorerSpec, 'scale'>): readonly string[] {
  return spec.scale ?? DEFAULT_SCALE;
}

/** Answers of the scale that pass. */
export function passesOf(spec: Pick<ScorerSpec, 'scale' | 'passes'>): readonly string[] {
  return spec.passes ?? scaleOf(spec).slice(-1);
}

export function isNumeric(scale: readonly string[]): boolean {
  return scale.every((one) => /^-?\d{1,6}$/.test(one));
}

function ofScale(spec: ScorerSpec): readonly ScorerComplaint[] {
  const scale = scaleOf(spec);
  const strange = spec.passes?.find((one) => !scale.includes(one));
  const complaints: ScorerComplaint[] = [];
  if (strange !== undefined) complaints.push({ key: 'passes', message: `"${strange}" is not on the scale`, suggestion: `write one of ${scale.join(', ')}` });
  if (scale.every((one) => passesOf(spec).includes(one))) complaints.push({ key: 'passes', message: 'every answer passes', suggestion: 'leave one out' });
  if (duplicate(scale.map((one) => one.toLowerCase()))) complaints.push({ key: 'scale', message: 'two answers differ in case only', suggestion: 'give each a word of its own' });
  if (isNumeric(scale) && scale.some((one, at) => at > 0 && Number(one) <= Number(scale[at - 1]))) complaints.push({ key: 'scale', message: 'the numbers do not grow', suggestion: 'write the worst first' });
  if (spec.pairwise !== true && spec.reference !== undefined) complaints.push({ key: 'reference', message: 'nothing is compared, so no reference is read', suggestion: 'delete it, or add pairwise: true' });
  if (spec.pairwise === true && (spec.scale ?? spec.passes) !== undefined) complaints.push({ key: 'scale', message: 'a comparison has its own answers: first, second, equal', suggestion: 'delete scale and passes' });
  return complaints;
}

function duplicate(names: readonly string[]): boolean {
  return new Set(names).size < names.length;
}

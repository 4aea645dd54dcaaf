/** The questions of `init`: one list for the wizard, the answers file and the defaults. */
import type { Stakes } from '../../domain/manifest.js';
import { ID, ROLES, type Role } from '../../domain/names.js';
import { boolean, list, object, oneOf, optional, string, type Schema } from '../../domain/schema.js';
import type { Question } from '../../domain/ports.js';

export interface Answers {
  readonly name: string;
  readonly description: string;
  readonly command: string;
  readonly money: boolean;
  readonly stakes: Stakes;
  readonly organisation: string;
  readonly operator: string;
  readonly operatorName: string;
  readonly roles: readonly Role[];
}
export type AnswerKey = keyof Answers;

interface Asked<T> {
  readonly kind: Question['kind'];
  readonly message: string;
  /** One line on why it matters. */
  readonly why: string;
  readonly schema: Schema<T>;
  /** What a wrong answer is told. */
  readonly form: string;
  /** How the line looks in an answers file. */
  readonly example: string;
  readonly choices?: readonly { readonly value: string; readonly label: string }[];
}

const ONE_LINE = { pattern: '^[^\\p{Cc}]*\\S[^\\p{Cc}]*$', maxLength: 300 };

export const QUESTIONS: { readonly [K in AnswerKey]: Asked<Answers[K]> } = {
  name: {
    kind: 'input', message: 'Name of the agent:', why: 'It names the agent in every report and on the certificate.',
    schema: string({ pattern: ID }), form: 'lower-case letters, digits and dashes, at most 63', example: 'name: invoice-clerk',
  },
  description: {
    kind: 'input', message: 'What does it do, in one sentence?', why: 'People who meet its certificate read this first.',
    schema: string(ONE_LINE), form: 'one line of text', example: 'description: Sorts incoming invoices and asks when in doubt.',
  },
  command: {
    kind: 'input', message: 'Command that starts it:', why: 'agentctl starts this process itself to evaluate it; it has to speak JSON Lines on standard input and output.',
    schema: string(ONE_LINE), form: 'a command on one line, such as node agent.js', example: 'command: node agent.js',
  },
  money: {
    kind: 'confirm', message: 'Can it move money, or commit to paying?', why: 'Money asks for limits, escrow and a bond; without it every payment is denied.',
    schema: boolean(), form: 'true or false', example: 'money: false',
  },
  stakes: {
    kind: 'select', message: 'What is at stake?', why: 'It decides which of the twelve steps are required and how often evidence has to be renewed.',
    schema: oneOf(['low', 'standard', 'high']), form: 'low, standard or high', example: 'stakes: standard',
    choices: [
      { value: 'low', label: 'low: no money, and a human reviews every output (steps 1 2 3 5 8)' },
      { value: 'standard', label: 'standard: it acts by itself within limits (all twelve steps)' },
      { value: 'high', label: 'high: mistakes are costly (daily evaluation, monthly review)' },
    ],
  },
  organisation: {
    kind: 'input', message: 'Organisation that answers for it:', why: 'Its key signs the ownership and the certificates; a counterparty decides to trust this name.',
    schema: string(ONE_LINE), form: 'one line of text', example: 'organisation: Example Ltd',
  },
  operator: {
    kind: 'input', message: 'Your short id:', why: 'Every human act names the operator who did it: --as <id>.',
    schema: string({ pattern: ID }), form: 'lower-case letters, digits and dashes, at most 63', example: 'operator: erin',
  },
  operatorName: {
    kind: 'input', message: 'Your full name:', why: 'It stands on the sign-offs inside the certificate.',
    schema: string(ONE_LINE), form: 'one line of text', example: 'operatorName: Erin Engineer',
  },
  roles: {
    kind: 'checkbox', message: 'Your roles:', why: 'Each step has owners; only an operator with a fitting role can sign for it.',
    schema: list(oneOf(ROLES), { minItems: 1, uniqueItems: true }), form: `one or more of ${ROLES.join(', ')}`, example: 'roles: [engineering, product]',
    choices: [
      { value: 'engineering', label: 'engineering: pact, baseline, limits, triggers, rollback, log' },
      { value: 'product', label: 'product: pact, registration' },
      { value: 'finance', label: 'finance: limits, escrow, bond' },
      { value: 'operations', label: 'operations: certification, incidents, reviews' },
      { value: 'legal', label: 'legal: certification' },
    ],
  },
};

export const KEYS = Object.keys(QUESTIONS) as readonly AnswerKey[];

/** Schema of an answers file: every key may be left out there, an unknown one is an error. */
export const ANSWERS_SCHEMA: Schema<Partial<Answers>> = object(
  Object.fromEntries(KEYS.map((key) => [key, optional({ ...QUESTIONS[key].schema, description: QUESTIONS[key].form } as Schema<unknown>)])),
) as Schema<Partial<Answers>>;

/** The forms of values that several sections of agent.yaml share. */
import { AMOUNT } from './money.js';
import { ID } from './names.js';
import { string } from './schema.js';

export const idOf = (description: string) => string({ description, pattern: ID });
export const amountOf = (description: string) => string({ description, pattern: AMOUNT.source, examples: ['250.00'] });
export const durationOf = (description: string, example = 'P90D') =>
  string({ description, pattern: '^P(?!$)(\\d+W)?(\\d+D)?(T(?=\\d)(\\d+H)?(\\d+M)?(\\d+S)?)?$', examples: [example] });
export const rateOf = (description: string) =>
  string({ description, pattern: '^(0(\\.\\d{1,6})?|1(\\.0{1,6})?)$', examples: ['0.95'] });
export const pathOf = (description: string) => string({ description, pattern: '^(?!/)(?!.*\\.\\.(/|$))(?!(.*/)?\\.agentctl(/|$)).+$' });
export const cronOf = (description: string) => string({ description, examples: ['17 3 * * *'] });

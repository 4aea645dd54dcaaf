/** One answer out of several turns: what they used and called added up, everything else as the last of them says. */
import type { Json } from '../../domain/json.js';
import type { Usage } from '../../domain/ports.js';
import type { Answered } from './answer.js';

/** A question back, which an agent may send with what it used and called so far. */
export interface Asked {
  readonly question: Json;
  readonly told: Answered;
}

/** @param questions in their order @param last what came after them */
export function together(questions: readonly Asked[], last: Answered): Answered {
  if (questions.length === 0) return last;
  const askedBack = questions.map(({ question }) => question);
  if (last.outcome !== 'answer') return { ...last, askedBack };
  const turns = [...questions.map(({ told }) => told), last].flatMap((one) => (one.outcome === 'answer' ? [one] : []));
  const used = turns.flatMap(({ usage }) => (usage === undefined ? [] : [usage]));
  return { ...last, askedBack, toolCalls: turns.flatMap(({ toolCalls }) => toolCalls), ...(used.length === 0 ? {} : { usage: used.reduce(added) }) };
}

function added(one: Usage, other: Usage): Usage {
  return {
    ...(one.inputTokens === undefined && other.inputTokens === undefined ? {} : { inputTokens: (one.inputTokens ?? 0) + (other.inputTokens ?? 0) }),
    ...(one.outputTokens === undefined && other.outputTokens === undefined ? {} : { outputTokens: (one.outputTokens ?? 0) + (other.outputTokens ?? 0) }),
    ...(one.cost === undefined && other.cost === undefined ? {} : { cost: costOf(unitsOf(one.cost) + unitsOf(other.cost)) }),
  };
}

/** Costs have up to twelve places, more than a float keeps. */
const PLACES = 12;

function unitsOf(cost = '0'): bigint {
  const [whole = '0', part = ''] = cost.split('.');
  return BigInt(`${whole}${part.padEnd(PLACES, '0')}`);
}

function costOf(units: bigint): string {
  const digits = String(units).padStart(PLACES + 1, '0');
  return `${digits.slice(0, -PLACES)}.${digits.slice(-PLACES)}`.replace(/\.?0+$/, '');
}

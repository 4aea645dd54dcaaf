/** One action as proposed by the agent, and the digest that binds an approval to exactly this action. */
import { digestJson, type Digest } from '../domain/digest.js';
import { Fault } from '../domain/fault.js';
import type { JsonObject } from '../domain/json.js';
import { parseMoney, type Money } from '../domain/money.js';
import { atPointer } from '../domain/pointer.js';
import type { Instant } from '../domain/time.js';
import type { DeclaredTool, Policy } from './policy.js';
import { patternOf } from './triggers.js';

export const SOURCES = ['pilot', 'production', 'drill'] as const;
export type ActionSource = (typeof SOURCES)[number];

/** What the agent asks for. Everything in it is the agent's word; `id` names the attempt and is used once. */
export interface ActionProposal {
  readonly id: string;
  readonly capability: string;
  readonly tool: string;
  readonly arguments: JsonObject;
  /** Stated confidence as a rate; null when none was stated. */
  readonly confidence: string | null;
  readonly doubt: boolean;
  readonly source: ActionSource;
  readonly occurredAt: Instant;
}

/** `none`: no money in this tool. `sum`: exactly this much. `invalid`: money is declared and cannot be read, which denies. */
export type Amount = { readonly is: 'none' } | { readonly is: 'sum'; readonly money: Money } | { readonly is: 'invalid'; readonly because: string };

/** A proposal seen under a policy: its money, its pattern and its digest. */
export interface Action {
  readonly digest: Digest;
  readonly amount: Amount;
  readonly pattern: Digest;
}

export function describeAction(policy: Policy, proposal: ActionProposal): Action {
  const declared = policy.tools.get(proposal.tool);
  const amount: Amount = declared === undefined ? { is: 'none' } : amountIn(proposal.arguments, declared.amounts);
  return {
    amount,
    digest: actionDigest(proposal, { agent: policy.agent, toolDigest: declared?.digest ?? null, policy: policy.digest, money: amount.is === 'sum' ? amount.money : null }),
    pattern: patternOf(proposal.tool, proposal.arguments, policy.triggers.firstEncounter?.fields ?? []),
  };
}

export interface Binding {
  readonly agent: { readonly id: string; readonly did: string | null; readonly build: Digest | null };
  readonly toolDigest: Digest | null;
  readonly policy: Digest;
  readonly money: Money | null;
}

/**
 * What an approval is good for: another argument, build, tool definition, amount or policy is another action.
 * The id of the attempt is left out, so that an identical proposal joins the open request instead of asking twice.
 */
export function actionDigest(proposal: Pick<ActionProposal, 'capability' | 'tool' | 'arguments'>, { agent, toolDigest, policy, money }: Binding): Digest {
  return digestJson({
    agent: { id: agent.id, did: agent.did, build: agent.build },
    capability: proposal.capability,
    tool: proposal.tool,
    toolDigest,
    argsDigest: digestJson(proposal.arguments),
    money: money === null ? null : { minor: money.minor.toString(), currency: money.currency },
    policy,
  });
}

/** The sum of the declared amounts. Strings only: a JSON number was already rounded by whoever wrote it. */
export function amountIn(args: JsonObject, places: DeclaredTool['amounts']): Amount {
  if (places.length === 0) return { is: 'none' };
  let sum: Money | undefined;
  for (const { path, currency } of places) {
    const value = atPointer(args, path);
    if (typeof value !== 'string') return { is: 'invalid', because: value === undefined ? `no amount at ${path}` : `the amount at ${path} is not a string` };
    try {
      const money = parseMoney(value, currency);
      if (sum && sum.currency !== currency) return { is: 'invalid', because: `amounts in ${sum.currency} and ${currency} cannot be added` };
      sum = { minor: (sum?.minor ?? 0n) + money.minor, currency };
    } catch (error) {
      if (!(error instanceof Fault)) throw error;
      return { is: 'invalid', because: `the amount at ${path} is not valid: ${error.message}` };
    }
  }
  return sum === undefined ? { is: 'none' } : { is: 'sum', money: sum };
}

/** Exercises each trigger on synthetic actions, through the real decision function: a trigger that is written down and does nothing must show. */
import type { ActionProposal } from './action.js';
import { decide, type Decision, type Facts, type Rule } from './decision.js';
import type { DeclaredTool, Policy } from './policy.js';
import type { CustomTrigger } from './triggers.js';
import { DECIMALS, formatMoney, type Money } from '../domain/money.js';
import type { Json, JsonObject } from '../domain/json.js';
import type { Instant } from '../domain/time.js';

export type Decide = typeof decide;

export const TRIGGERS = ['materiality', 'confidence', 'scope', 'first-encounter', 'doubt', 'custom'] as const;
export type TriggerName = (typeof TRIGGERS)[number];

/** How one trigger behaved. `tried` is 0 when no declared tool can meet it. */
export type Exercise = {
  readonly trigger: TriggerName;
  readonly declared: boolean;
  readonly tried: number;
  /** Waited for a human because of this very trigger. */
  readonly escalated: number;
  /** Denied by a limit before a human would have been asked. */
  readonly denied: number;
  /** The first action that went through; null when none did. */
  readonly missed: string | null;
};

/** A capability with one of its tools: a way to act. */
export interface Way {
  readonly capability: string;
  readonly declared: DeclaredTool;
}

export function waysOf(policy: Policy): readonly Way[] {
  return [...policy.capabilities.values()].flatMap((capability) =>
    capability.tools.flatMap((name) => {
      const declared = policy.tools.get(name);
      return declared === undefined ? [] : [{ capability: capability.id, declared }];
    }),
  );
}

/** Facts under which nothing but the proposal itself can be a reason. */
export function openFacts(policy: Policy, now: Instant): Facts {
  return {
    now, argumentIssues: [], duplicate: false, suspended: null, metCapabilities: [...policy.capabilities.keys()], patternKnown: true,
    approval: null, startsWithinHour: 0, available: null, escrowed: false,
  };
}

/** An action that gives no trigger cause: sure of itself, and free of charge. */
export function plainProposal({ capability, declared }: Way, now: Instant, values: readonly (readonly [pointer: string, value: Json])[] = []): ActionProposal {
  const free = declared.amounts.map(({ path }) => [path, '0'] as const);
  return { id: 'exercise', capability, tool: declared.tool.name, arguments: argumentsWith([...free, ...values]), confidence: '1', doubt: false, source: 'drill', occurredAt: now };
}

interface Attempt {
  readonly proposal: ActionProposal;
  readonly facts: Facts;
  readonly rule: Rule;
}

export function exerciseTriggers(policy: Policy, now: Instant, decideWith: Decide = decide): readonly Exercise[] {
  return TRIGGERS.map((trigger) => {
    const attempts = [...attemptsOf(trigger, policy, now)];
    const outcomes = attempts.map((attempt) => ({ attempt, kind: kindOf(decideWith(policy, attempt.proposal, attempt.facts), attempt.rule) }));
    const missed = outcomes.find(({ kind }) => kind === 'missed')?.attempt;
    return {
      trigger, declared: isDeclared(trigger, policy), tried: attempts.length,
      escalated: outcomes.filter(({ kind }) => kind === 'escalated').length,
      denied: outcomes.filter(({ kind }) => kind === 'denied').length,
      missed: missed === undefined ? null : `${missed.proposal.capability}: ${missed.proposal.tool}`,
    };
  });
}

/** A denial is stricter than a question, so it is no miss. */
function kindOf({ decision, reasons }: Decision, rule: Rule): 'escalated' | 'denied' | 'missed' {
  if (decision === 'deny') return 'denied';
  return decision === 'escalate' && reasons.some((reason) => reason.rule === rule) ? 'escalated' : 'missed';
}

function isDeclared(trigger: TriggerName, { triggers }: Policy): boolean {
  switch (trigger) {
    case 'materiality': return triggers.materiality !== null;
    case 'confidence': return triggers.confidenceBelow !== null;
    case 'scope': return triggers.scope;
    case 'first-encounter': return triggers.firstEncounter !== null;
    case 'doubt': return triggers.doubt;
    case 'custom': return triggers.custom.length > 0;
  }
}

function* attemptsOf(trigger: TriggerName, policy: Policy, now: Instant): Generator<Attempt> {
  const { triggers } = policy;
  const open = openFacts(policy, now);
  for (const way of waysOf(policy)) {
    const plain = plainProposal(way, now);
    if (trigger === 'materiality') {
      if (way.declared.amounts.length > 0) yield { proposal: plainProposal(way, now, justAbove(way.declared, triggers.materiality)), facts: open, rule: 'materiality' };
    } else if (trigger === 'confidence') {
      const below = Math.max(0, (triggers.confidenceBelow ?? 0) - 1) / 1_000_000;
      for (const confidence of [below.toFixed(6), null]) yield { proposal: { ...plain, confidence }, facts: open, rule: 'confidence' };
    } else if (trigger === 'scope') {
      for (const metCapabilities of [null, open.metCapabilities?.filter((id) => id !== way.capability) ?? []]) yield { proposal: plain, facts: { ...open, metCapabilities }, rule: 'scope' };
    } else if (trigger === 'first-encounter') yield { proposal: plain, facts: { ...open, patternKnown: false }, rule: 'first-encounter' };
    else if (trigger === 'doubt') yield { proposal: { ...plain, doubt: true }, facts: open, rule: 'doubt' };
    else for (const one of triggers.custom) if (one.tool === undefined || one.tool === way.declared.tool.name) yield { proposal: plainProposal(way, now, [[one.pointer, hitting(one)]]), facts: open, rule: `custom:${one.id}` };
  }
}

/** The smallest amount that is above, in the first place of money; without a threshold, the smallest there is. */
function justAbove({ amounts }: DeclaredTool, above: Money | null): readonly (readonly [string, Json])[] {
  const [first] = amounts;
  if (first === undefined) return [];
  const minor = above === null || above.currency !== first.currency ? 1n : above.minor + 1n;
  return [[first.path, formatMoney({ minor, currency: first.currency in DECIMALS ? first.currency : 'USD' })]];
}

const HUGE = '9'.repeat(30);

/** A value that meets the condition. */
function hitting({ operator, value }: CustomTrigger): Json {
  if (operator === 'ne') return `${value}x`;
  if (operator === 'gt') return HUGE;
  return operator === 'lt' ? `-${HUGE}` : value;
}

/** Arguments with these values at these JSON Pointers. */
export function argumentsWith(values: readonly (readonly [pointer: string, value: Json])[]): JsonObject {
  const groups = new Map<string, (readonly [string, Json])[]>();
  for (const [pointer, value] of values) {
    const [, head = '', rest = ''] = /^\/([^/]+)(.*)$/.exec(pointer) ?? [];
    const key = head.replaceAll('~1', '/').replaceAll('~0', '~');
    groups.set(key, [...(groups.get(key) ?? []), [rest, value]]);
  }
  const members = [...groups].map(([key, inner]) => {
    const plain = inner.findLast(([rest]) => rest === '');
    return [key, plain === undefined ? argumentsWith(inner) : plain[1]] as const;
  });
  return Object.fromEntries(members);
}

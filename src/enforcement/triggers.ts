/** Step 6's section `triggers`: when an action has to wait for a human. Each trigger is a pure question about one action. */
import type { Mistake } from '../domain/fault.js';
import type { Json, JsonObject } from '../domain/json.js';
import { amountOf, durationOf, idOf, rateOf, type Tool } from '../domain/manifest.js';
import { ROLES } from '../domain/names.js';
import { parseMoney, type Money } from '../domain/money.js';
import { atPointer } from '../domain/pointer.js';
import { boolean, integer, list, object, oneOf, optional, string, type TypeOf } from '../domain/schema.js';
import { digestJson, type Digest } from '../domain/digest.js';
import { parseDuration } from '../domain/time.js';

const pointerOf = (description: string) => string({ description, pattern: '^(/[^/]+)+$', examples: ['/folder'] });

export const customTrigger = object({
  id: idOf('Name of the condition.'),
  tool: optional(idOf('Tool that it looks at. Absent: every tool.')),
  pointer: pointerOf('JSON Pointer into the arguments. An absent value escalates.'),
  operator: oneOf(['eq', 'ne', 'gt', 'lt', 'contains'], { description: 'gt and lt compare decimals exactly; what cannot be compared escalates.' }),
  value: string({ description: 'Value to compare with, as text.' }),
});

export const triggersSection = object(
  {
    materiality: optional(
      object({ above: amountOf('Amounts above this need a human.'), currency: optional(string({ description: 'Currency; that of the limits when absent.', pattern: '^[A-Z]{3,5}$' })) }, { description: 'Row 6.1. Needs an amount path to look at.' }),
    ),
    confidence: optional(object({ below: rateOf('A stated confidence below this needs a human; so does a missing one.') }, { description: 'Row 6.2.' })),
    scope: optional(object({ minimum: oneOf(['met'], { description: 'met: only task types whose pact conditions were all met in the accepted baseline.' }) }, { description: 'Row 6.3.' })),
    firstEncounter: optional(
      object(
        {
          fields: list(pointerOf('Argument that makes a pattern.'), { description: 'Arguments that, with the tool, make a pattern.', uniqueItems: true }),
          learn: oneOf(['approved', 'seen'], { description: 'approved: known after a human approved it and it was done. seen: known after it was put before a human once.' }),
        },
        { description: 'Row 6.4.' },
      ),
    ),
    doubt: boolean({ description: 'Row 6.5: the agent’s own doubt needs a human.' }),
    custom: optional(list(customTrigger, { description: 'Row 6.6.' })),
    approval: object(
      {
        expires: durationOf('How long a request waits; then it is denied.', 'PT4H'),
        roles: list(oneOf(ROLES), { description: 'Roles that may approve.', minItems: 1, uniqueItems: true }),
        quorum: integer({ description: 'Different humans needed.', minimum: 1, maximum: 3 }),
      },
      { description: 'Who decides, how many, how soon.' },
    ),
  },
  { description: 'Triggers that make an action wait for a human.' },
);

export type TriggersSection = TypeOf<typeof triggersSection>;
export type CustomTrigger = TypeOf<typeof customTrigger>;

/** The triggers as exact numbers. */
export interface Triggers {
  readonly materiality: Money | null;
  /** Millionths. */
  readonly confidenceBelow: number | null;
  readonly scope: boolean;
  readonly firstEncounter: { readonly fields: readonly string[]; readonly learn: 'approved' | 'seen' } | null;
  readonly doubt: boolean;
  readonly custom: readonly CustomTrigger[];
  readonly approval: TriggersSection['approval'];
}

/** What a schema cannot see; `at` is a JSON Pointer into the manifest. */
export function lintTriggers(section: TriggersSection, declared: { readonly tools: readonly Tool[]; readonly currency: string | null }): readonly Mistake[] {
  const mistakes: Mistake[] = [];
  const currency = section.materiality?.currency ?? declared.currency;
  if (section.materiality && currency === null) mistakes.push({ at: '/triggers/materiality', message: 'no currency', hint: 'name one here or in limits' });
  if (parseDuration(section.approval.expires) === 0) mistakes.push({ at: '/triggers/approval/expires', message: 'a request that expires at once can never be approved' });
  (section.custom ?? []).forEach((trigger, index) => {
    if (trigger.tool !== undefined && !declared.tools.some((tool) => tool.name === trigger.tool)) {
      mistakes.push({ at: `/triggers/custom/${index}/tool`, message: `tool "${trigger.tool}" is not declared in build.tools` });
    }
    if ((trigger.operator === 'gt' || trigger.operator === 'lt') && decimal(trigger.value) === null) {
      mistakes.push({ at: `/triggers/custom/${index}/value`, message: `"${trigger.value}" is not a decimal, so ${trigger.operator} cannot compare with it` });
    }
  });
  return mistakes;
}

/** @throws {Fault} INPUT_INVALID for an amount that its currency cannot hold */
export function parseTriggers(section: TriggersSection, limitsCurrency: string | null): Triggers {
  const currency = section.materiality?.currency ?? limitsCurrency ?? '';
  return {
    materiality: section.materiality === undefined ? null : parseMoney(section.materiality.above, currency),
    confidenceBelow: section.confidence === undefined ? null : millionths(section.confidence.below),
    scope: section.scope !== undefined,
    firstEncounter: section.firstEncounter ?? null,
    doubt: section.doubt,
    custom: section.custom ?? [],
    approval: section.approval,
  };
}

const RATE = /^(0(\.\d{1,6})?|1(\.0{1,6})?)$/;

/** `"0.95"` as 950000; null when it is not a rate between 0 and 1. */
export function millionths(rate: string | null): number | null {
  if (rate === null || !RATE.test(rate)) return null;
  const [whole = '0', fraction = ''] = rate.split('.');
  return Number(whole) * 1_000_000 + Number(fraction.padEnd(6, '0'));
}

/**
 * The pattern of an action: the tool with the chosen arguments. Plain values count as themselves; lists and objects by
 * their shape, so that a new recipient is a new pattern but a longer text is not.
 */
export function patternOf(tool: string, args: JsonObject, fields: readonly string[]): Digest {
  return digestJson({ tool, fields: Object.fromEntries(fields.map((pointer) => [pointer, shape(atPointer(args, pointer))])) });
}

function shape(value: Json | undefined): Json {
  if (value === undefined) return { absent: true };
  if (Array.isArray(value)) return { items: [...new Set((value as readonly Json[]).map((item) => (item === null ? 'null' : Array.isArray(item) ? 'list' : typeof item)))].sort() };
  if (typeof value === 'object' && value !== null) return { members: Object.keys(value).sort() };
  return { value };
}

/** Why a custom condition wants a human, or null. Whatever cannot be compared wants one: leaving a field out must not be a way round. */
export function customHit(trigger: CustomTrigger, tool: string, args: JsonObject): string | null {
  if (trigger.tool !== undefined && trigger.tool !== tool) return null;
  const actual = atPointer(args, trigger.pointer);
  if (actual === undefined) return `${trigger.pointer} is absent`;
  const hit = compare(actual, trigger);
  if (hit === null) return `${trigger.pointer} cannot be compared`;
  return hit ? `${trigger.pointer} ${trigger.operator} ${trigger.value}` : null;
}

function compare(actual: Json, { operator, value }: CustomTrigger): boolean | null {
  if (operator === 'contains') {
    if (typeof actual === 'string') return actual.includes(value);
    return Array.isArray(actual) ? (actual as readonly Json[]).some((item) => plain(item) === value) : null;
  }
  if (operator === 'eq' || operator === 'ne') {
    const text = plain(actual);
    return text === null ? null : (text === value) === (operator === 'eq');
  }
  const [left, right] = [decimal(plain(actual)), decimal(value)];
  if (left === null || right === null) return null;
  return operator === 'gt' ? left > right : left < right;
}

function plain(value: Json): string | null {
  return typeof value === 'object' ? null : String(value);
}

const DECIMAL = /^(-?)(\d{1,30})(?:\.(\d{1,18}))?$/;

/** A plain decimal as an exact integer of 10^-18; null for an exponent, a sign other than minus, or no number at all. */
function decimal(text: string | null): bigint | null {
  const match = text === null ? null : DECIMAL.exec(text);
  if (!match) return null;
  const scaled = BigInt((match[2] ?? '0') + (match[3] ?? '').padEnd(18, '0'));
  return match[1] === '-' ? -scaled : scaled;
}

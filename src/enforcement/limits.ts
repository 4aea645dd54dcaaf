/** Step 4's section `limits`: what the agent may spend, what always needs a human, and the worst loss until somebody notices. */
import { Fault, type Mistake } from '../domain/fault.js';
import { amountOf, durationOf, idOf, type Capability, type Tool } from '../domain/manifest.js';
import { formatMoney, parseMoney, type Money } from '../domain/money.js';
import { integer, list, object, oneOf, optional, string, type TypeOf } from '../domain/schema.js';
import { parseDuration } from '../domain/time.js';

export const limitsSection = object(
  {
    currency: string({ description: 'Currency of every amount below. Amounts in any other currency are denied.', pattern: '^[A-Z]{3,5}$', examples: ['USD'] }),
    perTransaction: amountOf('Most that one action may cost. "0" for an agent that may not spend.'),
    perDay: amountOf('Most that may be spent and held within the window.'),
    window: optional(oneOf(['rolling-24h'], { description: 'rolling-24h: any 24 hours in a row, counted from each reservation.', default: 'rolling-24h' })),
    escrowAbove: optional(amountOf('Above this amount only a payment held in escrow is authorised.')),
    alwaysHuman: list(idOf('Tool name.'), { description: 'Tools that always need a human, whatever the amount.', uniqueItems: true }),
    detectionDelay: durationOf('Longest time until monitoring or a person notices that the agent misbehaves.', 'P1D'),
    maximumActionsPerHour: optional(integer({ description: 'Most actions that may be started within an hour.', minimum: 1, maximum: 1_000_000 })),
  },
  { description: 'Limits that the gateway enforces before any tool runs.' },
);

export type LimitsSection = TypeOf<typeof limitsSection>;

/** The limits as exact numbers. */
export interface Limits {
  readonly currency: string;
  readonly perTransaction: Money;
  readonly perDay: Money;
  /** ISO 8601 length of the rolling window. */
  readonly window: 'PT24H';
  readonly escrowAbove: Money | null;
  readonly alwaysHuman: ReadonlySet<string>;
  readonly detectionDelay: string;
  readonly maximumActionsPerHour: number | null;
}

/** Sums stay far below the 64-bit integers of the store. */
const LARGEST = 2n ** 60n;

/**
 * What a schema cannot see: unknown currency, excess precision, a transaction limit above the daily one, a tool nobody declared.
 * `at` of each mistake is a JSON Pointer into the manifest.
 */
export function lintLimits(section: LimitsSection, declared: { readonly tools: readonly Tool[]; readonly capabilities: readonly Capability[] }): readonly Mistake[] {
  const mistakes: Mistake[] = [];
  const read = (key: 'perTransaction' | 'perDay' | 'escrowAbove'): bigint | undefined => {
    const text = section[key];
    if (text === undefined) return undefined;
    try {
      const { minor } = parseMoney(text, section.currency);
      if (minor > LARGEST) mistakes.push({ at: `/limits/${key}`, message: `${text} ${section.currency} is more than the ledger can count` });
      return minor;
    } catch (error) {
      if (!(error instanceof Fault)) throw error;
      mistakes.push({ at: `/limits/${key}`, message: error.message, ...(error.hint === undefined ? {} : { hint: error.hint }) });
      return undefined;
    }
  };
  const [single, day] = [read('perTransaction'), read('perDay')];
  read('escrowAbove');
  if (single !== undefined && day !== undefined && single > day) {
    mistakes.push({ at: '/limits/perTransaction', message: 'one transaction may cost more than a whole day', hint: 'lower perTransaction or raise perDay' });
  }
  section.alwaysHuman.forEach((name, index) => {
    if (!declared.tools.some((tool) => tool.name === name)) mistakes.push({ at: `/limits/alwaysHuman/${index}`, message: `tool "${name}" is not declared in build.tools` });
  });
  declared.capabilities.forEach((capability, index) => {
    (capability.amounts ?? []).forEach((amount, place) => {
      if (amount.currency !== section.currency) {
        mistakes.push({ at: `/capabilities/${index}/amounts/${place}/currency`, message: `no limit covers ${amount.currency}`, hint: `the limits are in ${section.currency}; every such action is denied` });
      }
    });
  });
  return mistakes;
}

/** The section as exact numbers. @throws {Fault} INPUT_INVALID for what {@link lintLimits} reports of its amounts and delay */
export function parseLimits(section: LimitsSection): Limits {
  parseDuration(section.detectionDelay);
  return {
    currency: section.currency,
    perTransaction: parseMoney(section.perTransaction, section.currency),
    perDay: parseMoney(section.perDay, section.currency),
    window: 'PT24H',
    escrowAbove: section.escrowAbove === undefined ? null : parseMoney(section.escrowAbove, section.currency),
    alwaysHuman: new Set(section.alwaysHuman),
    detectionDelay: section.detectionDelay,
    maximumActionsPerHour: section.maximumActionsPerHour ?? null,
  };
}

export interface WorstLoss {
  readonly amount: Money;
  /** Full daily limits that fit before detection. */
  readonly windows: bigint;
  /** Most actions before detection; null when no rate is declared. */
  readonly actions: bigint | null;
  readonly because: string;
}

const DAY = 86_400_000n;
const HOUR = 3_600_000n;

/**
 * The most that can be lost before anybody notices (row 4.5).
 *
 * A rolling window lets a full limit go at once and again exactly 24 hours later, so a delay of D touches ⌊D / 24 h⌋ + 1
 * full limits: one for any delay under a day, two for a delay of exactly one day.
 */
export function worstLoss(limits: Limits, delay: string = limits.detectionDelay): WorstLoss {
  const milliseconds = BigInt(parseDuration(delay));
  const windows = milliseconds / DAY + 1n;
  const minor = limits.perDay.minor * windows;
  const amount: Money = { minor, currency: limits.currency };
  const actions = limits.maximumActionsPerHour === null ? null : BigInt(limits.maximumActionsPerHour) * (milliseconds / HOUR + 1n);
  const acts = actions === null ? 'no limit on the number of actions' : `at most ${actions} actions until then`;
  const because =
    minor === 0n
      ? `no money: the daily limit is 0 ${limits.currency}; ${acts}`
      : `${formatMoney(limits.perDay)} ${limits.currency} per rolling 24 hours × ${windows} (a delay of ${delay} touches ${windows} full ${windows === 1n ? 'limit' : 'limits'}) = ${formatMoney(amount)} ${limits.currency}; ${acts}`;
  return { amount, windows, actions, because };
}

/** Synthetic payments raced through the whole gateway against the real limits, in a scratch ledger: exactly the limit may be granted. */
import type { ActionProposal } from '../../enforcement/action.js';
import { executeAction } from '../../enforcement/gateway/execute.js';
import type { GatewayContext } from '../../enforcement/gateway/facts.js';
import { readReservation } from '../../enforcement/reservations.js';
import type { Limits, LimitsSection } from '../../enforcement/limits.js';
import { compilePolicy, type Policy } from '../../enforcement/policy.js';
import { Fault } from '../../domain/fault.js';
import { digestJson } from '../../domain/digest.js';
import { formatMoney } from '../../domain/money.js';
import type { Capability, Tool } from '../../domain/manifest.js';
import type { Store, Tools } from '../../domain/ports.js';
import { addDuration } from '../../domain/time.js';
import { withScratch } from '../scratch.js';
import type { Session } from '../session.js';

export interface Race {
  readonly attempts: number;
  /** Minor units. */
  readonly limit: bigint;
  /** Summed from the reservations of the scratch ledger, not from what the gateway answered. */
  readonly granted: bigint;
  /** Attempts over a limit that were let through, in words. */
  readonly leaks: readonly string[];
  readonly connections: number;
}

const CONNECTIONS = 4;
/** Payments that fill the limit; the race makes twice as many. */
const FILLS = 25n;
const MOST_FILLS = 50n;
const CHAIN_TOOL: Tool = { name: 'drill_pay', description: 'Pays nobody.', command: ['false'], input: { type: 'object' } };
const CAPABILITY = (currency: string): Capability => ({ id: 'drill', description: 'Payments of the drill.', permissions: ['pay:drill'], tools: [CHAIN_TOOL.name], amounts: [{ tool: CHAIN_TOOL.name, path: '/amount', currency }] });

/** No process runs: what is rehearsed is the way up to the tool. */
const PAYS_NOBODY: Tools = { run: () => Promise.resolve({ outcome: 'done', result: {}, message: '', milliseconds: 0 }) };

export async function race(session: Session, limits: Limits): Promise<Race> {
  return withScratch(session, 'race', async (folder) => {
    const stores: Store[] = [];
    try {
      for (let n = 0; n < CONNECTIONS; n += 1) stores.push(await session.world.stores.open(`${folder}/ledger`, { readonly: false }));
      return await run(new Bench(session, limits, stores, folder), limits);
    } finally {
      for (const store of stores) await store.close();
    }
  });
}

async function run(bench: Bench, limits: Limits): Promise<Race> {
  const { perTransaction, perDay, escrowAbove } = limits;
  const single = [perTransaction.minor, escrowAbove?.minor ?? perTransaction.minor, perDay.minor].reduce((least, one) => (one < least ? one : least));
  const limit = single === 0n ? 0n : perDay.minor;
  const share = (limit + FILLS - 1n) / FILLS;
  const amount = single === 0n ? 1n : share < single ? (share === 0n ? 1n : share) : single;
  const fills = limit / amount;
  // A limit of very many payments is filled up beforehand, so that the race is about its last part.
  if (fills > MOST_FILLS) await bench.fillUp(limit - amount * MOST_FILLS);
  const racing = fills > MOST_FILLS ? MOST_FILLS : fills;
  const count = Number(racing) * 2 + 8;
  await Promise.all(Array.from({ length: count }, () => bench.pay(amount)));
  const rest = limit - (await bench.granted());
  if (rest > 0n && rest < amount) await bench.pay(rest);
  const leaks: string[] = [];
  const over = [['one more minor unit over the daily limit', 1n], ['one minor unit over a single transaction', perTransaction.minor + 1n], ...(escrowAbove === null ? [] : [['one minor unit over what needs escrow', escrowAbove.minor + 1n] as const])] as const;
  for (const [what, minor] of over) if (await bench.pay(minor)) leaks.push(what);
  return { attempts: count + over.length, limit, granted: await bench.granted(), leaks, connections: CONNECTIONS };
}

/** The limits of the agent around a tool that pays nobody. */
class Bench {
  readonly #session: Session;
  readonly #stores: readonly Store[];
  readonly #context: GatewayContext;
  readonly #policy: Policy;
  #count = 0;

  constructor(session: Session, limits: Limits, stores: readonly Store[], folder: string) {
    const { maximumActionsPerHour: _rate, ...section } = session.manifest['limits'] as unknown as LimitsSection;
    const policy = compilePolicy({
      agent: session.agent, tools: [CHAIN_TOOL], capabilities: [CAPABILITY(limits.currency)], operators: [],
      limits: { ...section, alwaysHuman: [] }, triggers: { doubt: false, approval: { expires: 'PT1H', roles: ['finance'], quorum: 1 } },
    });
    if (policy === null) throw new Fault('INTERNAL', 'the drill has no policy');
    this.#session = session;
    this.#stores = stores;
    this.#policy = policy;
    this.#context = { chain: session.chain, agent: session.agent, policy, folder, build: folder, metCapabilities: null };
  }

  /** @returns whether the payment was let through */
  async pay(minor: bigint): Promise<boolean> {
    const { world: { clock, schemas } } = this.#session;
    const n = (this.#count += 1);
    const proposal: ActionProposal = {
      id: `race-${n}`, capability: 'drill', tool: CHAIN_TOOL.name, arguments: { amount: formatMoney({ minor, currency: this.#policy.limits.currency }) },
      confidence: '1', doubt: false, source: 'drill', occurredAt: clock.now(),
    };
    const store = this.#store(n);
    const result = await executeAction({ store, tools: PAYS_NOBODY, schemas, clock, authenticated: () => Promise.resolve(false) }, this.#context, proposal);
    return result.outcome === 'done';
  }

  async fillUp(minor: bigint): Promise<void> {
    const { agent, chain, world: { clock } } = this.#session;
    const { currency } = this.#policy.limits;
    await this.#store(0).reserve(chain, {
      id: 'fill-up', agent, amount: { minor, currency }, action: digestJson('fill-up'), expiresAt: addDuration(clock.now(), 'P1D'),
      limit: { perTransaction: minor, perWindow: minor, window: 'PT24H' },
    });
  }

  async granted(): Promise<bigint> {
    let sum = 0n;
    for (const state of (await this.#store(0).projection(this.#session.chain, 'reservations')).values()) {
      const reservation = readReservation(state);
      if (reservation?.state === 'held' || reservation?.state === 'posted') sum += BigInt(reservation.actual ?? reservation.amount);
    }
    return sum;
  }

  #store(n: number): Store {
    const store = this.#stores[n % this.#stores.length];
    if (store === undefined) throw new Fault('INTERNAL', 'the drill has no store');
    return store;
  }
}

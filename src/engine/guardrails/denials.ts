/** Calls that must be denied, whoever makes them: undeclared names, unreadable or excessive amounts, anything while the agent is suspended. */
import type { ActionProposal } from '../../enforcement/action.js';
import { decide, type Facts } from '../../enforcement/decision.js';
import { openFacts, plainProposal, waysOf, type Decide, type Way } from '../../enforcement/exercise.js';
import type { Policy } from '../../enforcement/policy.js';
import { formatMoney } from '../../domain/money.js';
import type { Json } from '../../domain/json.js';
import type { Random } from '../../domain/ports.js';
import type { Instant } from '../../domain/time.js';

export type Denied = { readonly denied: number; readonly of: number };
export interface Denials {
  readonly undeclared: Denied;
  readonly amounts: Denied;
  readonly suspended: Denied;
  /** The first call that was not denied, in words. */
  readonly escaped: string | null;
}

interface Call {
  readonly what: string;
  readonly proposal: ActionProposal;
  readonly facts: Facts;
}

const RANDOM_CALLS = 1000;
const NAME_BYTES = 6;

/** Everything else about these calls is as permissive as can be, so that only the one fault can be the reason of a denial. */
export function tryDenials(policy: Policy, { now, random }: { now: Instant; random: Random }, decideWith: Decide = decide): Denials {
  let escaped: string | null = null;
  const count = (calls: Iterable<Call>): Denied => {
    let [denied, of] = [0, 0];
    for (const { what, proposal, facts } of calls) {
      of += 1;
      if (decideWith(policy, proposal, facts).decision === 'deny') denied += 1;
      else escaped ??= what;
    }
    return { denied, of };
  };
  return { undeclared: count(undeclaredCalls(policy, now, random)), amounts: count(amountCalls(policy, now)), suspended: count(suspendedCalls(policy, now)), escaped };
}

const plain = (capability: string, tool: string, now: Instant): ActionProposal =>
  ({ id: 'check', capability, tool, arguments: {}, confidence: '1', doubt: false, source: 'drill', occurredAt: now });

function* undeclaredCalls(policy: Policy, now: Instant, random: Random): Generator<Call> {
  const facts = openFacts(policy, now);
  const capabilities = [...policy.capabilities.values()];
  const tools = [...policy.tools.keys()];
  const call = (capability: string, tool: string): Call => ({ what: `${tool} under ${capability}`, proposal: plain(capability, tool, now), facts });
  const bytes = random.bytes(RANDOM_CALLS * NAME_BYTES);
  for (let n = 0; n < RANDOM_CALLS; n += 1) {
    const name = Buffer.from(bytes.subarray(n * NAME_BYTES, (n + 1) * NAME_BYTES)).toString('hex');
    // In turn an undeclared tool, and a declared one under an undeclared permission.
    const tool = tools[n % Math.max(1, tools.length)];
    const capability = capabilities[n % Math.max(1, capabilities.length)]?.id ?? name;
    if (n % 2 === 0 || tool === undefined) yield call(capability, `tool-${name}`);
    else yield call(`may-${name}`, tool);
  }
  for (const { id } of capabilities) for (const tool of [...tools.flatMap(nearMisses), '', '*', '__proto__', 'constructor', 'toString']) if (!tools.includes(tool)) yield call(id, tool);
  for (const capability of capabilities) for (const tool of tools) if (!capability.tools.includes(tool)) yield call(capability.id, tool);
}

/** Names that look declared to a careless comparison. */
function nearMisses(name: string): readonly string[] {
  return [name.toUpperCase(), ` ${name}`, `${name} `, `${name}\u0000`, `${name}\u200b`, `./${name}`, `${name}/../${name}`, name.slice(0, -1), name.replace('a', '\u0430'), `${name}_`];
}

const MALFORMED: readonly (Json | undefined)[] = [undefined, null, 1, 0.1, -1, true, '', ' 1', '-1', '+1', '1e3', '0x10', 'NaN', 'Infinity', '1,000', '1.', '.5', '\u0661', '1.0000000000000000001', '9'.repeat(40), ['1'], { amount: '1' }];

function* amountCalls(policy: Policy, now: Instant): Generator<Call> {
  const facts = openFacts(policy, now);
  const { perTransaction, perDay, currency } = policy.limits;
  for (const way of waysOf(policy)) {
    for (const { path } of way.declared.amounts) {
      for (const value of MALFORMED) yield { what: `${describe(way)} with ${value === undefined ? 'no amount' : `the amount ${JSON.stringify(value)}`}`, proposal: value === undefined ? plain(way.capability, way.declared.tool.name, now) : plainProposal(way, now, [[path, value]]), facts };
      for (const { minor } of [perTransaction, perDay]) {
        const over = formatMoney({ minor: minor + 1n, currency });
        yield { what: `${describe(way)} over the limit, with ${over}`, proposal: plainProposal(way, now, [[path, over]]), facts };
      }
    }
  }
}

function* suspendedCalls(policy: Policy, now: Instant): Generator<Call> {
  const facts: Facts = { ...openFacts(policy, now), suspended: 'check' };
  for (const way of waysOf(policy)) yield { what: `${describe(way)} while suspended`, proposal: plainProposal(way, now), facts };
}

function describe({ capability, declared }: Way): string {
  return `${declared.tool.name} under ${capability}`;
}

/** The policy of one agent, compiled once: declared tools and capabilities, limits and triggers, and the digest that names them all. */
import { digestJson, type Digest } from '../domain/digest.js';
import type { AgentRef } from '../domain/entry.js';
import type { JsonObject } from '../domain/json.js';
import type { Capability, Operator, Tool } from '../domain/manifest.js';
import { parseLimits, type Limits, type LimitsSection } from './limits.js';
import { parseTriggers, type Triggers, type TriggersSection } from './triggers.js';

export interface DeclaredTool {
  readonly tool: Tool;
  readonly digest: Digest;
  /** Every place of money in its arguments, whichever capability declared it: asking under another capability must not hide an amount. */
  readonly amounts: readonly { readonly path: string; readonly currency: string }[];
}

export interface Policy {
  /** Version of the policy: digest of capabilities, limits and triggers. */
  readonly digest: Digest;
  readonly agent: AgentRef;
  readonly tools: ReadonlyMap<string, DeclaredTool>;
  readonly capabilities: ReadonlyMap<string, Capability>;
  readonly limits: Limits;
  readonly triggers: Triggers;
  readonly operators: readonly Operator[];
}

export interface PolicySource {
  readonly agent: AgentRef;
  readonly tools: readonly Tool[];
  readonly capabilities: readonly Capability[];
  readonly operators: readonly Operator[];
  /** The manifest sections as validated; absent when the manifest has none. */
  readonly limits: LimitsSection | undefined;
  readonly triggers: TriggersSection | undefined;
}

/**
 * @returns null when `limits` or `triggers` is missing: without a policy the gateway denies everything
 * @throws {Fault} INPUT_INVALID for amounts that their currency cannot hold
 */
export function compilePolicy(source: PolicySource): Policy | null {
  const { agent, capabilities, operators, limits, triggers } = source;
  if (limits === undefined || triggers === undefined) return null;
  return {
    digest: digestJson({ capabilities, limits, triggers } as unknown as JsonObject),
    agent,
    tools: new Map(source.tools.map((tool) => [tool.name, { tool, digest: digestJson(tool as JsonObject), amounts: amountsOf(tool.name, capabilities) }])),
    capabilities: new Map(capabilities.map((capability) => [capability.id, capability])),
    limits: parseLimits(limits),
    triggers: parseTriggers(triggers, limits.currency),
    operators,
  };
}

function amountsOf(tool: string, capabilities: readonly Capability[]): DeclaredTool['amounts'] {
  const places = new Map<string, { path: string; currency: string }>();
  for (const amount of capabilities.flatMap((capability) => capability.amounts ?? [])) {
    if (amount.tool === tool) places.set(`${amount.path} ${amount.currency}`, { path: amount.path, currency: amount.currency });
  }
  return [...places.values()];
}

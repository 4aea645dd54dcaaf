/** What the manifest and the accepted baseline say about an agent, as the decision function wants to know it. */
import type { LimitsSection } from './limits.js';
import { compilePolicy, type Policy } from './policy.js';
import type { TriggersSection } from './triggers.js';
import type { AgentRef, Entry } from '../domain/entry.js';
import type { JsonObject } from '../domain/json.js';
import type { CommonManifest } from '../domain/manifest.js';

/** The policy of a validated manifest; null without `limits` or `triggers`. */
export function policyOf(manifest: CommonManifest, agent: AgentRef): Policy | null {
  const { limits, triggers } = manifest as CommonManifest & { readonly limits?: LimitsSection; readonly triggers?: TriggersSection };
  return compilePolicy({ agent, tools: manifest.build.tools, capabilities: manifest.capabilities, operators: manifest.owner.operators, limits, triggers });
}

/**
 * Capabilities whose pact conditions were all met in the newest accepted baseline of this build (row 6.3); a restored build has its own.
 * @returns null when no baseline of this build is accepted: then nobody knows
 */
export function masteredCapabilities(accepted: readonly Entry[], finished: readonly Entry[], build: AgentRef['build']): readonly string[] | null {
  const baseline = accepted.findLast((entry) => entry.agent.build === build);
  if (baseline === undefined) return null;
  const run = finished.find((entry) => entry.data['run'] === baseline.data['run'] && entry.data['observational'] !== true);
  if (run === undefined) return null;
  const conditions = (run.data['conditions'] as readonly JsonObject[] | undefined) ?? [];
  const names = [...new Set(conditions.map((one) => String(one['capability'])))];
  return names.filter((name) => conditions.every((one) => one['capability'] !== name || one['verdict'] === 'met'));
}

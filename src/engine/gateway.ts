/** The gateway of a session: the agent's own policy, its store and tools, and votes that count only with the signature behind them. */
import { verifyAct } from '../attestation/human-act.js';
import { approvalSubject } from '../enforcement/approvals.js';
import { masteredCapabilities, policyOf } from '../enforcement/declared.js';
import type { GatewayContext, GatewayPorts } from '../enforcement/gateway/facts.js';
import type { Policy } from '../enforcement/policy.js';
import { Fault } from '../domain/fault.js';
import type { CommonManifest } from '../domain/manifest.js';
import type { Store } from '../domain/ports.js';
import { keyRecords } from './key-history.js';
import { evidenceQuery } from './states.js';
import type { Session } from './session.js';

/** Name of the human act behind a vote for an action. */
export const APPROVE = 'approve';

/** @param build folder of the build that {build} stands for in a tool's command */
export async function gatewayOf(session: Session, build: string = session.folder): Promise<{ readonly ports: GatewayPorts; readonly context: GatewayContext }> {
  const { world, store, chain, agent, manifest, folder } = session;
  return {
    ports: { store, tools: world.tools, schemas: world.schemas, clock: world.clock, authenticated: authenticator(store, manifest) },
    context: { chain, agent, policy: policyOf(manifest, agent), folder, build, metCapabilities: await masteredBy(session) },
  };
}

/** Capabilities that the accepted baseline of this build masters; null when there is none. */
export async function masteredBy(session: Session): Promise<readonly string[] | null> {
  const evidence = evidenceQuery(session);
  return masteredCapabilities(await evidence.list('baseline.accepted'), await evidence.list('evaluation.finished'), session.build.digest);
}

/** @throws {Fault} MANIFEST_INVALID when a section is missing: without a policy everything is denied, and there is nothing to measure */
export function requirePolicy(session: Session): Policy {
  const policy = policyOf(session.manifest, session.agent);
  if (policy !== null) return policy;
  const missing = ['limits', 'triggers'].filter((key) => session.manifest[key] === undefined).join(' and ');
  throw new Fault('MANIFEST_INVALID', `agent.yaml has no ${missing}, so everything is denied`, { at: 'agent.yaml', hint: `add the section ${missing}; agentctl schema describes it` });
}

/** A vote is worth what its signature is worth: over this very request, by this operator, in a role that may approve it. */
export function authenticator(store: Store, manifest: Pick<CommonManifest, 'metadata' | 'owner'>): GatewayPorts['authenticated'] {
  const { owner } = manifest;
  return async (grant, approval) => {
    const blob = await store.blob(grant.act);
    if (blob === undefined) return false;
    const act = await verifyAct(blob.bytes, approvalSubject(approval), owner, { histories: (await keyRecords(store, manifest)).histories, recorded: grant.at });
    if ('problem' in act || act.act !== APPROVE || act.ceremony !== grant.ceremony) return false;
    const operator = owner.operators.find((one) => one.id === act.operator);
    return operator?.did === grant.operator && act.roles.some((role) => approval.roles.includes(role));
  };
}

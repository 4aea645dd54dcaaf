/** Starts the agent as agent.yaml says, with what a service needs: a signature for each request, and the tools of the build. */
import type { RunningTarget } from '../domain/ports.js';
import { targetSigner } from './send-signed.js';
import type { Session } from './session.js';

/** @param folder of the build that is meant @throws {Fault} TARGET_FAILED; EVIDENCE_MISSING for a service that is asked by an agent without an identity */
export function startTarget(session: Session, folder: string): Promise<RunningTarget> {
  const { world, manifest } = session;
  return world.targets.start(manifest.target, folder, { sign: targetSigner(session), tools: manifest.build.tools });
}

/** What a verb proposes once its work is on record: the same as `agentctl status`, asked then. */
import { gateTime } from './gate-time.js';
import { nextCommand } from './next.js';
import type { Session } from './session.js';
import { computeStates } from './states.js';

/** @param session as it was before the verb recorded anything */
export async function proposedNext(session: Session): Promise<string> {
  const now = await session.refresh();
  const { steps } = await computeStates(now, await gateTime(now));
  return nextCommand(steps, now.manifest.path) ?? 'agentctl status';
}

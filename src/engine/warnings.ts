/** What whoever looks at an agent has to know beside its steps: that it is suspended, and that another build than the working tree runs. */
import { short, type Digest } from '../domain/digest.js';
import { readable } from '../domain/time.js';
import type { Store } from '../domain/ports.js';
import { suspendedBy, SUSPENSION_KEY } from '../enforcement/suspension.js';

/** @param build of the working tree. */
export async function standingWarnings(store: Pick<Store, 'projected' | 'readEvidence'>, chain: string, build: Digest): Promise<readonly string[]> {
  const incident = suspendedBy(await store.projected(chain, 'suspension', SUSPENSION_KEY));
  const activation = (await store.readEvidence(chain, 'activation.recorded')).findLast((entry) => entry.data['kind'] !== 'drill');
  const active = activation?.data['build'];
  return [
    ...(incident === null ? [] : [`suspended by ${incident}: every action is denied (agentctl incident close ${incident} --as <operator>)`]),
    ...(activation === undefined || active === build ? [] : [`active build is ${short(active as Digest)}, restored on ${readable(activation.ts)}; the working tree is ${short(build)}`]),
  ];
}

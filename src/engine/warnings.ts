/** What whoever looks at an agent has to know beside its steps: that it is suspended, that another build than the working tree runs, and that its certificate ends soon. */
import { short, type Digest } from '../domain/digest.js';
import type { StepView } from '../domain/report.js';
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

/** That a renewal is due, told before the certificate ends. The finding carries the time, so that a kept status ends with it. */
export function renewalWarnings(steps: readonly StepView[]): readonly string[] {
  const findings = steps.find(({ id }) => id === 'certify')?.findings ?? [];
  const [inForce, due] = ['certify.in-force', 'certify.due'].map((id) => findings.find((finding) => finding.id === id));
  return inForce?.is === 'yes' && due?.is === 'no' ? [`certificate: renewal is ${due.because} (${due.remedy})`] : [];
}

/** `rollback list`: what can be gone back to, for how long, and which versions have been active. */
import { short } from '../../domain/digest.js';
import { readable } from '../../domain/time.js';
import { activationInForce } from '../active-build.js';
import { outcome } from '../outcome.js';
import type { Verb } from '../verb.js';
import { keptSnapshots } from './kept.js';

export const run: Verb = async (session) => {
  const kept = await keptSnapshots(session);
  const activations = await session.store.readEvidence(session.chain, 'activation.recorded');
  const inForce = await activationInForce(session);
  const now = session.world.clock.now();
  const active = String(inForce?.data['build'] ?? session.build.digest);
  return outcome({
    step: 'rollback', verb: 'list', headline: inForce ? `build ${short(active)} is active` : `the working tree is active, build ${short(active)}`,
    tables: [
      {
        title: 'Snapshots', columns: ['snapshot', 'build', 'files', 'taken', 'kept until'],
        rows: kept.map((one) => [short(one.snapshot), short(one.build), String(one.files), readable(one.takenAt), `${readable(one.keepUntil)}${one.keepUntil < now ? ' (past; nothing is deleted in this release)' : ''}`]),
      },
      {
        title: 'Activations', columns: ['when', 'kind', 'build', 'in place of', 'environment', 'by'],
        rows: activations.map(({ ts, data }) => [readable(ts), String(data['kind']), short(String(data['build'])), typeof data['previous'] === 'string' ? short(data['previous']) : '-', String(data['environment']), `${String(data['operator'])} (${String(data['ceremony'])})`]),
      },
    ],
    next: kept.length === 0 ? 'agentctl rollback snapshot' : null,
    data: { active, snapshots: kept.map((one) => ({ ...one })), activations: activations.map(({ ts, data }) => ({ at: ts, ...data })) },
  });
};

/** `audit verify`: rehashes every byte of every chain in the store, and says what it cannot know. */
import { EXIT } from '../../domain/fault.js';
import { addDuration } from '../../domain/time.js';
import { short } from '../../domain/digest.js';
import { checkEverything } from '../check-ledger.js';
import { checkArtifacts } from '../artifacts.js';
import { recordEvidence } from '../session.js';
import { outcome } from '../outcome.js';
import type { Verb } from '../verb.js';

/** How long one check of the log counts as evidence. */
const VALID = 'P30D';

export const run: Verb = async (session) => {
  const ledger = await checkEverything(session);
  const warnings = [...(await checkArtifacts(session)), ...(await session.keys.placement())];
  await recordEvidence(session, 'audit', {
    type: 'audit.verified', validUntil: addDuration(session.world.clock.now(), VALID),
    data: { size: ledger.size, head: ledger.head, checkpoint: ledger.checkpoint ?? 0 },
  });
  return outcome({
    step: 'audit', verb: 'verify', headline: ledger.size === 1 ? '1 entry holds' : `${ledger.size} entries hold`,
    facts: [
      { label: 'chain', value: `${ledger.chain}, head ${short(ledger.head)}` },
      { label: 'checkpoint', value: ledger.checkpoint === null ? 'none yet' : `signed at size ${ledger.checkpoint}` },
      { label: 'tables', value: 'blobs, payloads, projections and artifacts agree with the chain' },
    ],
    notes: ['No witness outside this machine was asked: whoever owns store, checkpoint and log key could have replaced all three together.', ...warnings],
    next: null,
    data: { ...ledger },
  }, EXIT.yes);
};

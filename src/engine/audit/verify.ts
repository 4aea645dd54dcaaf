/** `audit verify`: rehashes every byte of every chain in the store, compares it with what others have seen, and says what it cannot know. */
import { EXIT, Fault } from '../../domain/fault.js';
import { addDuration } from '../../domain/time.js';
import { short } from '../../domain/digest.js';
import { whereOf } from '../../ledger/anchors.js';
import { checkEverything } from '../check-ledger.js';
import { checkArtifacts } from '../artifacts.js';
import { recordEvidence } from '../session.js';
import { outcome } from '../outcome.js';
import { listOption, textOption, type Verb } from '../verb.js';
import { anchorFlags, anchorsOf } from './anchors.js';
import { compareAnchors, comparedLines, keepCosignatures, lacking, weaknesses } from './ask-anchors.js';
import { longestSilence, silenceText } from './silence.js';
import { verifyProof } from './verify-proof.js';

/** How long one check of the log counts as evidence. */
const VALID = 'P30D';

export const run: Verb = async (session, input) => {
  const proof = textOption(input, 'proof');
  const trust = listOption(input, 'trust');
  if (proof !== undefined) return verifyProof(session.world, proof, trust);
  if (trust.length > 0) throw new Fault('USAGE', '--trust is about a proof', { hint: 'agentctl audit verify --proof <file> --trust <vkey>' });
  const anchors = await anchorsOf(session, anchorFlags(input));
  const ledger = await checkEverything(session);
  const compared = await compareAnchors(session, anchors);
  const missing = lacking(anchors, compared);
  if (missing) throw missing;
  const warnings = [...(await checkArtifacts(session)), ...(await session.keys.placement())];
  const silence = await longestSilence(session);
  await keepCosignatures(session, compared);
  const seen = compared.flatMap(({ anchor, seen }) => (typeof seen === 'string' ? [] : [{ kind: anchor.kind, where: whereOf(anchor), size: seen.size }]));
  await recordEvidence(session, 'audit', {
    type: 'audit.verified', validUntil: addDuration(session.world.clock.now(), VALID),
    data: { size: ledger.size, head: ledger.head, checkpoint: ledger.checkpoint ?? 0, ...(seen.length === 0 ? {} : { anchors: seen }) },
  });
  const lines = comparedLines(compared, ledger.size);
  return outcome({
    step: 'audit', verb: 'verify', headline: ledger.size === 1 ? '1 entry holds' : `${ledger.size} entries hold`,
    facts: [
      { label: 'chain', value: `${ledger.chain}, head ${short(ledger.head)}` },
      { label: 'checkpoint', value: ledger.checkpoint === null ? 'none yet' : `signed at size ${ledger.checkpoint}` },
      { label: 'silence', value: silenceText(silence) },
      { label: 'tables', value: 'blobs, payloads, projections and artifacts agree with the chain' },
      ...compared.map((_, index) => ({ label: 'anchor', value: lines[index] ?? '' })),
    ],
    notes: [...(compared.length === 0 ? lines : weaknesses(compared)), ...warnings],
    next: null,
    data: { ...ledger, anchors: seen, silence: silence && { ...silence } },
  }, EXIT.yes);
};

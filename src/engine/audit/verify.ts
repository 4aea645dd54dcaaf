/** `audit verify`: rehashes every byte of every chain in the store, compares it with what others have seen, and says what it cannot know. */
import { EXIT, Fault } from '../../domain/fault.js';
import { addDuration } from '../../domain/time.js';
import { short } from '../../domain/digest.js';
import { whereOf } from '../../ledger/anchors.js';
import { checkEverything } from '../check-ledger.js';
import { checkArtifacts } from '../artifacts.js';
import { recordEvidence } from '../session.js';
import { outcome } from '../outcome.js';
import { listOption, READ_ONLY, textOption, type Verb } from '../verb.js';
import { anchorFlags, anchorsOf } from './anchors.js';
import { compareAnchors, comparedLines, keepCosignatures, lacking, weaknesses } from './ask-anchors.js';
import { sealedFolder, spanSealed } from './sealed.js';
import { longestSilence, silenceText } from './silence.js';
import { verifyProof } from './verify-proof.js';

/** How long one check of the log counts as evidence. */
const VALID = 'P30D';

export const run: Verb = async (session, input) => {
  const proof = textOption(input, 'proof');
  const trust = listOption(input, 'trust');
  if (proof !== undefined) return verifyProof(session.world, proof, trust);
  if (trust.length > 0) throw new Fault('USAGE', '--trust is about a proof', { hint: 'agentctl audit verify --proof <file> --trust <vkey>' });
  const recording = input.options[READ_ONLY] !== true;
  const anchors = await anchorsOf(session, anchorFlags(input));
  const ledger = await checkEverything(session);
  const sealed = await spanSealed(session, sealedFolder(session, textOption(input, 'sealed')));
  const unknowns = [...(ledger.unknowns ?? []), ...sealed.unknown];
  const compared = await compareAnchors(session, anchors);
  const missing = lacking(anchors, compared);
  if (missing) throw missing;
  const { kept, erased } = await session.store.payloads(session.chain);
  const warnings = [...unknowns, ...sealed.absent, ...(await checkArtifacts(session)), ...(await session.keys.placement())];
  const silence = await longestSilence(session);
  if (recording) await keepCosignatures(session, compared);
  const seen = compared.flatMap(({ anchor, seen }) => (typeof seen === 'string' ? [] : [{ kind: anchor.kind, where: whereOf(anchor), size: seen.size }]));
  // What could not be told is no evidence.
  if (unknowns.length === 0 && recording) {
    await recordEvidence(session, 'audit', {
      type: 'audit.verified', validUntil: addDuration(session.world.clock.now(), VALID),
      data: { size: ledger.size, head: ledger.head, checkpoint: ledger.checkpoint ?? 0, payloads: kept, ...(seen.length === 0 ? {} : { anchors: seen }) },
    });
  }
  const lines = comparedLines(compared, ledger.size);
  return outcome({
    step: 'audit', verb: 'verify', headline: ledger.size === 1 ? '1 entry holds' : `${ledger.size} entries hold`,
    facts: [
      { label: 'chain', value: `${ledger.chain}, head ${short(ledger.head)}` },
      { label: 'checkpoint', value: ledger.checkpoint === null ? 'none yet' : `signed at size ${ledger.checkpoint}` },
      { label: 'silence', value: silenceText(silence) },
      { label: 'tables', value: 'tiles, blobs, payloads, projections and artifacts agree with the chain' },
      { label: 'payloads', value: `${kept} kept, ${erased} erased` },
      ...compared.map((_, index) => ({ label: 'anchor', value: lines[index] ?? '' })),
    ],
    notes: [...(compared.length === 0 ? lines : weaknesses(compared)), ...warnings],
    next: null,
    data: { ...ledger, payloads: kept, erased, anchors: seen, silence: silence && { ...silence } },
  }, unknowns.length > 0 ? EXIT.indeterminate : EXIT.yes);
};

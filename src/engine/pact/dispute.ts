/** `pact dispute`: a bundle with which a third party decides whether the agent kept its word; `--check` decides. */
import { short } from '../../domain/digest.js';
import { Fault } from '../../domain/fault.js';
import { outcome } from '../outcome.js';
import type { Session } from '../session.js';
import { absolute } from '../trust-roots.js';
import { listOption, requiredOption, textOption, type Verb, type VerbInput } from '../verb.js';
import { checkDispute } from './dispute-check.js';
import { disputeBundle } from './dispute-bundle.js';
import { writeTexts } from './dispute-folder.js';

export const run: Verb = async (session, input) => {
  const check = textOption(input, 'check');
  if (check !== undefined) return checkDispute(session.world, check, listOption(input, 'trust'));
  if (listOption(input, 'trust').length > 0) throw new Fault('USAGE', '--trust is about a bundle', { hint: 'agentctl pact dispute --check <folder> --trust <vkey>' });
  return makeDispute(session, input);
};

async function makeDispute(session: Session, input: VerbInput) {
  const out = requiredOption(input, 'out', 'agentctl pact dispute --out dispute');
  const run = textOption(input, 'run');
  const inputs = input.options['withInputs'] === true;
  const { texts, claim, log } = await disputeBundle(session, { conditions: listOption(input, 'condition'), cases: listOption(input, 'case'), inputs, ...(run === undefined ? {} : { run }) });
  const digest = await writeTexts(session.world, absolute(session.world, out), texts);
  return outcome({
    step: 'pact', verb: 'dispute', headline: `${claim.cases} cases and ${claim.conditions.length} conditions of ${claim.run} are in question`,
    facts: [
      { label: 'folder', value: `${out}, ${short(digest)} is the digest of its SHA256SUMS` },
      { label: 'pact', value: short(claim.document) },
      { label: 'conditions', value: claim.conditions.join(', ') },
      { label: 'log key', value: log },
    ],
    notes: [inputs ? 'cases.jsonl holds inputs and references: hand it to nobody who must not read them.' : 'Inputs stay behind: rows hold labels, times and ids of cases only.', 'Whoever decides needs the log key by another way than the bundle.'],
    next: `agentctl pact dispute --check ${out} --trust <vkey>`,
    data: { ...claim, conditions: [...claim.conditions], folder: out, digest, log },
  });
}

/** `baseline split`: parts a data set into held-out and tuning cases by a salted hash, so that the parts stay what they are when the data set grows. */
import { counted } from '../../domain/counted.js';
import { RunningDigest, type Digest } from '../../domain/digest.js';
import { Fault } from '../../domain/fault.js';
import { MAX_LINE, readCase, type Case } from '../../evaluation/dataset.js';
import { isHeldOut, saltCommitment } from '../../evaluation/split.js';
import { outcome } from '../outcome.js';
import { refuseExisting } from '../refuse-existing.js';
import type { Session } from '../session.js';
import { absolute } from '../trust-roots.js';
import { requiredOption, type Verb, type VerbInput } from '../verb.js';
import { saltOfProject } from './split-salt.js';

const HINT = 'agentctl baseline split data/cases.jsonl --fraction 0.2 --held-out data/held-out.jsonl --tuning data/tuning.jsonl';

export const run: Verb = async (session, input) => {
  const { world } = session;
  const fraction = fractionOf(input);
  const [source = '', heldOut, tuning] = [input.args[0], requiredOption(input, 'heldOut', HINT), requiredOption(input, 'tuning', HINT)];
  const [path, ...outs] = [source, heldOut, tuning].map((file) => absolute(world, file));
  if (new Set([path, ...outs]).size < 3) throw new Fault('USAGE', 'the data set and its two parts are three files', { hint: HINT });
  const salt = await saltOfProject(session);
  const split: Split = { session, path: path ?? '', file: source, isHeld: (one) => isHeldOut(one, salt.text, Number(fraction)) };
  const found = await countParts(split);
  const parts = { heldOut: { file: heldOut, ...found.heldOut }, tuning: { file: tuning, ...found.tuning } };
  for (const [at, { file, sha256 }] of [parts.heldOut, parts.tuning].entries()) await refuseOther(world, outs[at] ?? file, sha256);
  for (const [at, held] of [true, false].entries()) await world.files.write(outs[at] ?? '', linesOfPart(split, held));
  const commitment = saltCommitment(salt.text);
  return outcome({
    step: 'baseline', verb: 'split', headline: `${parts.heldOut.cases} of ${parts.heldOut.cases + parts.tuning.cases} cases are held out`,
    facts: [
      { label: 'held out', value: `${heldOut}: ${counted(parts.heldOut.cases, 'case')} in ${counted(parts.heldOut.groups, 'group')}, ${parts.heldOut.sha256}` },
      { label: 'tuning', value: `${tuning}: ${counted(parts.tuning.cases, 'case')} in ${counted(parts.tuning.groups, 'group')}, ${parts.tuning.sha256}` },
      { label: 'fraction', value: fraction },
      { label: 'salt', value: `${salt.fresh ? 'made and ' : ''}kept in ${salt.path}` },
      { label: 'commitment', value: `${commitment} may be published; the salt may not` },
    ],
    notes: [
      `into agent.yaml, under pacts.datasets, where files are named from its folder:\n${[yamlOf('held-out', parts.heldOut), yamlOf('tuning', parts.tuning)].join('\n')}`,
      'The same salt and fraction part a grown data set alike. Keep a copy of the salt: without it the next split is another one.',
    ],
    next: 'agentctl pact lint',
    data: { fraction, commitment, ...parts },
  });
};

/** @throws {Fault} USAGE */
function fractionOf(input: VerbInput): string {
  const fraction = requiredOption(input, 'fraction', HINT);
  if (/^0\.\d{1,6}$/.test(fraction) && Number(fraction) > 0) return fraction;
  throw new Fault('USAGE', `--fraction "${fraction}" is not a share between 0 and 1`, { hint: '--fraction 0.2' });
}

interface Split {
  readonly session: Session;
  readonly path: string;
  /** What to call the data set in an error. */
  readonly file: string;
  isHeld(one: Case): boolean;
}

interface PartFound {
  readonly cases: number;
  readonly groups: number;
  readonly sha256: Digest;
}

/** Checks every line before anything is written. @throws {Fault} DATASET_INVALID for a broken line, an id that stands twice, a part without a case */
async function countParts(split: Split): Promise<{ readonly heldOut: PartFound; readonly tuning: PartFound }> {
  const seen = new Map<string, number>();
  const parts = [true, false].map(() => ({ cases: 0, groups: new Set<string>(), digest: new RunningDigest() }));
  for await (const { line, one, number } of casesOf(split)) {
    const earlier = seen.get(one.id);
    if (earlier !== undefined) throw new Fault('DATASET_INVALID', `the case id ${JSON.stringify(one.id)} stands on line ${earlier} already`, { at: `${split.file}:${number}` });
    seen.set(one.id, number);
    const part = parts[split.isHeld(one) ? 0 : 1];
    if (part === undefined) continue;
    part.cases += 1;
    part.groups.add(one.group ?? one.id);
    part.digest.add(`${line}\n`);
  }
  const [heldOut, tuning] = parts.map(({ cases, groups, digest }) => ({ cases, groups: groups.size, sha256: digest.end() }));
  if (!heldOut?.cases || !tuning?.cases) throw new Fault('DATASET_INVALID', seen.size === 0 ? 'the data set has no case' : `all ${seen.size} cases fall into one part`, { at: split.file, hint: 'take more cases, or another --fraction' });
  return { heldOut, tuning };
}

async function* casesOf({ session, path, file }: Split): AsyncGenerator<{ readonly line: string; readonly one: Case; readonly number: number }> {
  let number = 0;
  for await (const line of session.world.files.lines(path, MAX_LINE)) {
    number += 1;
    yield { line, one: readCase(line, `${file}:${number}`), number };
  }
}

async function* linesOfPart(split: Split, held: boolean): AsyncGenerator<string> {
  for await (const { line, one } of casesOf(split)) if (split.isHeld(one) === held) yield `${line}\n`;
}

/** The same bytes may be written again: the command has then been run twice. @throws {Fault} REFUSED */
async function refuseOther(world: Session['world'], path: string, sha256: Digest): Promise<void> {
  const there = await world.files.info(path);
  if (there?.kind === 'file' && (await world.files.digest(path)) === sha256) return;
  await refuseExisting(world, path);
}

function yamlOf(use: string, { file, sha256 }: PartFound & { readonly file: string }): string {
  // Indented, it is there to be copied: a view wraps prose alone.
  return `    - { id: ${use}, file: ${JSON.stringify(file)}, sha256: "${sha256}", use: ${use} }`;
}

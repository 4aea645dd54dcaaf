/** Which anchors a command is about: those that agent.yaml declares, and those that its flags name. */
import { Fault } from '../../domain/fault.js';
import { anchorName, anchorOf, WITNESS_URL, type Anchor } from '../../ledger/anchors.js';
import type { AuditSection } from '../../steps/08-audit.js';
import type { Session } from '../session.js';
import { absolute } from '../trust-roots.js';
import { readVerifierKeys } from '../verifier-keys.js';
import { textOption, type VerbInput } from '../verb.js';
import type { Anchorage } from './anchorage.js';
import { fileAnchorage } from './anchor-file.js';
import { gitAnchorage } from './anchor-git.js';
import { httpAnchorage } from './anchor-http.js';

/** What the flags of a command say about anchors. */
export interface AnchorFlags {
  readonly witnessFile?: string | undefined;
  readonly witnessGit?: string | undefined;
  readonly witness?: string | undefined;
  readonly witnessKey?: string | undefined;
  readonly requireAnchor?: boolean | undefined;
}

/** The path without `.` and `..`: `/home/agent/../elsewhere` does not lie in `/home/agent`. */
function collapsed(path: string): string {
  const parts: string[] = [];
  for (const part of path.split('/')) {
    if (part === '..') parts.pop();
    else if (part !== '' && part !== '.') parts.push(part);
  }
  return `/${parts.join('/')}`;
}

export function anchorFlags(input: VerbInput): AnchorFlags {
  const [witnessFile, witnessGit, witness, witnessKey] = ['witnessFile', 'witnessGit', 'witness', 'witnessKey'].map((name) => textOption(input, name));
  return { witnessFile, witnessGit, witness, witnessKey, requireAnchor: input.options['requireAnchor'] === true };
}

export interface NamedAnchor {
  readonly anchor: Anchor;
  readonly name: string;
  /** Named by a flag of this very command. */
  readonly flagged: boolean;
  /** Why it is worth less than it seems. */
  readonly weakness: string | null;
  readonly anchorage: Anchorage;
}

export interface Anchors {
  readonly named: readonly NamedAnchor[];
  /** Whether the answer is no yes without one that agrees. */
  readonly required: boolean;
}

/** @throws {Fault} USAGE, INPUT_INVALID */
export async function anchorsOf(session: Session, flags: AnchorFlags): Promise<Anchors> {
  const section = session.manifest['audit'] as AuditSection | undefined;
  const { folder, world } = session;
  const declared = (section?.anchors ?? []).map((one) => named(anchorOf(one), { flagged: false, folder, resolve: (path) => (path.startsWith('/') ? path : `${folder}/${path}`) }));
  const flagged = (await flaggedAnchors(session, flags)).map((one) => named(one, { flagged: true, folder, resolve: (path) => absolute(world, path) }));
  return { named: [...declared, ...flagged], required: flags.requireAnchor === true || section?.anchor === 'required' };
}

async function flaggedAnchors({ world }: Session, { witnessFile, witnessGit, witness, witnessKey }: AnchorFlags): Promise<readonly Anchor[]> {
  const anchors: Anchor[] = [];
  if (witnessFile !== undefined) anchors.push({ kind: 'file', path: witnessFile });
  if (witnessGit !== undefined) anchors.push({ kind: 'git', folder: witnessGit });
  if ((witness === undefined) !== (witnessKey === undefined)) throw new Fault('USAGE', '--witness and --witness-key belong together', { hint: '--witness https://witness.example --witness-key <vkey>' });
  if (witness !== undefined && witnessKey !== undefined) {
    if (!new RegExp(WITNESS_URL).test(witness)) throw new Fault('USAGE', `--witness "${witness}" is not an https URL, nor http on this machine`, { hint: '--witness https://witness.example --witness-key <vkey>' });
    const [key, ...more] = await readVerifierKeys(world, [witnessKey]);
    if (key?.kind !== 'cosignature' || more.length > 0) throw new Fault('USAGE', '--witness-key wants the one key of a witness', { hint: 'agentctl audit witness serve, which prints its own' });
    anchors.push({ kind: 'http', url: witness, key });
  }
  return anchors;
}

function named(anchor: Anchor, { flagged, folder, resolve }: { readonly flagged: boolean; readonly folder: string; readonly resolve: (path: string) => string }): NamedAnchor {
  const name = anchorName(anchor);
  if (anchor.kind === 'http') return { anchor, name, flagged, weakness: null, anchorage: httpAnchorage({ ...anchor, name }) };
  const path = collapsed(resolve(anchor.kind === 'file' ? anchor.path : anchor.folder));
  const weakness = `${path}/`.startsWith(`${folder}/`) ? `${name} lies in the agent's own folder: whoever rolls back the one can roll back the other` : null;
  return { anchor, name, flagged, weakness, anchorage: anchor.kind === 'file' ? fileAnchorage(path, name) : gitAnchorage(path, name) };
}

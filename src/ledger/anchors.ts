/** Anchors of step 8: places outside the store that have seen the log's checkpoints, as agent.yaml names them and as entries remember them. */
import { digestBytes } from '../domain/digest.js';
import { Fault, type Mistake } from '../domain/fault.js';
import { object, oneOf, optional, string, type TypeOf } from '../domain/schema.js';
import { parseVerifierKey, type VerifierKey } from './checkpoint.js';

export const ANCHOR_KINDS = ['file', 'git', 'http'] as const;
export type AnchorKind = (typeof ANCHOR_KINDS)[number];

/** https, or http on this machine: what a witness says of a size is not signed. */
export const WITNESS_URL = '^(https://|http://(localhost|127\\.0\\.0\\.1|\\[::1\\])[:/])[^@\\s]+$';

export const anchorSection = object({
  kind: oneOf(ANCHOR_KINDS, { description: 'file: on storage that whoever owns the store does not own. git: a repository. http: a witness that vouches for each checkpoint.' }),
  path: optional(string({ description: 'The file, absolute or relative to agent.yaml; for kind file.' })),
  folder: optional(string({ description: 'A working tree of the repository, absolute or relative to agent.yaml; for kind git.' })),
  url: optional(string({ description: 'Address of the witness: https, or http on this machine; for kind http.', pattern: WITNESS_URL })),
  key: optional(string({ description: 'Verifier key of the witness, as it prints it; for kind http.' })),
});
export type AnchorSection = TypeOf<typeof anchorSection>;

export type Anchor =
  | { readonly kind: 'file'; readonly path: string }
  | { readonly kind: 'git'; readonly folder: string }
  | { readonly kind: 'http'; readonly url: string; readonly key: VerifierKey };

const MEMBERS: Readonly<Record<AnchorKind, readonly (keyof AnchorSection)[]>> = { file: ['path'], git: ['folder'], http: ['url', 'key'] };

/** What a schema cannot see: members that belong to another kind, or are missing, and keys that are none. Places are JSON Pointers. */
export function lintAnchors(anchors: readonly AnchorSection[], pointer: string): readonly Mistake[] {
  return anchors.flatMap((anchor, index) => {
    const at = `${pointer}/${index}`;
    const own = MEMBERS[anchor.kind];
    const missing = own.filter((name) => anchor[name] === undefined).map((name) => ({ at, message: `an anchor of kind ${anchor.kind} lacks "${name}"` }));
    const foreign = (Object.keys(anchor) as (keyof AnchorSection)[]).filter((name) => name !== 'kind' && !own.includes(name));
    return [...missing, ...foreign.map((name) => ({ at: `${at}/${name}`, message: `"${name}" does not belong to an anchor of kind ${anchor.kind}` })), ...unfitKey(anchor, `${at}/key`)];
  });
}

function unfitKey({ kind, key }: AnchorSection, at: string): readonly Mistake[] {
  if (kind !== 'http' || key === undefined) return [];
  try {
    witnessKey(key);
    return [];
  } catch (cause) {
    if (cause instanceof Fault) return [{ at, message: cause.message, ...(cause.hint === undefined ? {} : { hint: cause.hint }) }];
    throw cause;
  }
}

/** @throws {Fault} INPUT_INVALID when it is none, or that of a log */
export function witnessKey(text: string): VerifierKey {
  const key = parseVerifierKey(text);
  if (key.kind !== 'cosignature') throw new Fault('INPUT_INVALID', `the key of "${key.name}" is that of a log, not of a witness`, { hint: 'agentctl audit witness serve, which prints its own' });
  return key;
}

/** A section that {@link lintAnchors} found nothing in. */
export function anchorOf({ kind, path = '', folder = '', url = '', key = '' }: AnchorSection): Anchor {
  if (kind === 'file') return { kind, path };
  return kind === 'git' ? { kind, folder } : { kind, url, key: witnessKey(key) };
}

/** How entries name an anchor: a witness by its name, a place on this machine by the digest of what was written down for it. */
export function whereOf(anchor: Anchor): string {
  return anchor.kind === 'http' ? anchor.key.name : digestBytes(anchor.kind === 'file' ? anchor.path : anchor.folder);
}

/** How people name it. */
export function anchorName(anchor: Anchor): string {
  if (anchor.kind === 'file') return `file ${anchor.path}`;
  return anchor.kind === 'git' ? `git repository ${anchor.folder}` : `witness ${anchor.key.name}`;
}

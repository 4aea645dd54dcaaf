/** Verification: the whole of a long ledger against scan and hash, and what came since a checkpoint against as many entries alone. */
import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { cpus, inTurn, median, paired, walls } from '../measure.js';

const ROUNDS = 9;
const CHILD = fileURLToPath(new URL('./verify-child.js', import.meta.url));
const MEMORY = 150;

/** In a process of its own, for its memory. */
export function wholeFigures(bundle, folder) {
  const { size, seen, idle, most } = JSON.parse(execFileSync(process.execPath, [CHILD, bundle, folder, String(ROUNDS)], { encoding: 'utf8', maxBuffer: 1 << 24 }));
  const ratio = paired(walls(seen.verify), walls(seen.floor));
  return [
    { id: `ledger.verify-${size}`, value: median(walls(seen.verify)), unit: 'ms', floor: median(walls(seen.floor)), ratio, must: '<= 2 x SQLite scan + SHA-256', ok: ratio <= 2 },
    { id: `ledger.verify-${size}.rss`, value: most, unit: 'MB', floor: idle, ratio: most / idle, must: `<= ${MEMORY} MB`, ok: most <= MEMORY },
    { id: `ledger.verify-${size}.cpu`, value: median(cpus(seen.verify)), unit: 'ms', floor: median(cpus(seen.floor)), ratio: paired(cpus(seen.verify), cpus(seen.floor)), must: 'second opinion', ok: true },
  ];
}

/** What came since the newest checkpoint of a long ledger, beside a ledger that has as many entries and no others. */
export async function sinceFigure(long, alone, count) {
  const seen = await inTurn({
    since: async () => { await long.verify('since the last checkpoint'); return 1; },
    alone: async () => { await alone.verify('every byte'); return 1; },
  }, ROUNDS);
  const ratio = paired(walls(seen.since), walls(seen.alone));
  return { id: `ledger.verify-since-${count}`, value: median(walls(seen.since)), unit: 'ms', floor: median(walls(seen.alone)), ratio, must: '<= 1.5 x the new entries alone', ok: ratio <= 1.5 };
}

/** The whole command, `agentctl baseline run`, on a short and on a long data set: memory and time per case must not grow. */
import { median } from '../measure.js';
import { preparedFolder } from './folder.js';
import { observed } from './process-tree.js';

/** Cases of the short data set. */
export const SHORT = 1_000;
const [SHORT_ROUNDS, LONG_ROUNDS] = [5, 3];
const [MOST_MEMORY, MOST_TIME] = [1.2, 1.1];

/** @param rows cases of the long data set */
export async function commandFigures(scratch, rows, say) {
  const between = Math.round(rows / 10);
  const [short, middle, long] = [SHORT, between, rows].map((count) => preparedFolder(scratch, count));
  const seen = { short: [], middle: [], long: [] };
  for (let round = 0; round < SHORT_ROUNDS; round += 1) {
    seen.short.push(await observed(short.run));
    if (round >= LONG_ROUNDS) continue;
    say(`baseline run on ${rows} cases, round ${round + 1} of ${LONG_ROUNDS}`);
    seen.middle.push(await observed(middle.run));
    seen.long.push(await observed(long.run));
  }
  const memory = Object.fromEntries(Object.entries(seen).map(([name, many]) => [name, median(many.map((one) => one.memory))]));
  // Start-up drops out: only what the further cases took is compared.
  const early = median(seen.middle.map((one, round) => (one.wall - seen.short[round].wall) / (between - SHORT)));
  const late = median(seen.long.map((one, round) => (one.wall - seen.middle[round].wall) / (rows - between)));
  return [
    { id: `evaluation.run-${rows}.rss`, value: memory.long, unit: 'MB', floor: memory.short, ratio: memory.long / memory.short, must: `<= ${MOST_MEMORY} x that at ${SHORT} cases`, ok: memory.long <= MOST_MEMORY * memory.short },
    { id: `evaluation.run-${rows}.case`, value: late * 1000, unit: 'µs', floor: early * 1000, ratio: late / early, must: `<= ${MOST_TIME} x that up to ${between} cases`, ok: late <= MOST_TIME * early },
  ];
}

/** One proof of inclusion from the stored tiles, somewhere in a long ledger, beside the same from a short one. */
import { inTurn, median, walls } from '../measure.js';
import { CHAIN } from './records.js';

const ROUNDS = 21;
const MOST = 20;

export async function proofFigure(long, short) {
  const seen = await inTurn({ long: await prover(long), short: await prover(short) }, ROUNDS);
  const [value, floor] = [median(walls(seen.long)), median(walls(seen.short))];
  return { id: 'ledger.proof', value, unit: 'ms', floor, ratio: value / floor, must: `<= ${MOST} ms`, ok: value <= MOST };
}

/** Another entry each time, far from the last, so that no page of it is in the cache for that reason. */
async function prover({ store, parts: { inclusionFromTiles, tilesOf } }) {
  const { size } = await store.head(CHAIN);
  let seq = 0;
  return async () => {
    seq = (seq + Math.floor(size * 0.382)) % size;
    await inclusionFromTiles(tilesOf(store, CHAIN), seq, size);
    return 1;
  };
}

/** Ledgers to measure with: entries through the store, a thousand at a time, and checkpoints as a log signs them. */
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { action, CHAIN, opened } from './records.js';

const BATCH = 1000;
const ORIGIN = 'example/bench';

export class Ledger {
  constructor(parts, folder) {
    this.parts = parts;
    this.folder = folder;
    this.signer = parts.logSigner(1);
    const { stores } = parts.reading({ clock: parts.systemClock(), random: parts.systemRandom() }, parts.surroundings());
    this.stores = stores;
  }

  get file() {
    return join(this.folder, 'ledger.db');
  }

  get bytes() {
    return statSync(this.file).size;
  }

  async open(readonly = false) {
    this.store = await this.stores.open(this.folder, { readonly });
    return this.store;
  }

  /** Up to `size` entries. */
  async growTo(size, progress = () => {}) {
    const { store } = this;
    let at = (await store.head(CHAIN))?.size ?? 0;
    if (at === 0) at += (await store.append(CHAIN, [opened(this.parts.formatVerifierKey(ORIGIN, this.signer.publicKey))])).length;
    while (at < size) {
      const count = Math.min(BATCH, size - at);
      await store.append(CHAIN, Array.from({ length: count }, (_, index) => action(at + index)));
      at += count;
      progress(at);
    }
  }

  async checkpoint() {
    const { size, range } = await this.store.head(CHAIN);
    const note = await this.parts.signCheckpointNote({ origin: ORIGIN, size, root: this.parts.rootOf(range) }, this.signer);
    await this.store.putCheckpoint(CHAIN, size, note);
  }

  async verify(extent) {
    const { verifyLedger, verifySignature } = this.parts;
    const result = await verifyLedger(this.store, CHAIN, { verifySignature, extent });
    if (!result.ok) throw new Error(`the ledger does not hold at ${result.seq}: ${result.problem}`);
    return result;
  }
}

/** `audit backup`: a copy of the whole ledger that is verified before it gets its name. Payload keys stay behind, unless a second place is named for them. */
import { EXIT, Fault } from '../../domain/fault.js';
import type { LedgerView } from '../../domain/report.js';
import { checkCopy } from '../check-ledger.js';
import { outcome } from '../outcome.js';
import { refuseExisting } from '../refuse-existing.js';
import type { Session } from '../session.js';
import { absolute } from '../trust-roots.js';
import { requiredOption, textOption, type Verb } from '../verb.js';

export const run: Verb = async (session, input) => {
  const out = absolute(session.world, requiredOption(input, 'out', 'agentctl audit backup --out FOLDER/ledger.db'));
  const keys = textOption(input, 'payloadKeys');
  const keysOut = keys === undefined ? undefined : absolute(session.world, keys);
  if (keysOut !== undefined && folderOf(keysOut) === folderOf(out)) throw new Fault('USAGE', 'payload keys beside the backup could read it, and everything that is erased from now on', { at: '--payload-keys', hint: 'name a file on other storage' });
  for (const path of [out, keysOut]) if (path !== undefined) await refuseExisting(session.world, path);
  const { ledgers, payloads } = await copied(session, out, keysOut);
  const own = ledgers.find(({ chain }) => chain === session.chain);
  return outcome({
    step: 'audit', verb: 'backup', headline: `${own?.size ?? 0} entries copied and verified`,
    facts: [
      { label: 'written', value: [textOption(input, 'out'), ...(keys === undefined ? [] : [`${keys} (payload keys)`])].join(', ') },
      { label: 'verified', value: `every byte of the copy: ${ledgers.length === 1 ? 'its chain' : `${ledgers.length} chains`}, checkpoints and tables` },
      { label: 'payloads', value: `${payloads}, encrypted` },
    ],
    notes: [
      keysOut === undefined ? 'Payload keys stay behind: without payload-keys.db nobody reads the payloads of this copy, and one that is erased later is gone from it too.' : 'Whoever has both files reads every payload, also one that is erased later: keep them apart, and erase from the keys as well.',
      `Verified where it lies, a copy answers ${EXIT.indeterminate} for what it cannot tell: payloads without their keys, and why it ends before a later checkpoint.`,
      ...behind(own),
    ],
    next: 'agentctl audit verify --read-only --store <folder>, with the copy in it as ledger.db',
    data: { out, payloadKeys: keysOut ?? null, ledgers: ledgers.map((one) => ({ ...one })), payloads },
  });
};

/** Copies under names of their own, which the files keep until they are verified. */
async function copied(session: Session, out: string, keysOut: string | undefined): Promise<{ ledgers: readonly LedgerView[]; payloads: number }> {
  const { world, store, storeFolder, chain } = session;
  const end = `.${Buffer.from(world.random.bytes(6)).toString('hex')}.tmp`;
  const names = [out, ...(keysOut === undefined ? [] : [keysOut])].map((path) => ({ path, temporary: path + end }));
  try {
    await store.backup(out + end, keysOut === undefined ? undefined : keysOut + end);
    const copy = await world.stores.open(storeFolder, { readonly: true, copy: { ledger: out + end, ...(keysOut === undefined ? {} : { keys: keysOut + end }) } });
    try {
      const ledgers = await checkCopy(copy);
      const { kept } = await copy.payloads(chain);
      for (const { path, temporary } of names) {
        await refuseExisting(world, path);
        await world.files.move(temporary, path);
      }
      return { ledgers, payloads: kept };
    } finally {
      await copy.close();
    }
  } finally {
    for (const { temporary } of names) await world.files.remove(temporary);
  }
}

function behind(ledger: LedgerView | undefined): readonly string[] {
  const more = (ledger?.size ?? 0) - (ledger?.checkpoint ?? 0);
  return more === 0 ? [] : [`The newest ${more} entries are not covered by a signed checkpoint: agentctl audit checkpoint, then another backup.`];
}

function folderOf(path: string): string {
  return path.slice(0, path.lastIndexOf('/'));
}

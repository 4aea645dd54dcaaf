/** `agentctl status` from the kept view. Imports no step: that is what makes it start quickly. */
import { EXIT } from '../domain/fault.js';
import type { Keys, World } from '../domain/ports.js';
import type { Report } from '../domain/report.js';
import { editWarnings } from './edit-marks.js';
import { checkChain } from './check-chain.js';
import { folderOf, recallView } from './kept-view.js';
import { findManifest, findStore } from './locate.js';
import type { Flags } from './session.js';
import { standingWarnings } from './warnings.js';

/** As much of the world as reading needs. */
export type Reading = Pick<World, 'clock' | 'files' | 'stores' | 'surroundings'> & { keys(storeFolder: string): Pick<Keys, 'placement'> };

/**
 * The chain is verified since the last checkpoint and the keys' places are looked at anew; only the states are kept ones.
 * @returns undefined when they have to be computed
 */
export async function keptStatus(world: Reading, flags: Flags): Promise<Report<'status'> | undefined> {
  const path = await findManifest(world, flags.manifest);
  const storeFolder = await findStore(world, folderOf(path), flags.store);
  if (!(await world.stores.exists(storeFolder))) return undefined;
  const store = await world.stores.open(storeFolder, { readonly: true });
  try {
    const kept = await recallView(world, store, path);
    if (!kept) return undefined;
    const { view, from } = kept;
    const ledger = await checkChain(store, view.agent.id, 'since the last checkpoint');
    const broken = view.steps.some((step) => step.state === 'untrustworthy');
    const warnings = [...(await standingWarnings(store, view.agent.id, view.agent.build)), ...(await world.keys(storeFolder).placement()), ...editWarnings(await world.files.readText(path))];
    return { kind: 'status', exit: broken ? EXIT.untrustworthy : EXIT.yes, data: { ...view, ledger, warnings, kept: from } };
  } finally {
    await store.close();
  }
}

/** Makes sure that an agent's chain exists: its first entry names the key that signs its checkpoints. */
import { formatVerifierKey } from '../ledger/checkpoint.js';
import type { Store, World } from '../domain/ports.js';
import type { Manifest } from './manifest.js';

/** Where the newest checkpoint is published, in artifacts/. */
export const CHECKPOINT_FILE = 'checkpoint.txt';

/** Origin of an agent's log, as C2SP checkpoints carry it: `<organisation>/<agent id>`. */
export function originOf(manifest: Manifest): string {
  const organisation = manifest.owner.organisation.name.toLowerCase().replace(/[^a-z0-9.]+/g, '-').replace(/^-+|-+$/g, '') || 'organisation';
  return `${organisation}/${manifest.metadata.id}`;
}

export async function openLedger(world: World, store: Store, storeFolder: string, manifest: Manifest): Promise<void> {
  const chain = manifest.metadata.id;
  if (await store.head(chain)) return;
  const keys = world.keys(storeFolder);
  const name = { role: 'log', name: chain } as const;
  const signer = (await keys.has(name)) ? await keys.open(name) : await keys.create(name);
  const log = await formatVerifierKey(originOf(manifest), signer.publicKey);
  await store.append(
    chain,
    [{ type: 'ledger.opened', agent: { id: chain, did: null, version: manifest.metadata.version, build: null }, actor: 'agentctl', data: { format: 1, log } }],
    { guards: [{ kind: 'size-is', size: 0 }] },
  );
}

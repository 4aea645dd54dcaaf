/** A checkout that was made from a ledger which is not here: published checkpoint, no chain. A second ledger beside it would part from the first. */
import { Fault } from '../domain/fault.js';
import type { Store, World } from '../domain/ports.js';
import { CHECKPOINT_FILE, originOf } from './open-ledger.js';
import type { Manifest } from './manifest.js';

interface Checkout {
  readonly world: Pick<World, 'files'>;
  readonly manifest: Manifest;
  readonly artifacts: string;
  /** Undefined when there is no store at all. */
  readonly store: Pick<Store, 'head'> | undefined;
}

const MESSAGE = 'this checkout has no ledger';
const BRING = 'bring the .agentctl folder from where it was made';

/** @throws {Fault} EVIDENCE_MISSING; whoever wants to start anew deletes the published checkpoint on purpose */
export async function refuseMissingLedger(checkout: Checkout): Promise<void> {
  if (!(await ledgerIsMissing(checkout))) return;
  throw new Fault('EVIDENCE_MISSING', MESSAGE, { at: `artifacts/${CHECKPOINT_FILE}`, hint: await hintOf(checkout) });
}

/** The same as a line for `status`, which answers all the same. */
export async function missingLedgerWarning(checkout: Checkout): Promise<readonly string[]> {
  return (await ledgerIsMissing(checkout)) ? [`${MESSAGE}: ${await hintOf(checkout)}`] : [];
}

async function ledgerIsMissing({ world, manifest, artifacts, store }: Checkout): Promise<boolean> {
  const path = `${artifacts}/${CHECKPOINT_FILE}`;
  if (!(await world.files.exists(path))) return false;
  // A note of another log says nothing about this agent; what is in it is checked when it is compared with a ledger.
  const [origin] = (await world.files.readText(path)).split('\n', 1);
  return origin === originOf(manifest) && (await store?.head(manifest.metadata.id)) === undefined;
}

async function hintOf({ world, artifacts }: Checkout): Promise<string> {
  const certified = await world.files.exists(`${artifacts}/certificate.dsse.json`);
  return certified ? `agentctl verify --certificate artifacts/certificate.dsse.json --trust <did> --subject . , or ${BRING}` : BRING;
}

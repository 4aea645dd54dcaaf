/** The certificates that one organisation issued for the agent: those of a former organisation end with it, and are renewed by nobody. */
import { peekStatement } from '../../attestation/statement.js';
import type { Entry } from '../../domain/entry.js';
import { Fault } from '../../domain/fault.js';
import { asObject } from '../../domain/json.js';
import { readBlobText, type Session } from '../session.js';

export interface Issued {
  readonly entry: Entry;
  /** The envelope as it was issued. */
  readonly text: string;
}

/** Of the organisation of agent.yaml, oldest first. @throws {Fault} DIGEST_MISMATCH, INPUT_INVALID */
export async function issuedHere({ store, chain, manifest }: Session): Promise<readonly Issued[]> {
  const entries = await store.readEvidence(chain, 'certificate.issued');
  const issued = await Promise.all(entries.map(async (entry): Promise<Issued> => {
    const text = await readBlobText(store, entry.data['deliverable']);
    if (text !== undefined) return { entry, text };
    throw new Fault('DIGEST_MISMATCH', `the certificate of entry ${entry.seq} is gone from the store`, { at: `entry ${entry.seq}`, hint: 'agentctl audit verify' });
  }));
  // What was signed and checked then is found by its digest now.
  return issued.filter(({ text }) => asObject(peekStatement(text).predicate['organisation'], 'organisation')['did'] === manifest.owner.organisation.did);
}

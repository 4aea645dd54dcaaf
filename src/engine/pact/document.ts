/** The pact document: what is signed and what a dispute is decided by. Pure data from agent.yaml, with the data sets by digest. */
import { canonical } from '../../domain/canonical.js';
import { digestBytes, type Digest } from '../../domain/digest.js';
import { Fault } from '../../domain/fault.js';
import { asObject, parseJson, type Json, type JsonObject } from '../../domain/json.js';
import type { Pacts } from '../../evaluation/condition.js';
import { readBlobText, type Session } from '../session.js';

export const PACT_MEDIA_TYPE = 'application/vnd.agentctl.pact+json';

export interface PactDocument {
  readonly text: string;
  readonly digest: Digest;
  readonly value: JsonObject;
  readonly conditions: number;
}

/** @throws {Fault} MANIFEST_INVALID without a pact, DATASET_INVALID when a data set is missing or not the declared one */
export function pactsOf(session: Pick<Session, 'manifest'>): Pacts {
  const pacts = session.manifest['pacts'];
  if (pacts === undefined) throw new Fault('MANIFEST_INVALID', 'agent.yaml has no section "pacts"', { at: 'agent.yaml', hint: 'agentctl explain pact' });
  return pacts as unknown as Pacts;
}

export function pactDocument(session: Session): PactDocument {
  const pacts = pactsOf(session);
  const onDisk = asObject(parseJson(session.inputs.datasets.text, 'datasets'), 'datasets');
  for (const dataset of pacts.datasets) {
    const found = onDisk[dataset.id];
    if (found === 'missing') throw new Fault('DATASET_INVALID', `data set ${dataset.id} is missing`, { at: dataset.file, hint: 'prepare it, or correct pacts.datasets in agent.yaml' });
    if (found !== dataset.sha256) throw new Fault('DATASET_INVALID', `data set ${dataset.id} is not the declared one: ${String(found)}`, { at: dataset.file, hint: `declared: ${dataset.sha256}` });
  }
  const { metadata, owner, capabilities } = session.manifest;
  const value: JsonObject = {
    v: 1,
    agent: { id: metadata.id, name: metadata.name },
    organisation: { name: owner.organisation.name, did: owner.organisation.did },
    capabilities: capabilities.map((item) => ({ id: item.id, description: item.description, permissions: [...item.permissions] })),
    pacts: pacts as unknown as Json,
  };
  const text = canonical(value);
  return { text, digest: digestBytes(text), value, conditions: pacts.agreements.reduce((sum, item) => sum + item.conditions.length, 0) };
}

/** The pacts of the newest signed document; undefined where none was ever signed. @throws {Fault} DIGEST_MISMATCH when it is gone or altered */
export async function signedPacts(session: Session): Promise<{ readonly digest: Digest; readonly pacts: Pacts } | undefined> {
  const entry = await session.store.latest(session.chain, 'pact.signed');
  if (!entry) return undefined;
  const digest = entry.data['document'];
  const text = await readBlobText(session.store, digest);
  if (text === undefined) throw new Fault('DIGEST_MISMATCH', `the pact document of entry ${entry.seq} is gone from the store`, { at: `entry ${entry.seq}`, hint: 'agentctl audit verify' });
  const value = asObject(parseJson(text, 'pact document'), 'pact document');
  return { digest: digest as Digest, pacts: value['pacts'] as unknown as Pacts };
}

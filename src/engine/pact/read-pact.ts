/** A pact by what somebody types: `signed`, `signed~1`, agent.yaml, a pact document, or a signed one. Only the first two need a ledger. */
import { openEnvelope, payloadOf, readEnvelope } from '../../attestation/dsse.js';
import { conforms } from '../../domain/conforms.js';
import { Fault } from '../../domain/fault.js';
import { asObject, isObject, parseJson, type Json, type JsonObject } from '../../domain/json.js';
import type { World } from '../../domain/ports.js';
import { pacts as pactsSection, type Pacts } from '../../evaluation/condition.js';
import { keyOfDid } from '../../identity/did-key.js';
import { findManifest } from '../locate.js';
import { refuseMissingLedger } from '../missing-ledger.js';
import { openSession, readBlobText, type Flags, type Session } from '../session.js';
import { absolute } from '../trust-roots.js';
import { PACT_MEDIA_TYPE } from './document.js';

export interface NamedPact {
  /** For people: what it is and whose. */
  readonly name: string;
  /** Id of the agent that it is about; null where it does not say. */
  readonly agent: string | null;
  readonly pacts: Pacts;
}

type Here = Pick<Session, 'world' | 'flags'>;

/** @param word undefined for the agent.yaml at hand @throws {Fault} INPUT_INVALID, EVIDENCE_MISSING, SIGNATURE_INVALID when a signature is false */
export async function readPact(here: Here, word: string | undefined): Promise<NamedPact> {
  const back = /^signed(?:~(\d{1,4}))?$/.exec(word ?? '');
  if (back) return readSigned(here.world, here.flags, Number(back[1] ?? 0));
  const path = word === undefined ? await findManifest(here.world, here.flags.manifest) : absolute(here.world, word);
  return readPactFile(here.world, path, word ?? 'agent.yaml');
}

async function readSigned(world: World, flags: Flags, back: number): Promise<NamedPact> {
  const session = await openSession(world, flags, { mutates: false });
  try {
    await refuseMissingLedger(session);
    const entry = (await session.store.readEvidence(session.chain, 'pact.signed')).at(-1 - back);
    if (!entry) throw new Fault('EVIDENCE_MISSING', back === 0 ? 'no pact was signed yet' : `no pact was signed ${back} before the newest`, { hint: 'agentctl pact sign --as <operator>' });
    const text = await readBlobText(session.store, entry.data['document']);
    if (text === undefined) throw new Fault('DIGEST_MISMATCH', `the pact document of entry ${entry.seq} is gone from the store`, { at: `entry ${entry.seq}`, hint: 'agentctl audit verify' });
    return documentOf(parseJson(text, `entry ${entry.seq}`), `signed pact of entry ${entry.seq}`);
  } finally {
    await session.store.close();
  }
}

async function readPactFile(world: World, path: string, name: string): Promise<NamedPact> {
  if ((await world.files.info(path))?.kind !== 'file') throw new Fault('INPUT_INVALID', `there is no pact at ${name}`, { at: name, hint: 'name a file, or signed, or signed~1 for the one before' });
  const text = await world.files.readText(path);
  if (/\.ya?ml$/.test(path)) {
    const { value, mistakes } = await world.yaml.parse(text, name);
    if (mistakes[0]) throw new Fault('MANIFEST_INVALID', mistakes[0].message, { at: mistakes[0].at, details: mistakes });
    return documentOf(value, name);
  }
  const value = asObject(parseJson(text, name), name);
  return documentOf('payloadType' in value ? await openPact(value, name) : value, name);
}

/** The document in an envelope. Whether the signer may sign for this agent, only a reader who knows the agent can tell. */
async function openPact(value: JsonObject, name: string): Promise<Json> {
  const envelope = readEnvelope(value, name);
  if (envelope.payloadType !== PACT_MEDIA_TYPE) throw new Fault('INPUT_INVALID', `${name} holds ${envelope.payloadType}, not a pact`, { at: name });
  const keys = envelope.signatures.filter(({ keyid }) => keyid.startsWith('did:key:')).map(({ keyid }) => ({ keyid, publicKey: keyOfDid(keyid) }));
  await openEnvelope(value, keys, { ssh: true });
  return parseJson(new TextDecoder('utf-8', { fatal: true }).decode(payloadOf(envelope)), name);
}

function documentOf(value: Json, name: string): NamedPact {
  const document = asObject(value, name);
  const { pacts, agent, metadata } = document;
  if (pacts === undefined) throw new Fault('INPUT_INVALID', `${name} has no section "pacts"`, { at: name, hint: 'agentctl schema pacts' });
  const problem = conforms(pactsSection, pacts);
  if (problem !== null) throw new Fault('INPUT_INVALID', `the pact in ${name} is malformed: pacts${problem}`, { at: name, hint: 'agentctl schema pacts' });
  const named = isObject(agent) ? agent['id'] : isObject(metadata) ? metadata['id'] : undefined;
  return { name, agent: typeof named === 'string' ? named : null, pacts: pacts as unknown as Pacts };
}

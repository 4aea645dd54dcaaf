/** `identity register`: the agent gets its key and DID; the organisation signs that it owns it, the agent that it is owned. */
import { counted } from '../../domain/counted.js';
import { envelopeText } from '../../attestation/dsse.js';
import { signAcceptance, signOwnership, verifyOwnership } from '../../attestation/ownership.js';
import { didDocumentOf, didWebOf, didWebUrl } from '../../identity/did-document.js';
import { currentOf } from '../../identity/key-history.js';
import { declaredPermissions, type IdentitySection } from '../../steps/01-identity.js';
import { digestBytes, digestJson, short } from '../../domain/digest.js';
import { EXIT } from '../../domain/fault.js';
import { keyRecords } from '../key-history.js';
import { proposedNext } from '../proposed.js';
import type { Signer } from '../../domain/ports.js';
import type { Histories } from '../../attestation/succession.js';
import { artifactOf, inputsOf, recordEvidence, textBlob, type Session } from '../session.js';
import { outcome } from '../outcome.js';
import type { Verb } from '../verb.js';

export const run: Verb = async (session) => {
  const { keys, manifest, chain, store, world, build } = session;
  const before = (await store.latest(chain, 'identity.registered'))?.data['organisationDid'];
  const { organisation } = manifest.owner;
  const issuer = await keys.openByDid('organisation', organisation.did);
  const { histories } = await keyRecords(store, manifest);
  const agent = await agentKey(session, histories);
  // An agent whose key was rotated keeps its name: what others recorded about it goes on.
  const known = session.agent.did;
  const did = known !== null && currentOf(histories(known))?.did === agent.did ? known : agent.did;
  const log = String((await store.latest(chain, 'ledger.opened'))?.data['log'] ?? '');
  const at = world.clock.now();
  const claim = { agent: { id: chain, did }, organisation: { name: organisation.name, did: organisation.did }, log, permissions: digestJson([...declaredPermissions(manifest)]), at };
  const signed = await signOwnership(claim, issuer, histories);
  const credential = envelopeText(signed);
  const acceptance = envelopeText(await signAcceptance(signed, at, agent, histories));
  const held = await verifyOwnership(credential, acceptance, histories);
  if (!held.ok) return outcome({ step: 'identity', verb: 'register', headline: `ownership does not hold: ${held.problem}`, data: {} }, EXIT.untrustworthy);
  const web = (manifest['identity'] as IdentitySection | undefined)?.web;
  const document = artifactOf('did.json', didDocumentOf(histories(did), web));
  const owners = organisation.web === undefined ? [] : [artifactOf('organisation.did.json', didDocumentOf(histories(organisation.did), organisation.web))];
  const named = { ...session, agent: { ...session.agent, did } };
  await recordEvidence(
    named, 'identity',
    { type: 'identity.registered', data: {
      agentDid: did, organisationDid: organisation.did, credential: digestBytes(credential), acceptance: digestBytes(acceptance),
      log, version: manifest.metadata.version, build: build.digest, didDocument: document.digest,
      ...Object.fromEntries(owners.map(({ digest }) => ['organisationDocument', digest])),
      // The deliverable stands for what is depended on: who, owned by whom, with which permissions. Another build is the input `build`.
      deliverable: digestJson({ agent: did, inputs: inputsOf(session, 'identity') }),
    } },
    { artifacts: [document, ...owners, { file: 'build.json', text: build.text }], blobs: [textBlob(credential, 'application/vnd.dsse+json'), textBlob(acceptance, 'application/vnd.dsse+json')] },
  );
  return outcome({
    step: 'identity', verb: 'register', headline: `${manifest.metadata.name} is ${did}`,
    facts: [
      { label: 'owner', value: `${organisation.name}, ${organisation.did}` },
      ...(typeof before === 'string' && before !== organisation.did ? [{ label: 'owner before', value: before }] : []),
      { label: 'ownership', value: 'signed by the organisation, accepted by the agent, checked in both directions' },
      { label: 'build', value: `${short(build.digest)}, ${counted(build.document.files.length, 'file')}` },
      { label: 'written', value: 'artifacts/did.json, artifacts/build.json' },
      ...toPublish('artifacts/did.json', web),
      ...toPublish('artifacts/organisation.did.json', organisation.web),
    ],
    next: await proposedNext(session),
    data: { did, organisation: organisation.did, build: build.digest },
  });
};

/** The key that speaks for the agent. After the last one was withdrawn another takes its place, and with it another identity begins. */
async function agentKey({ keys, chain, agent }: Session, histories: Histories): Promise<Signer> {
  const name = { role: 'agent', name: chain } as const;
  if (!(await keys.has(name))) return keys.create(name);
  const signer = await keys.open(name);
  const known = agent.did === null ? undefined : histories(agent.did);
  const ended = known !== undefined && currentOf(known) === undefined && known.keys.some((key) => key.did === signer.did);
  return ended ? keys.replace(name) : signer;
}

function toPublish(file: string, web: string | undefined): readonly { readonly label: string; readonly value: string }[] {
  return web === undefined ? [] : [{ label: 'to publish', value: `${file} at ${didWebUrl(didWebOf(web))}` }];
}

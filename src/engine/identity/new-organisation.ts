/** `identity new-organisation`: after the organisation's identity has ended, another one takes over: its key, and its name in agent.yaml. Registering puts it on record. */
import { currentOf } from '../../identity/key-history.js';
import { Fault } from '../../domain/fault.js';
import type { KeyName } from '../../domain/ports.js';
import { organisationKeyWhere, type FoundKey } from '../init/keys.js';
import { keyRecords } from '../key-history.js';
import { underLock } from '../locked.js';
import { loadManifest } from '../manifest.js';
import type { Session } from '../session.js';
import { outcome } from '../outcome.js';
import { textOption, type Verb, type VerbInput } from '../verb.js';
import { keyPassphrase } from './key-passphrase.js';

export const run: Verb = (session, input) => underLock(session, 'identity new-organisation', async () => takeOver(await asOfNow(session), input));

/** agent.yaml was read before the lock was held: somebody may have written to it meanwhile. */
async function asOfNow(session: Session): Promise<Session> {
  const source = await loadManifest(session.world, session.source.path);
  return { ...session, source, manifest: source.manifest };
}

const takeOver: Verb = async (session, input) => {
  const { manifest, world, source } = session;
  const { name, did: ended } = manifest.owner.organisation;
  const taken = await takenKeys(session);
  const key = await keyOf(session, input, taken);
  // The key first: agent.yaml names nothing that is not there.
  await world.files.write(source.path, await world.yaml.edit(source.text, '/owner/organisation/did', key.did));
  return outcome({
    step: 'identity', verb: 'new-organisation', headline: `${name} goes on as ${key.did}`,
    facts: [
      { label: key.made ? 'made' : 'found', value: key.label },
      { label: 'ended', value: ended },
      { label: 'written', value: `${source.path}: owner.organisation.did` },
    ],
    notes: [
      'this is another identity: whoever trusted the former one has to be told by another way',
      'the owner section changed, so the agent has to be registered again',
    ],
    next: 'agentctl identity register',
    data: { did: key.did, ended, made: key.made },
  });
};

/** Every key that speaks or spoke here: of these none can be another organisation's. @throws {Fault} REFUSED while the organisation speaks */
async function takenKeys({ manifest, store, agent }: Session): Promise<ReadonlyMap<string, string>> {
  const { organisation, operators } = manifest.owner;
  const { histories, authorities } = await keyRecords(store, manifest);
  if (currentOf(histories(organisation.did)) !== undefined) throw new Fault('REFUSED', `${organisation.name} still speaks: its identity has not ended`, { at: 'agent.yaml: owner.organisation.did', hint: 'a new key for it: agentctl identity rotate --role organisation' });
  const named = [...authorities.map((did) => ['the organisation', did] as const), ...operators.map(({ id, did }) => [`operator ${id}`, did] as const), ...(agent.did === null ? [] : [['the agent', agent.did] as const])];
  return new Map(named.flatMap(([whose, did]) => histories(did).keys.map((key) => [key.did, whose] as const)));
}

/** A key that an interrupted run made, or another agent of this organisation already has, is taken; else one is made or imported. */
async function keyOf({ keys, manifest, world }: Session, input: VerbInput, taken: ReadonlyMap<string, string>): Promise<FoundKey> {
  const { name } = manifest.owner.organisation;
  const from = textOption(input, 'from');
  if (from === undefined) {
    const { key, did } = await organisationKeyWhere(keys, name, (one) => one === undefined || !taken.has(one));
    return { label: labelOf(key), did: did ?? (await keys.create(key)).did, made: did === undefined };
  }
  const { key } = await organisationKeyWhere(keys, name, (one) => one === undefined);
  const { did } = await keys.importPrivate(key, await world.files.readText(from), {
    expected: null,
    passphrase: () => keyPassphrase(world, input, 'It opens the file that is imported.'),
    refuse: (one) => {
      const whose = taken.get(one);
      if (whose !== undefined) throw new Fault('REFUSED', `the key speaks or spoke for ${whose}`, { at: from, hint: 'leave out --from, and agentctl makes one' });
    },
  });
  return { label: `${labelOf(key)}, imported`, did, made: true };
}

function labelOf({ role, name }: KeyName): string {
  return `${role} key "${name}"`;
}

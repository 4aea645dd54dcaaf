/** `identity import`: takes over a private key that another program made, under our own encryption; both halves are compared first. */
import { Fault } from '../../domain/fault.js';
import { operatorBy } from '../../domain/manifest.js';
import type { KeyName } from '../../domain/ports.js';
import { speakingKey } from '../../attestation/succession.js';
import { organisationKeyWhere } from '../init/keys.js';
import { keyRecords } from '../key-history.js';
import type { Session } from '../session.js';
import { outcome } from '../outcome.js';
import { requiredOption, type Verb, type VerbInput } from '../verb.js';
import { keyPassphrase } from './key-passphrase.js';
import { operatorName, roleOf } from './whose.js';

export const run: Verb = async (session, input) => {
  const { keys, world } = session;
  const file = requiredOption(input, 'from', 'agentctl identity import --role operator --name erin --from key.pem');
  const { key, expected } = await wanted(session, input);
  if (expected !== null) await refuseSecond(session, key, expected);
  const signer = await keys.importPrivate(key, await world.files.readText(file), { expected, passphrase: () => keyPassphrase(world, input, 'It opens the file that is imported.') });
  return outcome({
    step: 'identity', verb: 'import', headline: `the key of ${key.role} ${key.name} is here now`,
    facts: [{ label: 'did', value: signer.did }],
    notes: [`${file} still holds the key: delete it, unless it is your copy`],
    next: expected === null && key.role === 'operator' ? `agentctl operator add ${key.name} --role <role>` : 'agentctl status',
    data: { role: key.role, name: key.name, did: signer.did },
  });
};

/** Where the key goes, and which one it has to be: a key that nobody expects would only block its name. @throws {Fault} REFUSED for an identity that has ended */
async function wanted({ store, manifest, agent, chain, keys }: Session, input: VerbInput): Promise<{ readonly key: KeyName; readonly expected: string | null }> {
  const { histories } = await keyRecords(store, manifest);
  const role = roleOf(input);
  const speaks = (did: string | null | undefined) => (did === null || did === undefined ? null : speakingKey(histories(did), role));
  if (role === 'agent') return { key: { role, name: chain }, expected: speaks(agent.did) };
  if (role === 'organisation') {
    const { key } = await organisationKeyWhere(keys, manifest.owner.organisation.name, (did) => did === undefined);
    return { key, expected: speaks(manifest.owner.organisation.did) };
  }
  const name = operatorName(input);
  return { key: { role, name }, expected: speaks(operatorBy(manifest, name)?.did) };
}

/** @throws {Fault} REFUSED when the key is here, under whatever name */
async function refuseSecond({ keys }: Session, { role }: KeyName, did: string): Promise<void> {
  const known = (await keys.list(role)).find((one) => one.did === did);
  if (known) throw new Fault('REFUSED', `the key of ${did} is on this machine already`, { at: `${role} ${known.name}` });
}

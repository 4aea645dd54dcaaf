/** Whose key a command is about: the organisation's, the agent's, or an operator's. */
import { currentOf, type KeyHistory } from '../../identity/key-history.js';
import { ROTATING } from '../../ledger/types/identity.js';
import { Fault } from '../../domain/fault.js';
import { operatorBy } from '../../domain/manifest.js';
import type { KeyName, KeyOnDisk } from '../../domain/ports.js';
import { keyRecords } from '../key-history.js';
import type { Session } from '../session.js';
import { textOption, type VerbInput } from '../verb.js';

type Role = (typeof ROTATING)[number];

export interface Identity {
  readonly role: Role;
  /** For people: "the organisation", "operator erin". */
  readonly label: string;
  /** The first key, which is the name. */
  readonly did: string;
  readonly history: KeyHistory;
}

/** @throws {Fault} USAGE, REFUSED for the log, EVIDENCE_MISSING when there is no such identity yet */
export async function identityOf(session: Session, input: VerbInput): Promise<Identity> {
  const role = roleOf(input);
  const { did, label } = nameOf(session, role, input);
  if (did === null) throw new Fault('EVIDENCE_MISSING', 'the agent has no key yet', { hint: 'agentctl identity register' });
  return { role, label, did, history: (await keyRecords(session.store, session.manifest)).histories(did) };
}

function nameOf({ manifest, agent }: Session, role: Role, input: VerbInput): { readonly did: string | null; readonly label: string } {
  if (role === 'organisation') return { did: manifest.owner.organisation.did, label: 'the organisation' };
  if (role === 'agent') return { did: agent.did, label: 'the agent' };
  const id = operatorName(input);
  const operator = operatorBy(manifest, id);
  if (!operator) throw new Fault('NOT_ALLOWED', `"${id}" is no operator of this agent`, { at: 'agent.yaml: owner.operators', hint: 'agentctl operator list' });
  return { did: operator.did, label: `operator ${operator.id}` };
}

/** @throws {Fault} USAGE, REFUSED */
export function roleOf(input: VerbInput): Role {
  const given = textOption(input, 'role');
  if (given === 'log') throw new Fault('REFUSED', 'the key of the log is not changed: the first entry of the ledger binds it', { hint: 'keep a copy of it: agentctl audit backup' });
  const role = ROTATING.find((one) => one === given);
  if (role === undefined) throw new Fault('USAGE', `no role ${JSON.stringify(given ?? '')} has such a key`, { at: '--role', hint: `roles: ${ROTATING.join(', ')}` });
  if (role !== 'operator' && textOption(input, 'name') !== undefined) throw new Fault('USAGE', `--name says which operator; ${role} has one key`, { at: '--name' });
  return role;
}

/** @throws {Fault} USAGE */
export function operatorName(input: VerbInput): string {
  const id = textOption(input, 'name');
  if (id !== undefined) return id;
  throw new Fault('USAGE', 'which operator?', { at: '--name', hint: '--name <operator>; agentctl operator list' });
}

/** The key on this machine that speaks for the identity, or has come after one that does. @throws {Fault} KEY_MISSING */
export async function keyHere({ keys }: Pick<Session, 'keys'>, { role, label, history }: Identity): Promise<KeyOnDisk & KeyName> {
  const speaks = currentOf(history)?.did ?? history.root;
  const found = (await keys.list(role)).find((key) => key.did === speaks || key.former.includes(speaks));
  if (found) return { ...found, role };
  throw new Fault('KEY_MISSING', `the key of ${label} is not on this machine`, { at: speaks, hint: 'run it where the key is, or set AGENTCTL_CONFIG_DIR to where it lies' });
}

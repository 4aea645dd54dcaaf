/** `identity rewrap`: the service keys of this store are wrapped in another way, such as before they move to a machine without the configuration folder. The keys stay the same. */
import { Fault } from '../../domain/fault.js';
import type { Wrapping } from '../../domain/ports.js';
import { underLock } from '../locked.js';
import { outcome } from '../outcome.js';
import { textOption, type Verb, type VerbInput } from '../verb.js';

const BY: Readonly<Record<Wrapping, string>> = {
  passphrase: 'the passphrase of AGENTCTL_PASSPHRASE_FILE',
  folder: 'keys in the configuration folder',
};

// A rotation amid it would leave a key that is wrapped in the former way.
export const run: Verb = (session, input) => underLock(session, 'identity rewrap', async () => {
  const by = wrappingOf(input);
  const changed = await session.keys.rewrap(by);
  return outcome({
    step: 'identity', verb: 'rewrap', headline: `the service keys of this store are wrapped by ${BY[by]}`,
    facts: [{ label: 'wrapped anew', value: changed.length === 0 ? 'none: no key was wrapped otherwise' : changed.map(({ role, name }) => `${role} ${name}`).join(', ') }],
    notes: changed.length === 0 ? [] : ['a copy of the store from before opens only with what wrapped its keys then: make a new one'],
    next: 'agentctl status',
    data: { by, changed: changed.map(({ role, name }) => ({ role, name })) },
  });
});

/** @throws {Fault} USAGE */
function wrappingOf(input: VerbInput): Wrapping {
  const by = textOption(input, 'by');
  if (by === 'passphrase' || by === 'folder') return by;
  throw new Fault('USAGE', `${JSON.stringify(by ?? '')} wraps no keys`, { at: '--by', hint: 'passphrase or folder' });
}

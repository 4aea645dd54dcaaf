/** `identity export`: a key in a format of other programs. The public half goes anywhere, the private one only into a file of its owner. */
import { jwk, publicPem } from '../../identity/key-formats.js';
import { keyOfDid } from '../../identity/did-key.js';
import { EXIT, Fault } from '../../domain/fault.js';
import type { KeyFormat } from '../../domain/ports.js';
import type { Session } from '../session.js';
import { speakingKey } from '../../attestation/succession.js';
import { outcome } from '../outcome.js';
import { textOption, type Verb, type VerbInput } from '../verb.js';
import { keyPassphrase } from './key-passphrase.js';
import { identityOf, keyHere } from './whose.js';

export const run: Verb = async (session, input) => {
  const whose = await identityOf(session, input);
  const format = formatOf(input);
  const out = textOption(input, 'out');
  if (input.options['private'] !== true) {
    if (input.options['plain'] === true) throw new Fault('USAGE', '--plain is about the private half', { at: '--plain', hint: 'add --private' });
    const publicKey = keyOfDid(speakingKey(whose.history, whose.role));
    const text = format === 'pem' ? publicPem(publicKey) : jwk(publicKey);
    if (out === undefined) return { kind: 'text', exit: EXIT.yes, data: { text } };
    await session.world.files.write(out, text);
    return written(`the public key of ${whose.label}`, out, []);
  }
  if (out === undefined) throw new Fault('USAGE', 'a private key is never printed', { at: '--private', hint: 'name a file: --out FILE' });
  const text = await session.keys.exportPrivate(await keyHere(session, whose), format, await passphraseFor(session, input, format));
  // Other programs would follow a link, and leave an open file open.
  if (await session.world.files.exists(out)) throw new Fault('REFUSED', 'the file exists already', { at: out, hint: 'name another one' });
  await session.world.files.write(out, text, 0o600);
  const encrypted = input.options['plain'] !== true;
  return written(`the private key of ${whose.label}`, out, [
    encrypted
      ? 'encrypted as other programs read it, with 2,048 rounds of PBKDF2: far weaker than the key file of agentctl, so for the way only; delete it once it was imported'
      : 'not encrypted: whoever reads the file has the key; delete it once it was imported',
  ]);
};

/** Null leaves the key readable, which has to be asked for. */
async function passphraseFor({ world }: Session, input: VerbInput, format: KeyFormat): Promise<string | null> {
  if (input.options['plain'] === true) return null;
  if (format === 'jwk') throw new Fault('USAGE', 'a JWK cannot be encrypted here', { at: '--key-format', hint: 'use --key-format pem, or say --plain' });
  return keyPassphrase(world, input, 'It encrypts the exported key.');
}

function formatOf(input: VerbInput): KeyFormat {
  const format = textOption(input, 'keyFormat');
  if (format === 'pem' || format === 'jwk') return format;
  throw new Fault('USAGE', `no format ${JSON.stringify(format ?? '')}`, { at: '--key-format', hint: 'pem or jwk' });
}

function written(what: string, file: string, notes: readonly string[]) {
  return outcome({ step: 'identity', verb: 'export', headline: `${what} is written`, facts: [{ label: 'file', value: file }], notes: [...notes], data: { file } });
}

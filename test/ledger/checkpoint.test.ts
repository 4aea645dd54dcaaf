import { describe, expect, test } from '@jest/globals';
import { Fault } from '../../src/domain/fault.js';
import { checkpointText, formatVerifierKey, openCheckpointNote, parseNote, parseVerifierKey, readCheckpointNote, signCheckpointNote, signNote, verifyNote } from '../../src/ledger/checkpoint.js';
import { EMPTY_ROOT } from '../../src/ledger/merkle.js';
import { logSigner, verifySignature } from './fixtures/log-key.js';

/** The vector of the signed note specification (C2SP signed-note v1.0.0). */
const VKEY = 'example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k';
const NOTE = 'This is an example message.\n\n\u2014 example.com/foo Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM=\n';

async function codeOf(work: () => unknown): Promise<string> {
  try {
    await work();
  } catch (error) {
    if (error instanceof Fault) return error.code;
    throw error;
  }
  return 'none';
}

describe('8.2 signed notes', () => {
  test('the vector of the specification holds', async () => {
    expect(await verifyNote(parseNote(NOTE, 'note'), [parseVerifierKey(VKEY)], verifySignature)).toEqual(['example.com/foo']);
    const key = parseVerifierKey(VKEY);
    expect(formatVerifierKey(key.name, key.publicKey)).toBe(VKEY);
  });

  test('unknown signatures are skipped, a failing known one spoils the note', async () => {
    const [own, other] = [logSigner(1), logSigner(2)];
    const text = 'hello\n';
    const first = await signNote(text, 'log', own);
    const second = await signNote(text, 'witness', other);
    const both = `${first}${second.slice(second.lastIndexOf('\n\n') + 2)}`;
    const keys = [parseVerifierKey(formatVerifierKey('log', own.publicKey)), parseVerifierKey(formatVerifierKey('witness', other.publicKey))] as const;
    expect(await verifyNote(parseNote(both, 'note'), [keys[0]], verifySignature)).toEqual(['log']);
    expect(await verifyNote(parseNote(both, 'note'), keys, verifySignature)).toEqual(['log', 'witness']);
    const spoilt = both.replace('hello', 'hallo');
    expect(await codeOf(() => verifyNote(parseNote(spoilt, 'note'), keys, verifySignature))).toBe('SIGNATURE_INVALID');
    expect(await codeOf(() => verifyNote(parseNote(both, 'note'), [], verifySignature))).toBe('SIGNATURE_INVALID');
  });

  test.each([
    ['no signature block', 'text\n'],
    ['no newline at the end', NOTE.slice(0, -1)],
    ['a control character', NOTE.replace('example message', 'exa\u0007mple')],
    ['a carriage return', NOTE.replaceAll('\n', '\r\n')],
    ['another dash', NOTE.replace('\u2014', '-')],
    ['loose base64', NOTE.replace('=\n', '\n')],
    ['a short signature', 'a\n\n\u2014 b AAAA\n'],
    ['a name with a plus', NOTE.replace('\u2014 example.com/foo', '\u2014 example.com+foo')],
  ])('%s is refused', async (_what, note) => {
    expect(await codeOf(() => parseNote(note, 'note'))).toBe('INPUT_INVALID');
  });

  test.each([
    ['an id of another key', VKEY.replace('530d903a', '530d903b')],
    ['another key type', VKEY.replace('+Ae', '+Be')],
    ['a cut key', VKEY.slice(0, -4)],
    ['no key', 'example.com/foo'],
  ])('a verifier key with %s is refused', async (_what, vkey) => {
    expect(await codeOf(() => parseVerifierKey(vkey))).toBe('INPUT_INVALID');
  });
});

describe('8.2 checkpoints', () => {
  const checkpoint = { origin: 'example/agent-1', size: 7, root: EMPTY_ROOT };

  test('are origin, size and root, signed under the origin', async () => {
    const own = logSigner(1);
    expect(checkpointText(checkpoint)).toBe('example/agent-1\n7\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n');
    const note = await signCheckpointNote(checkpoint, own);
    const key = parseVerifierKey(formatVerifierKey(checkpoint.origin, own.publicKey));
    expect(readCheckpointNote(note, 'note')).toEqual(checkpoint);
    expect(await openCheckpointNote(note, [key], verifySignature)).toEqual(checkpoint);
    expect(await codeOf(() => openCheckpointNote(note.replace('\n7\n', '\n8\n'), [key], verifySignature))).toBe('SIGNATURE_INVALID');
    expect(await codeOf(() => openCheckpointNote(note, [parseVerifierKey(VKEY)], verifySignature))).toBe('SIGNATURE_INVALID');
    const elsewhere = await signNote(checkpointText(checkpoint), 'other', own);
    expect(await codeOf(() => openCheckpointNote(elsewhere, [parseVerifierKey(formatVerifierKey('other', own.publicKey))], verifySignature))).toBe('SIGNATURE_INVALID');
  });

  test.each([
    ['an extension line', 'o\n7\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\nmore\n'],
    ['a leading zero', 'o\n07\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n'],
    ['a size beyond 2^53', 'o\n9007199254740993\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n'],
    ['a short root', 'o\n7\nAAAA\n'],
    ['no root', 'o\n7\n'],
  ])('with %s are refused', async (_what, text) => {
    const note = await signNote(text, 'o', logSigner(1));
    expect(await codeOf(() => readCheckpointNote(note, 'note'))).toBe('INPUT_INVALID');
  });

  test.each(['with space', 'with+plus', '', 'line\nbreak'])('an origin "%s" is refused', async (origin) => {
    expect(await codeOf(() => checkpointText({ ...checkpoint, origin }))).toBe('INPUT_INVALID');
  });
});

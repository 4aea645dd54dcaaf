/** Key histories: old signatures count in their time, new ones with the new key, and nothing of a compromised key. */
import { describe, expect, test } from '@jest/globals';
import { currentOf, soleKey, standingOf, type KeyHistory } from '../../src/identity/key-history.js';

const [FIRST, SECOND, STRANGER] = ['did:key:z6MkFirst', 'did:key:z6MkSecond', 'did:key:z6MkStranger'];
const [BEFORE, TURN, AFTER] = ['2026-01-01T00:00:00.000Z', '2026-02-01T00:00:00.000Z', '2026-03-01T00:00:00.000Z'];

const rotated = (cause: 'superseded' | 'compromised'): KeyHistory => ({
  root: FIRST,
  keys: [{ did: FIRST, from: null, ended: { at: TURN, cause } }, { did: SECOND, from: TURN, ended: null }],
});

describe('1.1 whether a key spoke for an identity', () => {
  test.each([
    ['the only key, at any time', soleKey(FIRST), FIRST, BEFORE, 'valid'],
    ['a key of nobody we know', soleKey(FIRST), STRANGER, BEFORE, 'stranger'],
    ['the old key in its time', rotated('superseded'), FIRST, BEFORE, 'valid'],
    ['the old key at its end', rotated('superseded'), FIRST, TURN, 'ended'],
    ['the new key before its time', rotated('superseded'), SECOND, BEFORE, 'not-yet'],
    ['the new key at its beginning', rotated('superseded'), SECOND, TURN, 'valid'],
    ['a compromised key, however early it says it signed', rotated('compromised'), FIRST, BEFORE, 'compromised'],
    ['the key after it', rotated('compromised'), SECOND, AFTER, 'valid'],
  ])('%s', (_what, history, did, at, standing) => {
    expect(standingOf(history, did, at)).toBe(standing);
  });

  test('the newest key speaks, and none once the identity has ceased', () => {
    expect(currentOf(rotated('superseded'))?.did).toBe(SECOND);
    expect(currentOf({ root: FIRST, keys: [{ did: FIRST, from: null, ended: { at: TURN, cause: 'ceased' } }] })).toBeUndefined();
  });
});

/** So many of something, in words. */
import { expect, test } from '@jest/globals';
import { counted } from '../../src/domain/counted.js';

test.each([
  [0, 'file', undefined, '0 files'], [1, 'file', undefined, '1 file'], [2, 'file', undefined, '2 files'], [1, 'entry', 'entries', '1 entry'], [2, 'entry', 'entries', '2 entries'],
])('%i of "%s"', (count, one, many, text) => expect(counted(count, one, many)).toBe(text));

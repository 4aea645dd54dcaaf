/** Types every transcript of transcripts/ anew and compares. UPDATE_TRANSCRIPTS=1 writes down what is seen instead: read it before you keep it. */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from '@jest/globals';
import { clearDesks } from './support/cli.js';
import { play, readTranscript, split } from './support/transcript.js';

const FOLDER = new URL('./transcripts/', import.meta.url).pathname;
const update = process.env['UPDATE_TRANSCRIPTS'] === '1';
const files = readdirSync(FOLDER).filter((name) => name.endsWith('.txt')).sort();

afterAll(clearDesks);

describe('transcripts', () => {
  test.concurrent.each(files)('%s', async (name) => {
    const recorded = readFileSync(join(FOLDER, name), 'utf8');
    const seen = await play(readTranscript(recorded), name);
    if (update) writeFileSync(join(FOLDER, name), seen);
    else expect(seen).toBe(recorded);
  }, 600_000);
});

test('a transcript that does not say why it exists, or where it starts, is refused', () => {
  expect(() => readTranscript('$ agentctl status\n')).toThrow('why');
  expect(() => readTranscript('# A sentence that is long enough.\n$ agentctl status\n')).toThrow('Desk');
  expect(() => readTranscript('# A sentence that is long enough.\n# Desk: bare\nstray\n')).toThrow('stray');
  expect(split('agentctl waive x --reason "two words"')).toEqual(['agentctl', 'waive', 'x', '--reason', 'two words']);
});

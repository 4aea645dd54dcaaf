/** The mail triager: reads one mail a line, answers deliver, quarantine or ask-human. It moves nothing: it only proposes tool calls. */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { serve } from './lib/lines.js';
import { triage } from './lib/triage.js';

const CODE = ['agent.js', 'lib/bayes.js', 'lib/lines.js', 'lib/signals.js', 'lib/triage.js', 'lib/words.js'];
const files = {};

/** Reads a file of the build and keeps the digest of the very bytes it read. */
function load(name) {
  const bytes = readFileSync(new URL(name, import.meta.url));
  files[name] = `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
  return bytes;
}

// Node does not show the bytes of a module it has imported: the code's digests are of its files, read at start.
for (const name of CODE) load(name);
const parts = {
  model: JSON.parse(load('model.json')),
  calibration: JSON.parse(load('calibration.json')),
  policy: JSON.parse(load('prompts/policy.json')),
};

await serve({
  describe: () => ({ files }),
  answer(input) {
    if (typeof input?.subject !== 'string' || typeof input.body !== 'string') throw new Error('input needs a subject and a body, both text');
    if (input.message !== undefined && typeof input.message !== 'string') throw new Error('input.message is not text');
    return triage(parts, input);
  },
});

/** Names the language of a text, by whichever of the two models model.json chooses; unsure where the model sees none. */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { languages } from './lib/languages.js';
import { serve } from './lib/lines.js';

const { engine } = JSON.parse(readFileSync(new URL('model.json', import.meta.url), 'utf8'));
if (!['franc', 'tinyld'].includes(engine)) throw new Error(`model.json names "${engine}", which is neither franc nor tinyld`);
const { ranked } = await import(`./models/${engine}.js`);
const files = Object.fromEntries(
  ['agent.js', 'lib/languages.js', 'lib/lines.js', 'model.json', `models/${engine}.js`].map((name) => [name, `sha256:${createHash('sha256').update(readFileSync(new URL(name, import.meta.url))).digest('hex')}`]),
);

await serve({
  describe: () => ({ files }),
  answer(input) {
    if (typeof input?.text !== 'string') throw new Error('input needs a text');
    const [best, second] = ranked(input.text).filter(({ language }) => languages.includes(language));
    if (best === undefined) return { output: { language: 'unsure' }, reason: 'no language that it knows', toolCalls: [] };
    // Neither model states a probability: how far the best lies ahead of the next one stands for one.
    const lead = second === undefined ? 1 : best.score / (best.score + second.score);
    return { output: { language: best.language }, confidence: lead.toFixed(3), toolCalls: [] };
  },
});

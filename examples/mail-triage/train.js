/** Builds model.json from easy-ham-1 and spam-1 alone: `node train.js [--out FILE]`. Same package in, same bytes out. */
import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { parseMail } from './corpus/mail.js';
import { readCorpus } from './corpus/read.js';
import { train } from './lib/bayes.js';
import { wordsOf } from './lib/words.js';

const { values } = parseArgs({ options: { out: { type: 'string' } } });
const file = values.out ?? new URL('model.json', import.meta.url);

function* examples() {
  for (const mail of readCorpus('training')) yield { words: wordsOf(parseMail(mail.text)), spam: mail.decision === 'quarantine' };
}

const model = train(examples());
const trained = { id: 'mail-triage-bayes-1', trainedOn: ['easy-ham-1', 'spam-1'], ...model };
// One word a line, so that a difference between two models can be read.
writeFileSync(file, `${JSON.stringify(trained, null, 1)}\n`);
process.stdout.write(`${Object.keys(model.weights).length} words from ${model.mails.ham} ham and ${model.mails.spam} spam\n`);

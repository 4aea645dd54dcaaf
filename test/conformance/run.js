/** `npm run conformance -- FOLDER`: the public test vectors in that folder against the built sources. Nothing in `npm test` needs them. */
import { statSync } from 'node:fs';
import { resolve } from 'node:path';
import { dataIntegrity } from './data-integrity.js';
import { jcs } from './jcs.js';
import { merkle } from './merkle.js';
import { product } from './product.js';
import { tessera } from './tessera.js';
import { webBotAuth } from './web-bot-auth.js';

const [folder] = process.argv.slice(2);
if (folder === undefined || statSync(folder, { throwIfNoEntry: false })?.isDirectory() !== true) {
  process.stderr.write(`${folder === undefined ? 'the folder of the vectors is missing' : `${folder} is no folder`}: npm run conformance -- FOLDER\n`);
  process.exitCode = 2;
} else {
  const built = await product();
  let failed = 0;
  for (const [name, suite] of Object.entries({ 'data integrity': dataIntegrity, jcs, merkle, tessera, 'web-bot-auth': webBotAuth })) {
    try {
      for (const tally of await suite(resolve(folder), built)) {
        process.stdout.write(`${tally}\n`);
        for (const what of tally.failures.slice(0, 10)) process.stdout.write(`  does not hold: ${what}\n`);
        if (!tally.ok) failed += 1;
      }
    } catch (error) {
      // A vector that is not there, or cannot be read, is no pass.
      process.stdout.write(`${name.padEnd(28)} cannot be checked: ${error.message}   FAILED\n`);
      failed += 1;
    }
  }
  if (failed > 0) process.exitCode = 1;
}

/** A process that says when it is ready, waits for a word, then asks for the nonces 0, 1, 2 … and prints those that were new to the memory. */
import { once } from 'node:events';
import { sqliteNonces } from '../../src/adapters/sqlite-nonces.js';
import { systemClock, systemRandom } from '../../src/adapters/system.js';

const [folder = '', count = '0'] = process.argv.slice(2);
const memory = await sqliteNonces({ clock: systemClock(), random: systemRandom() }).open(folder);
const until = new Date(Date.now() + 600_000).toISOString();
process.stdout.write('ready\n');
await once(process.stdin, 'data');
for (let nonce = 0; nonce < Number(count); nonce += 1) {
  if (!(await memory.seen('race', String(nonce), until))) process.stdout.write(`${nonce}\n`);
}
await memory.close();
process.stdin.destroy();

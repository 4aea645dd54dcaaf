/** What runs on a thread of sqlite-threads.ts: verifies one part of a chain on a connection of its own. */
import { parentPort, workerData } from 'node:worker_threads';
import { openReading } from './sqlite-file.js';
import { loadSqlite } from './sqlite-module.js';
import { ledgerFormat } from './sqlite-schema.js';
import { verifyPart } from './sqlite-strips.js';
import type { Errand } from './sqlite-threads.js';
import { systemClock, systemRandom } from './system.js';

void run(workerData as Errand);

async function run({ path, order }: Errand): Promise<void> {
  const { db } = await openReading(await loadSqlite(), path, ledgerFormat(), { clock: systemClock(), random: systemRandom() });
  // In kilobytes: a scan does not come back to a page.
  db.pragma('cache_size = -1000');
  parentPort?.postMessage(verifyPart(db, order));
  db.close();
}

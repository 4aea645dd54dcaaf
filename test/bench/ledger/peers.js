/** Peers, installed into a scratch folder for the run: hypercore, a signed append-only log. */
import { execFileSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { median, inTurn, walls } from '../measure.js';

const HYPERCORE = 'hypercore@11';
const RECORDS = 2_000;

/** @returns the version that was installed, an append of one record, and what its own audit takes for each record */
export async function hypercore(scratch) {
  const folder = join(scratch, 'peers');
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'package.json'), '{ "private": true }\n');
  execFileSync('npm', ['install', '--no-audit', '--no-fund', '--loglevel=error', HYPERCORE], { cwd: folder, stdio: ['ignore', 'ignore', 'inherit'] });
  const load = createRequire(join(folder, 'package.json'));
  const Hypercore = load('hypercore');
  const appended = new Hypercore(join(scratch, 'hypercore-append'));
  await appended.ready();
  return {
    version: load('hypercore/package.json').version,
    append: (record) => appended.append(record),
    audit: (record) => auditOf(new Hypercore(join(scratch, 'hypercore-audit')), record),
    close: () => appended.close(),
  };
}

/** Milliseconds for each record. */
async function auditOf(core, record) {
  await core.ready();
  await core.append(Array.from({ length: RECORDS }, () => record));
  const seen = await inTurn({ audit: async () => { await core.core.audit(); return RECORDS; } }, 3);
  await core.close();
  return median(walls(seen.audit));
}

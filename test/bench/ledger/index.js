/** The ledger: durable appends, verification, and what a long chain costs; each beside a floor measured in turn on the same disk. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { appendFigures } from './append.js';
import { Ledger } from './build.js';
import { bundleParts } from './bundle.js';
import { hypercore } from './peers.js';
import { proofFigure } from './proof.js';
import { action, bytesOf, CHAIN } from './records.js';
import { sinceFigure, wholeFigures } from './verify.js';

const ROWS = 1_000_000;
/** New entries since a checkpoint: few, and ten times as many. */
const [FEW, MANY] = [1_000, 10_000];

/** @param rows entries of the long ledger @param peers install and measure them too @param say tells what is going on, or left out */
export async function ledger({ rows = ROWS, peers = false, say }) {
  if (rows < 2 * MANY) throw new Error(`--rows ${rows}: at least ${2 * MANY}`);
  const scratch = mkdtempSync(join(tmpdir(), 'agentctl-bench-'));
  const bundle = bundleParts();
  const parts = await import(pathToFileURL(bundle).href);
  const [few, many, long] = ['few', 'many', 'long'].map((name) => new Ledger(parts, join(scratch, name)));
  const peer = peers ? await hypercore(scratch) : undefined;
  try {
    for (const one of [few, many, long]) await one.open();
    await few.growTo(FEW);
    await many.growTo(MANY);
    const sinceMany = await sinceCheckpoint(long, rows - FEW, many, MANY, say);
    const sinceFew = await sinceCheckpoint(long, rows, few, FEW, say);
    await long.checkpoint();
    await long.store.close();
    say(`verifying ${rows} entries, ${Math.round(long.bytes / 1e6)} MB`);
    const whole = wholeFigures(bundle, long.folder);
    await long.open();
    const proof = await proofFigure(long, few);
    const appends = await appendFigures({ small: few.store, large: long.store, Database: await parts.loadSqlite(), scratch, peers: peer ? { 'hypercore-append': peer.append } : {} });
    if (!peer) say('left out: hypercore append and audit (--peers installs hypercore into a scratch folder)');
    return [...whole, sinceFew, sinceMany, proof, ...appends, ...(peer ? [await peerAudit(peer, whole[0], rows, say)] : [])];
  } finally {
    await peer?.close();
    for (const one of [few, many, long]) await one.store?.close();
    rmSync(scratch, { recursive: true, force: true });
  }
}

/** Grows the ledger to `size` entries, the last `count` of them after its newest checkpoint, and measures those. */
async function sinceCheckpoint(long, size, alone, count, say) {
  await long.growTo(size - count, (at) => at % 100_000 === 0 && say(`appending: ${at} entries`));
  await long.checkpoint();
  await long.growTo(size);
  return sinceFigure(long, alone, count);
}

async function peerAudit(peer, whole, rows, say) {
  say(`hypercore ${peer.version} is not like for like: it does not sync each append, and its audit checks storage and bitfield too`);
  const each = await peer.audit(Buffer.alloc(bytesOf({ body: JSON.stringify(action(0)), hash: CHAIN }) - 2048, 'r'));
  return { id: 'peer.hypercore-audit', value: each * rows, unit: 'ms', floor: whole.value, ratio: (each * rows) / whole.value, must: 'for comparison', ok: true };
}

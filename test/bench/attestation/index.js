/** Verification of many certificates in one process, in turn with the bare signature checks and hashes that they contain. */
import { execFileSync } from 'node:child_process';
import { createPublicKey, hash, verify } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { inTurn, median, walls } from '../measure.js';

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));
const CERTIFICATES = 100;
/** One certificate a round: so short that a busy machine leaves some rounds quiet. The first ones only warm up. */
const [WARMING, ROUNDS] = [400, 2000];
const MOST = 2;
/** SubjectPublicKeyInfo of an Ed25519 key, up to the key itself (RFC 8410). */
const SPKI = Buffer.from('302a300506032b6570032100', 'hex');

export async function attestation() {
  const { check, samples, verifyCertificate } = await import(pathToFileURL(bundled()).href);
  const certificates = await samples(CERTIFICATES);
  const raw = certificates.map(({ signed, hashed }) => ({ hashed, signed: signed.map((one) => ({ ...one, key: keyOf(one.publicKey) })) }));
  let round = 0;
  const contenders = {
    verify: async () => {
      const { exit } = await verifyCertificate({ ...check, envelope: certificates[round % CERTIFICATES].text });
      if (exit !== 0) throw new Error('a certificate does not verify');
      return 1;
    },
    raw: async () => {
      const { signed, hashed } = raw[round % CERTIFICATES];
      for (const { message, key, signature } of signed) if (!verify(null, message, key, signature)) throw new Error('a signature does not verify');
      for (const data of hashed) hash('sha256', data, 'hex');
      round += 1;
      return 1;
    },
  };
  await inTurn(contenders, WARMING);
  const seen = await inTurn(contenders, ROUNDS);
  const [value, floor] = [seen.verify, seen.raw].map((one) => quiet(walls(one)));
  const ratio = value / floor;
  return [{ id: 'attestation.verify-many', value, unit: 'ms', floor, ratio, must: `<= ${MOST} x signature checks and hashes`, ok: ratio <= MOST }];
}

/** The median of the quickest quarter: rounds so short that other processes left them alone. */
function quiet(values) {
  return median([...values].sort((a, b) => a - b).slice(0, Math.ceil(values.length / 4)));
}

function keyOf(publicKey) {
  return createPublicKey({ key: Buffer.concat([SPKI, publicKey]), format: 'der', type: 'spki' });
}

/** @returns path of the bundle, inside the package so that its packages are found */
function bundled() {
  const folder = join(ROOT, 'node_modules', '.cache', 'agentctl-bench');
  mkdirSync(folder, { recursive: true });
  const out = join(folder, 'attestation.mjs');
  execFileSync(join(ROOT, 'node_modules', '.bin', 'esbuild'), ['test/bench/attestation/parts.ts', `--outfile=${out}`, '--bundle', '--format=esm', '--platform=node', '--target=node20', '--log-level=warning'], { cwd: ROOT });
  return out;
}

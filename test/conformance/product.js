/** The sources that the vectors are about, built with the package's own builder. */
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build } from 'esbuild';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const DOOR = `
export { addProof, verifyProof } from './src/attestation/data-integrity.js';
export { canonical } from './src/domain/canonical.js';
export { sha256Hex } from './src/domain/digest.js';
export { fromBase58 } from './src/identity/base-encoding.js';
export { keyOfDid } from './src/identity/did-key.js';
export { verifySignature } from './src/identity/ed25519-verify.js';
export { contentDigest } from './src/identity/content-digest.js';
export { jwkThumbprint } from './src/identity/jwk-thumbprint.js';
export { readAgentCard } from './src/identity/key-directory.js';
export { signatureBase } from './src/identity/signature-base.js';
export { parseDictionary } from './src/identity/structured-field.js';
export { parseSignatureAgent, pinnedKey, verifyWebBotAuth } from './src/identity/web-bot-auth.js';
export { signerOf } from './src/identity/signer.js';
export { checkpointText, formatVerifierKey, openCheckpointNote, parseNote, parseVerifierKey, readCheckpointNote, signCheckpointNote, verifyNote } from './src/ledger/checkpoint.js';
export { nodeHash, rootOfLeaves, verifyConsistency, verifyInclusion } from './src/ledger/merkle.js';
export { bundlePath, decodeBundle, encodeBundle, tilePath } from './src/ledger/tiles.js';
export { consistencyFromTiles, inclusionFromTiles, rootFromTiles } from './src/ledger/tile-proofs.js';
`;

export async function product() {
  const folder = join(ROOT, 'node_modules', '.cache');
  const outfile = join(folder, `agentctl-conformance-${process.pid}.mjs`);
  mkdirSync(folder, { recursive: true });
  try {
    await build({ stdin: { contents: DOOR, resolveDir: ROOT, loader: 'ts' }, outfile, bundle: true, format: 'esm', platform: 'node', target: 'node20', logLevel: 'warning' });
    return await import(pathToFileURL(outfile).href);
  } finally {
    rmSync(outfile, { force: true });
  }
}

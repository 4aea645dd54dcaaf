/** What the ledger's benchmark needs of the program: bundled with it for the run, see bundle.js. */
export { reading } from '../../../src/adapters/reading.js';
export { loadSqlite } from '../../../src/adapters/sqlite-module.js';
export { surroundings } from '../../../src/adapters/surroundings.js';
export { systemClock, systemRandom } from '../../../src/adapters/system.js';
export { tilesOf } from '../../../src/engine/tiles-of.js';
export { verifySignature } from '../../../src/identity/ed25519-verify.js';
export { formatVerifierKey, signCheckpointNote } from '../../../src/ledger/checkpoint.js';
export { verifyLedger } from '../../../src/ledger/flow/verify-ledger.js';
export { rootOf } from '../../../src/ledger/merkle.js';
export { inclusionFromTiles } from '../../../src/ledger/tile-proofs.js';
export { logSigner } from '../../ledger/fixtures/log-key.js';

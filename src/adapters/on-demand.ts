/** Adapters that start processes or open sockets, behind one door: nothing of them is loaded by a command that only reads. */
export { http } from './http.js';
export { httpServers } from './http-server.js';
export { processes } from './processes.js';
export { sqliteNonces } from './sqlite-nonces.js';
export { sqliteWitnesses } from './sqlite-witness.js';
export { targets } from './targets/targets.js';
export { toolRunner } from './tool-runner.js';

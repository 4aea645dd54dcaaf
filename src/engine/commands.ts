/** Every use case but `status`, behind one door: they load together when one is asked for, and `status` starts without them. */
export { apply } from './apply.js';
export { doctor } from './doctor.js';
export { explain } from './explain.js';
export { init } from './init.js';
export { addOperator, listOperators } from './operator.js';
export { runVerb } from './run-verb.js';
export { schema } from './schema.js';
export { verify } from './verify.js';
export { verifyCertificateFile } from './verify-certificate.js';
export { waive } from './waive.js';

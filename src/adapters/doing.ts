/** Adapters of commands that do more than read, behind one door: `status` starts without them. */
export { forms } from './forms.js';
export { keyStore } from './key-store.js';
export { passphrases } from './passphrase.js';
export { prompt } from './prompt.js';
export { schedule } from './schedule.js';
export { schemas } from './schemas.js';
export { terminal } from './terminal.js';
export { yaml } from './yaml.js';

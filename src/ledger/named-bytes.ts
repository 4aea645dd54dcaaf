/** Which stored bytes an entry names: what it was made from, and what it speaks of. An entry whose bytes are gone proves less than it says. */
import { isDigest, type Digest } from '../domain/digest.js';
import type { Entry } from '../domain/entry.js';

/** Members of data that are digests of stored bytes, whatever the type. */
const MEMBERS = ['act', 'envelope', 'document', 'deliverable', 'results', 'html', 'credential', 'acceptance', 'didDocument', 'snapshot', 'card', 'manifest', 'states'] as const;
/** Here the deliverable is a name for what later evidence depends on, and no document. */
const NO_DOCUMENT = 'identity.registered';

const NAMING = new RegExp(`"(?:${MEMBERS.join('|')})":"sha256:`);

/** Whether an entry with these inputs and data, as JSON without escapes, can name any: most do not, and need not be parsed for it. */
export function mayNameBytes({ inputs, data }: { readonly inputs: string; readonly data: string }): boolean {
  return inputs !== '{}' || NAMING.test(data);
}

export function namedBytes({ type, data, inputs }: Pick<Entry, 'type' | 'data' | 'inputs'>): readonly Digest[] {
  const members = MEMBERS.filter((member) => member !== 'deliverable' || type !== NO_DOCUMENT).map((member) => data[member]);
  return [...Object.values(inputs), ...members.filter(isDigest)];
}

/** The entry that names a signed statement about a key. It is never earlier than the statement, whatever the clock does between the two. */
import { digestBytes } from '../../domain/digest.js';
import type { JsonObject } from '../../domain/json.js';
import type { Instant } from '../../domain/time.js';
import { textBlob, type Session } from '../session.js';

export interface KeyStatement {
  readonly type: 'identity.rotated' | 'identity.withdrawn';
  readonly data: JsonObject;
  /** The envelope. */
  readonly text: string;
  /** When it says that it was signed. */
  readonly at: Instant;
}

/** @throws {Fault} REFUSED, with nothing written, when the clock stepped back behind `at` */
export async function recordStatement({ store, chain, agent }: Session, { type, data, text, at }: KeyStatement): Promise<void> {
  const draft = { type, agent, actor: 'agentctl', data: { ...data, statement: digestBytes(text) } };
  await store.append(chain, [draft], { guards: [{ kind: 'not-before', at }], blobs: [textBlob(text, 'application/vnd.dsse+json')] });
}

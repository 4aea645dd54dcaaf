/** The ledger entry as everybody sees it: an envelope whose meaning is fixed for ever, around the data of its type. */
import type { Digest } from './digest.js';
import type { Instant } from './time.js';
import type { JsonObject } from './json.js';

/** Who the entry is about: the stable id, and the DID, version and build as far as they were known then. */
export interface AgentRef {
  readonly id: string;
  readonly did: string | null;
  readonly version: string | null;
  readonly build: Digest | null;
}

/** One entry (design: final from the first release). Numbers are integers; rates and amounts are decimal strings; personal or free text only in the payload. */
export interface Entry {
  readonly v: 1;
  readonly chain: string;
  readonly seq: number;
  readonly ts: Instant;
  readonly type: string;
  readonly agent: AgentRef;
  /** `agentctl`, `agent`, or the DID of the operator who acted. */
  readonly actor: string;
  /** What the evidence was made from: name of the input → digest. A changed digest makes it stale. */
  readonly inputs: { readonly [name: string]: Digest };
  readonly validUntil?: Instant;
  readonly data: JsonObject;
  /** HMAC-SHA-256 commitment to a payload that is stored apart and can be erased. */
  readonly payload?: { readonly commit: string };
}

/** An entry as stored, with its hash: chain link and RFC 6962 leaf hash at once. */
export interface StoredEntry {
  readonly entry: Entry;
  readonly hash: string;
}

/** What a caller hands in; the store adds chain position and time inside its transaction. */
export interface EntryDraft {
  readonly type: string;
  readonly agent: AgentRef;
  readonly actor: string;
  readonly inputs?: { readonly [name: string]: Digest };
  readonly validUntil?: Instant;
  readonly data: JsonObject;
  readonly payload?: JsonObject;
}

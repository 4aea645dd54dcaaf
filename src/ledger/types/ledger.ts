/** Entry types of the ledger itself: the schema of `data` by type. */
import { boolean, integer, list, object, oneOf, optional, string } from '../../domain/schema.js';

const instant = string({ pattern: '^\\d{4}-\\d{2}-\\d{2}T\\d{2}:\\d{2}:\\d{2}\\.\\d{3}Z$' });
const digest = string({ pattern: '^sha256:[0-9a-f]{64}$' });
const hash = string({ pattern: '^[0-9a-f]{64}$' });
const size = integer({ minimum: 0 });

export const ledgerTypes = {
  /** First entry of a chain: the verifier key of its checkpoints, and the number of the entry format. */
  'ledger.opened': object({ log: string({ maxLength: 500 }), format: integer({ minimum: 1, maximum: 1 }), origin: optional(string({ maxLength: 300 })) }),
  /** The wall clock was found more than five minutes away from where it should have been. */
  'clock.jumped': object({ from: instant, to: instant }),
  'audit.checkpointed': object({ size, root: hash }),
  /**
   * Entries `from` up to but not including `size` were handed out, as a file with this digest or a bundle whose SHA256SUMS has it:
   * all of them, or `entries` of them; `payloads` says whether what they hold went along.
   */
  'audit.exported': object({ from: size, size, root: hash, digest, format: optional(string({ maxLength: 100 })), entries: optional(size), payloads: optional(boolean()) }),
  /** Entries `from` up to but not including `size` were closed into the file with this digest; `from` is a multiple of 256. */
  'audit.sealed': object({ from: size, size, root: hash, digest, file: string({ pattern: '^segment-\\d+-\\d+\\.tar$', maxLength: 100 }) }),
  /**
   * The texts of the entries before `size` were let go, but for the first; `segments` hold them. `states`: blob of the projections at that
   * place; `last`: time of the last of these entries; `act`: by whom, over the digest of chain, size and root.
   */
  'audit.pruned': object({
    size, root: hash, last: instant, states: digest, segments: list(object({ from: size, size, digest, file: string({ maxLength: 100 }) }), { minItems: 1, maxItems: 400 }),
    subject: digest, act: digest, operator: string({ maxLength: 100 }), ceremony: oneOf(['interactive', 'scripted']),
  }),
} as const;

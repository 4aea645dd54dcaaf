/** `audit export`: what an auditor takes along and verifies without agentctl: a folder, or every stored row in one file. */
import { canonical } from '../../domain/canonical.js';
import { RunningDigest, short, type Digest } from '../../domain/digest.js';
import { Fault } from '../../domain/fault.js';
import type { JsonObject } from '../../domain/json.js';
import { readCheckpointNote } from '../../ledger/checkpoint.js';
import { checkEverything } from '../check-ledger.js';
import { signCheckpoint } from '../checkpoint.js';
import { outcome } from '../outcome.js';
import { prunedStates } from '../pruned-states.js';
import { record, type Session } from '../session.js';
import { requiredOption, textOption, type Verb, type VerbInput } from '../verb.js';
import { BUNDLE_FORMAT, gathered, writeBundle } from './bundle.js';
import { beginning, entriesFrom } from './entries.js';
import { filterOf, timeOption } from './filter.js';

const FILE_FORMAT = 'agentctl-ledger-export/1';

interface Covered {
  readonly size: number;
  readonly note: string;
  /** Verifier key that entry 0 names. */
  readonly log: string;
}

export const run: Verb = async (session, input) => {
  const out = requiredOption(input, 'out', 'agentctl audit export --out audit-bundle');
  const path = out.startsWith('/') ? out : `${session.world.surroundings.cwd}/${out}`;
  const filters = filtersOf(input);
  const payloads = input.options['payloads'] === true;
  const single = out.endsWith('.jsonl');
  if (single && (filters || payloads)) throw new Fault('USAGE', 'one file holds every entry and no payload', { at: '--out', hint: 'agentctl audit export --out audit-bundle' });
  const pruned = (await prunedStates(session.store, session.chain)).size;
  if (single && pruned > 0) throw new Fault('REFUSED', `entries before ${pruned} are pruned, so one file cannot hold every entry`, { at: '--out', hint: 'agentctl audit export --out audit-bundle, and the sealed segments beside it' });
  // Where the beginning is pruned, each entry needs a proof of its own.
  const part = filters ? { filters, wanted: filterOf(session, input) } : pruned > 0 ? { filters: {}, wanted: () => true } : undefined;
  await signCheckpoint(session);
  await checkEverything(session);
  const covered = await coveredBy(session);
  const { digest, entries } = single ? await writeFile(session, path, covered) : await writeBundle(session, { folder: path, part, payloads, log: covered.log, checkpoint: covered });
  const { root } = readCheckpointNote(covered.note, 'checkpoint');
  const format = single ? FILE_FORMAT : BUNDLE_FORMAT;
  await record(session, { type: 'audit.exported', data: { from: 0, size: covered.size, root, digest, format, ...(part ? { entries } : {}), ...(payloads ? { payloads } : {}) } });
  return outcome({
    step: 'audit', verb: 'export', headline: part ? `${entries} of ${covered.size} entries exported, each with its proof` : `${entries} entries exported`,
    facts: [
      { label: single ? 'file' : 'folder', value: out }, { label: 'sha256', value: `${short(digest)}${single ? '' : ' of its SHA256SUMS'}` },
      ...(single ? [] : [{ label: 'verified by', value: `python3 ${out.replace(/\/$/, '')}/verify.py` }]),
    ],
    notes: [payloads ? 'payloads.jsonl holds what the entries only commit to, personal data included: hand it to nobody who must not read it.' : 'Payloads stay behind: the export holds envelopes and commitments only.'],
    data: { [single ? 'file' : 'folder']: out, size: covered.size, entries, digest },
  });
};

function filtersOf(input: VerbInput): JsonObject | undefined {
  const filters = { type: textOption(input, 'type'), tool: textOption(input, 'tool'), since: timeOption(input, 'since'), until: timeOption(input, 'until') };
  const given = Object.entries(filters).flatMap(([name, value]) => (value === undefined ? [] : [[name, value] as const]));
  return given.length === 0 ? undefined : Object.fromEntries(given);
}

async function coveredBy({ store, chain }: Session): Promise<Covered> {
  const checkpoint = await store.checkpoint(chain);
  const log = (await store.read(chain, 0))?.entry.data['log'];
  if (!checkpoint || typeof log !== 'string') throw new Fault('INTERNAL', 'no checkpoint after signing one');
  return { size: checkpoint.size, note: checkpoint.note, log };
}

async function writeFile(session: Session, path: string, { size, note, log }: Covered): Promise<{ digest: Digest; entries: number }> {
  const lines = async function* () {
    yield `${canonical({ format: FILE_FORMAT, chain: session.chain, size, log, checkpoint: note, hash: 'SHA-256(0x00 || previous hash as 64 hex || LF || body), genesis 64 zeros' })}\n`;
    for await (const { row: { seq, hash, body } } of entriesFrom(session, beginning(), () => true, size)) yield `${canonical({ seq, hash, body })}\n`;
  };
  const running = new RunningDigest();
  await session.world.files.write(path, gathered(lines(), running), 0o600);
  return { digest: running.end(), entries: size };
}

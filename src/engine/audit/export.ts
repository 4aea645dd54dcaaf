/** `audit export`: every stored row byte for byte, with the newest checkpoint and the key that signed it, for an auditor. */
import { canonical } from '../../domain/canonical.js';
import { digestBytes, short } from '../../domain/digest.js';
import { checkEverything } from '../check-ledger.js';
import { signCheckpoint } from '../checkpoint.js';
import { record } from '../session.js';
import { rootOf } from '../../ledger/merkle.js';
import { outcome } from '../outcome.js';
import { requiredOption, type Verb } from '../verb.js';

export const run: Verb = async (session, input) => {
  const file = requiredOption(input, 'out', 'agentctl audit export --out ledger.jsonl');
  const { store, chain, world } = session;
  await signCheckpoint(session);
  const ledger = await checkEverything(session);
  const head = await store.head(chain);
  const log = (await store.latest(chain, 'ledger.opened'))?.data['log'] ?? null;
  const lines = [canonical({ format: 'agentctl-ledger-export/1', chain, size: ledger.size, log, checkpoint: (await store.checkpoint(chain))?.note ?? null, hash: 'SHA-256(0x00 || previous hash as 64 hex || LF || body), genesis 64 zeros' })];
  for await (const row of store.scan(chain)) lines.push(canonical({ seq: row.seq, hash: row.hash, body: row.body }));
  const text = `${lines.join('\n')}\n`;
  await world.files.write(file.startsWith('/') ? file : `${world.surroundings.cwd}/${file}`, text, 0o600);
  await record(session, { type: 'audit.exported', data: { from: 0, size: ledger.size, root: rootOf(head?.range ?? []), digest: digestBytes(text), format: 'agentctl-ledger-export/1' } });
  return outcome({
    step: 'audit', verb: 'export', headline: `${ledger.size} entries exported`,
    facts: [{ label: 'file', value: file }, { label: 'sha256', value: short(digestBytes(text)) }],
    notes: ['Payloads stay behind: the export holds envelopes and commitments only.'],
    data: { file, size: ledger.size, digest: digestBytes(text) },
  });
};

/** `audit verify --proof`: checks a proof file as a stranger does, with nothing but the file and the keys that the reader trusts. */
import { canonical } from '../../domain/canonical.js';
import { EXIT, Fault, type Exit } from '../../domain/fault.js';
import type { Entry } from '../../domain/entry.js';
import type { World } from '../../domain/ports.js';
import type { Report } from '../../domain/report.js';
import { readable } from '../../domain/time.js';
import { verifySignature } from '../../identity/ed25519-verify.js';
import { parseNote, readCheckpointNote, vouchersOf, type VerifierKey, type Vouched } from '../../ledger/checkpoint.js';
import { decodeEntry, isHash } from '../../ledger/entry.js';
import { parseProof, proves } from '../../ledger/tlog-proof.js';
import { outcome } from '../outcome.js';
import { absolute } from '../trust-roots.js';
import { readVerifierKeys } from '../verifier-keys.js';

/** @throws {Fault} INPUT_INVALID when malformed, DIGEST_MISMATCH, LEDGER_BROKEN or SIGNATURE_INVALID when false */
export async function verifyProof(world: World, file: string, trust: readonly string[]): Promise<Report> {
  const keys = await readVerifierKeys(world, trust);
  const path = absolute(world, file);
  if ((await world.files.info(path))?.kind !== 'file') throw new Fault('EVIDENCE_MISSING', `there is no proof at ${file}`, { at: file, hint: 'agentctl audit prove <seq>' });
  return checkProof(await world.files.readText(path), file, keys);
}

/** The same for a text that is at hand. */
export async function checkProof(content: string, file: string, keys: readonly VerifierKey[]): Promise<Report> {
  const { text, index, hashes, checkpoint } = parseProof(content, file);
  if (text === undefined) throw new Fault('EVIDENCE_MISSING', `${file} does not hold the entry that it is about`, { at: file, hint: 'agentctl audit prove <seq>, which writes it along' });
  const { origin, size, root } = readCheckpointNote(checkpoint, file);
  if (!proves({ index, hashes, checkpoint }, text, file)) throw new Fault('DIGEST_MISMATCH', `the entry does not stand at place ${index} in the tree of the checkpoint over ${size} entries`, { at: file });
  const entry = entryIn(text, index, origin, file);
  const judged = judgeVouchers(origin, keys, await vouchersOf(parseNote(checkpoint, file), keys, verifySignature));
  return outcome({
    step: 'audit', verb: 'verify', headline: judged.exit === EXIT.yes ? `entry ${index} is in the log ${origin}` : `entry ${index} is in the tree, but ${judged.because}`,
    facts: [
      { label: 'entry', value: `${index}, ${entry.type}, ${readable(entry.ts)}` },
      { label: 'actor', value: entry.actor },
      { label: 'agent', value: [entry.agent.version, entry.agent.did, entry.agent.build].filter((one) => one !== null).join(', ') },
      { label: 'checkpoint', value: `${size} entries of ${origin}` },
      { label: 'signed', value: judged.signers },
    ],
    tables: [{ title: 'Data of the entry', columns: ['member', 'value'], rows: Object.entries(entry.data).map(([name, value]) => [name, typeof value === 'string' ? value : canonical(value)]) }],
    next: judged.exit === EXIT.yes ? null : `agentctl audit verify --proof ${file} --trust <vkey>`,
    data: { entry: { ...entry } as never, origin, size, root, signedBy: judged.names },
  }, judged.exit);
}

/** The tree vouches for the text; whether it is an entry, and the one of that place and log, is ours to say. */
export function entryIn(text: string, index: number, origin: string, file: string): Entry {
  const [before = '', body = ''] = text.split(/\n([\s\S]*)/, 2);
  if (!isHash(before)) throw new Fault('LEDGER_BROKEN', `place ${index} of the log does not hold an entry of agentctl`, { at: file });
  const entry = decodeEntry(body, `entry ${index}`);
  if (entry.seq !== index || !origin.endsWith(`/${entry.chain}`)) throw new Fault('LEDGER_BROKEN', `place ${index} of ${origin} holds entry ${entry.seq} of ${entry.chain}`, { at: file });
  return entry;
}

export interface Judged {
  readonly exit: Exit;
  readonly because: string;
  readonly signers: string;
  readonly names: readonly string[];
}

/** Whether those whom the reader trusts vouch for a checkpoint: yes when the log's own key and every witness that was named have signed. */
export function judgeVouchers(origin: string, keys: readonly VerifierKey[], vouched: readonly Vouched[]): Judged {
  const names = vouched.map(({ key }) => key.name);
  const signers = vouched.map(({ key, time }) => (time === null ? key.name : `${key.name} at ${readable(time)}`)).join(', ') || 'by nobody whom you trust';
  const open = (because: string): Judged => ({ exit: EXIT.indeterminate, because, signers, names });
  if (keys.length === 0) return open('you have not said whom you trust, so nobody vouches for it (--trust)');
  if (!vouched.some(({ key }) => key.kind === 'note' && key.name === origin)) return open(`no key that you trust has signed for ${origin}`);
  const silent = keys.find((key) => key.kind === 'cosignature' && !vouched.some((one) => one.key === key));
  if (silent) return open(`the witness ${silent.name} does not vouch for it`);
  return { exit: EXIT.yes, because: '', signers, names };
}

/** `audit witness serve`: a witness for the logs that are named. It vouches for a checkpoint only when it continues what it has seen, and remembers before it answers. */
import { counted } from '../../domain/counted.js';
import { Fault } from '../../domain/fault.js';
import type { ServedResponse, Signer, WitnessMemory, World } from '../../domain/ports.js';
import { verifySignature } from '../../identity/ed25519-verify.js';
import { checkpointText, formatVerifierKey, type VerifierKey } from '../../ledger/checkpoint.js';
import { cosign } from '../../ledger/cosignature.js';
import { ADD_CHECKPOINT, judgeSubmission, SIZE_TYPE } from '../../ledger/witness.js';
import { outcome } from '../outcome.js';
import { serveUntilInterrupted } from '../serve.js';
import { absolute } from '../trust-roots.js';
import { readVerifierKeys } from '../verifier-keys.js';
import { listOption, textOption, type OutsideVerb } from '../verb.js';

const PORT = 4410;
const FOLDER = 'agentctl-witness';
const NAME = 'agentctl-witness';
const KEY = { role: 'witness', name: 'witness' } as const;
/** A checkpoint, its signatures and the longest proof fit in easily. */
const LIMITS = { bytes: 65_536, requests: 64, timeout: 10_000 };
const HOST = '127.0.0.1';

export const run: OutsideVerb = async ({ world }, input) => {
  const port = portOf(textOption(input, 'port'));
  const name = textOption(input, 'name') ?? NAME;
  const logs = await readVerifierKeys(world, listOption(input, 'log'));
  if (logs.some((key) => key.kind !== 'note')) throw new Fault('USAGE', '--log wants keys of logs, not of witnesses', { hint: 'agentctl audit prove <seq>, which names the key of a log' });
  const folder = absolute(world, textOption(input, 'folder') ?? FOLDER);
  const memory = await world.witnesses.open(folder);
  try {
    const keys = world.keys(folder);
    const signer = (await keys.has(KEY)) ? await keys.open(KEY) : await keys.create(KEY);
    const key = formatVerifierKey(name, signer.publicKey, 'cosignature');
    await world.files.write(`${folder}/witness.vkey`, `${key}\n`);
    const witness: Witness = { world, memory, signer, name, logs };
    let answered = 0;
    const listening = (address: string) => world.talk.say(`witness at ${address}, until interrupted\nits key: ${key}\nwatches: ${logs.map((log) => log.name).join(', ')}`);
    await serveUntilInterrupted(world, {
      host: HOST, port, names: [], limits: LIMITS,
      handle({ method, path, body }) {
        answered += 1;
        return answer(witness, method, path, Buffer.from(body).toString('utf8'));
      },
    }, listening);
    return outcome({ step: 'audit', verb: 'witness serve', headline: `stopped after ${counted(answered, 'request')}`, facts: [{ label: 'key', value: key }, { label: 'memory', value: folder }], data: { key, folder, answered } });
  } finally {
    await memory.close();
  }
};

interface Witness {
  readonly world: World;
  readonly memory: WitnessMemory;
  readonly signer: Signer;
  readonly name: string;
  readonly logs: readonly VerifierKey[];
}

function portOf(text: string | undefined): number {
  if (text === undefined) return PORT;
  if (/^\d{1,5}$/.test(text) && Number(text) < 65_536) return Number(text);
  throw new Fault('USAGE', `--port "${text}" is no port`, { hint: `--port ${PORT}, or 0 for a free one` });
}

async function answer(witness: Witness, method: string, path: string, body: string): Promise<ServedResponse> {
  if (path !== ADD_CHECKPOINT) return said(404, `only ${ADD_CHECKPOINT} is here`);
  if (method !== 'POST') return { ...said(405, 'only POST'), headers: { 'content-type': 'text/plain; charset=utf-8', allow: 'POST' } };
  try {
    return await addCheckpoint(witness, body);
  } catch (cause) {
    if (!(cause instanceof Fault) || cause.code === 'INTERNAL') throw cause;
    // A disk that fails now may be well later; nothing was vouched for.
    witness.world.talk.say(`not answered: ${cause.message}`);
    return said(503, 'not now');
  }
}

/** Judged again when another request was quicker: of two that start from the same state one wins, and the other is told so. */
async function addCheckpoint(witness: Witness, body: string): Promise<ServedResponse> {
  const { world, memory, signer, name, logs } = witness;
  for (;;) {
    const judged = await judgeSubmission(body, { logs, verifySignature, seen: (origin) => memory.seen(origin) });
    if (judged.status === 409) return { status: 409, headers: { 'content-type': SIZE_TYPE }, body: `${judged.size}\n` };
    if (judged.status !== 200) return said(judged.status, judged.why);
    const { checkpoint, note, before } = judged;
    if (await memory.advance(checkpoint.origin, before, { ...checkpoint, note })) return said(200, (await cosign(checkpointText(checkpoint), name, signer, world.clock.now())).trimEnd());
  }
}

function said(status: number, line: string): ServedResponse {
  return { status, headers: { 'content-type': 'text/plain; charset=utf-8' }, body: `${line}\n` };
}

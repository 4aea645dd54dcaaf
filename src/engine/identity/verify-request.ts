/** `identity verify-request`: is this request from whom it says, now, for the first time? Link by link; needs neither agent.yaml nor store. */
import { EXIT, Fault } from '../../domain/fault.js';
import type { HttpRequest, World } from '../../domain/ports.js';
import { identityOf, shortOfOurs } from '../../identity/http-signature.js';
import { parseRequestFile } from '../../identity/request-file.js';
import { verifyWebBotAuth, type TrafficVerdict } from '../../identity/web-bot-auth.js';
import { plainFile } from '../plain-file.js';
import { outcome } from '../outcome.js';
import { absolute } from '../trust-roots.js';
import { requiredOption, textOption, type OutsideVerb, type VerbInput } from '../verb.js';
import { requestKeys } from './request-keys.js';

const EXAMPLE = 'agentctl identity verify-request --request request.http --directory https://agents.example.com --nonce-store nonces';
const LARGEST = 16 * 1024 * 1024;

export const run: OutsideVerb = async ({ world }, input) => {
  const file = requiredOption(input, 'request', EXAMPLE);
  const bytes = await readRequest(world, file);
  const origin = originOf(textOption(input, 'origin'));
  const request = parseRequestFile(bytes, file, origin);
  const { source, because } = await requestKeys(world, { key: textOption(input, 'key'), directory: textOption(input, 'directory') });
  const verdict = await remembering(world, input, (nonces) => verifyWebBotAuth(request, {
    keys: source, now: world.clock.now(), ...(nonces ? { nonces } : {}), ...(input.options['strict'] === true ? { demand: shortOfOurs } : {}),
  }));
  const { signature, links, exit } = verdict;
  const caller = callerOf(request, verdict);
  return outcome({
    step: 'identity', verb: 'verify-request', headline: headlineOf(verdict),
    facts: [
      { label: 'request', value: `${request.method} ${request.url}` },
      ...(signature?.agent ? [{ label: 'claims to be', value: `${signature.agent.uri} (${signature.agent.type})` }] : []),
      ...(caller ? [{ label: 'agent', value: `${caller.did}, version ${caller.version}${caller.build === null ? '' : `, build ${caller.build}`}` }] : []),
      { label: 'keys', value: because },
    ],
    tables: [{ title: 'Links', columns: ['link', 'holds', 'because'], rows: links.map((one) => [one.link, one.is, one.because]) }],
    next: nextOf(verdict, input) ?? (origin === undefined ? elsewhereOf(verdict, request, parseRequestFile(bytes, file, overHttp(request))) : null),
    data: { ok: verdict.ok, because: verdict.because, keyId: signature?.keyid ?? null, signatureAgent: signature?.agent?.uri ?? null, agent: caller, links: links.map((one) => ({ ...one })) },
  }, exit);
};

/** Whom an agentctl on the other side names; a stranger's header of that name may hold anything. */
function callerOf(request: HttpRequest, { ok, signature }: TrafficVerdict): ReturnType<typeof identityOf> | null {
  return ok && signature && shortOfOurs(request, signature) === undefined ? identityOf(request) : null;
}

async function readRequest({ files, surroundings }: World, file: string): Promise<Uint8Array> {
  if (file === '-') return files.read('/dev/stdin');
  const path = absolute({ surroundings }, file);
  const info = await plainFile({ files }, path, { code: 'USAGE', what: 'request', given: file, hint: EXAMPLE });
  if (info.size > LARGEST) throw new Fault('INPUT_INVALID', `${file} is larger than ${LARGEST} bytes`, { at: file, hint: EXAMPLE });
  return files.read(path);
}

function originOf(text: string | undefined): string | undefined {
  if (text === undefined) return undefined;
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (!url || !/^https?:$/.test(url.protocol) || url.href !== `${url.origin}/`) throw new Fault('USAGE', `--origin "${text}" is no origin`, { hint: '--origin https://api.example.com' });
  return url.origin;
}

async function remembering<T>(world: World, input: VerbInput, work: (nonces?: Awaited<ReturnType<World['nonces']['open']>>) => Promise<T>): Promise<T> {
  const folder = textOption(input, 'nonceStore');
  if (folder === undefined) return work();
  const nonces = await world.nonces.open(absolute(world, folder));
  try {
    return await work(nonces);
  } finally {
    await nonces.close();
  }
}

function headlineOf({ ok, because, exit, signature }: TrafficVerdict): string {
  if (ok) return `the request is signed by ${String(signature?.keyid)}, fresh and whole`;
  return exit === EXIT.indeterminate ? `it cannot be told: ${because}` : `no: ${because}`;
}

function overHttp({ url }: HttpRequest): string {
  return `http://${new URL(url).host}`;
}

/** A message that does not say where it arrived is taken as one for https: what was signed for another address looks false then. */
function elsewhereOf({ links }: TrafficVerdict, request: HttpRequest, other: HttpRequest): string | null {
  const guessed = other.url !== request.url && links.some((one) => one.link === 'signature' && one.is === 'no');
  return guessed ? `if it did not arrive at ${new URL(request.url).origin}, the same with --origin ${overHttp(request)} or wherever it did` : null;
}

function nextOf({ links }: TrafficVerdict, input: VerbInput): string | null {
  const open = links.find((one) => one.is !== 'yes');
  if (open?.link === 'key' && input.options['key'] === undefined && input.options['directory'] === undefined) return EXAMPLE;
  return open?.link === 'replay' && input.options['nonceStore'] === undefined ? 'the same with --nonce-store <folder>' : null;
}

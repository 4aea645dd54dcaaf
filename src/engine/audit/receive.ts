/** The OTLP/HTTP receiver: POST /v1/traces in JSON, one request on record after the other. */
import { EXIT, Fault } from '../../domain/fault.js';
import { parseJson } from '../../domain/json.js';
import type { ServedRequest, ServedResponse } from '../../domain/ports.js';
import { signCheckpoint } from '../checkpoint.js';
import { serveUntilInterrupted } from '../serve.js';
import type { Session } from '../session.js';
import { NOTHING, observe, sum, type Tally } from './observe.js';

/** What the protocol recommends: 20 MiB, as sent and as unpacked. */
export const LARGEST_REQUEST = 20 * 1024 * 1024;
const LIMITS = { bytes: LARGEST_REQUEST, requests: 8, timeout: 30_000 } as const;

/** What a request is called in a message to its sender. */
const PLACE = 'the request';

/** Entries, and milliseconds, after which the head is signed again. */
const CHECKPOINT_EVERY = { entries: 1_000, milliseconds: 60_000 } as const;

export interface Address {
  readonly host: string;
  readonly port: number;
  readonly names: readonly string[];
}

/** Receives until the user interrupts. `heard` is told what became of each request. */
export async function receive(session: Session, address: Address, told: { listening(url: string): Promise<void>; heard(tally: Tally): Promise<void> }): Promise<Tally> {
  const receiver = new Receiver(session, told.heard);
  await serveUntilInterrupted(session.world, { ...address, limits: LIMITS, handle: (request) => receiver.answer(request) }, (url) => told.listening(`${url}/v1/traces`));
  return receiver.tally;
}

class Receiver {
  tally: Tally = NOTHING;
  readonly #session: Session;
  readonly #heard: (tally: Tally) => Promise<void>;
  #queue: Promise<unknown> = Promise.resolve();
  #unsigned = 0;
  #signed: number;

  constructor(session: Session, heard: (tally: Tally) => Promise<void>) {
    this.#session = session;
    this.#heard = heard;
    this.#signed = session.world.clock.monotonic();
  }

  async answer({ method, path, headers, body }: ServedRequest): Promise<ServedResponse> {
    if (path !== '/v1/traces') return answer(404, { message: 'traces only: POST /v1/traces' });
    if (method !== 'POST') return answer(405, { message: 'POST /v1/traces' }, { allow: 'POST' });
    const [type = ''] = (headers['content-type'] ?? '').split(';');
    if (type.trim().toLowerCase() !== 'application/json') return answer(415, { message: 'send application/json: OTEL_EXPORTER_OTLP_PROTOCOL=http/json, or encoding: json in the collector\'s otlphttp exporter' });
    // Read in its turn only: what waits is bytes, not objects.
    const turn = this.#queue.then(() => this.#record(body));
    this.#queue = turn.catch(() => undefined);
    return turn;
  }

  async #record(body: Uint8Array): Promise<ServedResponse> {
    const text = decoded(body);
    if (text === undefined) return answer(400, { message: 'the body is not UTF-8 text' });
    try {
      const tally = await observe(this.#session, parseJson(text, PLACE, 'as text'), PLACE);
      this.tally = sum(this.tally, tally);
      await this.#sign(tally.recorded);
      await this.#heard(tally);
      return answer(200, responseOf(tally));
    } catch (cause) {
      if (cause instanceof Fault && cause.exit === EXIT.usage) return answer(400, { message: cause.at === PLACE ? cause.message : `${cause.at}: ${cause.message}` });
      // The disk may have room again, the lock may be free: the sender keeps it and comes back.
      if (!(cause instanceof Fault) || cause.exit !== EXIT.surroundings) throw cause;
      this.#session.world.talk.say(`${cause.code}: ${cause.message}`);
      return answer(503, { message: 'it cannot be recorded now' }, { 'retry-after': '5' });
    }
  }

  async #sign(recorded: number): Promise<void> {
    const now = this.#session.world.clock.monotonic();
    this.#unsigned += recorded;
    if (this.#unsigned === 0 || (this.#unsigned < CHECKPOINT_EVERY.entries && now - this.#signed < CHECKPOINT_EVERY.milliseconds)) return;
    await signCheckpoint(this.#session);
    [this.#unsigned, this.#signed] = [0, now];
  }
}

/** ExportTraceServiceResponse: empty when all was taken; 64-bit numbers are text in JSON. */
function responseOf({ refused, refusals: [first] }: Tally): object {
  if (refused === 0) return {};
  return { partialSuccess: { rejectedSpans: String(refused), errorMessage: `span ${first?.span}: ${first?.because}${refused > 1 ? `, and ${refused - 1} more` : ''}` } };
}

function decoded(body: Uint8Array): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(body);
  } catch {
    return undefined;
  }
}

function answer(status: number, body: object, headers: Readonly<Record<string, string>> = {}): ServedResponse {
  return { status, headers: { 'content-type': 'application/json', ...headers }, body: JSON.stringify(body) };
}

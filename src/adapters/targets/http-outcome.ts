/** What an HTTP status says of the agent, its surroundings or our own question: one table for all services. */
import { Fault } from '../../domain/fault.js';
import { millisecondsOf } from '../../domain/time.js';
import type { Clock } from '../../domain/ports.js';
import { failure, fault, quote, type Answered } from './answer.js';
import { placeOf, type Exchange, type Heard } from './wire.js';

type Attempted = Answered & { readonly retryAfter?: number };

/** Too much is asked at the moment: 429 of RFC 6585, 503 of RFC 9110, and 529 as some model services say it. */
const OVERLOADED: ReadonlySet<number> = new Set([429, 503, 529]);
/** Something in between cannot reach the agent, or the request did not reach it in time. */
const BETWEEN: ReadonlySet<number> = new Set([408, 502, 504]);

export interface Asked {
  readonly url: string;
  readonly clock: Pick<Clock, 'now'>;
  /** Takes the key out of a text that is quoted. */
  readonly redact: (text: string) => string;
}

/**
 * A good answer to read on, or what became of the question.
 * @throws {Fault} TARGET_FAILED where the question itself is wrong: a redirect, or a 4xx that no other case would escape
 */
export function heardWell(exchange: Exchange, asked: Asked): { readonly heard: Heard } | { readonly fallen: Attempted } {
  if ('fallen' in exchange) return exchange;
  const { status, headers, text } = exchange;
  if (status >= 200 && status < 300) return { heard: exchange };
  const origin = new URL(asked.url).origin;
  if (OVERLOADED.has(status)) return { fallen: { ...fault('overloaded', `${origin} answers with ${status}`), ...waitOf(headers['retry-after'], asked.clock) } };
  if (BETWEEN.has(status)) return { fallen: { ...fault('unreachable', `${origin} answers with ${status}`), ...waitOf(headers['retry-after'], asked.clock) } };
  if (status < 500) throw misasked(exchange, asked);
  // With words of its own a 500 is the agent's failure; without any nobody can tell whose it is.
  if (status === 500 && text.trim() !== '') return { fallen: failure('agent-error', `the agent answers with 500: ${quote(asked.redact(text))}`) };
  return { fallen: fault('agent-error', `${origin} answers with ${status}`) };
}

const HINTS: Readonly<Record<number, string>> = {
  401: 'see target.key in agent.yaml: the service does not take the key',
  403: 'see target.key in agent.yaml: the service does not take the key',
  404: 'see target.url in agent.yaml',
  405: 'see target.url in agent.yaml: nothing there takes this request',
};

/** What a service says to a wrong key may repeat the key. */
function misasked({ status, text }: Heard, { url, redact }: Asked): Fault {
  const secretive = status === 401 || status === 403 || text.trim() === '';
  const redirect = status >= 300 && status < 400;
  return new Fault('TARGET_FAILED', `${placeOf(url)} answers with ${status}${secretive || redirect ? '' : `: ${quote(redact(text))}`}`, {
    at: 'agent.yaml: target', hint: redirect ? 'a redirect is not followed: name the address that it leads to under target.url' : (HINTS[status] ?? 'see target in agent.yaml: what is sent does not fit the service'),
  });
}

/** Retry-After (RFC 9110, 10.2.3): seconds or a date. */
function waitOf(header: string | undefined, clock: Pick<Clock, 'now'>): { readonly retryAfter?: number } {
  if (header === undefined) return {};
  if (/^\d{1,9}$/.test(header.trim())) return { retryAfter: Number(header) * 1000 };
  const date = Date.parse(header);
  return Number.isNaN(date) ? {} : { retryAfter: Math.max(0, date - millisecondsOf(clock.now())) };
}

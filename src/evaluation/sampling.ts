/** Consistent probability sampling (OpenTelemetry): whether a request is scored follows from its id alone, so nobody can pick. */
import { sha256Hex } from '../domain/digest.js';
import { Fault } from '../domain/fault.js';

const SPACE = 2n ** 56n;
const MILLION = 1_000_000n;
const RANDOM = /^[0-9a-f]{14}$/;

/** What a request is known by. */
export interface Request {
  /** Its own id, of any shape. */
  readonly id: string;
  /** Trace that it belongs to, 32 hex digits; W3C asks that the last 14 are random. */
  readonly trace?: string;
  /** W3C tracestate as it came: member `ot` may carry randomness (`rv`) and the threshold that somebody upstream kept it by (`th`). */
  readonly tracestate?: string;
}

/** Traffic is sampled at the rate; errors and complaints are all looked at, and leave the random part, which they would distort. */
export type Stratum = 'random' | 'errors' | 'complaints';

export interface Sampling {
  readonly kept: boolean;
  /** The threshold that was in force, as OpenTelemetry writes it: what a reader needs to weigh the result. */
  readonly th: string;
  /** How many requests a kept one stands for. */
  readonly weight: number;
}

/**
 * Kept when its random value R is at least the threshold T = (1 − rate) · 2^56, or the one that it already passed upstream,
 * whichever is higher. R is `rv`, else the end of the trace id, else the end of the SHA-256 of the id.
 * @param rate decimal in 0..1, such as "0.15"
 */
export function sampling(request: Request, rate: string, stratum: Stratum = 'random'): Sampling {
  const { rv, th } = upstream(request.tracestate ?? '');
  const ours = stratum === 'random' ? thresholdOf(rate) : 0n;
  const threshold = th !== undefined && th > ours ? th : ours;
  const kept = randomOf(request, rv) >= threshold && threshold < SPACE;
  return { kept, th: thresholdText(threshold), weight: threshold < SPACE ? Number(SPACE) / Number(SPACE - threshold) : 0 };
}

/** For requests that agentctl itself numbered. */
export function isSampled(id: string, rate: string): boolean {
  return sampling({ id }, rate).kept;
}

function randomOf({ id, trace }: Request, rv: string | undefined): bigint {
  const end = trace?.slice(-14).toLowerCase();
  return BigInt(`0x${rv ?? (end !== undefined && RANDOM.test(end) ? end : sha256Hex(id).slice(-14))}`);
}

/** What member `ot` of a tracestate says; anything ill-formed says nothing. */
function upstream(tracestate: string): { readonly rv?: string; readonly th?: bigint } {
  const member = tracestate.split(',').map((part) => part.trim()).find((part) => part.startsWith('ot='));
  const values = new Map((member ?? '').slice(3).split(';').map((pair) => [pair.split(':')[0] ?? '', pair.slice(pair.indexOf(':') + 1)]));
  const [rv, th] = [values.get('rv'), values.get('th')];
  return {
    ...(rv !== undefined && RANDOM.test(rv) ? { rv } : {}),
    ...(th !== undefined && /^[0-9a-f]{1,14}$/.test(th) ? { th: BigInt(`0x${th.padEnd(14, '0')}`) } : {}),
  };
}

/** The least R that is kept. @throws {Fault} INTERNAL when the rate did not pass its schema */
export function thresholdOf(rate: string): bigint {
  const match = /^([01])(?:\.(\d{1,6}))?$/.exec(rate);
  const millionths = match ? BigInt(match[1] ?? '0') * MILLION + BigInt((match[2] ?? '').padEnd(6, '0')) : -1n;
  if (millionths < 0n || millionths > MILLION) throw new Fault('INTERNAL', `"${rate}" is not a rate`);
  return SPACE - (millionths * SPACE) / MILLION;
}

/** Hex without trailing zeros, `0` for everything; nothing at all is kept at `100000000000000`. @param precision digits to round to */
export function thresholdText(threshold: bigint, precision = 14): string {
  if (threshold >= SPACE) return SPACE.toString(16);
  const unit = 16n ** BigInt(14 - precision);
  const rounded = ((threshold + unit / 2n) / unit) * unit;
  return rounded.toString(16).padStart(14, '0').replace(/0+$/, '') || '0';
}

/** A value of 0 or 1 (or between) and how many requests it stands for. */
export interface Weighted {
  readonly value: number;
  readonly weight: number;
}

/** Mean over strata that were sampled at different rates, and how many equally weighted requests would tell as much (Kish 1965); undefined without any. */
export function weightedShare(values: readonly Weighted[]): { readonly share: number; readonly effective: number } | undefined {
  const total = values.reduce((sum, one) => sum + one.weight, 0);
  if (total === 0) return undefined;
  const squares = values.reduce((sum, one) => sum + one.weight ** 2, 0);
  return { share: values.reduce((sum, one) => sum + one.weight * one.value, 0) / total, effective: total ** 2 / squares };
}

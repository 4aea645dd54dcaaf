/** Consistent probability sampling (OpenTelemetry): whether a request is scored follows from its id alone, so nobody can pick. */
import { sha256Hex } from '../domain/digest.js';
import { Fault } from '../domain/fault.js';

const SPACE = 2n ** 56n;
const MILLION = 1_000_000n;

/**
 * @param id request id; the last 14 hex digits of its SHA-256 are the 56-bit random value R
 * @param rate decimal in 0..1, such as "0.15"; kept when R ≥ (1 − rate) · 2^56
 */
export function isSampled(id: string, rate: string): boolean {
  return BigInt(`0x${sha256Hex(id).slice(-14)}`) >= thresholdOf(rate);
}

/** The least R that is kept. @throws {Fault} INTERNAL when the rate did not pass its schema */
export function thresholdOf(rate: string): bigint {
  const match = /^([01])(?:\.(\d{1,6}))?$/.exec(rate);
  const millionths = match ? BigInt(match[1] ?? '0') * MILLION + BigInt((match[2] ?? '').padEnd(6, '0')) : -1n;
  if (millionths < 0n || millionths > MILLION) throw new Fault('INTERNAL', `"${rate}" is not a rate`);
  return SPACE - (millionths * SPACE) / MILLION;
}

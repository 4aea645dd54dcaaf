/** Money: exact minor units, strict decimal strings. Never a JavaScript number. */
import { Fault } from './fault.js';

/** An amount in minor units of `currency`; `decimals` is how many digits of the text are minor. */
export interface Money {
  readonly minor: bigint;
  readonly currency: string;
}

/** Currencies agentctl can count, with their minor digits (ISO 4217; USDC as on every EVM chain). */
export const DECIMALS: Readonly<Record<string, number>> = { USD: 2, EUR: 2, GBP: 2, CHF: 2, JPY: 0, USDC: 6, EURC: 6 };

export const AMOUNT = /^\d{1,30}(\.\d{1,18})?$/;

/**
 * Reads `"12.50"` as 1250 minor units. Sign, exponent, spaces, non-ASCII digits and more precision than the currency has are refused.
 * @throws {Fault} INPUT_INVALID
 */
export function parseMoney(text: string, currency: string): Money {
  const decimals = DECIMALS[currency];
  if (decimals === undefined) throw new Fault('INPUT_INVALID', `unknown currency "${currency}"`, { hint: `use one of ${Object.keys(DECIMALS).join(', ')}` });
  if (!AMOUNT.test(text)) throw new Fault('INPUT_INVALID', `"${text}" is not an amount`, { hint: 'write a plain decimal such as "12.50"' });
  const [whole = '0', fraction = ''] = text.split('.');
  if (fraction.length > decimals) throw new Fault('INPUT_INVALID', `"${text}" has more than ${decimals} decimals of ${currency}`);
  return { minor: BigInt(whole + fraction.padEnd(decimals, '0')), currency };
}

/** `1250n USD` as `"12.50"`. */
export function formatMoney(money: Money): string {
  const decimals = DECIMALS[money.currency] ?? 0;
  const digits = money.minor.toString().padStart(decimals + 1, '0');
  return decimals === 0 ? digits : `${digits.slice(0, -decimals)}.${digits.slice(-decimals)}`;
}

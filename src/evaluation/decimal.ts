/** Measured numbers as decimal text: six digits, bounds rounded outwards so that the text never claims more than the number. */

const UNIT = 1e6;
/** Swallows the last-bit noise of a product, far below the sixth digit. */
const NOISE = 1e-6;

/** Nearest six-digit decimal: `0.912345`. */
export function decimal(value: number): string {
  return value.toFixed(6);
}

/** Six-digit decimal not above the value. */
export function decimalBelow(value: number): string {
  return (Math.floor(value * UNIT + NOISE) / UNIT).toFixed(6);
}

/** Six-digit decimal not below the value. */
export function decimalAbove(value: number): string {
  return (Math.ceil(value * UNIT - NOISE) / UNIT).toFixed(6);
}

const CONFIDENCE = /^(?:0(?:\.\d{1,18})?|1(?:\.0{1,18})?)$/;

/** A stated confidence, a number or decimal text in 0..1, as decimal text without trailing zeros; undefined when it is neither. */
export function confidenceText(value: unknown): string | undefined {
  const stated = typeof value === 'string' && CONFIDENCE.test(value) ? Number(value) : value;
  if (typeof stated !== 'number' || !(stated >= 0 && stated <= 1)) return undefined;
  return Number(stated.toFixed(6)).toFixed(6).replace(/\.?0+$/, '');
}

/** `0.85` as `85 %`. */
export function percent(rate: string | number): string {
  return `${Number((Number(rate) * 100).toFixed(4))} %`;
}

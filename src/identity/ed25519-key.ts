/** Which 32 bytes are an Ed25519 public key that can be relied on (RFC 8032, 5.1.3): a point of the curve, spelled in the one way, and not of small order. */
import { Fault } from '../domain/fault.js';

export const KEY_LENGTH = 32;

/**
 * A public key that comes from outside, checked.
 * @throws {Fault} KEY_UNFIT
 */
export function acceptKey(publicKey: Uint8Array): Uint8Array {
  const reason = weakness(publicKey);
  if (reason !== undefined) throw new Fault('KEY_UNFIT', `the public key ${reason}`);
  return publicKey;
}

/** Verdicts on keys seen before: the same few keys sign everything. */
const looked = new Map<string, string | undefined>();
const REMEMBERED = 1000;

function weakness(publicKey: Uint8Array): string | undefined {
  const name = Buffer.from(publicKey).toString('base64');
  if (looked.has(name)) return looked.get(name);
  if (looked.size >= REMEMBERED) looked.clear();
  const found = look(publicKey);
  looked.set(name, found);
  return found;
}

function look(publicKey: Uint8Array): string | undefined {
  if (publicKey.length !== KEY_LENGTH) return `has ${publicKey.length} bytes instead of ${KEY_LENGTH}`;
  if (isSmallOrder(publicKey)) return hasLooseSign(publicKey) ? NO_POINT : 'is of small order: anybody can sign for it';
  return isSecondSpelling(publicKey) || !isOnCurve(publicKey) ? NO_POINT : undefined;
}

const NO_POINT = 'is not a point of the curve in canonical form';

/** The y of the eight points whose order divides 8, little-endian: anybody can sign for them. The sign bit of x is left out. */
const SMALL_ORDER: ReadonlySet<string> = new Set([
  '0000000000000000000000000000000000000000000000000000000000000000',
  '0100000000000000000000000000000000000000000000000000000000000000',
  'ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
  '26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05',
  'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a',
]);

export function isSmallOrder(publicKey: Uint8Array): boolean {
  return SMALL_ORDER.has(littleEndian(publicKey));
}

/** A y of 2^255 - 19 or more stands for a smaller one, which has a spelling of its own. */
export function isSecondSpelling(publicKey: Uint8Array): boolean {
  const y = withoutSign(publicKey);
  return (y[0] ?? 0) >= 0xed && y[31] === 0x7f && y.subarray(1, 31).every((byte) => byte === 0xff);
}

/** Where x is 0, which has no sign, a sign bit is a second spelling. */
function hasLooseSign(publicKey: Uint8Array): boolean {
  const y = yOf(publicKey);
  return ((publicKey[31] ?? 0) & 0x80) !== 0 && (y === 1n || y === P - 1n);
}

/** The field is the integers modulo this prime. */
const P = 2n ** 255n - 19n;
/** The curve is -x² + y² = 1 + d x² y². */
const D = 37095705934669439343138083508754565189542113879843219016388785533085940283555n;

/** Whether x² = (y² - 1) / (d y² + 1) has a root; whether a quotient is a square, the product tells as well. */
function isOnCurve(publicKey: Uint8Array): boolean {
  const square = yOf(publicKey) ** 2n % P;
  return isSquare(((square - 1n) * (D * square + 1n)) % P);
}

/** The Jacobi symbol by the law of quadratic reciprocity (Cohen, A Course in Computational Algebraic Number Theory, algorithm 1.4.10): 1 for squares other than 0. */
function isSquare(value: bigint): boolean {
  let [above, below, symbol] = [(value + P) % P, P, 1];
  while (above !== 0n) {
    while ((above & 1n) === 0n) {
      above >>= 1n;
      const rest = below & 7n;
      if (rest === 3n || rest === 5n) symbol = -symbol;
    }
    if ((above & 3n) === 3n && (below & 3n) === 3n) symbol = -symbol;
    [above, below] = [below % above, above];
  }
  return below === 1n && symbol === 1;
}

function yOf(publicKey: Uint8Array): bigint {
  return BigInt(`0x${Buffer.from(withoutSign(publicKey).reverse()).toString('hex')}`);
}

function littleEndian(publicKey: Uint8Array): string {
  return Buffer.from(withoutSign(publicKey)).toString('hex');
}

function withoutSign(publicKey: Uint8Array): Uint8Array {
  const y = Uint8Array.from(publicKey);
  y[31] = (y[31] ?? 0) & 0x7f;
  return y;
}

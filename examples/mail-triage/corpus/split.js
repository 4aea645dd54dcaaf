/** Which group goes to which split: a salted hash of the group's name, so a split never changes when mails come or go. */
import { createHash } from 'node:crypto';

/** Fixed once, on the day the suite was made. Its SHA-256 is stated in README.md, so a later salt that splits more kindly would show. */
export const SALT = 'ba589ef5cf8344cc47afd5ddc12c776ee2534233397b3f69618eadb03df0f1d1';

/** Upper ends of the splits on [0, 1). The first is as small as 2,000 held-out mails allow. */
const SPLITS = [
  { name: 'held-out', below: 0.69 },
  { name: 'pilot', below: 0.79 },
  { name: 'tuning', below: 1 },
];

/** u in [0, 1): the first 48 bits of SHA-256(salt || 0x00 || name). */
export function position(name, salt = SALT) {
  const bytes = createHash('sha256').update(salt).update('\0').update(name).digest();
  return bytes.readUIntBE(0, 6) / 2 ** 48;
}

/** @returns {'held-out' | 'pilot' | 'tuning'} */
export function splitOf(group) {
  const u = position(group);
  return SPLITS.find((split) => u < split.below).name;
}

/** An opaque name: says nothing about folder, file or label. */
export function opaque(prefix, ...parts) {
  const hash = createHash('sha256').update(SALT);
  for (const part of [prefix, ...parts]) hash.update('\0').update(part);
  return `${prefix}-${hash.digest('hex').slice(0, 24)}`;
}

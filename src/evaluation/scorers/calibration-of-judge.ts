/** How far a judge may be believed: its decisions against those of people on the same answers. */
import { decimalAbove, decimalBelow } from '../decimal.js';

export interface Decision {
  readonly human: boolean;
  readonly judge: boolean;
}

export type KappaOf = (table: readonly (readonly number[])[]) => { readonly kappa: number; readonly standardError: number } | undefined;

export interface JudgeCalibration {
  readonly n: number;
  /** Null where chance alone would agree always. Decimals, as all numbers here; bounds at 95 %, rounded outwards. */
  readonly kappa: { readonly value: string; readonly lower: string; readonly upper: string } | null;
  /** Share of the answers that people pass; and how often somebody who always gives the commoner answer would be right. */
  readonly baseRate: string | null;
  readonly constantAccuracy: string | null;
  /** Share of what people pass, and of what they fail, on which the judge agrees; null where there is none. */
  readonly sensitivity: string | null;
  readonly specificity: string | null;
  /** Whether its verdicts may decide anything, and why not. */
  readonly certifying: boolean;
  readonly because: string;
}

/** Fewest labelled answers; kappa has to be above the second; and sensitivity + specificity - 1 at least the third. */
export const LEAST_LABELLED = 20;
export const LEAST_KAPPA = 0.6;
export const LEAST_YOUDEN = 0.5;
const Z = 1.959963984540054;

export function calibrationOf(decisions: readonly Decision[], kappaOf: KappaOf): JudgeCalibration {
  const count = (human: boolean, judge: boolean) => decisions.filter((one) => one.human === human && one.judge === judge).length;
  const [tp, fn, fp, tn] = [count(true, true), count(true, false), count(false, true), count(false, false)];
  const n = decisions.length;
  const found = kappaOf([[tp, fn], [fp, tn]]);
  const [sensitivity, specificity] = [share(tp, tp + fn), share(tn, tn + fp)];
  const base = share(tp + fn, n);
  const because = complaint({ n, kappa: found?.kappa, youden: sensitivity === undefined || specificity === undefined ? undefined : sensitivity + specificity - 1 });
  return {
    n,
    kappa: found ? { value: decimalBelow(found.kappa), lower: decimalBelow(Math.max(-1, found.kappa - Z * found.standardError)), upper: decimalAbove(Math.min(1, found.kappa + Z * found.standardError)) } : null,
    baseRate: text(base),
    constantAccuracy: text(base === undefined ? undefined : Math.max(base, 1 - base)),
    sensitivity: text(sensitivity),
    specificity: text(specificity),
    certifying: because === undefined,
    because: because ?? `agrees with people on ${n} answers, kappa ${decimalBelow(found?.kappa ?? 0)}`,
  };
}

/**
 * The rate that people would find, given the rate that the judge finds (Rogan and Gladen 1978), within 0..1.
 * @returns undefined where the judge tells too little: sensitivity + specificity - 1 below a half
 */
export function correctedRate(observed: number, { sensitivity, specificity }: Pick<JudgeCalibration, 'sensitivity' | 'specificity'>): number | undefined {
  if (sensitivity === null || specificity === null) return undefined;
  const youden = Number(sensitivity) + Number(specificity) - 1;
  if (youden < LEAST_YOUDEN) return undefined;
  return Math.min(1, Math.max(0, (observed + Number(specificity) - 1) / youden));
}

function complaint({ n, kappa, youden }: { readonly n: number; readonly kappa: number | undefined; readonly youden: number | undefined }): string | undefined {
  if (n < LEAST_LABELLED) return `only ${n} answers that people labelled were judged, ${LEAST_LABELLED} are needed`;
  if (youden === undefined || kappa === undefined) return 'people gave all answers the same label, so agreement says nothing';
  // As printed, so that the last bit of a quotient does not decide.
  if (Number(decimalBelow(kappa)) <= LEAST_KAPPA) return `kappa ${decimalBelow(kappa)} is not above ${LEAST_KAPPA}`;
  return youden < LEAST_YOUDEN ? `sensitivity + specificity - 1 is below ${LEAST_YOUDEN}` : undefined;
}

function share(part: number, whole: number): number | undefined {
  return whole === 0 ? undefined : part / whole;
}

function text(value: number | undefined): string | null {
  return value === undefined ? null : decimalBelow(value);
}

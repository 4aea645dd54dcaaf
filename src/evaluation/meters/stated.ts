/** The confidence that an answer was given with, for the meters of calibration. */
import { isRightOrWrong, type ResultRow } from '../score.js';

/** Confidence of an answer. One that was not stated counts as the worst possible, or leaving it out would pay. */
export function statedConfidence(row: ResultRow): number | undefined {
  if (!isRightOrWrong(row) || row.cause === 'agent_crash') return undefined;
  if (row.confidence === null) return row.outcome === 'pass' ? 0 : 1;
  return Number(row.confidence);
}

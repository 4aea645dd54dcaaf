/** The judges of a run that may decide nothing, and why: conditions that rest on them are open for that reason. */
import { isObject, type JsonObject } from '../../domain/json.js';

/** @param judges what a report says about them: by capability, then by scorer */
export function judgesWithoutSay(judges: unknown): readonly string[] {
  return scorersIn(judges).flatMap(([scorer, { calibration }]) => (isObject(calibration) && calibration['certifying'] === false ? [`The judge ${scorer} may not decide: ${String(calibration['because'])}.`] : []));
}

function scorersIn(judges: unknown): readonly (readonly [string, JsonObject])[] {
  if (!isObject(judges)) return [];
  return Object.values(judges).flatMap((scorers) => (isObject(scorers) ? Object.entries(scorers) : [])).flatMap(([id, about]) => (isObject(about) ? [[id, about] as const] : []));
}

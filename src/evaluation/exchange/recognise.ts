/** Which form a file of results has, by what stands in it; its name says nothing. */
import { isObject, type Json } from '../../domain/json.js';
import type { ExchangeFormat } from './imported-run.js';

/** By the first bytes, where they decide. */
export function recogniseBytes(bytes: Uint8Array): 'inspect' | 'junit' | undefined {
  if (bytes[0] === 0x50 && bytes[1] === 0x4b && ((bytes[2] === 3 && bytes[3] === 4) || (bytes[2] === 5 && bytes[3] === 6))) return 'inspect';
  const first = bytes.subarray(0, 1000).find((byte, index) => !SPACE.has(byte) && !(index < 3 && BOM.has(byte)));
  return first === 0x3c ? 'junit' : undefined;
}

const SPACE: ReadonlySet<number> = new Set([0x20, 0x09, 0x0a, 0x0d]);
const BOM: ReadonlySet<number> = new Set([0xef, 0xbb, 0xbf]);

/** By the members of a JSON document. */
export function recogniseDocument(value: Json): ExchangeFormat | undefined {
  if (Array.isArray(value)) return value.length > 0 && value.every((one) => isObject(one) && one['task_id'] !== undefined && one['reward'] !== undefined) ? 'tau-bench' : undefined;
  if (!isObject(value)) return undefined;
  if (Array.isArray(value['resourceLogs'])) return 'otel';
  if (Array.isArray(value['simulations'])) return 'tau2';
  if (isObject(value['eval']) && value['version'] !== undefined) return 'inspect';
  if (isObject(value['results']) && (value['results']['results'] !== undefined || value['results']['version'] !== undefined)) return 'promptfoo';
  return recogniseLine(value);
}

/** By the first line, where each line is a JSON document of its own. */
export function recogniseLine(value: Json): ExchangeFormat | undefined {
  if (!isObject(value)) return undefined;
  if (Array.isArray(value['resourceLogs'])) return 'otel';
  if (value['gradingResult'] !== undefined || value['failureReason'] !== undefined || (value['testCase'] !== undefined && value['prompt'] !== undefined)) return 'promptfoo';
  if ((value['case'] !== undefined && value['outcome'] !== undefined) || typeof value['results'] === 'string') return 'jsonl';
  return undefined;
}

/** By the names of the columns. */
export function recogniseHeader(line: string): 'csv' | undefined {
  const names = line.replace(/^\ufeff|\r$/g, '').split(',').map((name) => name.replace(/^"|"$/g, ''));
  return names.includes('case') && names.includes('outcome') ? 'csv' : undefined;
}

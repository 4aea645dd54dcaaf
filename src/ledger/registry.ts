/** The closed registry of entry types: every type that agentctl writes or understands, with the schema of its data. */
import { conforms } from '../domain/conforms.js';
import { Fault } from '../domain/fault.js';
import type { JsonObject } from '../domain/json.js';
import { actionTypes } from './types/action.js';
import { auditTypes } from './types/audit.js';
import { baselineTypes } from './types/baseline.js';
import { certifyTypes } from './types/certify.js';
import { complaintTypes } from './types/complaint.js';
import { escalationTypes } from './types/escalation.js';
import { guardrailsTypes } from './types/guardrails.js';
import { identityTypes } from './types/identity.js';
import { incidentTypes } from './types/incident.js';
import { ledgerTypes } from './types/ledger.js';
import { monitorTypes } from './types/monitor.js';
import { observedTypes } from './types/observed.js';
import { pactTypes } from './types/pact.js';
import { reviewTypes } from './types/review.js';
import { rollbackTypes } from './types/rollback.js';
import { trustTypes } from './types/trust.js';
import { waiverTypes } from './types/waiver.js';

/** The groups, for the test that no type is declared twice. */
export const TYPE_GROUPS: readonly Readonly<Record<string, JsonObject>>[] = [
  ledgerTypes, identityTypes, pactTypes, baselineTypes, guardrailsTypes, monitorTypes, complaintTypes, escalationTypes, rollbackTypes,
  auditTypes, certifyTypes, incidentTypes, trustTypes, reviewTypes, actionTypes, observedTypes, waiverTypes,
];

const SCHEMAS: ReadonlyMap<string, JsonObject> = new Map(TYPE_GROUPS.flatMap((group) => Object.entries(group)));

/** Every type of the registry, sorted. */
export function entryTypes(): readonly string[] {
  return [...SCHEMAS.keys()].sort();
}

/** Whether this agentctl understands the type. An unknown one keeps its place in the chain, but a state that meets it must say "upgrade". */
export function known(type: string): boolean {
  return SCHEMAS.has(type);
}

/** Why `data` is not what the registry says about `type`; null when it is. */
export function dataProblem(type: string, data: JsonObject): string | null {
  const schema = SCHEMAS.get(type);
  return schema === undefined ? `"${type}" is not in the registry` : conforms(schema, data);
}

/** @throws {Fault} INTERNAL: only a defect of ours writes an entry that its own registry does not describe */
export function checkWritable(type: string, data: JsonObject): void {
  const problem = dataProblem(type, data);
  if (problem !== null) throw new Fault('INTERNAL', `cannot write a "${type}" entry: ${problem}`);
}

/** @throws {Fault} UPGRADE_NEEDED when the entry was written by an agentctl that knows more than this one */
export function checkReadable(type: string, data: JsonObject, place: string): void {
  const problem = dataProblem(type, data);
  if (problem === null) return;
  throw new Fault('UPGRADE_NEEDED', `${place} is not readable by this agentctl: ${problem}`, { at: place, hint: 'upgrade agentctl' });
}

/** A reader's policy: what he asks of a certificate beyond what its own stakes ask. It can only tighten. */
import type { Stakes } from '../domain/manifest.js';
import { boolean, integer, list, object, oneOf, optional, record, string, type TypeOf } from '../domain/schema.js';
import { STEP_IDS } from '../domain/step.js';
import { SIGN_OFF_ROLES, type CertificatePredicate } from './certificate.js';
import type { HumanAct } from './human-act.js';

const share = string({ description: 'Between 0 and 1, as decimal text.', pattern: '^(0(\\.\\d{1,6})?|1(\\.0{1,6})?)$' });
const RANKS: readonly Stakes[] = ['low', 'standard', 'high'];

/** One description for the check, the types and the published JSON Schema. */
export const certificatePolicy = object({
  minimumStakes: optional(oneOf(['low', 'standard', 'high'], { description: 'Certified for at least these stakes.' })),
  dimensions: optional(record(share, { description: 'Least score of each named dimension.', propertyNames: { pattern: '^[a-z][a-z0-9-]{0,49}$' } })),
  composite: optional({ ...share, description: 'Least composite score.' } as typeof share),
  maximumAge: optional(string({ description: 'How old the certificate may be, as ISO 8601 duration such as P30D.', pattern: '^P(?=.)(\\d+W)?(\\d+D)?(T(?=.)(\\d+H)?(\\d+M)?(\\d+S)?)?$' })),
  roles: optional(list(oneOf(SIGN_OFF_ROLES), { description: 'Each of these roles has to have signed off.', minItems: 1, uniqueItems: true })),
  quorum: optional(integer({ description: 'As many different people have to have signed off.', minimum: 1, maximum: 100 })),
  requireStatus: optional(boolean({ description: 'No yes without a status list that says it was not revoked.' })),
  steps: optional(list(oneOf(STEP_IDS), { description: 'Each of these steps has to be certified as passed, whatever the stakes.', minItems: 1, uniqueItems: true })),
});
export type CertificatePolicy = TypeOf<typeof certificatePolicy>;

/** What a policy found: below it, or not to be told from the certificate. */
export interface Shortfall {
  readonly is: 'no' | 'unknown';
  readonly because: string;
}

/** What the certificate states beyond its own stakes, held against the policy. Age and revocation have links of their own. */
export function shortfalls(policy: CertificatePolicy, predicate: Pick<CertificatePredicate, 'stakes' | 'dimensions' | 'composite' | 'steps'>, signOffs: readonly HumanAct[]): readonly Shortfall[] {
  const { minimumStakes, dimensions = {}, composite, roles = [], quorum = 1, steps = [] } = policy;
  const found: (Shortfall | undefined)[] = [
    minimumStakes !== undefined && RANKS.indexOf(predicate.stakes) < RANKS.indexOf(minimumStakes) ? no(`certified for ${predicate.stakes} stakes, you ask for ${minimumStakes}`) : undefined,
    ...Object.entries(dimensions).map(([name, least]) => below(name, Object.hasOwn(predicate.dimensions, name) ? predicate.dimensions[name] : null, least)),
    composite === undefined ? undefined : below('the composite', predicate.composite, composite),
    ...roles.map((role) => (signOffs.some((act) => act.roles.includes(role)) ? undefined : no(`nobody of ${role} signed off`))),
    people(signOffs) < quorum ? no(`${people(signOffs)} signed off, you ask for ${quorum}`) : undefined,
    ...steps.map((id) => (predicate.steps.some((step) => step.id === id && step.state === 'passed') ? undefined : no(`${id} is not certified as passed`))),
  ];
  return found.filter((one) => one !== undefined);
}

/** Different keys: one person under two names counts once. */
export function people(acts: readonly HumanAct[]): number {
  return new Set(acts.map((act) => act.operator.did)).size;
}

function below(name: string, value: string | null | undefined, least: string): Shortfall | undefined {
  if (value === null || value === undefined) return { is: 'unknown', because: `${name} was not measured, you ask for ${least}` };
  return Number(value) < Number(least) ? no(`${name} is ${value}, you ask for ${least}`) : undefined;
}

function no(because: string): Shortfall {
  return { is: 'no', because };
}

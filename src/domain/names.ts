/** Forms of names that half the house shares: roles, ids, keys. Without a schema, so that whoever only compares them builds none. */

/** Roles that operators hold; a human act needs one from the step's owner list. */
export const ROLES = ['engineering', 'product', 'finance', 'operations', 'legal'] as const;
export type Role = (typeof ROLES)[number];

export const ID = '^[a-z0-9][a-z0-9_-]{0,62}$';
export const DID_KEY = '^did:key:z6Mk[1-9A-HJ-NP-Za-km-z]{40,50}$';

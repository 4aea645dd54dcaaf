/** Ledger entries of step 1: who the agent is, which API keys it has, which requests it signed. */
import { boolean, integer, list, object, oneOf, optional, string, type Schema } from '../../domain/schema.js';
import { DID_KEY } from '../../domain/names.js';

const digest = (description: string) => string({ description, pattern: '^sha256:[0-9a-f]{64}$' });
const did = (description: string) => string({ description, pattern: DID_KEY });
const instant = (description: string) => string({ description, pattern: '^\\d{4}-\\d{2}-\\d{2}T\\d{2}:\\d{2}:\\d{2}\\.\\d{3}Z$' });
const keyId = string({ description: 'Id of the key, derived from the hash of its token.', pattern: '^key_[0-9a-f]{16}$' });
const orNull = <T>(schema: Schema<T>): Schema<T | null> => ({ anyOf: [schema, { type: 'null' }] });

/** What is kept of an API key when it is made. */
const newKey = {
  keyId,
  prefix: string({ description: 'First characters of the token, for people.' }),
  hash: digest('SHA-256 of the whole token; the token itself is kept nowhere.'),
  environment: oneOf(['live', 'test'], { description: 'Where the key counts.' }),
  scopes: list(string(), { description: 'Permissions that the key holds.', minItems: 1, uniqueItems: true }),
  permissionsDigest: digest('The permissions declared when it was issued; others make the key void.'),
  expiresAt: instant('End of life.'),
};

/** Roles whose keys may change: the log's is named by the first entry of its chain. */
export const ROTATING = ['organisation', 'operator', 'agent'] as const;

export const identityTypes = {
  'identity.registered': object(
    {
      agentDid: did('The agent.'),
      organisationDid: did('Who answers for it.'),
      credential: digest('Envelope of the ownership credential, signed by the organisation.'),
      acceptance: digest('Envelope of the acceptance, signed by the agent.'),
      log: string({ description: 'Verifier key of the log (C2SP signed note).' }),
      version: string({ description: 'Version of the agent.' }),
      build: digest('The build document that it was registered with.'),
      didDocument: digest('The DID document, as artifacts/did.json.'),
      organisationDocument: optional(digest('The DID document of the organisation, as artifacts/organisation.did.json; absent where it has no web address.')),
      deliverable: digest('What later evidence depends on: the DID and the inputs that it was registered with.'),
    },
    { description: 'The agent was given an identity, linked to its organisation in both directions.' },
  ),
  'identity.verified': object(
    {
      ownership: oneOf(['holds'], { description: 'Checked in both directions.' }),
      signature: oneOf(['verified'], { description: 'A signed request verified, a changed one was refused.' }),
      published: optional(list(digest('A DID document on record, as it was read at its web address.'), { uniqueItems: true })),
    },
    { description: 'Ownership and request signing were tried out.' },
  ),
  'key.issued': object(newKey, { description: 'An API key was issued.' }),
  'key.trial': object(newKey, { description: 'An API key was issued for a drill: it counts like any other until it is revoked, and is no evidence that the agent has one.' }),
  'key.rotated': object(
    { keyId, replacedBy: keyId, until: instant('When the old key ends: now, or after a time of grace.') },
    { description: 'An API key was replaced by another.' },
  ),
  'key.used': object(
    { keyId, permission: string({ description: 'What the key was shown for.', maxLength: 200 }), ok: boolean({ description: 'Whether it was let.' }) },
    { description: 'An API key was checked, and the check was to be recorded.' },
  ),
  'key.drilled': object(
    {
      keyId,
      permission: string({ description: 'What it was shown for.', maxLength: 200 }),
      before: oneOf(['yes'], { description: 'The decision while the key counted.' }),
      after: oneOf(['no'], { description: 'The very next decision once it was revoked.' }),
    },
    { description: 'It was tried out that a key which leaks stops counting as soon as it is revoked.' },
  ),
  'key.revoked': object({ keyId, reason: string({ description: 'Why, in a word or two.', maxLength: 200 }) }, { description: 'An API key was revoked.' }),
  'identity.rotated': object(
    {
      role: oneOf(ROTATING, { description: 'Whose key it is.' }),
      identity: did('The first key of the identity, which is its name.'),
      from: did('The key that spoke until now.'),
      to: did('The key that speaks from now on.'),
      statement: digest('Envelope of the succession, signed by both keys.'),
    },
    { description: 'A key was rotated: the old one names the new one, and the new one agrees.' },
  ),
  'identity.withdrawn': object(
    {
      role: oneOf(ROTATING, { description: 'Whose key it is.' }),
      identity: did('The first key of the identity, which is its name.'),
      key: did('The key that no longer speaks.'),
      cause: oneOf(['ceased', 'compromised'], { description: 'compromised: nothing that it ever signed counts.' }),
      since: instant('From when on.'),
      statement: digest('Envelope of the withdrawal.'),
    },
    { description: 'A key was withdrawn.' },
  ),
  'request.signed': object(
    {
      method: string({ description: 'HTTP method.' }),
      authority: string({ description: 'Host and port that were called.' }),
      keyId: string({ description: 'JWK thumbprint of the signing key (RFC 7638).' }),
      contentDigest: orNull(string({ description: 'Content-Digest of the body (RFC 9530); null without one.' })),
      status: orNull(integer({ description: 'Status of the response; null when none came, or none was looked at.' })),
    },
    { description: 'A request was signed with the key of the agent, to leave for it; of an evaluation the first to each address, which stands for the others.' },
  ),
} as const;

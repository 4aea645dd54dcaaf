/** Step 1: who is this agent, who answers for it, and does every call say so. */
import { defineStep, no, unknown, yes, type Answer } from '../domain/step.js';
import { digestJson, isDigest } from '../domain/digest.js';
import { object, oneOf, optional, string, type TypeOf } from '../domain/schema.js';
import { durationOf } from '../domain/manifest.js';
import { readable } from '../domain/time.js';
import { ownershipOf } from '../attestation/ownership.js';
import { currentOf } from '../identity/key-history.js';
import { recordedHistories, type Histories } from '../attestation/succession.js';

export const identitySection = object(
  {
    apiKey: object({
      environment: oneOf(['test', 'live'], { description: 'Environment that the key is for; it is part of the key.' }),
      lifetime: durationOf('How long a key lives.'),
    }),
    web: optional(string({ description: 'Address where did.json will be published, for a did:web beside the did:key.', pattern: '^https://[^?#]+$', examples: ['https://agents.example.com/mail-triage'] })),
  },
  { description: 'Identity of the agent: its API key and, if it has one, its web address.' },
);
export type IdentitySection = TypeOf<typeof identitySection>;

type Key = { keyId: string; fits: boolean; expiresAt: string; active: boolean };
type Facts = {
  did: string | null;
  /** Who answers for the agent by agent.yaml, and who signed that it does. */
  organisation: string;
  owner: string | null;
  ownership: 'holds' | 'missing' | string;
  permissions: readonly string[];
  keys: readonly Key[];
  verified: boolean;
  requests: number;
  build: string | null;
  actions: number;
  unnamed: number;
};

/** Actions looked at one by one. */
const RECENT = 100;
const REGISTER = 'agentctl identity register';

const ROLE = { flags: '--role <role>', description: 'organisation, operator or agent', required: true };
const NAME = { flags: '--name <id>', description: 'which operator' };

export const identity = defineStep<IdentitySection, Facts>({
  number: 1,
  id: 'identity',
  title: 'Cryptographic identity',
  question: 'Can anyone tell which agent acted, in which version, and who answers for it?',
  owner: ['engineering'],
  ifSkipped: 'nobody can say which agent acted',
  requires: [],
  inputs: ['owner', 'permissions', 'build'],
  deliverable: { name: 'DID, scoped API key, attribution config', file: 'did.json', mediaType: 'application/did+json' },
  section: { key: 'identity', schema: identitySection },
  verbs: [
    { name: 'register', summary: 'make the agent\'s key and DID; the organisation signs that it owns it, the agent that it is owned', mutates: true, needsHuman: false, produces: ['identity.registered'] },
    { name: 'show', summary: 'DID, owner, key ids, build', mutates: false, needsHuman: false, produces: [], shows: true },
    {
      name: 'verify', summary: 'check ownership in both directions, and that a request is signed and verifies', mutates: true, needsHuman: false, produces: ['identity.verified'],
      options: [{ flags: '--online', description: 'also over the documents that are published under the web addresses' }],
    },
    {
      name: 'resolve', summary: 'the keys that the document of a did:key or did:web states, and what each is for', mutates: false, needsHuman: false, produces: [], outside: true,
      arguments: [{ name: 'did', description: 'such as did:web:agents.example.com:mail-triage', required: true }],
      options: [
        { flags: '--out <file>', description: 'writes the document, for verify --trust' },
        { flags: '--refresh', description: 'ask the publisher, even if the document was read a moment ago' },
      ],
    },
    {
      name: 'challenge', summary: 'for counterparties: ask whoever says it is a DID to show that it holds the key', mutates: false, needsHuman: false, produces: [], outside: true,
      options: [
        { flags: '--for <did>', description: 'whose key is asked for', required: true },
        { flags: '--domain <text>', description: 'who asks, such as shop.example.com: an answer to one is none to another', required: true },
        { flags: '--ttl <duration>', description: 'how long an answer counts, such as PT5M (the default); at most PT1H' },
      ],
    },
    {
      name: 'prove', summary: 'answer a challenge with the agent\'s key', mutates: false, needsHuman: false, produces: [],
      options: [
        { flags: '--challenge <file>', description: 'the challenge', required: true },
        { flags: '--domain <text>', description: 'who has to be the asker; otherwise whoever the challenge names' },
        { flags: '--out <file>', description: 'file for the proof; otherwise standard output' },
      ],
    },
    {
      name: 'check-proof', summary: 'for counterparties: check the answer to a challenge, each once', mutates: false, needsHuman: false, produces: [], outside: true,
      options: [
        { flags: '--challenge <file>', description: 'the challenge, as it was made', required: true },
        { flags: '--proof <file>', description: 'the answer', required: true },
        { flags: '--nonce-store <folder>', description: 'where the challenges that were answered are remembered; otherwise in the configuration folder' },
      ],
    },
    {
      name: 'sign-request', summary: 'sign a request with the agent\'s key; prints the headers as curl takes them', mutates: true, needsHuman: false, produces: [],
      options: [
        { flags: '--url <url>', description: 'where it goes', required: true },
        { flags: '--method <method>', description: 'otherwise GET, and POST with a body' },
        { flags: '--header <header...>', description: 'more headers to send, as "name: value"' },
        { flags: '--body <file>', description: 'file with the body; - for standard input' },
        { flags: '--config', description: 'print the whole request for curl --config -' },
      ],
    },
    {
      name: 'verify-request', summary: 'check a request that was received: whose key, which body, how fresh, seen before', mutates: false, needsHuman: false, produces: [], outside: true,
      options: [
        { flags: '--request <file>', description: 'the HTTP message, or JSON with method, url, headers and body; - for standard input', required: true },
        { flags: '--directory <where>', description: 'key directory whose keys count: a file, or its https address' },
        { flags: '--key <did>', description: 'whose key alone counts: a did:key, a did:web, or a file that holds one' },
        { flags: '--nonce-store <folder>', description: 'remembers nonces there, so that a copy is refused' },
        { flags: '--origin <origin>', description: 'where the receiver answers; otherwise https and the Host of the request' },
        { flags: '--strict', description: 'ask for all that agentctl signs: method, whole target, agent, body, nonce' },
      ],
    },
    {
      name: 'key issue', summary: 'issue an API key scoped to exactly the declared permissions; it is shown or written once', mutates: true, needsHuman: false, produces: ['key.issued'],
      options: [{ flags: '--out <file>', description: 'file for the key, mode 0600; otherwise beside the service keys' }],
    },
    {
      name: 'key check', summary: 'check a key, offline, for one permission', mutates: false, mutatesWith: 'record', needsHuman: false, produces: [],
      options: [
        { flags: '--key-file <file>', description: 'file that holds the key; otherwise standard input' },
        { flags: '--permission <permission>', description: 'such as mail:move', required: true },
        { flags: '--record', description: 'put the use on record, with the time it was last used' },
      ],
    },
    {
      name: 'key rotate', summary: 'issue the next API key; the one before ends now, or after a time of grace', mutates: true, needsHuman: false, produces: [],
      arguments: [{ name: 'key-id', description: 'id from identity show' }],
      options: [
        { flags: '--grace <duration>', description: 'how long the old key still counts, such as PT1H' },
        { flags: '--out <file>', description: 'file for the new key, mode 0600; otherwise beside the service keys' },
      ],
    },
    { name: 'key drill', summary: 'leak a key of its own on purpose: revoked, it must be refused at the very next decision', mutates: true, needsHuman: false, produces: [] },
    {
      name: 'key revoke', summary: 'revoke an API key from the next decision on', mutates: true, needsHuman: false, produces: [],
      arguments: [{ name: 'key-id', description: 'id from identity show' }],
      options: [{ flags: '--reason <text>', description: 'why', required: true }],
    },
    {
      name: 'rotate', summary: 'put a new key in the place of one; both sign the succession, so that the first one stays the name', mutates: true, needsHuman: false, produces: [],
      options: [ROLE, NAME],
    },
    {
      name: 'withdraw', summary: 'end a key for good; of a compromised one nothing counts that it ever signed', mutates: true, needsHuman: false, produces: [],
      options: [
        ROLE, NAME,
        { flags: '--cause <cause>', description: 'ceased or compromised', required: true },
        { flags: '--key <did>', description: 'a former key; otherwise the one that speaks now' },
        { flags: '--since <instant>', description: 'from when on; otherwise now' },
        { flags: '--by <role>', description: 'self, or organisation, which may end the keys of its agent and operators; otherwise whichever key is here' },
      ],
    },
    {
      name: 'export', summary: 'write a key in a format of other programs: the public half, or on request the private one', mutates: false, needsHuman: false, produces: [],
      options: [
        ROLE, NAME,
        { flags: '--key-format <format>', description: 'pem (SubjectPublicKeyInfo, PKCS#8) or jwk', required: true },
        { flags: '--private', description: 'the private half, to a file of mode 0600 only' },
        { flags: '--out <file>', description: 'file to write; the public half goes to standard output otherwise' },
        { flags: '--key-passphrase-file <file>', description: 'file with the passphrase that encrypts a private PEM; otherwise asked' },
        { flags: '--plain', description: 'leave the private half readable' },
      ],
    },
    {
      name: 'import', summary: 'take over a private key that another program made; an existing key is never replaced', mutates: false, needsHuman: false, produces: [],
      options: [
        ROLE, NAME,
        { flags: '--from <file>', description: 'PKCS#8 PEM, encrypted or not, or JWK', required: true },
        { flags: '--key-passphrase-file <file>', description: 'file with the passphrase that opens an encrypted PEM; otherwise asked' },
      ],
    },
  ],
  async gather(spec, io) {
    const registered = await io.evidence.latest('identity.registered');
    const { credential, acceptance, agentDid, organisationDid } = registered?.data ?? {};
    const permissionsDigest = digestJson(declaredPermissions(io.manifest));
    const keys = [...(await io.projection('api-keys'))].filter(([, state]) => state['trial'] !== true).map(([keyId, state]): Key => ({
      keyId,
      // What the key may do counts, and what it was issued for: either could have been widened alone.
      fits: state['permissionsDigest'] === permissionsDigest && digestJson(state['scopes'] ?? []) === permissionsDigest,
      expiresAt: String(state['expiresAt'] ?? ''),
      active: state['revokedAt'] === null || state['revokedAt'] === undefined,
    }));
    // An agent that ran before it had a DID keeps its early records; what counts is what came after.
    const actions = (await io.evidence.list('action.recorded', RECENT)).filter((entry) => registered !== undefined && entry.seq > registered.seq);
    return {
      did: typeof agentDid === 'string' ? agentDid : null,
      organisation: io.manifest.owner.organisation.did,
      ownership: await ownership(isDigest(credential) ? await io.blob(credential) : undefined, isDigest(acceptance) ? await io.blob(acceptance) : undefined, { agent: String(agentDid), organisation: String(organisationDid) }, await recordedHistories(io)),
      owner: typeof organisationDid === 'string' ? organisationDid : null,
      permissions: declaredPermissions(io.manifest),
      keys: keys.map((key) => ({ ...key, active: key.active && key.expiresAt > io.now })),
      verified: (await io.evidence.latest('identity.verified'))?.data['signature'] === 'verified',
      requests: await io.evidence.count('request.signed'),
      build: registered?.agent.build ?? null,
      actions: actions.length,
      unnamed: actions.filter((entry) => entry.agent.did === null || entry.agent.build === null || entry.agent.version === null).length,
    };
  },
  probes: [
    {
      id: 'identity.did', row: '1.1', question: 'Does the agent have a DID of its own?', severity: 'must', proof: 'measured', remedy: REGISTER,
      answer: ({ did }) => (did === null ? unknown('not registered yet') : yes(did)),
    },
    {
      id: 'identity.ownership', row: '1.2', question: 'Has the organisation signed that it owns the agent, and the agent that it is owned?', severity: 'must', proof: 'measured', remedy: REGISTER,
      answer: ({ ownership: state, owner, organisation }) => {
        if (state !== 'holds') return state === 'missing' ? unknown('no credential yet') : no(state);
        return owner === organisation ? yes(`checked in both directions with ${organisation}`) : unknown(`the credential is from ${owner}, no longer the organisation in agent.yaml`);
      },
    },
    {
      id: 'identity.api-key', row: '1.3', question: 'Is there a live API key, scoped to exactly the declared permissions?', severity: 'must', proof: 'measured', remedy: 'agentctl identity key issue',
      answer: ({ keys, permissions }) => apiKey(keys, permissions),
    },
    {
      id: 'identity.signed-requests', row: '1.4', question: 'Does every HTTP request that agentctl makes for the agent carry its signature?', severity: 'must', proof: 'measured', remedy: 'agentctl identity verify',
      answer: ({ verified, requests }) => (verified ? yes(`the only way to the wire signs; self-test verified, ${requests} sent so far`) : unknown('the signature self-test has not run')),
    },
    {
      id: 'identity.own-traffic', row: '1.4', question: 'Is the traffic that the agent sends by itself signed as well?', severity: 'should', proof: 'measured', remedy: 'send it through agentctl',
      answer: () => unknown('requests that the agent process sends by itself do not pass agentctl, so they were not seen'),
    },
    {
      id: 'identity.version', row: '1.5', question: 'Does every recorded action name agent, version and build?', severity: 'must', proof: 'measured', remedy: REGISTER,
      answer: ({ build, actions, unnamed }) => {
        if (build === null) return unknown('no build is bound to the identity yet');
        return unnamed > 0 ? no(`${unnamed} of the newest ${actions} actions lack DID, version or build`) : yes(`build ${build.slice(7, 19)}; the newest ${actions} actions name it`);
      },
    },
  ],
  deliver: ({ did, organisation, permissions }) => ({ did, organisation, permissions: [...permissions] }),
});

/** All declared permissions, sorted, each once: the exact scope of an API key. */
export function declaredPermissions(manifest: { readonly capabilities: readonly { readonly permissions: readonly string[] }[] }): readonly string[] {
  return [...new Set(manifest.capabilities.flatMap((item) => item.permissions))].sort();
}

async function ownership(credential: string | undefined, acceptance: string | undefined, expected: { agent: string; organisation: string }, histories: Histories): Promise<string> {
  if (credential === undefined || acceptance === undefined) return 'missing';
  const result = await ownershipOf(credential, acceptance, expected, histories);
  if (!result.ok) return result.problem;
  // What was signed once still holds; but nobody is left who could sign, answer or take anything back.
  const silent = [expected.organisation, expected.agent].find((did) => currentOf(histories(did)) === undefined);
  return silent === undefined ? 'holds' : `no key speaks for ${silent} any more`;
}

function apiKey(keys: readonly Key[], permissions: readonly string[]): Answer {
  const live = keys.filter((key) => key.active);
  const fitting = live.find((key) => key.fits);
  if (fitting) return yes(`key ${fitting.keyId} for ${permissions.join(', ')} until ${readable(fitting.expiresAt)}; only its hash is kept`);
  if (live.length > 0) return unknown('the permissions changed since the key was issued');
  return unknown(keys.length > 0 ? 'every key is revoked or expired' : 'no key issued yet');
}

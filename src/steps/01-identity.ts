/** Step 1: who is this agent, who answers for it, and does every call say so. */
import { defineStep, no, notApplicable, unknown, yes, type Answer } from '../domain/step.js';
import type { Entry } from '../domain/entry.js';
import type { Json } from '../domain/json.js';
import { digestJson, isDigest } from '../domain/digest.js';
import { object, oneOf, optional, string, type TypeOf } from '../domain/schema.js';
import { durationOf } from '../domain/manifest.js';
import { addDuration, readable } from '../domain/time.js';
import { ownershipOf } from '../attestation/ownership.js';
import { currentOf } from '../identity/key-history.js';
import { recordedHistories, type Histories } from '../attestation/succession.js';
import { IDENTITY_VERBS } from './verbs/identity.js';

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
  /** When it was last tried out that a leaked key stops counting. */
  drilled: { at: string; counts: boolean } | null;
  /** Of agent and organisation, those that have a web address; and when all their documents on record were last read there. */
  web: readonly string[];
  published: string | null;
  build: string | null;
  actions: number;
  unnamed: number;
};

/** Actions looked at one by one. */
const RECENT = 100;
/** How long a rehearsal counts. */
const COUNTS = 'P90D';
const REGISTER = 'agentctl identity register';

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
  verbs: IDENTITY_VERBS,
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
      drilled: drilledAt(await io.evidence.latest('key.drilled'), io.now),
      ...published([['agent', spec.web, registered?.data['didDocument']], ['organisation', io.manifest.owner.organisation.web, registered?.data['organisationDocument']]], await io.evidence.list('identity.verified')),
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
      id: 'identity.published', row: '1.1', question: 'Is each DID document published where its did:web says?', severity: 'should', proof: 'measured', remedy: 'agentctl identity verify --online',
      answer: ({ web, published: at }) => {
        if (web.length === 0) return notApplicable('no web address: a did:key is its own document');
        return at === null ? unknown(`not read there since it was registered: ${web.join(', ')}`) : yes(`${web.join(' and ')}: read there on ${readable(at)}, as on record`);
      },
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
      id: 'identity.key-drill', row: '1.3', question: 'Was it tried out that a leaked key is refused once it is revoked?', severity: 'should', proof: 'measured', remedy: 'agentctl identity key drill',
      answer: ({ drilled }) => {
        if (drilled === null) return unknown('the drill has not run');
        return drilled.counts ? yes(`a key made for it was refused at the next decision, on ${readable(drilled.at)}`) : unknown(`the drill of ${readable(drilled.at)} is older than ${COUNTS}`);
      },
    },
    {
      id: 'identity.signed-requests', row: '1.4', question: 'Does every HTTP request that agentctl makes for the agent carry its signature?', severity: 'must', proof: 'measured', remedy: 'agentctl identity verify',
      answer: ({ verified, requests }) => (verified ? yes(`the only way to the wire signs; self-test verified; ${onRecord(requests)}`) : unknown('the signature self-test has not run')),
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

/** Thousands of requests of an evaluation are stood for by one entry: its result rows are the others. */
function onRecord(requests: number): string {
  return requests === 0 ? 'no signed request on record yet' : `on record so far: ${requests}, counting each address once in a run, however often the run asked there`;
}

function drilledAt(entry: Entry | undefined, now: string): Facts['drilled'] {
  return entry === undefined ? null : { at: entry.ts, counts: now < addDuration(entry.ts, COUNTS) };
}

type Party = readonly [who: string, web: string | undefined, document: Json | undefined];

/** Only the documents on record count: after a change they have to be looked for again. */
function published(parties: readonly Party[], verified: readonly Entry[]): Pick<Facts, 'web' | 'published'> {
  const placed = parties.filter(([, web]) => web !== undefined);
  const read = verified.findLast(({ data }) => placed.every(([, , document]) => Array.isArray(data['published']) && data['published'].includes(document)));
  return { web: placed.map(([who]) => who), published: read?.ts ?? null };
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

/** What can be done about the identity of an agent (step 1): verbs and their options, as data. */
import type { VerbCard } from '../../domain/step.js';

const ROLE = { flags: '--role <role>', description: 'organisation, operator or agent', required: true };
const NAME = { flags: '--name <id>', description: 'which operator' };

export const IDENTITY_VERBS: readonly VerbCard[] = [
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
    options: [ROLE, NAME, { flags: '--ssh-key <file>', description: 'for an operator: the .pub file of an Ed25519 key that OpenSSH keeps; otherwise agentctl makes the new key' }],
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
  {
    name: 'new-organisation', summary: 'after the organisation\'s identity has ended: give it another one, and enter that in agent.yaml', mutates: false, needsHuman: false, produces: [],
    options: [
      { flags: '--from <file>', description: 'a private key that another program made, as for import; otherwise agentctl makes one' },
      { flags: '--key-passphrase-file <file>', description: 'file with the passphrase that opens an encrypted PEM; otherwise asked' },
    ],
  },
  {
    name: 'rewrap', summary: 'wrap the service keys of this store in another way, such as for a machine without the configuration folder', mutates: false, needsHuman: false, produces: [],
    options: [{ flags: '--by <what>', description: 'passphrase (of AGENTCTL_PASSPHRASE_FILE) or folder (keys in the configuration folder)', required: true }],
  },
];

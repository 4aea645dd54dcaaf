/** Digital Bazaar's packages in a process of their own, offline: signs and verifies credentials as told on standard input, and shares no code with agentctl. */
import { createVerifyCryptosuite, createSignCryptosuite } from '@digitalbazaar/eddsa-jcs-2022-cryptosuite';
import { DataIntegrityProof } from '@digitalbazaar/data-integrity';
import { CachedResolver } from '@digitalbazaar/did-io';
import { driver } from '@digitalbazaar/did-method-key';
import * as Ed25519Multikey from '@digitalbazaar/ed25519-multikey';
import { securityLoader } from '@digitalbazaar/security-document-loader';
import * as vc from '@digitalbazaar/vc';
import { checkStatus, createCredential, createList } from '@digitalbazaar/vc-bitstring-status-list';

const didKeyDriver = driver();
didKeyDriver.use({ multibaseMultikeyHeader: 'z6Mk', fromMultibase: Ed25519Multikey.from });

function loaderOf(documents = {}) {
  const loader = securityLoader();
  const resolver = new CachedResolver();
  resolver.use(didKeyDriver);
  loader.setDidResolver(resolver);
  for (const [url, document] of Object.entries(documents)) loader.addStatic(url, document);
  return loader.build();
}

async function signerOf(seed) {
  const key = await Ed25519Multikey.generate({ seed: Uint8Array.from(seed) });
  const multikey = (await key.export({ publicKey: true })).publicKeyMultibase;
  key.controller = `did:key:${multikey}`;
  key.id = `${key.controller}#${multikey}`;
  return key;
}

const tasks = {
  async verify({ credential, documents, now }) {
    const result = await vc.verifyCredential({
      credential, documentLoader: loaderOf(documents), suite: new DataIntegrityProof({ cryptosuite: createVerifyCryptosuite() }), now,
      // The top flag stays true for what was revoked: only the status of each result tells.
      checkStatus: (options) => checkStatus({ ...options, verifyMatchingIssuers: true }),
    });
    const { verified, statusResult, error } = result;
    return { verified, status: statusResult?.results?.map((one) => one.status) ?? null, error: error === undefined ? null : [error.message, ...(error.errors ?? []).map((one) => one.message)].join('; ') };
  },
  async sign({ credential, seed, date }) {
    const signer = await signerOf(seed);
    const suite = new DataIntegrityProof({ signer: signer.signer(), date, cryptosuite: createSignCryptosuite() });
    return vc.issue({ credential: { ...credential, issuer: signer.controller }, suite, documentLoader: loaderOf(), now: date });
  },
  async list({ url, revoked, seed, date, length, purpose, validUntil }) {
    const list = await createList({ length });
    for (const index of revoked) list.setStatus(index, true);
    const credential = await createCredential({ id: url, list, statusPurpose: purpose });
    return tasks.sign({ credential: { ...credential, validFrom: date, validUntil }, seed, date });
  },
};

const chunks = [];
for await (const chunk of process.stdin) chunks.push(chunk);
const answers = [];
for (const task of JSON.parse(Buffer.concat(chunks).toString('utf8'))) answers.push(await tasks[task.do](task));
process.stdout.write(JSON.stringify(answers));

/** W3C eddsa-jcs-2022: every intermediate value and the signature byte for byte; and what is not ours is refused, never taken for valid. */
import { join } from 'node:path';
import { filesBelow, readText, Tally } from './tally.js';

const NOW = '2026-01-01T00:00:00.000Z';

export async function dataIntegrity(folder, product) {
  const vectors = join(folder, 'vc-di-eddsa/TestVectors');
  return [await ours(vectors, product), await others(vectors, product)];
}

async function ours(vectors, { addProof, canonical, fromBase58, keyOfDid, sha256Hex, signerOf, verifyProof }) {
  const tally = new Tally('eddsa-jcs-2022', 12);
  const text = (name) => readText(join(vectors, name)).trim();
  const json = (name) => JSON.parse(text(name));
  const document = json('unsigned.json');
  const config = json('eddsa-jcs-2022/proofConfigJCS.json');
  const secured = json('eddsa-jcs-2022/signedJCS.json');
  const [proofHash, documentHash] = [sha256Hex(canonical(config)), sha256Hex(canonical(document))];
  tally.check('canonical document', canonical(document) === text('eddsa-jcs-2022/canonDocJCS.txt'));
  tally.check('canonical proof', canonical(config) === text('eddsa-jcs-2022/proofCanonJCS.txt'));
  tally.check('hash of the document', documentHash === text('eddsa-jcs-2022/docHashJCS.txt'));
  tally.check('hash of the proof', proofHash === text('eddsa-jcs-2022/proofHashJCS.txt'));
  tally.check('hashes in their order', proofHash + documentHash === text('eddsa-jcs-2022/combinedHashJCS.txt'));

  const { privateKeyMultibase, publicKeyMultibase } = json('keyPair.json');
  // Two bytes of multicodec, then the seed.
  const signer = await signerOf(fromBase58(privateKeyMultibase.slice(1)).slice(2));
  const { proofValue } = secured.proof;
  tally.check('the key', signer.did === `did:key:${publicKeyMultibase}`);
  tally.check('signature in base58', proofValue === text('eddsa-jcs-2022/sigBTC58JCS.txt'));
  tally.check('signature in hex', Buffer.from(fromBase58(proofValue.slice(1))).toString('hex') === text('eddsa-jcs-2022/sigHexJCS.txt'));
  const { created, verificationMethod } = config;
  tally.check('signed alike', canonical(await addProof(document, signer, { created, verificationMethod })) === canonical(secured));

  const check = { keys: [{ id: verificationMethod, publicKey: keyOfDid(signer.did) }], now: NOW };
  tally.check('verified', canonical(await verifyProof(secured, check)) === canonical(document));
  await tally.refuses('a changed word', () => verifyProof({ ...secured, name: 'Alumni credential' }, check));
  await tally.refuses('a changed purpose', () => verifyProof({ ...secured, proof: { ...secured.proof, proofPurpose: 'authentication' } }, check));
  return tally;
}

/** Other suites, and sets of proofs: signed correctly, but not with what this verifier knows. */
async function others(vectors, { verifyProof }) {
  const tally = new Tally('proofs of other kinds, refused', 7);
  const signed = filesBelow(vectors, '.json').filter((path) => /\/signed[A-Za-z0-9]+\.json$/.test(path) && !path.includes('eddsa-jcs-2022'));
  for (const path of signed) await tally.refuses(path, () => verifyProof(JSON.parse(readText(path)), { keys: [], now: NOW }));
  return tally;
}

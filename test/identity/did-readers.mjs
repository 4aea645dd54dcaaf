/** Resolves DIDs with independent packages, and shares no code with agentctl: prints one JSON object, reader by reader. */
import { driver as keyDriver } from '@digitalbazaar/did-method-key';
import { driver as webDriver } from '@digitalbazaar/did-method-web';
import * as Ed25519Multikey from '@digitalbazaar/ed25519-multikey';
import { CachedResolver } from '@digitalbazaar/did-io';
import { getResolver as keyResolver } from 'key-did-resolver';
import { getResolver as webResolver } from 'web-did-resolver';
import { Resolver } from 'did-resolver';

const [did] = process.argv.slice(2);
const io = new CachedResolver();
const key = keyDriver();
key.use({ multibaseMultikeyHeader: 'z6Mk', fromMultibase: Ed25519Multikey.from });
io.use(key);
io.use(webDriver());
const told = async (read) => {
  try {
    return await read();
  } catch (error) {
    return { error: String(error) };
  }
};
const plain = new Resolver({ ...keyResolver(), ...webResolver() });
process.stdout.write(JSON.stringify({
  didIo: await told(() => io.get({ did })),
  resolver: await told(async () => {
    const { didDocument, didResolutionMetadata } = await plain.resolve(did);
    return didDocument ?? { error: String(didResolutionMetadata.error) };
  }),
}));

/** `identity resolve <did>`: which keys the document of a DID states, and what each is for. Needs no agent.yaml, no store and no key. */
import { canonical } from '../../domain/canonical.js';
import { Fault } from '../../domain/fault.js';
import { readable } from '../../domain/time.js';
import type { VerificationMethod } from '../../identity/did-resolver.js';
import { givenDid } from '../given-did.js';
import { outcome } from '../outcome.js';
import { refuseExisting } from '../refuse-existing.js';
import { resolveDid, type Resolution } from '../resolve-did.js';
import { absolute } from '../trust-roots.js';
import { textOption, type OutsideVerb } from '../verb.js';

export const run: OutsideVerb = async ({ world }, input) => {
  const resolution = await resolveDid(world, givenDid(input.args[0] ?? '', '<did>'), { refresh: input.options['refresh'] === true });
  const { did, document, methods, ignored, assertionKeys, alsoKnownAs } = resolution;
  const out = textOption(input, 'out');
  if (out !== undefined) {
    if (assertionKeys.length === 0) throw new Fault('REFUSED', `no key may make statements for ${did}: its document is no root to trust`, { at: did, hint: 'ask its owner to list a key under assertionMethod' });
    await refuseExisting(world, absolute(world, out));
    await world.files.write(absolute(world, out), canonical(document));
  }
  return outcome({
    step: 'identity', verb: 'resolve', headline: `${did}: ${counted(assertionKeys.length)} for statements`,
    facts: [
      { label: 'published at', value: placeOf(resolution) },
      ...(alsoKnownAs.length > 0 ? [{ label: 'also known as', value: alsoKnownAs.join(', ') }] : []),
      ...(ignored.length > 0 ? [{ label: 'left out', value: `${ignored.join(', ')}: of another kind, or of another controller` }] : []),
      ...(out === undefined ? [] : [{ label: 'written', value: out }]),
    ],
    tables: [{ title: 'Keys', columns: ['id', 'key', 'for', 'until'], rows: methods.map((one) => [one.id.slice(did.length), one.did, one.relationships.join(' ') || 'the record', endOf(one)]) }],
    next: out === undefined ? null : `agentctl verify --certificate FILE --trust ${out}`,
    data: {
      did, document, alsoKnownAs, ignored, source: resolution.source && { ...resolution.source },
      assertionKeys: assertionKeys.map((key) => ({ ...key })), keys: methods.map((one) => ({ ...one })),
    },
  });
};

function placeOf({ source }: Resolution): string {
  if (source === null) return 'nowhere: a did:key is its own document';
  return `${source.url}, read ${readable(source.at)}${source.cached ? '; kept since (--refresh asks again)' : ''}`;
}

function endOf({ expires, revoked }: VerificationMethod): string {
  if (revoked !== undefined) return `revoked ${readable(revoked)}`;
  return expires === undefined ? 'no end' : readable(expires);
}

function counted(count: number): string {
  return count === 0 ? 'no key' : count === 1 ? 'one key' : `${count} keys`;
}

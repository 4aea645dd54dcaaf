/** `trust verify <url>`: a counterparty's look at any published agent. Needs no agent.yaml, no store and no key. */
import { Fault } from '../../domain/fault.js';
import type { Http } from '../../domain/ports.js';
import { parseDuration } from '../../domain/time.js';
import { PUBLISHED } from '../../registries/publication.js';
import { listOption, textOption, type OutsideVerb } from '../verb.js';
import { readTrustRoots } from '../trust-roots.js';
import { walk, type ReadPublished } from './walk.js';

const LIMITS = { bytes: 8 * 1024 * 1024, timeout: 15_000 };

export const run: OutsideVerb = async ({ world }, input) => {
  const base = baseOf(input.args[0] ?? '');
  const maximumAge = textOption(input, 'maximumAge');
  if (maximumAge !== undefined) parseDuration(maximumAge);
  const trust = await readTrustRoots(world, listOption(input, 'trust'));
  const { exit, ...data } = await walk({
    read: fetched(world.http, base), origin: new URL(base).origin, trust, now: world.clock.now(),
    allowScripted: input.options['allowScripted'] === true, ...(maximumAge === undefined ? {} : { maximumAge }),
  });
  return { kind: 'certificate', exit, data };
};

/** The place itself, also when the address of the card was given. */
function baseOf(text: string): string {
  if (!URL.canParse(text) || !/^https?:$/.test(new URL(text).protocol)) throw new Fault('USAGE', `"${text}" is no address`, { hint: 'agentctl trust verify https://agents.example.com --trust <did>' });
  const { origin, pathname } = new URL(text);
  const suffix = [PUBLISHED.card, PUBLISHED.did, PUBLISHED.page].find((one) => pathname.endsWith(`/${one}`)) ?? '';
  return `${origin}${pathname.slice(0, pathname.length - suffix.length)}`.replace(/\/+$/, '');
}

function fetched(http: Http, base: string): ReadPublished {
  return async (path) => {
    const url = `${base}/${path}`;
    const { status, body } = await http.fetchPublic(url, LIMITS);
    if (status === 404 || status === 410) return undefined;
    if (status !== 200) throw new Fault('NETWORK', `${url} answers with status ${status}`, { at: url, hint: 'try again later, or ask the publisher' });
    return body;
  };
}

/** `identity show`: DID, owner, keys by id, build and its files. */
import { short } from '../../domain/digest.js';
import { readable } from '../../domain/time.js';
import { didWebOf } from '../../identity/did-document.js';
import type { IdentitySection } from '../../steps/01-identity.js';
import { outcome } from '../outcome.js';
import type { KeyHistory } from '../../identity/key-history.js';
import { keyRecords } from '../key-history.js';
import type { Verb } from '../verb.js';

export const run: Verb = async (session) => {
  const { manifest, agent, build, store, chain } = session;
  const keys = [...(await store.projection(chain, 'api-keys'))];
  const { histories, authorities } = await keyRecords(store, manifest);
  const former = authorities.filter((did) => did !== manifest.owner.organisation.did);
  const named = [...former.map((did) => ['former organisation', did] as const), ['organisation', manifest.owner.organisation.did], ['agent', agent.did], ...manifest.owner.operators.map((one) => [one.id, one.did])] as const;
  const changed = named.flatMap(([whose, did]) => (did === null || did === undefined ? [] : rowsOf(whose, histories(did))));
  return outcome({
    step: 'identity', verb: 'show', headline: agent.did ?? 'not registered yet',
    facts: [
      { label: 'agent', value: `${manifest.metadata.name} ${manifest.metadata.version}, ${manifest.metadata.id}` },
      { label: 'owner', value: `${manifest.owner.organisation.name}, ${manifest.owner.organisation.did}` },
      ...[(manifest['identity'] as IdentitySection | undefined)?.web, manifest.owner.organisation.web].flatMap((web) => (web === undefined ? [] : [{ label: 'on the web', value: didWebOf(web) }])),
      { label: 'build', value: build.digest },
    ],
    tables: [
      ...(changed.length > 0 ? [{ title: 'Keys that changed', columns: ['whose', 'key', 'from', 'until', 'because'], rows: changed }] : []),
      { title: 'API keys', columns: ['id', 'prefix', 'scopes', 'until', 'state'], rows: keys.map(([id, key]) => [id, String(key['prefix']), (key['scopes'] as readonly string[]).join(' '), readable(String(key['expiresAt'])), key['revokedAt'] === null ? 'live' : 'revoked']) },
      { title: 'Build', columns: ['file', 'sha256', 'mode'], rows: build.document.files.map((file) => [file.path, short(file.sha256), file.mode]) },
    ],
    next: agent.did === null ? 'agentctl identity register' : null,
    data: { agent: { ...agent }, build: build.document, keys: Object.fromEntries(keys) },
  });
};

/** A key that never changed is its owner's name, and needs no row. */
function rowsOf(whose: string, { keys }: KeyHistory): readonly (readonly string[])[] {
  if (keys.every(({ ended }) => ended === null)) return [];
  return keys.map(({ did, from, ended }) => [whose, did, from === null ? 'the beginning' : readable(from), ended === null ? 'speaks now' : readable(ended.at), ended?.cause ?? '-']);
}

/** A DID that was typed: what cannot be one is a wrong argument, not a key that failed a check. */
import { Fault } from '../domain/fault.js';
import { DID_KEY } from '../domain/names.js';

/** @param at flag or argument that it was given with @throws {Fault} USAGE */
export function givenDid(did: string, at: string): string {
  const fits = did.startsWith('did:key:') ? new RegExp(DID_KEY).test(did) : /^did:web:[!-~]+$/.test(did);
  if (fits) return did;
  throw new Fault('USAGE', `${JSON.stringify(did.slice(0, 80))} is neither an Ed25519 did:key nor a did:web`, { at, hint: 'such as did:key:z6Mk… or did:web:agents.example.com:mail-triage' });
}

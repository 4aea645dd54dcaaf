/** The one way in which agentctl calls somebody for the agent: signed with the agent's key, and on record. */
import { jwkThumbprint, signRequest } from '../identity/http-signature.js';
import { Fault } from '../domain/fault.js';
import type { HttpRequest, HttpResponse, SignedRequest, Signer } from '../domain/ports.js';
import type { TrustSection } from '../steps/11-trust.js';
import { record, type Session } from './session.js';

const TIMEOUT = 10_000;

/**
 * Signs, sends and records a request, whether or not an answer comes.
 * @throws {Fault} NETWORK after the attempt is recorded; EVIDENCE_MISSING for an agent without an identity; KEY_MISSING
 */
export async function sendSigned(session: Session, request: HttpRequest, timeout = TIMEOUT): Promise<HttpResponse> {
  const { signed, note } = await signForAgent(session, request);
  let response: HttpResponse;
  try {
    response = await session.world.http.send(signed, timeout);
  } catch (cause) {
    await note(null);
    throw cause;
  }
  await note(response.status);
  return response;
}

/**
 * Signs a request with the agent's key, naming the origin that publishes it if agent.yaml has one.
 * @returns `note` puts it on record with the status of the answer, or null when none is known of
 */
export async function signForAgent(session: Session, request: HttpRequest): Promise<{ readonly signed: SignedRequest; readonly keyId: string; readonly note: (status: number | null) => Promise<unknown> }> {
  const signer = await agentSigner(session);
  const signed = await signWith(session, signer, request);
  const keyId = jwkThumbprint(signer.publicKey);
  return { signed, keyId, note: (status) => noteSigned(session, signed, keyId, status) };
}

/**
 * Signs the requests of an evaluation, thousands with one opening of the key. The first to each place is put on record; the
 * result rows of the run stand for the others.
 */
export function targetSigner(session: Session): (request: HttpRequest) => Promise<SignedRequest> {
  let opened: Promise<Signer> | undefined;
  const noted = new Set<string>();
  return async (request) => {
    const signer = await (opened ??= agentSigner(session));
    const signed = await signWith(session, signer, request);
    const { host } = new URL(signed.url);
    if (!noted.has(host)) {
      noted.add(host);
      await noteSigned(session, signed, jwkThumbprint(signer.publicKey), null);
    }
    return signed;
  };
}

async function agentSigner({ keys, chain, agent }: Session): Promise<Signer> {
  if (agent.did === null) throw new Fault('EVIDENCE_MISSING', 'a signed request needs an agent with a DID', { hint: 'agentctl identity register' });
  return keys.open({ role: 'agent', name: chain });
}

async function signWith({ world, agent, manifest }: Session, signer: Signer, request: HttpRequest): Promise<SignedRequest> {
  const base = (manifest['trust'] as TrustSection | undefined)?.publish.base;
  return signRequest(request, {
    signer, agent: { version: manifest.metadata.version, build: agent.build }, created: world.clock.now(), nonce: world.random.bytes(16),
    ...(base === undefined ? {} : { signatureAgent: base }),
  });
}

function noteSigned(session: Session, { method, url, headers }: SignedRequest, keyId: string, status: number | null): Promise<unknown> {
  return record(session, { type: 'request.signed', data: { method, authority: new URL(url).host, keyId, contentDigest: headers['content-digest'] ?? null, status } });
}

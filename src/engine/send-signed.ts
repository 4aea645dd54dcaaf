/** The one way in which agentctl calls somebody for the agent: signed with the agent's key, and on record. */
import { jwkThumbprint, signRequest } from '../identity/http-signature.js';
import { Fault } from '../domain/fault.js';
import type { HttpRequest, HttpResponse, SignedRequest } from '../domain/ports.js';
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
  const { world, keys, chain, agent, manifest } = session;
  if (agent.did === null) throw new Fault('EVIDENCE_MISSING', 'a signed request needs an agent with a DID', { hint: 'agentctl identity register' });
  const signer = await keys.open({ role: 'agent', name: chain });
  const base = (manifest['trust'] as TrustSection | undefined)?.publish.base;
  const signed = await signRequest(request, {
    signer, agent: { version: manifest.metadata.version, build: agent.build }, created: world.clock.now(), nonce: world.random.bytes(16),
    ...(base === undefined ? {} : { signatureAgent: base }),
  });
  const keyId = jwkThumbprint(signer.publicKey);
  return {
    signed, keyId,
    note: (status) => record(session, {
      type: 'request.signed',
      data: { method: signed.method, authority: new URL(signed.url).host, keyId, contentDigest: signed.headers['content-digest'] ?? null, status },
    }),
  };
}

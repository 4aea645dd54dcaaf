/** Why a peer could not be reached, in words: a fault that says what to look at. */
import { Fault } from '../domain/fault.js';
import { codeOf } from './file-fault.js';

const HINT = 'check the address and the connection, then run the command again';
const OTHERS = 'ask whoever runs it for a certificate that others believe, or name its authority: NODE_EXTRA_CA_CERTS=ca.pem';
const UNBELIEVED = ['its TLS certificate is signed by nobody whom this machine believes', OTHERS] as const;

/** What the system and OpenSSL call it, and what it is; `%` stands for the name of the host. */
const REASONS: Readonly<Record<string, readonly [reason: string, hint?: string]>> = {
  ENOTFOUND: ['nobody knows the name %'],
  EAI_AGAIN: ['the name % could not be looked up: no name server answers'],
  ECONNREFUSED: ['the port is closed: nothing listens there'],
  ECONNRESET: ['the connection was cut while it was used'],
  EPIPE: ['the connection was cut while it was used'],
  ETIMEDOUT: ['the machine does not answer'],
  EHOSTUNREACH: ['there is no way to the machine'],
  EHOSTDOWN: ['the machine is down'],
  ENETUNREACH: ['there is no way to its network'],
  ENETDOWN: ['the network is down'],
  EACCES: ['this machine does not allow the connection'],
  EPERM: ['this machine does not allow the connection'],
  EPROTO: ['what answers there does not speak TLS', 'look whether the address has the right port'],
  ERR_SSL_WRONG_VERSION_NUMBER: ['what answers there does not speak TLS', 'look whether the address has the right port'],
  ERR_SSL_PACKET_LENGTH_TOO_LONG: ['what answers there does not speak TLS', 'look whether the address has the right port'],
  HPE_INVALID_CONSTANT: ['what answers there does not speak HTTP', 'look whether the address has the right port'],
  CERT_HAS_EXPIRED: ['its TLS certificate has expired', 'ask whoever runs it to renew it, or look at the clock of this machine'],
  CERT_NOT_YET_VALID: ['its TLS certificate is not valid yet', 'look at the clock of this machine'],
  ERR_TLS_CERT_ALTNAME_INVALID: ['its TLS certificate is not for %', 'check the address: somebody else may answer in its place'],
  CERT_REVOKED: ['its TLS certificate was revoked', 'ask whoever runs it'],
  DEPTH_ZERO_SELF_SIGNED_CERT: UNBELIEVED,
  SELF_SIGNED_CERT_IN_CHAIN: UNBELIEVED,
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: UNBELIEVED,
  UNABLE_TO_GET_ISSUER_CERT: UNBELIEVED,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: UNBELIEVED,
};

/** @param timeout milliseconds that the peer was given */
export function networkFault(url: string, timeout: number, cause: unknown): Fault {
  const { origin, hostname } = new URL(url);
  const late = nameOf(cause) === 'TimeoutError' || (isThing(cause) && 'cause' in cause && nameOf(cause.cause) === 'TimeoutError');
  if (late) return new Fault('NETWORK', `${origin} did not answer within ${timeout} ms`, { at: origin, cause, hint: HINT });
  const [reason, hint = HINT] = REASONS[codeOf(cause)] ?? [firstLine(cause)];
  return new Fault('NETWORK', `${origin} could not be reached: ${reason.replace('%', hostname)}`, { at: origin, cause, hint });
}

/** Nobody's word but the system's: in one line, as short as a reason is. */
function firstLine(cause: unknown): string {
  const text = isThing(cause) && 'message' in cause ? String(cause.message) : String(cause);
  return text.split('\n')[0]?.slice(0, 200) ?? '';
}

function nameOf(thrown: unknown): unknown {
  return isThing(thrown) && 'name' in thrown ? thrown.name : undefined;
}

function isThing(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}
